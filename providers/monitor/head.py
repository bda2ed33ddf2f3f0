"""Judging a checkpoint: whose it is, whether it goes with the last one, who cosigned it and when.

 1 the policy names a log of this origin; it is that of the last checkpoint, or of the log that the policy names as
   the one that goes on with its tree (rotation)                                          else ``other_log``
 2 the log signed it                                                                      else ``bad_log_signature``
 3 it has no fewer entries than the last one                                              else ``log_rolled_back``
 4 at the same size it has the same root                                                  else ``log_forked``
 5 every known witness's line verifies                                                    else ``bad_cosignature``
 6 the quorum cosigned it                                                                 else ``unwitnessed``

Whether a larger tree begins with the last one is ``reading``'s to find out.
"""

from dataclasses import dataclass

from providers.errors import HubUnavailableError
from providers.monitor.errors import ContradictionError, LogFaultError
from providers.monitor.policies import InForce
from signing.errors import FormatError, SignatureError, TrustError
from signing.notes import Checkpoint, Note, cosigned_by, open_checkpoint, parse_checkpoint, parse_note

__all__ = ["Head", "Position", "age_faults", "judge", "parse_head"]

CLOCK_TOLERANCE = 300


@dataclass(frozen=True, slots=True)
class Position:
    """The last verified checkpoint: the whole signed note, its tree, and the right edge to go on from."""

    note: bytes
    checkpoint: Checkpoint
    edges: tuple[bytes, ...]
    cosigned: int | None


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint that was judged; ``cosigned`` is the time (POSIX seconds) of the newest cosignature."""

    note: bytes
    checkpoint: Checkpoint
    witnesses: dict[str, int]

    @property
    def cosigned(self) -> int | None:
        """When a witness of the policy cosigned last; None where none did."""
        return max(self.witnesses.values(), default=None)


def parse_head(note: bytes) -> tuple[Note, Checkpoint]:
    """Note and checkpoint, not verified.

    Raises:
        HubUnavailableError: it is no signed checkpoint at all.
    """
    try:
        parsed = parse_note(note)
        return parsed, parse_checkpoint(parsed.text)
    except FormatError as error:
        message = f"What the hub sent is no checkpoint: {error.message}"
        raise HubUnavailableError("bad_answer", message, "/log/checkpoint", actor="hub") from error


def judge(data: bytes, policy: InForce, last: Position | None) -> Head:
    """The head in the note ``data``, checked as listed above under the ``policy`` in force at its size.

    Raises:
        LogFaultError: with the code listed above; ``ContradictionError`` for 3 and 4.
        HubUnavailableError: it is no signed checkpoint at all.
    """
    note, claimed = parse_head(data)
    witnesses = policy.witnesses
    try:
        checkpoint = open_checkpoint(note, witnesses.log_for(claimed.origin))
    except TrustError as error:
        raise LogFaultError("other_log", error.message, claimed.origin) from error
    except SignatureError as error:
        raise LogFaultError("bad_log_signature", error.message, claimed.origin) from error
    if last is not None:
        _compare(data, checkpoint, last, policy.origin)
    try:
        times = cosigned_by(note, witnesses.witness_keys)
    except SignatureError as error:
        raise LogFaultError("bad_cosignature", error.message, error.where) from error
    if not witnesses.satisfied_by(times):
        told = f"Of its witnesses, {len(times)} cosigned the checkpoint of {checkpoint.size} entries: no quorum."
        raise LogFaultError("unwitnessed", told, ", ".join(sorted(times)))
    return Head(data, checkpoint, times)


def age_faults(cosigned: int | None, now: int, stale_after: int) -> list[LogFaultError]:
    """What is wrong about the time of the newest cosignature, if anything; nothing where there are no witnesses."""
    if cosigned is None:
        return []
    if now - cosigned > stale_after:
        minutes = (now - cosigned) // 60
        return [LogFaultError("stale", f"The newest cosignature is {minutes} minutes old.")]
    if cosigned - now > CLOCK_TOLERANCE:
        return [LogFaultError("cosigned_ahead", f"The newest cosignature is {cosigned - now} seconds ahead of us.")]
    return []


def _compare(data: bytes, checkpoint: Checkpoint, last: Position, origin: str) -> None:
    before = last.checkpoint
    evidence = {"first.note": last.note, "second.note": data}
    key = f"{checkpoint.origin}/{checkpoint.size}/{checkpoint.root.hex()}"
    if checkpoint.origin not in (before.origin, origin):  # a rotated log goes on with the same tree
        raise LogFaultError("other_log", "The hub shows the checkpoint of another log than before.", checkpoint.origin)
    if checkpoint.size < before.size:
        message = f"The log had {before.size} entries, and now shows a checkpoint of {checkpoint.size}."
        raise ContradictionError("log_rolled_back", message, key=key, evidence=evidence)
    if checkpoint.size == before.size and checkpoint.root != before.root:
        message = f"The log has signed two different trees of {before.size} entries."
        raise ContradictionError("log_forked", message, key=key, evidence=evidence)
