"""Receiving one chunk: octets are written and hashed as they come, and count only once their digest is known.

At most four times ``_GATHER`` octets are held in memory. Writing and hashing happen in worker threads, so that the
event loop serves others, and takes in what follows, meanwhile. The hash of the whole file has a thread beside that of
the chunk's: each of them takes longer than the writing.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, BinaryIO, Self

from hub.errors import RequestError
from hub.finishing import finished
from hub.packages.errors import UploadError
from providers.durable import flush, write_along

__all__ = ["Reception", "receive"]

_GATHER = 1 << 20
_SMALL = 1 << 16
_PARTS = 256


class Reception:
    """Ends when nothing arrives for ``idle`` seconds, after ``most`` seconds, or as soon as somebody takes over."""

    def __init__(self, idle: int, most: int) -> None:
        self._idle = idle
        self._latest = asyncio.get_running_loop().time() + most
        self._deadline = asyncio.timeout(min(idle, most))
        self._taken = False

    def take_over(self) -> None:
        """Let the reception end at once: its sender has come back on another connection.

        Nothing happens if it is ending already, which may take a while: what is being written is written first.
        """
        self._taken = True
        if not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time())

    async def pieces(self, body: AsyncIterator[bytes], left: int, most: int) -> AsyncIterator[list[bytes]]:
        """What arrives, in pieces of about a megabyte, or of ``_PARTS`` parts where they are small.

        Args:
            body: the octets as they come.
            left: how many the file still lacks.
            most: how many one request may bring; one that does not say its length at first is measured here.

        Raises:
            UploadError: beyond_length or too_large, as soon as there is more.
        """
        too_many = UploadError("beyond_length", "More octets came than the file was announced to have.")
        if most < left:
            message = f"A request body here has at most {most} bytes: send the file in smaller chunks."
            too_many = UploadError("too_large", message)
        room = min(left, most)
        piece: list[bytes] = []
        size = 0
        async for octets in body:
            room -= len(octets)
            if room < 0:
                raise too_many
            if not self._taken:
                self._deadline.reschedule(min(asyncio.get_running_loop().time() + self._idle, self._latest))
            piece.append(octets)
            size += len(octets)
            if size >= _GATHER or len(piece) == _PARTS:
                yield piece
                piece, size = [], 0
        yield piece

    async def __aenter__(self) -> Self:
        await self._deadline.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._deadline.__aexit__(kind, error, trace)
        except TimeoutError:
            raise RequestError("request_timeout", "The request's body did not arrive in time.") from None


async def receive(file: BinaryIO, pieces: AsyncIterator[list[bytes]], expected: bytes, whole: Any) -> int:  # noqa: ANN401
    """Append ``pieces`` to ``file`` and wait until they are on disk; returns how many octets they are.

    Args:
        file: where writing goes on.
        pieces: the chunk.
        expected: SHA-256 of the chunk.
        whole: the hash of the file so far; goes on with the chunk, whatever becomes of it.

    Raises:
        UploadError: chunk_mismatch; what was written does not count.
    """
    digest, size = hashlib.sha256(), 0

    def write(piece: list[bytes]) -> None:
        write_along(file, *piece)
        _hash(digest, piece)

    def write_and_hash(piece: list[bytes]) -> None:
        _hash(whole, piece)  # first: it goes on whatever becomes of the writing
        write(piece)

    async def take(piece: list[bytes]) -> None:
        if sum(map(len, piece)) <= _SMALL:  # the way to a second thread takes longer than the hashing
            await asyncio.to_thread(write_and_hash, piece)
            return
        beside = asyncio.create_task(asyncio.to_thread(_hash, whole, piece))
        try:
            await asyncio.to_thread(write, piece)
        finally:
            await beside

    taking: asyncio.Task[None] | None = None
    try:
        async for piece in pieces:  # the next one arrives while one is written and hashed
            if taking is not None:
                await asyncio.shield(taking)
            taking = asyncio.create_task(take(piece))
            size += sum(map(len, piece))
    finally:
        if taking is not None:
            await finished(_ended(taking))  # whoever closes the file must not be earlier
    if digest.digest() != expected:
        raise UploadError("chunk_mismatch", "The body does not have the SHA-256 that Content-Digest names.")
    await finished(asyncio.to_thread(flush, file))
    return size


def _hash(digest: Any, piece: list[bytes]) -> None:  # noqa: ANN401  # hashlib's own type has no public name
    for octets in piece:
        digest.update(octets)


async def _ended(taking: asyncio.Task[None]) -> None:
    await taking
