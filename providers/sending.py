"""Encrypted files to a hub: uploads that resume (tus 1.0.0, a subset).

Each PATCH carries one chunk with its ``Content-Digest``, covered by the request's signature; octets count
when the hub says so, so a broken connection costs at most one chunk. The hub hashes what it is sent. A chunk is read
twice, to be hashed and to be sent: held in memory, two large ones would be all that a gateway may take for a package.
A small file goes along with its announcement, in one request.
"""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from providers.client import HubClient
from providers.errors import HubRefusedError, HubUnavailableError, ProvidersError
from providers.fileparts import ShortFileError, part
from providers.pagecache import read_once
from signing.httpsig import digest_field

__all__ = ["AT_ONCE", "CHUNK", "LEAST_CHUNK", "SENDINGS", "Upload", "send"]

CHUNK = 16 * 1024 * 1024
"""Octets per PATCH: what a broken connection costs at most."""

AT_ONCE = 64 * 1024
"""A file of at most so many octets, and of one chunk, goes along with its announcement."""

LEAST_CHUNK = 16 * 1024
"""What a PATCH has at last when the hub or the line takes no larger ones; a smaller chunk is never divided."""

SENDINGS = 4
"""How often one chunk is sent that does not arrive as it was sent, before the refusal is believed."""

_TOO_MUCH = ("too_large", "request_timeout")
"""What a hub says of a chunk that is more than it takes, or more than the line brings in the time that it waits."""

_NOT_ALONG = (*_TOO_MUCH, "digest_mismatch")
"""What a hub says of octets that came along and were hurt, or too many: then a file is announced without them."""

_TUS = {"Tus-Resumable": "1.0.0"}
_PREFIX = "/v1/uploads/"
_CHUNK_TYPE = "application/offset+octet-stream"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way to the hub. ``purpose`` is brief or package; ``transfer`` its transfer's id."""

    path: Path
    sha256: str
    size: int
    recipient: str
    transfer: str
    purpose: str

    @property
    def metadata(self) -> str:
        """The value of ``Upload-Metadata``."""
        values = {
            "sha256": self.sha256,
            "recipient": self.recipient,
            "transfer": self.transfer,
            "purpose": self.purpose,
        }
        return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


async def send(  # noqa: PLR0913 - a file, where it was, and whom to tell
    hub: HubClient,
    upload: Upload,
    location: str | None,
    remember: Callable[[str], Awaitable[None]],
    progress: Progress,
    *,
    chunk: int = CHUNK,
) -> None:
    """Upload a file, from where an earlier attempt stopped; returns once the hub has all of it.

    Args:
        hub: a client that signs.
        upload: the file.
        location: where an earlier attempt was to continue, None for a new one.
        remember: stores a new location, before any octet is sent to it.
        progress: told the octets that have arrived, and of how many.
        chunk: octets per request; fewer, if the hub does not take that many or the line is too slow for them.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says; after a break that cost progress, and after a chunk
            that was hurt on its way, at once again.
        ProvidersError: file_damaged, the file is shorter than ``upload`` says.
        OSError: it can't be read.
    """
    offset = None if location is None else await _offset(hub, location)
    if location is None or offset is None:
        location, offset = await _begin(hub, upload, chunk)
        if offset == upload.size:
            progress(offset, upload.size)
            return
        await remember(location)
    with _Pieces(upload, chunk) as pieces:
        while True:
            progress(offset, upload.size)
            if offset >= upload.size:
                return
            before = offset
            try:
                offset = await _append(hub, location, await pieces.at(offset))
            except (HubUnavailableError, HubRefusedError) as error:
                if isinstance(error, HubRefusedError) and error.code in _TOO_MUCH and pieces.halved():
                    continue
                if error.code == "chunk_mismatch" and pieces.once_more(offset):
                    continue
                if isinstance(error, HubRefusedError) and error.code != "wrong_offset":
                    raise
                found = await _offset(hub, location)
                if found is None or found <= before:
                    raise
                offset = found  # the answer was lost, not the octets


async def _begin(hub: HubClient, upload: Upload, chunk: int) -> tuple[str, int]:
    """Announce a file, with its octets if they are few: where to go on, and how many have arrived."""
    octets = b""
    if upload.size <= min(AT_ONCE, chunk):
        with _whole(upload.path), upload.path.open("rb") as file:
            octets = b"".join(part(file, upload.size))
    try:
        return await _create(hub, upload, octets)
    except HubRefusedError as error:
        if error.code not in _NOT_ALONG or not octets:
            raise
    return await _create(hub, upload, b"")


