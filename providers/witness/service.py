"""What a witness does with a submitted checkpoint (C2SP tlog-witness, ``add-checkpoint``).

 1 the request has the one accepted form                     else MalformedError
 2 a log of that origin is watched                           else UnknownLogError
 3 the log's key has signed the checkpoint                   else UntrustedLogError
 4 the old size is not above the checkpoint's                else MalformedError
 5 the old size is that of the tree cosigned last            else ConflictError
 6 the proof leads from that tree to the checkpoint's        else InconsistentError
 7 the new tree is stored, then the cosignature is returned

5 to 7 are one transaction of the store, so two submissions can't both continue the same tree.

A cosignature says what the largest tree was *at a time*, so its time never goes back: whoever has once signed under a
clock that was years ahead signs nothing more, and needs a new key. Therefore a clock that is far past everything it is
known to have shown signs nothing until the operator has confirmed it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from providers.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    UnknownLogError,
    UntrustedLogError,
    WitnessError,
)
from providers.witness.store import Head, WitnessStore, origin_hash
from providers.witness.submission import Submission, parse_submission
from signing.compose import timestamp
from signing.consistency import check_consistency
from signing.errors import FormatError, ProofError, SignatureError
from signing.notes import (
    Checkpoint,
    Note,
    NoteSignature,
    VerifierKey,
    line_of,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
)
from signing.signnotes import NoteSigner, cosign, format_note, format_signature_lines

__all__ = ["Examined", "Witness"]

MAX_CLOCK_STEP = 10
"""Seconds that the clock may step back; the witness then repeats its last time rather than contradict it."""

MAX_CLOCK_LEAP = 7 * 86_400
"""Seconds that the clock may be past its last signature or confirmation. One that is ahead by less spoils the key for
that long; a witness that rested for longer asks its operator, who has just started it."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A checkpoint that may be cosigned, the key of its log, and its note with the log's verified line alone."""

    key: VerifierKey
    checkpoint: Checkpoint
    note: bytes


class Witness:
    """One witness: its key and its state.

    Args:
        signer: its key.
        store: its state.
        confirmed: POSIX seconds when the operator last said that the clock is right; 0: never. May raise
            ``WitnessError``.

    Raises:
        WitnessError: ``wrong_key``, the state belongs to another key.
    """

    def __init__(self, signer: NoteSigner, store: WitnessStore, confirmed: Callable[[], int] = lambda: 0) -> None:
        if store.identity() != signer.verifier:
            raise WitnessError("wrong_key", "The witness's state belongs to another key.", signer.name)
        self._signer = signer
        self._store = store
        self._confirmed = confirmed

    @property
    def name(self) -> str:
        """The key name in the witness's signature lines."""
        return self._signer.name

    @property
    def verifier(self) -> VerifierKey:
        """The public key."""
        return self._signer.verifier

    def close(self) -> None:
        """Close the state."""
        self._store.close()

    def examine(self, body: bytes) -> Examined:
        """What ``add_checkpoint`` would cosign as things stand now: steps 1 to 6, nothing is stored.

        Raises:
            SubmissionError, WitnessError: as ``add_checkpoint``.
        """
        submission, note, checkpoint = _read(body)
        key, log_line = self._log_line(note, checkpoint.origin)
        _check_old_size(submission, checkpoint)
        _check_growth(self._store.head(checkpoint.origin), submission, checkpoint)
        return Examined(key, checkpoint, format_note(Note(note.text, (log_line,))))

    def add_checkpoint(self, body: bytes, now: int) -> str:
        """Check a submission and cosign it at ``now`` (POSIX seconds); the new tree is on disk when this returns.

        Returns:
            The witness's signature line.

        Raises:
            SubmissionError: it is not cosigned, and the state is as before.
            WitnessError: the state can't be read or written; ``clock_behind``, ``clock_ahead`` or
                ``clock_unreadable``.
        """
        submission, note, checkpoint = _read(body)
        _, log_line = self._log_line(note, checkpoint.origin)
        _check_old_size(submission, checkpoint)
        cosigned: list[NoteSignature] = []

        def decide(head: Head, last_time: int) -> tuple[Head, int]:
            _check_growth(head, submission, checkpoint)
            time = _time(now, last_time, self._confirmed)
            cosigned.append(cosign(note.text, time, self._signer))
            kept = format_note(Note(note.text, (log_line, *cosigned)))  # verified lines only: it must open again
            return Head(checkpoint.size, checkpoint.root, kept), time

        self._store.exchange(checkpoint.origin, decide)
        return format_signature_lines(cosigned)

    def published(self, hashed_origin: str) -> bytes | None:
        """The note cosigned last for the origin whose SHA-256 (hex) is given; None if there is none."""
        return self._store.published(hashed_origin)

    def watched(self, hashed_origin: str) -> VerifierKey | None:
        """The key of the watched log whose origin has this SHA-256 (hex); None if there is none."""
        return next((key for key in self._store.logs() if origin_hash(key.name) == hashed_origin), None)

    def _log_line(self, note: Note, origin: str) -> tuple[VerifierKey, NoteSignature]:
        key = self._store.log_key(origin)
        if key is None:
            raise UnknownLogError("unknown_log", "This witness does not watch a log of this origin.", origin)
        try:
            open_checkpoint(note, key)
        except SignatureError as error:
            raise UntrustedLogError(error.code, error.message, error.where) from None
        return key, NoteSignature(key.name, key.key_id, line_of(note, key, key.type))


def _read(body: bytes) -> tuple[Submission, Note, Checkpoint]:
    try:
        submission = parse_submission(body)
        note = parse_note(submission.note)
        return submission, note, parse_checkpoint(note.text)
    except FormatError as error:
        raise MalformedError(error.code, error.message, error.where) from None


def _check_old_size(submission: Submission, checkpoint: Checkpoint) -> None:
    if submission.old_size > checkpoint.size:
        raise MalformedError("old_size_above", "The old size is above the checkpoint's.", "old")


def _check_growth(head: Head, submission: Submission, checkpoint: Checkpoint) -> None:
    if submission.old_size != head.size:
        raise ConflictError(head.size)
    try:
        check_consistency(head.size, head.root, checkpoint.size, checkpoint.root, submission.proof)
    except ProofError as error:
        raise InconsistentError(error.code, error.message, error.where) from None


def _time(now: int, last_time: int, confirmed: Callable[[], int]) -> int:
    """The time to sign; what the operator confirmed is asked for only where the last signature does not settle it."""
    if now <= 0 or last_time - now > MAX_CLOCK_STEP:
        last = f", which is of {timestamp(last_time)}" if last_time else ""
        message = f"The witness's clock is behind its last signature{last}. Nothing is cosigned."
        raise WitnessError("clock_behind", message, actor="operator", retryable=True)
    if last_time and now - last_time <= MAX_CLOCK_LEAP:
        return max(now, last_time)
    known = max(last_time, confirmed())
    if known and now - known > MAX_CLOCK_LEAP:
        message = (
            f"The witness's clock says {timestamp(now)}; it was last seen at {timestamp(known)}. Nothing is cosigned"
        )
        message += " until its operator has confirmed the clock: odr-gateway witness confirm-clock."
        raise WitnessError("clock_ahead", message, actor="operator", retryable=True)
    return max(now, last_time)
