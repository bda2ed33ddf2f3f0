"""What was signed: the log's checkpoints, cosignatures, the quorum where one is claimed, policy proofs, the head.

Checkpoints of logs that have ended, and policy proofs from their time, are held against the keys that the policies in
the log name; the log's own key comes from outside, unless nothing outside leads to it.
"""

from collections.abc import Mapping, Sequence

from hub.audit.findings import Findings
from hub.storage.cosignatures import label_of
from hub.storage.values import Head, StoredCheckpoint, StoredEnded
from signing.errors import SigningError
from signing.merkle import EMPTY_ROOT
from signing.notes import (
    Checkpoint,
    Note,
    NoteSignature,
    VerifierKey,
    check_cosignature,
    cosigned_by,
    open_checkpoint,
    parse_note,
)
from signing.signnotes import format_note
from signing.trust import WitnessPolicy

__all__ = ["CheckpointAudit"]

_Policies = Sequence[tuple[int, WitnessPolicy]]
_Keys = Mapping[str, VerifierKey]


class CheckpointAudit:
    """Checkpoints by size, each with the root that the entries give there.

    Args:
        findings: what is told.
        log_key: the log's key, from outside the database; None to take the one that the policies in the log name.
        head: where the log ends.

    ``checkpoints``, ``cosignatures`` and ``ended`` (of logs that have ended) count what was met.
    """

    def __init__(self, findings: Findings, log_key: VerifierKey | None, head: Head) -> None:
        self._findings = findings
        self._log_key = log_key
        self._head = head
        self._signed: bytes | None = None
        self.checkpoints = 0
        self.cosignatures = 0
        self.ended = 0

    def check(self, stored: StoredCheckpoint, root: bytes | None, policies: _Policies, logs: _Keys) -> None:
        """Check a checkpoint against the ``root`` at its size; ``policies`` are those below it, with their index.

        ``logs`` are the keys of logs that they name, by origin.
        """
        where = f"checkpoint {stored.size}"
        self.checkpoints += 1
        self.cosignatures += len(stored.lines)
        if stored.size == self._head.signed_size:
            self._signed = stored.note
        if stored.root != root:
            self._add("root_differs", "The entries do not give the root that was signed.", where)
        own = {self._head.origin: self._own(logs)}
        if self._opened(stored.note, stored.size, root, own, where) is None:
            return
        below = [policy for index, policy in policies if index < stored.size]
        note = self._parsed(stored.note + "".join(stored.lines.values()).encode(), where)
        if note is None or not self._labelled(note, stored.lines, where):
            return
        lines = note.signatures[len(note.signatures) - len(stored.lines) :]
        if not self._cosigned(note, lines, below, where):
            return
        if stored.witnessed and not (below and _met_by(below[-1], lines)):
            self._add("quorum_not_met", "It is marked as witnessed, but its cosignatures meet no quorum.", where)

    def check_ended(self, stored: StoredEnded, root: bytes, policies: _Policies, logs: _Keys) -> None:
        """Check a checkpoint of a log that has ended; ``logs`` are the keys of logs that policies name, by origin."""
        where = f"checkpoint {stored.size} of {stored.origin}"
        self.ended += 1
        if stored.root != root:
            self._add("root_differs", "The entries do not give the root that was signed.", where)
        opened = self._opened(stored.note, stored.size, root, {stored.origin: logs.get(stored.origin)}, where)
        note = None if opened is None else self._parsed(stored.note, where)
        if note is not None:
            lines = [line for line in note.signatures if line.name != stored.origin]
            self._cosigned(note, lines, [policy for at, policy in policies if at < stored.size], where)

    def check_proof(
        self, index: int, proof: tuple[int, bytes], root: bytes | None, policies: _Policies, logs: _Keys
    ) -> None:
        """Check a policy proof: a checkpoint that includes the policy and met its quorum and the one before it."""
        where, (size, octets) = f"policy proof {index}", proof
        note = self._opened(octets, size, root, {**logs, self._head.origin: self._own(logs)}, where)
        if note is None:
            return
        upto = [policy for at, policy in policies if at <= index]
        if size <= index or not all(_met(policy, note) for policy in upto[-2:]):
            self._add("quorum_not_met", "The checkpoint does not include the policy under both quorums.", where)

    def check_head(self, size: int, root: bytes, time: int) -> None:
        """Check the head against the tree of all entries and the newest entry's ``time``."""
        head = self._head
        if (size, root, time) != (head.size, head.root, head.time):
            self._add("head_differs", f"{size} entries are stored; the head says {head.size}, or another root.", "head")
        if self._signed is None or head.signed_size > head.size:
            self._add("signed_size_differs", "No stored checkpoint has the signed size.", "head")
        elif self._signed != head.note:
            self._add("head_note_differs", "The head does not carry the newest checkpoint.", "head")

    def _own(self, logs: _Keys) -> VerifierKey | None:
        return self._log_key or logs.get(self._head.origin)

    def _opened(
        self, octets: bytes, size: int, root: bytes | None, keys: Mapping[str, VerifierKey | None], where: str
    ) -> Note | None:
        """The note, if one of the logs in ``keys`` (by origin) has signed it; what it says is held against the rest."""
        try:
            note = parse_note(octets)
            origin = note.text.partition("\n")[0]
            key = keys.get(origin)
            if key is None:
                self._add("root_differs", f"The note is of a log that is not this one: {origin[:80]}.", where)
                return None
            signed = open_checkpoint(note, key)
        except SigningError as error:
            self._add(error.code, str(error), where)
            return None
        if signed != Checkpoint(origin, size, root or EMPTY_ROOT):
            self._add("root_differs", "The note is not over the entries that are stored.", where)
        return note

    def _parsed(self, octets: bytes, where: str) -> Note | None:
        try:
            note = parse_note(octets)
        except SigningError as error:
            self._add("cosignature_bad", f"A cosignature is no line of a note: {error}.", where)
            return None
        if format_note(note) != octets:
            self._add("cosignature_bad", "A cosignature is not as it is written here.", where)
        return note

    def _labelled(self, note: Note, lines: Mapping[str, str], where: str) -> bool:
        """Whether each row, one line each, has the label of its key, or as those of before the witness's name."""
        last = note.signatures[max(0, len(note.signatures) - len(lines)) :]
        told = [{one.name, label_of(one)} for one in last]
        single = all(line.count("\n") == 1 for line in lines.values())
        if single and len(told) == len(lines) and all(label in names for label, names in zip(lines, told, strict=True)):
            return True
        self._add("cosignature_bad", "A cosignature is stored under the name of another witness or key.", where)
        return False

    def _cosigned(
        self, note: Note, lines: Sequence[NoteSignature], policies: Sequence[WitnessPolicy], where: str
    ) -> bool:
        """Whether each of these lines of the note holds, and is of a witness that the policies name."""
        keys = {_of(key): key for policy in policies for key in policy.witness_keys.values()}
        for line in lines:
            try:
                check_cosignature(note, keys[_of(line)])
            except KeyError:
                self._add("cosignature_bad", f"The cosignature of {line.name} is of no key that a policy names.", where)
                return False
            except SigningError as error:
                self._add("cosignature_bad", f"The cosignature of {line.name} does not hold: {error}.", where)
                return False
        return True

    def _add(self, code: str, message: str, where: str) -> None:
        self._findings.add(code, message, where)


def _of(key: VerifierKey | NoteSignature) -> tuple[str, bytes]:
    """What tells keys apart: a witness that got a new key may have kept its name."""
    return key.name, key.key_id


def _met_by(policy: WitnessPolicy, lines: Sequence[NoteSignature]) -> bool:
    """Whether lines that hold meet a policy; where no quorum is asked for, nothing is ever called witnessed."""
    return policy.quorum != "none" and policy.satisfied_by(
        {name for name, key in policy.witness_keys.items() if _of(key) in {*map(_of, lines)}}
    )


def _met(policy: WitnessPolicy, note: Note) -> bool:
    """Whether the note's cosignatures meet a policy; lines that do not hold were told before."""
    try:
        return policy.satisfied_by(cosigned_by(note, policy.witness_keys))
    except SigningError:
        return False
