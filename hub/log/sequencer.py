"""The sequencer: one task that gives every statement its place in the log.

It takes whatever waits, decides it as one batch, commits and signs it, shows it, and only then answers whoever
waits. An idle statement never waits for company; while a batch is being written the next one gathers. Deciding and
writing happen in one go where the log is written, beside the event loop: a batch costs one change of threads.

An error while writing ends sequencing for good: everybody who waits is told so, nobody is told a half-truth,
and ``on_stop`` is to end the process so that recovery can look at what is stored.

``refuse`` ends sequencing too, but not the process, which goes on being read: once somebody has shown that going on
would fork the log, nothing is signed any more, not even what is stored already.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import chain, islice

from hub.errors import HubError
from hub.log.committing import Committer
from hub.log.deciding import BatchLimits, Candidate, Decided, Deciding, first_needs, second_needs
from hub.log.errors import Overloaded, SequencerStopped
from hub.log.publication import Publication, SignedHead
from hub.log.rotation import ended_reason, successor
from hub.log.rulestate import RuleStateCache
from hub.log.signedheads import DIFFERS, Contradiction
from hub.ownertags import MonitorsSeen, OwnerTag
from hub.storage.log_store import LogSession, LogStore
from hub.storage.values import Head, StagedBatch
from registry.batch import Batch, Outcome
from registry.errors import NotLoaded, Refused
from registry.rulebook import Rulebook
from signing.statement import Statement

__all__ = ["Registered", "Sequencer"]


@dataclass(frozen=True, slots=True)
class Registered:
    """A statement's place in the log; ``already`` when it had it before it was submitted."""

    digest: str
    index: int
    already: bool = False


