"""A mirror: a witness that stores every entry before it cosigns (C2SP tlog-mirror; here entries are pulled).

 1 the checkpoint is one that the witness may cosign                                    ``service.examine``
 2 what is stored already is part of it                              else InconsistentError, with both notes
 3 every entry that it adds is fetched from the log, hashed, written                    ``mirrored.Growth``
 4 they give the checkpoint's root                                                      else WitnessError
 5 they are on disk with every tile; the signed note is written after them
 6 the witness cosigns                                                                  ``service.add_checkpoint``
 7 a little later: the note that the log has published, with the cosignatures of others, is kept too

A log waits for a second or so. What takes longer goes on by itself, and is there when the log asks again.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import aiohttp

from providers.bundles import bundle_groups
from providers.errors import ProvidersError
from providers.evidence import keep_evidence
from providers.witness.errors import InconsistentError, WitnessError
from providers.witness.fetching import fetch
from providers.witness.mirrored import Growth, MirroredLog
from providers.witness.service import Examined
from signing.errors import FormatError, SigningError
from signing.notes import VerifierKey, open_checkpoint, parse_note
from signing.tiles import TILE_WIDTH, TileId, tile_path

__all__ = ["Mirror"]

WAIT_SECONDS = 0.7
"""How long a log's request waits for its entries to be stored; the log gives up after a second."""

PUBLISHED_AFTER = (1.0, 4.0, 15.0)
"""Seconds after which the log is asked for the note that it has published meanwhile."""

AHEAD = 8
_log = logging.getLogger(__name__)


