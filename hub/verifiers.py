"""Child processes that check posted statements, so that the hub's own interpreter is free to order and store them.

Checking a statement costs as much as all the rest of registering it, and needs no order: it is the one part of the
work that another core can take. What waits while a child is busy goes to it together.

A child answers only *yes, here it is*. For everything else (a statement that it would refuse, an unknown key, an
introduced one, a child that died or hangs) the answer is None and the hub checks by itself, with all reasons. So
nothing depends on a child but speed, and refusals are worded in one place.
"""

import asyncio
import logging
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

from hub.ownertags import MonitorsSeen, OwnerTag
from hub.verifierprocess import HEAD_BYTES, Answer, frame, put_together
from signing.statement import Statement

__all__ = ["Verifiers"]

LOG = logging.getLogger("hub")
MOST_TOGETHER = 32
"""Documents of one frame: a few milliseconds of work, so that answers come evenly."""

BUFFER = 1 << 21
"""Octets of answers that may wait unread: more than a frame has, so that reading one is never interrupted."""

FRAME_SECONDS = 5.0
"""How long a child may take over a frame: hundreds of times what it needs. One that takes longer is stopped or hangs,
and whoever posted is waiting for it."""

START_SECONDS = 120.0
"""How long a child may take to be ready and to take in every key met so far; nobody waits for that."""

RESTART_SECONDS = 1.0
Checked = tuple[Statement, OwnerTag | None]


_Asked = tuple[bytes, asyncio.Future[Checked | None]]


class Verifiers:
    """Passes documents to the children; used on one event loop.

    Args:
        network: digest of the genesis payload.
        keys: every registered Ed25519 key met so far (kid -> octets), oldest first; only grows.
        monitors: the monitor keys that issuers were last seen to have.

    ``ended`` counts the children that ended by themselves, hung or could not be started.
    """

    def __init__(self, network: str, keys: Callable[[], Mapping[str, bytes]], monitors: MonitorsSeen) -> None:
        self._network = network
        self._keys = keys
        self._monitors = monitors
        self._waiting: deque[_Asked] = deque()
        self._arrived = asyncio.Event()
        self._processes: list[Process] = []
        self.ended = 0

    @property
    def working(self) -> bool:
        """Whether any child answers."""
        return bool(self._processes)

    @property
    def children(self) -> tuple[int, ...]:
        """The process ids of the children at work."""
        return tuple(process.pid for process in self._processes)

    async def check(self, document: bytes) -> Checked | None:
        """The statement, with its owner tag, if a child says that it holds; None for whatever other reason."""
        if not self._processes:
            return None
        answer: asyncio.Future[Checked | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, answer))
        self._arrived.set()
        return await answer

    @asynccontextmanager
    async def running(self, children: int) -> AsyncIterator["Verifiers"]:
        """Keep ``children`` processes at work until the block ends; one that dies or hangs is replaced."""
        tasks = [asyncio.create_task(self._keep_running(), name="verifier") for _ in range(children)]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._give_back(self._taken(len(self._waiting)))

    async def _keep_running(self) -> None:
        while True:
            try:
                await self._run_one()
            except Exception as error:  # noqa: BLE001  # it ended, hung, or the system has no room for it: try again
                self.ended += 1
                LOG.warning(
                    "a verifier process ended, hung or did not start; the next one starts in %g s: %r",
                    RESTART_SECONDS, error,
                )  # fmt: skip
            await asyncio.sleep(RESTART_SECONDS)

    async def _run_one(self) -> None:
        """Start a child and ask it until it ends; nothing of it is left afterwards."""
        command = (sys.executable, "-m", "hub.verifierprocess", self._network)
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=BUFFER)
        try:
            await self._feed(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _feed(self, process: Process) -> None:
        """Ask one child until it ends; what it was asked last, or nobody else can be asked, is given back.

        Raises:
            TimeoutError: it takes too long.
        """
        news = self._news()
        async with asyncio.timeout(START_SECONDS):
            await _answer(process)  # it is ready
            await _asked(process, (*next(news), []))  # a network's keys take seconds; nobody shall wait for them later
        self._processes.append(process)
        asked: list[_Asked] = []
        try:
            while True:
                while not self._waiting:
                    self._arrived.clear()
                    await self._arrived.wait()
                asked = self._taken(MOST_TOGETHER)
                question = (*next(news), [document for document, _ in asked])
                async with asyncio.timeout(FRAME_SECONDS):
                    answers = await _asked(process, question)
                for (posted, waiter), found in zip(asked, answers, strict=True):
                    if not waiter.done():
                        waiter.set_result(None if found is None else put_together(found, posted))
        finally:
            self._processes.remove(process)
            self._give_back(asked)
            if not self._processes:
                self._give_back(self._taken(len(self._waiting)))

    def _news(self) -> Iterator[tuple[dict[str, bytes], Mapping[str, bytes]]]:
        """For one child, each time that it is asked: the keys and monitor keys that it has not been told of yet."""
        told, seen = 0, 0
        while True:
            keys = list(self._keys().items())
            seen, monitors = self._monitors.since(seen)
            yield dict(keys[told:]), monitors
            told = len(keys)

    def _taken(self, most: int) -> list[_Asked]:
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def _give_back(self, asked: Sequence[_Asked]) -> None:
        """Nobody will answer these."""
        for _, waiter in asked:
            if not waiter.done():
                waiter.set_result(None)


async def _asked(process: Process, question: object) -> list[Answer | None]:
    """One frame there and one back."""
    if process.stdin is None:
        raise ConnectionError("the verifier process has no standard input")
    process.stdin.write(frame(question))
    await process.stdin.drain()
    return await _answer(process)


async def _answer(process: Process) -> list[Answer | None]:
    if process.stdout is None:
        raise ConnectionError("the verifier process has no standard output")
    length = int.from_bytes(await process.stdout.readexactly(HEAD_BYTES), "big")
    answers: list[Answer | None] = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301  # our child's
    return answers
