"""Encrypted files to and from a hub: uploads that resume (tus 1.0.0, a subset) and downloads by range.

Each PATCH carries one chunk with its ``Content-Digest``, covered by the request's signature; octets count
when the hub says so, so a broken connection costs at most one chunk. Neither side trusts the other's word
about content: the hub hashes what it is sent, and ``fetch`` hashes what it gets.
"""

import asyncio
import base64
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from providers.client import HubClient
from providers.errors import HubRefusedError, HubUnavailableError, ProvidersError
from providers.pagecache import read_once
from signing.httpsig import content_digest

__all__ = ["CHUNK", "ENDS", "END_SECONDS", "LEAST_CHUNK", "BlobMismatchError", "Upload", "fetch", "send"]

CHUNK = 8 * 1024 * 1024
"""Octets per PATCH: what a broken connection costs at most."""

LEAST_CHUNK = 16 * 1024
"""What a PATCH has at last when the hub or the line takes no larger ones; a smaller chunk is never divided."""

ENDS = 3
"""So many answers in a row that break off at the same place, without one octet, say that the hub has no more."""

END_SECONDS = 2.0
"""Between two of them, so that a network that breaks for a moment is not taken for that."""

SENDINGS = 4
"""How often one chunk is sent that does not arrive as it was sent, before the refusal is believed."""

_TOO_MUCH = ("too_large", "request_timeout")
"""What a hub says of a chunk that is more than it takes, or more than the line brings in the time that it waits."""

_TUS = {"Tus-Resumable": "1.0.0"}
_PREFIX = "/v1/uploads/"
_BLOCK = 1 << 18
Progress = Callable[[int, int], None]
_log = logging.getLogger("providers")


class BlobMismatchError(ProvidersError):
    """What the hub serves under a hash is not what the hash names."""


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
    """
    offset = None if location is None else await _offset(hub, location)
    if location is None or offset is None:
        location, offset = await _create(hub, upload), 0
        if location is None:
            progress(upload.size, upload.size)
            return
        await remember(location)
    with _Pieces(upload.path, chunk) as pieces:
        while True:
            progress(offset, upload.size)
            if offset >= upload.size:
                return
            before = offset
            try:
                offset = await _append(hub, location, offset, await pieces.at(offset))
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


async def _create(hub: HubClient, upload: Upload) -> str | None:
    """Where to upload to; None when the hub has the file already, since only its last answer was lost."""
    headers = {**_TUS, "Upload-Length": str(upload.size), "Upload-Metadata": upload.metadata}
    try:
        async with hub.request("POST", "/v1/uploads", headers=headers) as response:
            location = response.headers.get("Location", "").removeprefix(hub.url)
    except HubRefusedError as error:
        if error.code == "package_stored":
            return None
        raise
    if not location.startswith(_PREFIX):
        raise HubUnavailableError("bad_answer", "The hub does not say where to upload.", hub.url, actor="hub")
    return location


async def _offset(hub: HubClient, location: str) -> int | None:
    """Octets that have arrived; None when the hub no longer knows the upload. A HEAD's problem has no body."""
    async with hub.request("HEAD", location, headers=_TUS, accept=(200, 204, 404, 410)) as response:
        value = response.headers.get("Upload-Offset", "")
        if response.status in (404, 410):
            return None
    if not value.isdecimal():
        raise HubUnavailableError("bad_answer", "The hub does not say how much has arrived.", hub.url, actor="hub")
    return int(value)


