"""The body of ``add-checkpoint`` (C2SP tlog-witness): old size, consistency proof, signed checkpoint.

::

    old <size of the tree the witness cosigned last>
    <base64 hash>            0 to 63 lines
    <empty line>
    <signed checkpoint>
"""

from dataclasses import dataclass

from signing.errors import FormatError
from signing.notes import decode_base64, decode_number
from signing.signnotes import base64_text

__all__ = ["MAX_BODY", "Submission", "format_submission", "parse_submission"]

MAX_BODY = 65_536
"""Bytes; room for 63 hashes and a checkpoint with sixteen ML-DSA lines."""

MAX_PROOF = 63


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint offered for cosigning; ``note`` is the signed checkpoint as it was sent."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes


def parse_submission(data: bytes) -> Submission:
    """Read a request body; the note is carried as it stands.

    Raises:
        FormatError: the body is anything that ``format_submission`` would not write.
    """
    if len(data) > MAX_BODY:
        raise FormatError("too_large", f"A submission has at most {MAX_BODY} bytes.")
    head, _, note = data.partition(b"\n\n")
    first, *lines = head.decode("ascii", "replace").split("\n")
    if not first.startswith("old ") or not note or len(lines) > MAX_PROOF:
        raise FormatError("bad_submission", f"A submission is 'old <size>', 0-{MAX_PROOF} hashes, '' and a checkpoint.")
    proof = tuple(decode_base64(line, f"hash {number}") for number, line in enumerate(lines))
    if any(len(value) != 32 for value in proof):
        raise FormatError("bad_submission", "Every hash of the consistency proof has 32 bytes.")
    return Submission(decode_number(first[4:], "old"), proof, note)


def format_submission(submission: Submission) -> bytes:
    """The request body that ``parse_submission`` reads."""
    hashes = (base64_text(value) for value in submission.proof)
    return "\n".join([f"old {submission.old_size}", *hashes, "", ""]).encode() + submission.note
