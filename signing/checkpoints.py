"""Checkpoints and their cosignatures (C2SP tlog-checkpoint v1.0.0, tlog-cosignature v1.0.1).

A checkpoint is the note text ``origin LF size LF base64(root) LF``, signed by the log: it says what the whole log
is at that size. Extension lines are refused. A witness cosigns the same text together with a time: then this was
the largest tree, consistent with everything before it, that the witness had seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import FormatError, SignatureError
from .keys import verify_raw
from .merkle import MAX_SIZE
from .notes import COSIGNATURE, Note, VerifierKey, check_name, decode_base64, decode_number, line_of, open_note


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, its number of entries, and the 32-byte Merkle root over them."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if check_name(self.origin) == "cosignature/v1" or self.origin.startswith("subtree/v1"):
            raise FormatError("bad_origin", "This origin begins another kind of signed text.", self.origin)
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != 32:
            raise FormatError("bad_checkpoint", "A checkpoint has a size below 2^63 and a 32-byte root.", self.origin)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text. Not checked: signatures, and whether an empty log has the empty root."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise FormatError("bad_checkpoint", "A checkpoint has exactly three lines: origin, size and root.")
    return Checkpoint(lines[0], decode_number(lines[1], "size"), decode_base64(lines[2], "root"))


def open_checkpoint(note: Note, log_key: VerifierKey) -> Checkpoint:
    """The checkpoint in ``note``, after checking that ``log_key`` signed it and is named like its origin."""
    open_note(note, log_key)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log_key.name:
        raise SignatureError("wrong_origin", f"The checkpoint is of another log: {checkpoint.origin}.", log_key.name)
    return checkpoint


def cosignature_message(text: str, time: int) -> bytes:
    """The bytes a witness signs for a checkpoint's text at a POSIX time (seconds)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def check_cosignature(note: Note, witness: VerifierKey) -> int:
    """The POSIX time (seconds) at which ``witness`` cosigned. Not checked: the log's signature; a plausible time."""
    signature = line_of(note, witness, COSIGNATURE)
    time = int.from_bytes(signature[:8], "big")
    if len(signature) != 72 or not 0 < time < 2**63:
        raise SignatureError("bad_cosignature", "A cosignature is a time, not zero, and 64 bytes.", witness.name)
    verify_raw(witness.public, cosignature_message(note.text, time), signature[8:])
    return time


def cosigned_by(note: Note, witnesses: Mapping[str, VerifierKey]) -> dict[str, int]:
    """Which of ``witnesses`` (policy name -> key) cosigned the note, and when; a line that fails refuses the note."""
    present = {(one.name, one.key_id) for one in note.signatures}
    return {name: check_cosignature(note, key) for name, key in witnesses.items() if (key.name, key.key_id) in present}
