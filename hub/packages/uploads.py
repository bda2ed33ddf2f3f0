"""Uploads: announced, taken in chunk by chunk, checked as a whole, stored as a package.

An upload loses at most the chunk that was on its way: the offset moves only when a chunk's digest matched and its
octets are on disk. A sender that comes back on another connection takes over from the one before. The hash of the
whole file goes along with the chunks; after a restart what is on disk is hashed again once, in threads of their own,
because that may take minutes. An upload whose octets are lost is forgotten, so that its sender begins it again.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from hub.errors import NotFoundError
from hub.finishing import finished
from hub.packages.creation import Announcement, check_announcement, check_disk, check_situation, needed_octets
from hub.packages.errors import OutOfSpaceError, UploadError
from hub.packages.files import PackageFiles
from hub.packages.receiving import Reception, receive
from hub.settings import UploadsSection
from hub.storage.packages import PackageStore
from hub.storage.uploads import Situation, UploadStore
from hub.storage.values import Upload

__all__ = ["Chunk", "Uploads"]

LOG = logging.getLogger("hub.packages")
_HASHERS = 2
"""Uploads that are hashed again at the same time; the others wait for their turn and keep nobody else waiting."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The body of one PATCH: where it begins, its SHA-256, and the octets as they come."""

    offset: int
    sha256: bytes
    body: AsyncIterator[bytes]


