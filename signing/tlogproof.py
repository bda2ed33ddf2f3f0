"""The receipt of one entry: index, inclusion proof and cosigned checkpoint in one text (C2SP tlog-proof@v1).

To verify one: compute the leaf hash, open the checkpoint under a trusted policy, then check inclusion. Reading it,
as here, verifies nothing. Our receipts carry the entry as ``extra``: it counts once its leaf hash is included.
"""

from dataclasses import dataclass

from .errors import FormatError
from .merkle import MAX_SIZE
from .notes import decode_base64, decode_number

HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA, MAX_HASHES = 48_000, 63  # readers written in Go stop at lines of 64 KiB


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An entry's index, its inclusion path from the leaf up, and the signed note verbatim, none of it verified."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < MAX_SIZE or len(self.hashes) > MAX_HASHES or any(len(h) != 32 for h in self.hashes):
            raise FormatError("bad_proof", f"A proof has an index below 2^63 and at most {MAX_HASHES} hashes.")
        if not self.checkpoint or (self.extra is not None and not 0 < len(self.extra) <= MAX_EXTRA):
            raise FormatError("bad_proof", f"A proof has a checkpoint, and extra data of 1-{MAX_EXTRA} bytes.")


def parse_proof(data: bytes) -> TlogProof:
    """Read a proof; its checkpoint is carried as it stands."""
    header, _, checkpoint = data.partition(b"\n\n")
    title, *lines = header.decode("ascii", "replace").split("\n")
    extra = decode_base64(lines.pop(0)[6:], "extra") if lines and lines[0].startswith("extra ") else None
    if title != HEADER or not lines or not lines[0].startswith("index "):
        raise FormatError("bad_proof", f"A proof begins with the lines {HEADER} and index.")
    hashes = tuple(decode_base64(line, f"hash {number}") for number, line in enumerate(lines[1:]))
    return TlogProof(decode_number(lines[0][6:], "index"), hashes, checkpoint, extra)
