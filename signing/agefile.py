"""Encrypted files in the age v1 format (C2SP age.md), for X25519 recipients: briefs and case packages.

::

    age-encryption.org/v1
    -> X25519 <ephemeral share>          one stanza for each recipient: base64 without padding
    <wrapped file key>                   ChaCha20-Poly1305 under HKDF(shared secret)
    --- <header MAC>                     HMAC-SHA-256 under HKDF(file key)
    <payload>                            see ``agestream``

An age file says nothing about who made it, and a recipient can make another with the same content:
what it holds must be signed, and name sender and recipient. Files are binary; passphrases (``scrypt``),
armour and SSH keys are not supported. Stanzas of unknown types are skipped, as the format demands, but
one for a passphrase is refused. The header is checked before a byte of the payload is read.

>>> encrypt(source, target, [recipient.public])
>>> decrypt(source, target, recipient)
"""

import base64
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from .agestream import Readable, StreamReader, StreamWriter, Writable, aead_open, aead_seal, hkdf
from .errors import FormatError, KeyRefusedError, SignatureError
from .keys import PublicKey, x25519, x25519_base
from .secretkeys import AgreementKey

__all__ = [
    "MAX_HEADER", "MAX_STANZAS", "Header", "Stanza", "age_writer", "decrypt", "encrypt", "format_header", "open_age",
    "parse_header", "read_header",
]  # fmt: skip

MAX_STANZAS = 20
MAX_HEADER = 16_384
_MAGIC = b"age-encryption.org/v1"
_CONTEXT = b"age-encryption.org/v1/X25519"
_COLUMNS = 64
_ARGUMENT = re.compile(r"[!-~]+")
_COPY = 1 << 20