async def _create(hub: HubClient, upload: Upload, octets: bytes) -> tuple[str, int]:
    """Announce a file, with these octets: all have arrived when the hub has it, since only its last answer was lost."""
    headers = {**_TUS, "Upload-Length": str(upload.size), "Upload-Metadata": upload.metadata}
    headers |= {"Content-Type": _CHUNK_TYPE} if octets else {}
    try:
        async with hub.request("POST", "/v1/uploads", body=octets, headers=headers) as response:
            location = response.headers.get("Location", "").removeprefix(hub.url)
            arrived = response.headers.get("Upload-Offset", "0")
    except HubRefusedError as error:
        if error.code != "package_stored":
            raise
        return "", upload.size
    if not location.startswith(_PREFIX) or arrived not in ("0", str(len(octets))):
        raise HubUnavailableError("bad_answer", "The hub does not say where to upload.", hub.url, actor="hub")
    return location, int(arrived)


async def _offset(hub: HubClient, location: str) -> int | None:
    """Octets that have arrived; None when the hub no longer knows the upload. A HEAD's problem has no body."""
    async with hub.request("HEAD", location, headers=_TUS, accept=(200, 204, 404, 410)) as response:
        value = response.headers.get("Upload-Offset", "")
        if response.status in (404, 410):
            return None
    if not value.isdecimal():
        raise HubUnavailableError("bad_answer", "The hub does not say how much has arrived.", hub.url, actor="hub")
    return int(value)


@dataclass(slots=True)
class _Piece:
    """A part of a file: where it begins, how many octets it has, and its ``Content-Digest``.

    ``trouble`` is why it could not be read while it was sent, which the session tells as trouble of the connection.
    """

    path: Path
    offset: int
    size: int
    digest: str
    trouble: Exception | None = None

    async def octets(self) -> AsyncIterator[bytes]:
        """What is sent. A file that is changed meanwhile no longer has the digest, and is refused."""
        try:
            with _whole(self.path), self.path.open("rb") as file:
                file.seek(self.offset)
                pieces = part(file, self.size)
                while octets := await asyncio.to_thread(next, pieces, b""):
                    yield octets
                read_once(file.fileno(), self.offset, self.size)
        except (OSError, ProvidersError) as error:
            self.trouble = error
            raise


async def _append(hub: HubClient, location: str, piece: _Piece) -> int:
    headers = {**_TUS, "Upload-Offset": str(piece.offset), "Content-Type": _CHUNK_TYPE}
    headers |= {"Content-Digest": piece.digest, "Content-Length": str(piece.size)}
    request = hub.request("PATCH", location, body=piece.octets(), headers=headers, accept=(204,), patient=True)
    try:
        async with request as response:
            value = response.headers.get("Upload-Offset", "")
    except HubUnavailableError:
        if piece.trouble is not None:
            raise piece.trouble from None
        raise
    arrived = int(value) if value.isdecimal() else piece.offset + piece.size
    if arrived <= piece.offset:
        raise HubUnavailableError(
            "bad_answer", "The hub took a chunk and has no more than before.", hub.url, actor="hub"
        )
    return arrived


class _Pieces:
    """The pieces of a file with their digests; the next one is hashed while one is on its way."""

    def __init__(self, upload: Upload, size: int) -> None:
        self._upload = upload
        self._size = size
        self._ahead: tuple[int, asyncio.Task[_Piece]] | None = None
        self._hurt = (0, 0)

    async def at(self, offset: int) -> _Piece:
        """The piece that begins at ``offset``."""
        ahead, self._ahead = self._ahead, None
        found = await (ahead[1] if ahead is not None and ahead[0] == offset else self._hashed(offset))
        if found.offset + found.size < self._upload.size:
            self._ahead = offset + self._size, asyncio.create_task(self._hashed(offset + self._size))
        return found

    def once_more(self, offset: int) -> bool:
        """Whether the piece that begins at ``offset``, and was hurt on its way, may be sent again."""
        place, times = self._hurt
        self._hurt = offset, times + 1 if place == offset else 1
        return self._hurt[1] < SENDINGS

    def halved(self) -> bool:
        """Whether the pieces can be, and are from here on, half as large."""
        if self._size <= LEAST_CHUNK:
            return False
        self._forget()
        self._size = max(self._size // 2, LEAST_CHUNK)
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._forget()

    def _forget(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead[1].cancel()

    async def _hashed(self, offset: int) -> _Piece:
        size = min(self._size, self._upload.size - offset)
        return await asyncio.to_thread(_piece, self._upload.path, offset, size)


def _piece(path: Path, offset: int, size: int) -> _Piece:
    digest = hashlib.sha256()
    with _whole(path), path.open("rb") as file:
        file.seek(offset)
        for octets in part(file, size):
            digest.update(octets)
    return _Piece(path, offset, size, digest_field(digest.digest()))


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Tell the operator of a file that was cut short."""
    try:
        yield
    except ShortFileError:
        message = "A file that is to be sent is shorter on this disk than it was sealed."
        raise ProvidersError("file_damaged", message, path.name, actor="operator", retryable=True) from None
