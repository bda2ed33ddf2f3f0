"""What a log publishes: signed notes, checkpoints, cosignatures and proofs of single entries (C2SP).

A *note* (signed-note v1.0.0) is text that ends in LF, an empty line, and lines ``— <key name> <base64(key ID ‖
signature)>``. Text may hold empty lines, so a note is split at its last one. Only what was opened under a known key
means anything: lines of unknown keys are carried along and prove nothing.

A *checkpoint* (tlog-checkpoint v1.0.0) is the note text ``origin LF size LF base64(root) LF``, signed by the log: it
says what the whole log is at that size. Extension lines are refused. A witness *cosigns* (tlog-cosignature v1.0.1) the
same text together with a time: then this was the largest tree, consistent with all before it, that it had seen.

A *proof* (tlog-proof@v1) is the receipt of one entry: index, inclusion path, checkpoint. To verify one: compute the
leaf hash, open the checkpoint under a trusted policy, then check inclusion. Our proofs carry the entry as ``extra``: it
counts once its leaf hash is included. What ``signnotes`` would not write is refused.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from .errors import FormatError, SignatureError
from .keys import PublicKey, verify_raw
from .merkle import MAX_SIZE

ED25519, COSIGNATURE = 0x01, 0x04
MAX_BYTES, MAX_SIGNATURES = 262_144, 100
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA, MAX_HASHES = 48_000, 63  # readers written in Go stop at lines of 64 KiB


def decode_base64(text: str, where: str = "") -> bytes:
    """Decode canonical padded base64 (RFC 4648 §4) of at least one byte."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if not data or base64.b64encode(data).decode() != text:
        raise FormatError("bad_base64", "This is not canonical base64.", where)
    return data


def decode_number(text: str, where: str = "") -> int:
    """Read a decimal below 2^63 without sign or leading zeros."""
    if re.fullmatch("0|[1-9][0-9]{0,18}", text) is None or int(text) >= 2**63:
        raise FormatError("bad_number", "This is not a decimal below 2^63 without leading zeros.", where)
    return int(text)


def check_name(name: str) -> str:
    """Return a key name if it has 1-255 characters and no space, control character or ``+`` among them."""
    if not 0 < len(name) <= 255 or re.search(r"[\s+\x00-\x1f\x7f\ud800-\udfff]", name):
        raise FormatError("bad_key_name", "A key name has 1-255 characters, without spaces, controls or '+'.")
    return name


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """An Ed25519 key under a name: of a log (type 0x01) or of a witness (type 0x04)."""

    name: str
    type: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.type not in (ED25519, COSIGNATURE):
            raise FormatError("bad_key_type", f"The signature type {self.type} is not accepted.", self.name)
        PublicKey("Ed25519", self.public)  # refuses wrong length, non-canonical and small-order points

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which signature lines name the key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read ``name+hex(key ID)+base64(type ‖ public key)``; the key ID is recomputed."""
        name, _, rest = text.partition("+")
        data = decode_base64(rest.partition("+")[2])
        key = cls(name, data[0], data[1:])
        if key.format() != text:
            raise FormatError("bad_key_id", "The key ID does not belong to this name and key.", name)
        return key

    def format(self) -> str:
        """The vkey text that ``parse`` reads."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.type]) + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, not verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, not verified."""

    text: str
    signatures: tuple[NoteSignature, ...]


def parse_note(data: bytes) -> Note:
    """Read a note; verifies nothing."""
    text, blank, lines = data.decode("utf-8", "surrogateescape").rpartition("\n\n")
    if len(data) > MAX_BYTES or re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", text + lines):
        raise FormatError("bad_note", f"A note is at most {MAX_BYTES} bytes of UTF-8 without control characters.")
    if not blank or not lines.endswith("\n") or lines.count("\n") > MAX_SIGNATURES:
        raise FormatError("bad_note", f"A note is text, an empty line and 1-{MAX_SIGNATURES} lines ended by LF.")
    return Note(text + "\n", tuple(_signature(line) for line in lines[:-1].split("\n")))


def line_of(note: Note, key: VerifierKey, kind: int) -> bytes:
    """What stands, not yet verified, in the one line of ``key``, which must be of type ``kind``."""
    found = [one.signature for one in note.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
    if key.type != kind or len(found) != 1:
        code = "signature_repeated" if len(found) > 1 else "signature_missing"
        raise SignatureError(code, "The note has not exactly one line of this key.", key.name)
    return found[0]


def open_note(note: Note, key: VerifierKey) -> None:
    """Raise ``SignatureError`` unless ``key``, of type 0x01, signed the note's text. Other lines are ignored."""
    verify_raw(key.public, note.text.encode(), line_of(note, key, ED25519))


def _signature(line: str) -> NoteSignature:
    match = re.fullmatch("— ([^ ]+) ([^ ]+)", line)
    data = decode_base64(match[2]) if match else b""
    if match is None or len(data) < 5:
        raise FormatError("bad_signature_line", "A signature line is '— name base64' with a key ID and a signature.")
    return NoteSignature(check_name(match[1]), data[:4], data[4:])


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
    if title != PROOF_HEADER or not lines or not lines[0].startswith("index "):
        raise FormatError("bad_proof", f"A proof begins with the lines {PROOF_HEADER} and index.")
    hashes = tuple(decode_base64(line, f"hash {number}") for number, line in enumerate(lines[1:]))
    return TlogProof(decode_number(lines[0][6:], "index"), hashes, checkpoint, extra)