class LineReadable(Readable, Protocol):
    """A source that can also be read up to the end of a line."""

    def readline(self, size: int = -1, /) -> bytes:
        """One line with its line feed, at most ``size`` bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Stanza:
    """One way to the file key: its type with further arguments, and a body."""

    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header whose MAC is not checked yet; ``signed`` are the octets it covers."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    signed: bytes


def age_writer(target: Writable, recipients: Sequence[PublicKey]) -> StreamWriter:
    """Write the header for ``recipients`` and return what encrypts all that follows; call its ``finish`` at the end.

    Not checked: whose keys these are. That is the caller's, from statements it has verified.

    Raises:
        KeyRefusedError: ``wrong_purpose``, ``no_recipient``, ``too_many_recipients`` or ``duplicate_recipient``.
    """
    if not recipients:
        raise KeyRefusedError("no_recipient", "An age file needs at least one recipient.")
    if len(recipients) > MAX_STANZAS:
        raise KeyRefusedError("too_many_recipients", f"An age file has at most {MAX_STANZAS} recipients.")
    if len({one.x for one in recipients}) != len(recipients):
        raise KeyRefusedError("duplicate_recipient", "One recipient is named twice.")
    file_key = secrets.token_bytes(16)
    target.write(format_header([_wrap(file_key, one) for one in recipients], file_key))
    return StreamWriter(target, file_key)


def encrypt(source: Readable, target: Writable, recipients: Sequence[PublicKey]) -> None:
    """Encrypt all of ``source`` into ``target`` so that each of ``recipients`` can decrypt it; errors as above."""
    writer = age_writer(target, recipients)
    while data := source.read(_COPY):
        writer.write(data)
    writer.finish()


def open_age(source: LineReadable, identity: AgreementKey) -> StreamReader:
    """Find the file key with ``identity`` and check the header under it; read nothing of the payload but its nonce.

    Raises:
        FormatError: ``not_an_age_file``, ``bad_age_header`` or ``age_truncated``.
        KeyRefusedError: ``no_matching_key``, or ``small_order_key`` for an all-zero shared secret.
        SignatureError: ``age_header_forged``: recipients were added, removed or changed.
    """
    header = read_header(source)
    file_key = _file_key(header, identity)
    if not hmac.compare_digest(header.mac, _mac(file_key, header.signed)):
        raise SignatureError("age_header_forged", "The header of the age file was changed.")
    return StreamReader(source, file_key)


def decrypt(
    source: LineReadable, target: Writable, identity: AgreementKey, progress: Callable[[int], None] | None = None
) -> int:
    """Decrypt ``source`` into ``target`` and return the plaintext's size; errors of ``open_age`` and of the stream.

    What ``target`` holds is worth nothing when this raises: keep it out of reach until it has returned.
    """
    return open_age(source, identity).copy(target, progress)


def format_header(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """The header octets, MAC line included."""
    lines = [_MAGIC]
    for one in stanzas:
        lines.append(b"-> " + " ".join(one.arguments).encode("ascii"))
        text = _b64(one.body)
        lines += [text[at : at + _COLUMNS] for at in range(0, len(text) + 1, _COLUMNS)]  # the last one is never full
    signed = b"\n".join([*lines, b"---"])
    return signed + b" " + _b64(_mac(file_key, signed)) + b"\n"


def read_header(source: LineReadable) -> Header:
    """Read exactly the header from ``source`` and parse it; errors as ``parse_header``."""
    lines: list[bytes] = []
    left = MAX_HEADER
    while line := source.readline(left + 1):  # one byte more than allowed, then none: parsing refuses it
        if not lines and line != _MAGIC + b"\n":
            break
        left -= len(line)
        lines.append(line)
        if line.startswith(b"---"):
            break
    return parse_header(b"".join(lines))


def parse_header(data: bytes) -> Header:
    """Parse a header, from its first line to the line feed after the MAC.

    Checks that it is the one form ``format_header`` gives: line lengths, canonical base64, 1 to
    ``MAX_STANZAS`` stanzas, size. Does not check the MAC, for which the file key is needed.

    Raises:
        FormatError: ``not_an_age_file``, ``bad_age_header`` (``where`` is the line) or ``age_truncated``.
    """
    if not data.startswith(_MAGIC + b"\n"):
        raise FormatError("not_an_age_file", "This is not a binary age file of version 1.")
    if len(data) > MAX_HEADER:
        raise FormatError("bad_age_header", f"The header is longer than {MAX_HEADER} bytes.")
    lines = data.split(b"\n")[1:]
    stanzas: list[Stanza] = []
    at = 0
    while not lines[at].startswith(b"---"):
        if len(stanzas) == MAX_STANZAS:
            raise FormatError("bad_age_header", f"More than {MAX_STANZAS} stanzas.", f"line {at + 2}")
        stanza, at = _parse_stanza(lines, at)
        stanzas.append(stanza)
    if not stanzas or lines[at][:4] != b"--- " or lines[at + 1 :] != [b""]:
        raise FormatError("bad_age_header", "The header does not end with its MAC alone.", f"line {at + 2}")
    mac = _unb64(lines[at][4:], at)
    if len(mac) != 32:
        raise FormatError("bad_age_header", "The MAC has 32 bytes.", f"line {at + 2}")
    return Header(tuple(stanzas), mac, data[: -len(lines[at]) + 2])


def _parse_stanza(lines: list[bytes], at: int) -> tuple[Stanza, int]:
    """The stanza that begins at ``lines[at]``, and where the next thing begins."""
    arguments = lines[at][3:].decode("latin-1").split(" ")
    if at + 1 == len(lines):
        raise FormatError("age_truncated", "The age file ends within its header.", f"line {at + 2}")
    if not lines[at].startswith(b"-> ") or not all(_ARGUMENT.fullmatch(one) for one in arguments):
        raise FormatError("bad_age_header", "Expected a stanza or the MAC.", f"line {at + 2}")
    body = b""
    for place in range(at + 1, len(lines) - 1):
        line = lines[place]
        if len(line) > _COLUMNS:
            raise FormatError("bad_age_header", f"More than {_COLUMNS} characters of base64.", f"line {place + 2}")
        body += _unb64(line, place)
        if len(line) < _COLUMNS:
            return Stanza(tuple(arguments), body), place + 1
    raise FormatError("age_truncated", "The age file ends within its header.", f"line {len(lines) + 1}")


def _file_key(header: Header, identity: AgreementKey) -> bytes:
    if any(one.arguments[0] == "scrypt" for one in header.stanzas):
        raise FormatError("bad_age_header", "The age file is locked with a passphrase, which is not accepted.")
    wrapped = [_share(one) for one in header.stanzas if one.arguments[0] == "X25519"]
    for share, body in wrapped:
        key = _wrapping_key(x25519(identity.secret, share), share, identity.public.x)
        if (file_key := aead_open(key, body)) is not None:
            return file_key
    raise KeyRefusedError("no_matching_key", "The age file is not for this key.", identity.kid)


def _share(stanza: Stanza) -> tuple[bytes, bytes]:
    if len(stanza.arguments) != 2 or len(stanza.body) != 32:
        raise FormatError("bad_age_header", "An X25519 stanza has one argument and a body of 32 bytes.")
    share = _unb64(stanza.arguments[1].encode("ascii"))
    if len(share) != 32:
        raise FormatError("bad_age_header", "The ephemeral share has 32 bytes.")
    return share, stanza.body


def _wrap(file_key: bytes, recipient: PublicKey) -> Stanza:
    if recipient.curve != "X25519":
        raise KeyRefusedError("wrong_purpose", "Only for an X25519 key can a file be encrypted.", recipient.kid)
    secret = secrets.token_bytes(32)
    share = x25519_base(secret)
    key = _wrapping_key(x25519(secret, recipient.x), share, recipient.x)
    return Stanza(("X25519", _b64(share).decode("ascii")), aead_seal(key, file_key))


def _wrapping_key(shared: bytes, share: bytes, recipient: bytes) -> bytes:
    return hkdf(shared, share + recipient, _CONTEXT)


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.digest(hkdf(file_key, b"", b"header"), signed, "sha256")


def _b64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unb64(text: bytes, line: int | None = None) -> bytes:
    where = "" if line is None else f"line {line + 2}"
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise FormatError("bad_age_header", "This is not base64.", where) from None
    if _b64(data) != text:
        raise FormatError("bad_age_header", "This base64 is padded or not canonical.", where)
    return data
