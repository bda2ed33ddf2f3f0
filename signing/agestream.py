"""The payload of an age file: STREAM, chunks of 64 KiB under ChaCha20-Poly1305 (C2SP age.md, "Payload").

::

    payload = nonce (16 bytes) ‖ chunk 0 ‖ chunk 1 ‖ … ‖ final chunk
    chunk   = ChaCha20-Poly1305(payload key, counter (11 bytes, big endian) ‖ final flag, ≤ 64 KiB) with its 16-byte tag

The final flag is under the tag, so a file cut at a chunk border is noticed. There is exactly one final
chunk; it is empty only when the whole plaintext is. Both directions hold one chunk in memory.
Decryption hands out each chunk as soon as *it* is authentic: that nothing is missing is only known at
the end, so no reader may act on the plaintext before the last call has returned.
"""

import hmac
import secrets
from collections.abc import Callable, Iterator
from typing import Protocol

from nacl.bindings import crypto_aead_chacha20poly1305_ietf_decrypt as aead_decrypt
from nacl.bindings import crypto_aead_chacha20poly1305_ietf_encrypt as aead_encrypt
from nacl.exceptions import CryptoError

from .errors import FormatError, SignatureError

__all__ = ["CHUNK", "Readable", "StreamReader", "StreamWriter", "Writable", "aead_open", "aead_seal", "hkdf"]

CHUNK = 65_536
TAG = 16
_NONCE = 16


class Readable(Protocol):
    """A source of bytes, such as a binary file."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none only at the end."""
        ...


class Writable(Protocol):
    """A sink of bytes, such as a binary file."""

    def write(self, data: bytes, /) -> object:
        """Take all of ``data``."""
        ...


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 (RFC 5869) with an output of one block, 32 bytes."""
    return hmac.digest(hmac.digest(salt or bytes(32), secret, "sha256"), info + b"\x01", "sha256")


def aead_seal(key: bytes, plaintext: bytes) -> bytes:
    """ChaCha20-Poly1305 (RFC 8439) under a key that is used this once: the nonce is zero."""
    return aead_encrypt(plaintext, None, bytes(12), key)


def aead_open(key: bytes, ciphertext: bytes) -> bytes | None:
    """The plaintext that ``aead_seal`` sealed, or None when the key or a bit is wrong."""
    try:
        return aead_decrypt(ciphertext, None, bytes(12), key)
    except (CryptoError, ValueError):
        return None


class StreamWriter:
    """Encrypts what is written to it into ``target``; without ``finish`` the file stays recognisably cut off."""

    def __init__(self, target: Writable, file_key: bytes) -> None:
        nonce = secrets.token_bytes(_NONCE)
        target.write(nonce)
        self._target = target
        self._key = hkdf(file_key, nonce, b"payload")
        self._pending = bytearray()
        self._counter = 0
        self._finished = False

    def write(self, data: bytes) -> int:
        """Take all of ``data``; whole chunks leave as soon as it is known that they are not the last."""
        if self._finished:
            raise FormatError("age_finished", "The age file is finished; nothing can be added.")
        view, start = memoryview(data), 0
        if self._pending:
            start = min(CHUNK - len(self._pending), len(view))
            self._pending += view[:start]
            if start < len(view):  # then the pending chunk is full, and not the last
                self._emit(bytes(self._pending), last=False)
                self._pending.clear()
        if start < len(view):
            while len(view) - start > CHUNK:
                self._emit(bytes(view[start : start + CHUNK]), last=False)
                start += CHUNK
            self._pending += view[start:]
        return len(view)

    def flush(self) -> None:
        """Do nothing: a chunk leaves when it is full. Present for programs that write to files."""

    def finish(self) -> None:
        """Write the final chunk; the target is left open."""
        self._emit(bytes(self._pending), last=True)
        self._pending.clear()
        self._finished = True

    def _emit(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(aead_encrypt(chunk, None, _nonce(self._counter, last=last), self._key))
        self._counter += 1


class StreamReader:
    """Decrypts a payload chunk by chunk."""

    def __init__(self, source: Readable, file_key: bytes) -> None:
        nonce = read_exactly(source, _NONCE)
        if len(nonce) != _NONCE:
            raise FormatError("age_truncated", "The age file ends before its payload begins.")
        self._source = source
        self._key = hkdf(file_key, nonce, b"payload")

    def copy(self, target: Writable, progress: Callable[[int], None] | None = None) -> int:
        """Decrypt everything into ``target`` and return the size of the plaintext; errors as ``chunks``.

        What was written is worth nothing when this raises. ``progress`` is told the bytes so far.
        """
        total = 0
        for chunk in self.chunks():
            target.write(chunk)
            total += len(chunk)
            if progress is not None:
                progress(total)
        return total

    def chunks(self) -> Iterator[bytes]:
        """Each chunk's plaintext as soon as that chunk is authentic; whether all came is known when this ends.

        Raises:
            SignatureError: ``age_chunk_forged``: a chunk was changed, moved, or belongs to another file.
            FormatError: ``age_truncated``, ``age_extended`` or ``age_empty_chunk``.
        """
        counter = 0
        sealed = read_exactly(self._source, CHUNK + TAG)
        while True:
            following = read_exactly(self._source, CHUNK + TAG) if len(sealed) == CHUNK + TAG else b""
            chunk = self._open(sealed, counter, last=not following)
            if not chunk and counter:
                raise FormatError("age_empty_chunk", "The last chunk of the age file is empty.")
            yield chunk
            if not following:
                return
            sealed, counter = following, counter + 1

    def _open(self, sealed: bytes, counter: int, *, last: bool) -> bytes:
        if len(sealed) < TAG:
            raise FormatError("age_truncated", "The age file ends within a chunk.", f"chunk {counter}")
        chunk = self._decrypt(sealed, counter, last=last)
        if chunk is not None:
            return chunk
        if last and len(sealed) == CHUNK + TAG and self._decrypt(sealed, counter, last=False) is not None:
            raise FormatError("age_truncated", "The age file ends before its final chunk.", f"chunk {counter}")
        if not last and self._decrypt(sealed, counter, last=True) is not None:
            raise FormatError("age_extended", "Data follow the final chunk of the age file.", f"chunk {counter}")
        message = "A chunk of the age file was changed, cut or exchanged."
        raise SignatureError("age_chunk_forged", message, f"chunk {counter}")

    def _decrypt(self, sealed: bytes, counter: int, *, last: bool) -> bytes | None:
        try:
            return aead_decrypt(sealed, None, _nonce(counter, last=last), self._key)
        except (CryptoError, ValueError):
            return None


def read_exactly(source: Readable, size: int) -> bytes:
    """``size`` bytes, fewer only at the end of the source (a pipe may give less at a time)."""
    data = source.read(size)
    if len(data) in (0, size):
        return data
    parts, missing = [data], size - len(data)
    while missing and (data := source.read(missing)):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def _nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
