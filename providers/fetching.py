"""Encrypted files from a hub, by range: what has arrived stays, and what the hub serves is hashed here."""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from providers.client import HubClient
from providers.durable import write_along
from providers.errors import HubUnavailableError, ProvidersError

__all__ = ["ENDS", "END_SECONDS", "BlobMismatchError", "fetch"]

ENDS = 3
"""So many answers in a row that break off at the same place, without one octet, say that the hub has no more."""

END_SECONDS = 2.0
"""Between two of them, so that a network that breaks for a moment is not taken for that."""

_BLOCK = 1 << 20
_PARTS = 256
"""A piece is handed over at the latest when so many parts of it have come."""

Progress = Callable[[int, int], None]
_log = logging.getLogger("providers")


class BlobMismatchError(ProvidersError):
    """What the hub serves under a hash is not what the hash names."""


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
            while block := source.read(_BLOCK):
                self.take(block)

    def take(self, octets: bytes) -> None:
        """These octets are in the file."""
        self.empty = 0
        self.digest.update(octets)
        self.size += len(octets)


class _Sink:
    """The end of a file that is being received: a piece is written and hashed in a thread while the next one comes."""

    def __init__(self, file: BinaryIO, got: _Download) -> None:
        self.size = got.size
        """Octets that have come, written or not."""
        self._file = file
        self._got = got
        self._piece: list[bytes] = []
        self._handed_over = got.size
        self._writing: asyncio.Task[None] | None = None

    async def put(self, octets: bytes) -> None:
        """Take in what has come."""
        self.size += len(octets)
        self._piece.append(octets)
        if self.size - self._handed_over >= _BLOCK or len(self._piece) == _PARTS:
            await self._hand_over()

    async def end(self) -> None:
        """Everything that has come is in the file when this returns."""
        await self._hand_over()
        await self._written()

    async def _hand_over(self) -> None:
        await self._written()
        piece, self._piece, self._handed_over = self._piece, [], self.size
        if piece:
            self._writing = asyncio.create_task(asyncio.to_thread(self._write, piece))

    async def _written(self) -> None:
        if self._writing is not None:
            await asyncio.shield(self._writing)  # whoever is stopped here comes back to it in ``end``
            self._writing = None

    def _write(self, piece: list[bytes]) -> None:
        write_along(self._file, *piece)
        for octets in piece:
            self._got.take(octets)


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
            sink = _Sink(file, got)
            try:
                async for octets in response.content.iter_any():
                    await sink.put(octets)
                    progress(min(sink.size, size), size)
                    if sink.size > size:
                        return
            finally:
                await sink.end()