class Sequencer:
    """Owns the order of one log; exactly one per log runs, which the lock of the data directory ensures.

    Args:
        store: where the log is stored.
        committer: writes and signs.
        publication: what is shown of the log.
        book: the rules to decide by.
        times: entry time of an entry after one of a given time, never less than that; may refuse to tell.
        on_stop: called once with the error that ended sequencing; never after ``close``.
        limits: when a batch is full.
        queue: how many statements may wait.
        share: how many of them may count against one owner of keys, so that a single one never fills the queue.

    ``monitors`` are the monitor keys that its entries were made under.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        store: LogStore,
        committer: Committer,
        publication: Publication,
        book: Rulebook,
        *,
        times: Callable[[int], int],
        on_stop: Callable[[BaseException], None],
        limits: BatchLimits = BatchLimits(),  # noqa: B008  # immutable
        queue: int = 4096,
        share: int | None = None,
    ) -> None:
        self._store = store
        self._committer = committer
        self._publication = publication
        self._book = book
        self._times = times
        self._on_stop = on_stop
        self._limits = limits
        self._capacity = queue
        self._share = queue if share is None else share
        self._of_owner: Counter[str] = Counter()
        self.monitors = MonitorsSeen()
        self._state = RuleStateCache()
        self._queue: deque[Candidate] = deque()
        self._waiters: dict[str, list[asyncio.Future[Registered]]] = {}
        self._wake = asyncio.Event()
        self._closing = False
        self._writing = False
        self._error: BaseException | None = None
        self._differs = False
        self._task: asyncio.Task[None] | None = None

    @property
    def stopped(self) -> BaseException | None:
        """The error that ended sequencing, or None."""
        return self._error

    @property
    def newest(self) -> int:
        """Entry time (POSIX seconds) of the newest entry that a signed head covers.

        Entries that are stored beyond it (a crash, an old backup) are told to nobody before they are signed.
        """
        return self._committer.signed_time

    @property
    def differs(self) -> bool:
        """Whether it was refused because the log's key has signed another history than the one stored."""
        return self._differs

    @property
    def waiting(self) -> int:
        """How many statements wait or are being written."""
        return len(self._waiters)

    def crowded(self, owner: str) -> bool:
        """Whether half of what may wait of an owner does."""
        return self._of_owner[owner] * 2 >= self._share

    def refuse(self, reason: str, code: str = "read_only") -> None:
        """Take nothing in and sign nothing, ever again: every submission is answered with ``reason``.

        Called in place of ``start``, or at any time after it. Who waits is told the same. Only the batch that is being
        written is waited for: if it had its signature before, it is registered and said to be; if not, its entries
        may be stored by now, but nobody is told anything of them, and the next start decides about them.
        """
        self._error = refused = SequencerStopped(code, reason)
        self._committer.close(refused)
        if not self._writing:
            self._give_up(refused)

    def contradicted(self, found: Contradiction) -> None:
        """``refuse`` for a signed head that the stored entries do not reach or contradict."""
        self._differs = self._differs or found.code == DIFFERS
        self.refuse(found.reason)

    def start(self) -> None:
        """Begin to sequence."""
        self._task = asyncio.create_task(self._run(), name="sequencer")

    async def close(self) -> None:
        """Take no more statements, finish those that wait, and end."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def submit(
        self, statement: Statement, annex: bytes | None = None, tag: OwnerTag | None = None, owner: str | None = None
    ) -> Registered:
        """Register a statement whose form, schema, signatures and annex were verified; returns when it is signed.

        A caller that gives up takes nothing back: the statement is registered all the same. ``tag`` is the owner tag
        where it was made beforehand; ``owner`` who signed it, against whom it counts while it waits: the issuer if
        nobody is named.

        Raises:
            Refused: the rules refuse it.
            Overloaded: too many statements wait, or too many of this owner.
            HubError: there is no entry time to give.
            SequencerStopped: sequencing ended; whether the statement is registered, asking again will tell.
        """
        answer: asyncio.Future[Registered] = asyncio.get_running_loop().create_future()
        if (others := self._waiters.get(statement.digest)) is not None:
            others.append(answer)
            return replace(await answer, already=True)
        self._require_open()
        if len(self._waiters) >= self._capacity:
            raise Overloaded(len(self._waiters))
        owner = owner or statement.issuer
        if (mine := self._of_owner[owner]) >= self._share:
            raise Overloaded(mine, owner=owner)
        self._of_owner[owner] += 1
        self._waiters[statement.digest] = [answer]
        self._queue.append(Candidate(statement, annex, tag, owner))
        self._wake.set()
        return await answer

    async def dry_run(self, statement: Statement) -> None:
        """Decide a statement on the committed state without registering it; returns if it would be accepted.

        Raises:
            Refused: the rules refuse it.
        """
        self._require_open()
        head = self._committer.head
        batch = Batch(self._state, head.size, self._times(head.time), self._book)
        outcome = await self._store.run(lambda log: self._offered(log, batch, statement))
        if isinstance(outcome, Refused) and outcome.code != "already_registered":
            raise outcome

    async def _run(self) -> None:
        try:
            while not (self._closing and not self._queue):
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    self._writing = True
                    await self._sequence_batch()
                    self._writing = False
                    if isinstance(self._error, SequencerStopped):  # it was refused meanwhile
                        self._give_up(self._error)
                    await asyncio.sleep(0)  # whoever was just answered may have more
        except BaseException as error:  # whatever it is, it ends sequencing
            self._stop(error)
            if not isinstance(error, Exception):
                raise

    async def _sequence_batch(self) -> None:
        head = self._committer.head
        try:
            time = self._times(head.time)
        except HubError as error:  # there is no time to give; who comes later may be luckier
            self._turn_away(error)
            return
        batch = Deciding(head, time, self._state, self._limits, self._book)
        taken = deque(islice(self._queue, self._limits.entries))
        try:
            done = await self._store.run(lambda log: self._committed(log, batch, taken))
        except SequencerStopped:  # refused before it was signed: what is stored of it waits for the next start
            return
        for _ in range(len(batch.outcomes)):
            self._leave(self._queue.popleft().owner)
        if done is not None:
            staged, signed = done
            await self._publication.publish_signed(SignedHead(signed.size, signed.root, signed.note), staged)
        for outcome in batch.outcomes:
            self._resolve(outcome)
        if (named := successor(batch.writes, head.origin)) is not None:
            self._end(ended_reason(named))

    def _committed(
        self, log: LogSession, batch: Deciding, waiting: deque[Candidate]
    ) -> tuple[StagedBatch, Head] | None:
        """Decide from the left of ``waiting``, write and sign what was accepted; None if nothing was."""
        self._prefetch(log, waiting)
        while missing := batch.run(waiting):
            self._load(log, missing)
        if not batch.entries:
            return None
        staged = self._committer.prepare(batch.entries, batch.writes)
        signed = self._committer.commit(log, staged)
        for issuer, monitor in batch.monitors.items():
            self.monitors.see(issuer, monitor)
        self._state.commit({key: value for key, (value, _) in batch.writes.items()})
        return staged, signed

    def _prefetch(self, log: LogSession, waiting: Collection[Candidate]) -> None:
        """Load at once what the statements of the batch will ask for."""
        self._load(log, first_needs(waiting, self._book))
        self._load(log, second_needs(waiting, self._state.get))

    def _load(self, log: LogSession, keys: Collection[str]) -> None:
        if missing := self._state.missing(keys):
            self._state.add(missing, log.load(missing))

    def _offered(self, log: LogSession, batch: Batch, statement: Statement) -> Outcome:
        while True:
            try:
                return batch.offer(statement)
            except NotLoaded as missing:
                self._load(log, missing.keys)

    def _resolve(self, outcome: Decided) -> None:
        for answer in self._waiters.pop(outcome.digest):
            if answer.done():
                continue  # who asked went away
            if outcome.index is not None:
                answer.set_result(Registered(outcome.digest, outcome.index, outcome.already))
            elif outcome.error is not None:
                answer.set_exception(outcome.error)

    def require_time(self) -> None:
        """Look at the clock; raises what the entry times' source raises."""
        self._times(self._committer.head.time)

    def _turn_away(self, error: HubError) -> None:
        while self._queue:
            candidate = self._queue.popleft()
            self._leave(candidate.owner)
            self._resolve(Decided(candidate.statement.digest, error=error))

    def _leave(self, owner: str) -> None:
        self._of_owner[owner] -= 1
        if self._of_owner[owner] <= 0:
            del self._of_owner[owner]

    def _require_open(self) -> None:
        if isinstance(self._error, SequencerStopped):
            raise self._error.with_traceback(None)
        if self._error is not None or self._closing:
            raise SequencerStopped("sequencer_stopped", "This process registers nothing any more; try again soon.")

    def _end(self, reason: str) -> None:
        """The log has ended; who waits was not registered."""
        self._error = ended = SequencerStopped("log_ended", reason)
        self._give_up(ended)

    def _stop(self, error: BaseException) -> None:
        self._error = error
        message = "Writing the log failed; whether this is registered will show."
        self._give_up(SequencerStopped("sequencer_stopped", message))
        self._on_stop(error)

    def _give_up(self, told: SequencerStopped) -> None:
        """Tell everybody who waits that sequencing has ended, and how."""
        waiters, self._waiters = self._waiters, {}
        self._queue.clear()
        for answer in chain.from_iterable(waiters.values()):
            if not answer.done():
                answer.set_exception(SequencerStopped(told.code, told.message))