async def _append(hub: HubClient, location: str, offset: int, piece: tuple[bytes, str]) -> int:
    body, digest = piece
    headers = {**_TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    headers["Content-Digest"] = digest
    async with hub.request("PATCH", location, body=body, headers=headers, accept=(204,), patient=True) as response:
        value = response.headers.get("Upload-Offset", "")
    return int(value) if value.isdecimal() else offset + len(body)


class _Pieces:
    """The pieces of a file with their digests; the next one is read and hashed while one is on its way."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._ahead: tuple[int, asyncio.Task[tuple[bytes, str]]] | None = None
        self._hurt = (0, 0)

    async def at(self, offset: int) -> tuple[bytes, str]:
        """The piece that begins at ``offset``, and its ``Content-Digest``."""
        ahead, self._ahead = self._ahead, None
        found = await (ahead[1] if ahead is not None and ahead[0] == offset else self._read(offset))
        if len(found[0]) == self._size:
            self._ahead = offset + self._size, asyncio.create_task(self._read(offset + self._size))
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

    async def _read(self, offset: int) -> tuple[bytes, str]:
        return await asyncio.to_thread(_piece, self._path, offset, self._size)


def _piece(path: Path, offset: int, size: int) -> tuple[bytes, str]:
    with path.open("rb") as source:
        source.seek(offset)
        octets = source.read(size)
        read_once(source.fileno(), offset, size)
    return octets, content_digest(octets)


async def fetch(hub: HubClient, sha256: str, size: int, target: Path, progress: Progress) -> None:
    """Download the file with this hash to ``target``, continuing what is there; returns once the hash is right.

    What an earlier attempt left may have been torn by a loss of power: if that does not fit, everything is fetched once
    more. A file that comes whole and does not fit is the hub's or the way's fault: the hub has hashed what it stored.

    Args:
        hub: a client that signs.
        sha256: hex digest; names the file.
        size: its octets, as the log says.
        target: a file of the caller's alone; removed when what came is not what was asked for.
        progress: told the octets that are there, and of how many.

    Raises:
        BlobMismatchError: ``ciphertext_size_differs`` or ``ciphertext_differs``; fetching again may help.
        HubRefusedError, HubUnavailableError: as the client says; what has arrived stays.
    """
    got = _Download(target)
    with suppress(FileNotFoundError):
        await asyncio.to_thread(got.resume)
    resumed = got.size > 0
    await _complete(hub, sha256, got, size, progress)
    if got.fits(sha256, size):
        await asyncio.to_thread(_sync, target)
        return
    await asyncio.to_thread(target.unlink, missing_ok=True)
    if not resumed:
        code = "ciphertext_size_differs" if got.size != size else "ciphertext_differs"
        message = "What the hub serves is not the file that was uploaded to it."
        raise BlobMismatchError(code, message, sha256, actor="hub", retryable=True)
    _log.warning("what an earlier attempt left of %s does not fit, all of it is fetched again", target.name)
    await fetch(hub, sha256, size, target, progress)


async def _complete(hub: HubClient, sha256: str, got: "_Download", size: int, progress: Progress) -> None:
    """Receive what is missing; a connection that breaks is taken up again as long as something comes.

    Returns with less than ``size`` when the hub has no more: its answer is whole and empty, or it begins to answer and
    breaks off without an octet, ``ENDS`` times. No answer, and one that stands still, are not counted as that.
    """
    while got.size < size:
        before, empty = got.size, got.empty
        try:
            await _receive(hub, sha256, got, size, progress)
        except HubUnavailableError as error:
            broken_off = got.empty > empty and error.code != "hub_timeout"
            if not broken_off and got.size <= before:
                raise
            if got.empty == ENDS:
                return
            if broken_off:
                await asyncio.sleep(END_SECONDS)
        else:
            if got.empty:
                return


def _sync(path: Path) -> None:
    """Whoever is told that the file is there finds it after a loss of power too."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


class _Download:
    """What has arrived of a file, hashed."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.digest = hashlib.sha256()
        self.size = 0
        self.empty = 0
        """Answers in a row that brought no octet."""

    def fits(self, sha256: str, size: int) -> bool:
        """Whether this is the file."""
        return self.size == size and self.digest.hexdigest() == sha256

    def resume(self) -> None:
        """Take up what an earlier attempt left."""
        with self.target.open("rb") as source:
            while block := source.read(1 << 20):
                self.take(block)

    def take(self, block: bytes) -> None:
        """A block is on the disk."""
        self.empty = 0
        self.digest.update(block)
        self.size += len(block)


async def _receive(hub: HubClient, sha256: str, got: _Download, size: int, progress: Progress) -> None:
    """One request for what is missing; whatever came before it broke off counts."""
    headers = {"Range": f"bytes={got.size}-"} if got.size else {}
    path = f"/v1/packages/{sha256}"
    async with hub.request("GET", path, headers=headers, accept=(200, 206), patient=True) as response:
        got.empty += 1  # until something comes
        if got.size and response.status == 200:  # it begins anew
            got.digest, got.size = hashlib.sha256(), 0
        with got.target.open("r+b" if got.size else "wb") as file:
            file.seek(got.size)
            file.truncate()
            async for block in response.content.iter_chunked(_BLOCK):
                await asyncio.to_thread(file.write, block)
                got.take(block)
                progress(min(got.size, size), size)
                if got.size > size:
                    return