@dataclass(slots=True)
class _Slot:
    """What is kept in memory of an upload: who receives now, and the hash of the first ``hashed`` octets."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    reception: Reception | None = None
    hashed: int = -1
    digest: Any = None


class Uploads:
    """Every upload of this hub; one process has them.

    Args:
        store: their rows.
        packages: rows of what is stored.
        files: their octets.
        limits: what members may send.
        clock: POSIX seconds.
    """

    def __init__(
        self,
        store: UploadStore,
        packages: PackageStore,
        files: PackageFiles,
        limits: UploadsSection,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._packages = packages
        self._files = files
        self._limits = limits
        self._clock = clock
        self._slots: dict[str, _Slot] = {}
        self._hashers = ThreadPoolExecutor(_HASHERS, thread_name_prefix="rehash")

    async def recover(self) -> None:
        """Put right what a crash left: finish uploads that were found whole, drop files that belong to nobody.

        Called before anybody can upload.
        """
        for name in await asyncio.to_thread(self._files.verified):
            await self._finish(name)
        await self._drop_strays()
        wanted = await self._packages.hashes()
        for name in await asyncio.to_thread(lambda: list(self._files.stored())):
            if name not in wanted:
                LOG.warning("a file without a row was left among the packages; it is deleted")
                await asyncio.to_thread(self._files.drop, name)

    async def create(self, announced: Announcement, first: Chunk | None = None) -> Upload:
        """Begin an upload, with its ``first`` chunk if that comes along: both are taken in, or nothing is.

        Raises:
            UploadError: too_large, transfer_id_of_other_issuer, recipient_unknown, package_stored, package_deleted,
                too_many_uploads; of the chunk what ``append`` raises.
            OutOfSpaceError: quota_exceeded, disk_full.
        """
        check_announcement(announced, self._limits)
        upload = Upload(
            secrets.token_urlsafe(16),
            **asdict(announced),
            offset=0,
            created=self._clock(),
            expires=self._expiry(),
            complete=False,
        )

        def check(found: Situation) -> None:
            check_situation(announced, found, self._limits)
            free = self._files.free()
            check_disk(free, needed_octets(announced, found, free, self._limits), self._limits)

        await self._store.begin(upload, check)
        return upload if first is None else await self._begun_with(upload, first)

    async def _begun_with(self, upload: Upload, first: Chunk) -> Upload:
        try:
            async with self._turn(upload.id) as slot:
                return await self._take(upload, first, slot)
        except Exception:  # whatever it is: nobody was told of it, so that nobody can go on with it
            await self._forget([upload.id])
            raise

    async def find(self, name: str, owner: str) -> Upload:
        """An upload of ``owner``; that of another member does not exist, and neither does one whose octets are lost.

        Raises:
            NotFoundError: unknown_upload.
        """
        upload = await self._of_owner(name, owner)
        if await self._is_cut(upload):  # looked at again where nothing else happens to it
            async with self._turn(name):
                return await self._require_octets(await self._of_owner(name, owner))
        return upload

    async def append(self, name: str, owner: str, chunk: Chunk) -> Upload:
        """Take in a chunk; the upload as it is then.

        Raises:
            NotFoundError: unknown_upload.
            RequestError: request_timeout.
            UploadError: wrong_offset, beyond_length, too_large, chunk_mismatch; hash_mismatch, and then the upload is
                gone.
            OutOfSpaceError: disk_full.
        """
        async with self._turn(name) as slot:
            upload = await self._require_octets(await self._of_owner(name, owner))
            if chunk.offset != upload.offset:
                raise UploadError("wrong_offset", f"{upload.offset} octets have arrived; go on there.", "Upload-Offset")
            return await self._take(upload, chunk, slot)

    async def end(self, name: str, owner: str) -> None:
        """Give an upload up. A complete one is a package by now, which stays."""
        async with self._turn(name):
            await self._of_owner(name, owner)
            await self._forget([name])

    async def sweep(self) -> int:
        """Delete uploads whose time is over; returns how many."""
        expired = [one.id for one in await self._store.expired(self._clock()) if not self._is_busy(one.id)]
        if expired:
            await self._forget(expired)
        return len(expired)

    async def _of_owner(self, name: str, owner: str) -> Upload:
        upload = await self._store.upload(name)
        if upload is None or upload.owner != owner:
            raise NotFoundError("unknown_upload", "There is no such upload, or it has expired.")
        return upload

    async def _require_octets(self, upload: Upload) -> Upload:
        """Forget an upload that can't go on: a sender that is told so begins it again. Called in its turn."""
        if await self._is_cut(upload):
            LOG.warning("octets of an upload that had arrived are lost; its sender must begin it again")
            await self._forget([upload.id])
            raise NotFoundError("unknown_upload", "Octets of this upload are lost here: begin it again.")
        return upload

    async def _is_cut(self, upload: Upload) -> bool:
        """Whether fewer octets lie here than were acknowledged; those of a complete upload lie elsewhere."""
        if upload.complete or upload.offset == 0:
            return False
        return await asyncio.to_thread(self._files.received, upload.id) < upload.offset

    async def _take(self, upload: Upload, chunk: Chunk, slot: _Slot) -> Upload:
        if upload.complete:
            raise UploadError("beyond_length", "The whole file has arrived; nothing can follow.")
        if self._files.is_verified(upload.id):  # the last chunk came, and what follows on it failed
            return await finished(self._store_package(upload))
        check_disk(self._files.free(), 0, self._limits)
        if slot.hashed != upload.offset:
            await self._hash_again(upload, slot)
        whole = slot.digest.copy()
        size = await self._write(upload, chunk, slot, whole)
        if upload.offset + size < upload.size:
            slot.hashed, slot.digest = upload.offset + size, whole
            return await self._advance(upload, size)
        slot.hashed, slot.digest = -1, None
        return await finished(self._complete(upload, whole))

    async def _hash_again(self, upload: Upload, slot: _Slot) -> None:
        """Hash what is on disk. The hash stays, even if the chunk that needed it never arrives whole."""
        loop, size = asyncio.get_running_loop(), upload.offset
        hashed = loop.run_in_executor(self._hashers, self._files.hashed, upload.id, size) if size else None
        slot.digest = hashlib.sha256() if hashed is None else await hashed
        slot.hashed = size

    async def _write(self, upload: Upload, chunk: Chunk, slot: _Slot, whole: Any) -> int:  # noqa: ANN401
        try:
            with await asyncio.to_thread(self._files.open_upload, upload.id, upload.offset) as file:
                async with Reception(self._limits.idle_seconds, self._limits.chunk_seconds) as slot.reception:
                    left, most = upload.size - upload.offset, self._limits.chunk_bytes
                    return await receive(file, slot.reception.pieces(chunk.body, left, most), chunk.sha256, whole)
        except OSError:
            LOG.exception("an upload can't be written")
            raise OutOfSpaceError("disk_full", "The hub can't write this now.", retry_after=60) from None
        finally:
            slot.reception = None

    async def _advance(self, upload: Upload, size: int) -> Upload:
        if size == 0:
            return upload
        expires = self._expiry()
        if not await self._store.advance(upload, upload.offset + size, expires):
            raise NotFoundError("unknown_upload", "The upload was given up meanwhile.")
        return replace(upload, offset=upload.offset + size, expires=expires)

    async def _complete(self, upload: Upload, whole: Any) -> Upload:  # noqa: ANN401
        if whole.hexdigest() != upload.sha256:
            await self._forget([upload.id])
            raise UploadError("hash_mismatch", "The whole file does not have the SHA-256 that was announced.")
        await asyncio.to_thread(self._files.mark_verified, upload.id)
        return await self._store_package(upload)

    async def _store_package(self, upload: Upload) -> Upload:
        """From a verified file to a package; may be repeated."""
        expires = self._expiry()
        await asyncio.to_thread(self._files.place, upload.id, upload.sha256)
        if not await self._store.complete(upload, expires, self._clock()):
            if not await self._packages.stored(upload.sha256):
                await asyncio.to_thread(self._files.unlink, upload.sha256)  # the transfer has ended meanwhile
        elif not self._files.path(upload.sha256).exists():  # another package of this hash was deleted in between
            await asyncio.to_thread(self._files.place, upload.id, upload.sha256)
        await asyncio.to_thread(self._files.discard, [upload.id])
        return replace(upload, offset=upload.size, expires=expires, complete=True)

    async def _finish(self, name: str) -> None:
        """Make a package of an upload that was found whole, unless that was done; its file may be the only copy."""
        upload = await self._store.upload(name)
        if upload is not None and (not upload.complete or await self._is_missing(upload.sha256)):
            await self._store_package(upload)
        await asyncio.to_thread(self._files.discard, [name])

    async def _is_missing(self, sha256: str) -> bool:
        """Whether a package of this hash is stored whose file is not there."""
        return not self._files.path(sha256).exists() and bool(await self._packages.stored(sha256))

    async def _drop_strays(self) -> None:
        """Delete files of uploads that have no row any more: a crash came between the one and the other."""
        lying = await asyncio.to_thread(self._files.uploads)
        strays = sorted(lying - {one.id for one in await self._store.unfinished()})
        if strays:
            LOG.warning("%d files without a row were left among the uploads; they are deleted", len(strays))
            await asyncio.to_thread(self._files.discard, strays)

    async def _forget(self, names: list[str]) -> None:
        await self._store.delete(names)
        await asyncio.to_thread(self._files.discard, names)
        for name in names:
            if (slot := self._slots.get(name)) is not None:
                slot.digest, slot.hashed = None, -1
                self._let_go(name, slot)

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[_Slot]:
        """Alone with an upload; a reception that still waits for its sender ends."""
        slot = self._slots.setdefault(name, _Slot())
        if slot.reception is not None:
            slot.reception.take_over()
        slot.users += 1
        try:
            async with slot.lock:
                yield slot
        finally:
            slot.users -= 1
            self._let_go(name, slot)

    def _let_go(self, name: str, slot: _Slot) -> None:
        if slot.users == 0 and slot.digest is None:
            self._slots.pop(name, None)

    def _is_busy(self, name: str) -> bool:
        return name in self._slots and self._slots[name].lock.locked()

    def _expiry(self) -> int:
        return self._clock() + self._limits.expire_hours * 3600