class Mirror:
    """The mirrored logs of one witness.

    Args:
        directory: the witness's.
        session: an HTTP session; the caller closes it, after ``close``.
        source: the URL below which a log's tiles are, by its origin; None if it is not known.
    """

    def __init__(self, directory: Path, session: aiohttp.ClientSession, source: Callable[[str], str | None]) -> None:
        self._directory = directory
        self._session = session
        self._source = source
        self._logs: dict[str, MirroredLog] = {}
        self._growing: dict[str, asyncio.Task[None]] = {}
        self._following: dict[str, asyncio.Task[None]] = {}

    async def close(self) -> None:
        """Give up what is being fetched; what is being written is finished."""
        running = [*self._growing.values(), *self._following.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def log(self, key: VerifierKey) -> MirroredLog:
        """The files of a log."""
        if key.name not in self._logs:
            self._logs[key.name] = await asyncio.to_thread(MirroredLog, self._directory / "mirror", key)
        return self._logs[key.name]

    async def store(self, asked: Examined) -> None:
        """Return once every entry below the checkpoint is stored.

        Raises:
            InconsistentError: ``mirror_forked``, the log has signed a tree that contradicts the stored one.
            WitnessError: ``mirror_behind``, ``mirror_mismatch``, ``mirror_full``, ``mirror_damaged`` or ``no_source``.
        """
        log, until = await self.log(asked.key), time.monotonic() + WAIT_SECONDS
        while log.size < asked.checkpoint.size:
            task = self._task(log, asked)
            done, _ = await asyncio.wait({task}, timeout=max(0.0, until - time.monotonic()))
            if not done:
                message = f"The entries up to {asked.checkpoint.size} are still being stored."
                raise WitnessError("mirror_behind", message, asked.key.name, retryable=True)
            task.result()
        await asyncio.to_thread(self._compare, log, asked)

    def follow(self, key: VerifierKey) -> None:
        """After a cosignature: step 7, in the background; one log is followed once at a time."""
        task = self._following.get(key.name)
        if task is None or task.done():
            task = asyncio.create_task(self._follow(key))
            task.add_done_callback(_report)
            self._following[key.name] = task

    async def _follow(self, key: VerifierKey) -> None:
        log, url = await self.log(key), await asyncio.to_thread(self._source, key.name)
        size, pauses = 0, list(PUBLISHED_AFTER)
        while pauses and url is not None and (log.published is None or log.published.size < log.size):
            if log.size > size:  # the log went on meanwhile
                size, pauses = log.size, list(PUBLISHED_AFTER)
            await asyncio.sleep(pauses.pop(0))
            with suppress(WitnessError):  # the log does not answer: it is asked again, and after the next cosignature
                await asyncio.to_thread(self._publish, log, await fetch(self._session, f"{url}/checkpoint"))

    def _publish(self, log: MirroredLog, note: bytes) -> None:
        try:
            checkpoint = open_checkpoint(parse_note(note), log.key)
        except SigningError as error:
            _log.warning("what the log publishes is no checkpoint of it: %s", error)
            return
        if checkpoint.size <= log.size:
            self._compare(log, Examined(log.key, checkpoint, note))
            log.publish(note, checkpoint)

    def _task(self, log: MirroredLog, asked: Examined) -> "asyncio.Task[None]":
        task = self._growing.get(log.key.name)
        if task is None or task.done():
            task = asyncio.create_task(self._grow(log, asked))
            task.add_done_callback(_report)
            self._growing[log.key.name] = task
        return task

    async def _grow(self, log: MirroredLog, asked: Examined) -> None:
        """Steps 3 to 5. What an earlier, unfinished attempt left behind is tried first, and not twice."""
        url = await asyncio.to_thread(self._source, log.key.name)
        if url is None:
            message = "The witness does not know where this log's entries are; `add-log VKEY --url URL` tells it."
            raise WitnessError("no_source", message, log.key.name, actor="operator")
        try:
            for leftovers in (True, False):
                if await self._filled(log, url, asked, leftovers=leftovers):
                    return
                await asyncio.to_thread(log.drop_unverified)
        except OSError as error:
            message = f"The mirror can't be written, so nothing is cosigned: {error.strerror}."
            raise WitnessError("mirror_full", message, str(log.directory), actor="operator", retryable=True) from error
        message = "The entries that the log shows do not give the root that it has signed. Nothing is cosigned."
        raise WitnessError("mirror_mismatch", message, log.key.name, actor="log")

    async def _filled(self, log: MirroredLog, url: str, asked: Examined, *, leftovers: bool) -> bool:
        growth = Growth(log)
        for group in bundle_groups(asked.checkpoint.size, log.size, AHEAD):
            bundles = await asyncio.gather(*(self._bundle(log, url, one, leftovers=leftovers) for one in group))
            for tile, data in zip(group, bundles, strict=True):
                try:
                    await asyncio.to_thread(growth.take, tile, data)
                except FormatError:
                    return False
        return await asyncio.to_thread(growth.finish, asked.note, asked.checkpoint)

    async def _bundle(self, log: MirroredLog, url: str, tile: TileId, *, leftovers: bool) -> bytes:
        if leftovers and tile.width == TILE_WIDTH:
            found = await asyncio.to_thread(log.stored, tile)
            if found is not None:
                return found
        return await fetch(self._session, f"{url}/{tile_path(*tile)}")

    def _compare(self, log: MirroredLog, asked: Examined) -> None:
        """Step 2: what is stored may be ahead, when the process stopped between storing and cosigning."""
        if log.note is None or log.root(asked.checkpoint.size) == asked.checkpoint.root:
            return
        files = {"first.note": log.note, "second.note": asked.note}
        keep_evidence(self._directory, f"mirror_forked-{sha256(asked.note).hexdigest()[:16]}", files)
        message = "The log has signed two trees that contradict each other; both notes are kept as evidence."
        raise InconsistentError("mirror_forked", message, log.key.name)


def _report(task: "asyncio.Task[None]") -> None:
    """Have the failure of a task that nobody waits for any more in the log."""
    if not task.cancelled() and (error := task.exception()) is not None:
        code = error.code if isinstance(error, ProvidersError) else "internal"
        _log.warning("the mirror did not get on: %s: %s", code, error)
