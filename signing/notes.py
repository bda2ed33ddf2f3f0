"""Signed notes and verifier keys (C2SP signed-note v1.0.0).

A note is text that ends in LF, an empty line, and lines ``— <key name> <base64(key ID ‖ signature)>``. Text may
hold empty lines, so a note is split at its last one. Only what was opened under a known key means anything: lines
of unknown keys are carried along and prove nothing. What ``signnotes`` would not write is refused.
"""

import base64
import re
from dataclasses import dataclass
from hashlib import sha256

from .errors import FormatError, SignatureError
from .keys import PublicKey, verify_raw

ED25519, COSIGNATURE = 0x01, 0x04
MAX_BYTES, MAX_SIGNATURES = 262_144, 100


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
