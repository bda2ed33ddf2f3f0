"""One visit to the log: look, verify, find, remember.

 1 the hub's checkpoint and its chain of policies                   else the monitor can't tell
 2 the chain follows from the pinned policy                         ``policies``
 3 the checkpoint is the log's, goes with the last one, and the quorum cosigned it       ``head``
 4 every new entry and hash tile is there and gives the root        ``reading``
 5 the chain leaves out no policy that the log holds                ``policies``
 6 what concerns the member is kept with the new checkpoint in one transaction
 7 the public statements behind it are looked at                    ``questions``
 8 the log is read again for a monitor key that was not here before
 9 the newest cosignature is young enough                           ``head``

The last verified checkpoint is replaced only after 1 to 5; whatever fails, it stays, and so does every alert. Where the
hub does not show a statement, what 6 has kept is told all the same, and 7 asks again at every visit.

The member's keys are opened, and what it made is listed, only after the checkpoint has arrived: both are on disk before
they are posted, so nothing that the log holds by then can be missing here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from providers.errors import GatewayError, HubUnavailableError, ProvidersError
from providers.evidence import keep_evidence
from providers.monitor.errors import ContradictionError, KeysClosedError, LogFaultError
from providers.monitor.head import Head, Position, age_faults, judge, parse_head
from providers.monitor.ownership import Owner, commitments
from providers.monitor.policies import check_complete, in_force, verified_chain
from providers.monitor.questions import Question, answered, is_of, lacking, unanswered
from providers.monitor.reading import read_growth
from providers.monitor.source import LogSource
from providers.monitor.store import MonitorStore, Standing
from providers.receipts import Registration
from signing.statement import Statement
from signing.trust import TrustFile

__all__ = ["Monitor"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Look:
    """What a visit saw of the log: whose monitor this was then, the verified head, the size that was read before."""

    owner: Owner
    head: Head
    since: int


@dataclass(slots=True)
class _Found:
    """What a visit will tell: faults of the log, why it could not tell, and whether it saw the log for all that."""

    faults: list[LogFaultError] = field(default_factory=list)
    problem: ProvidersError | None = None
    looked: bool = True


@dataclass(frozen=True, slots=True)
class Monitor:
    """Everything that a visit needs.

    ``owner`` returns the member with the keys that are here now, ``made`` the digests of what the member made;
    ``stale_after`` is the age in seconds that the newest cosignature may have; ``clock`` says POSIX seconds.
    """

    directory: Path
    trust: TrustFile
    owner: Callable[[], Owner]
    store: MonitorStore
    source: LogSource
    made: Callable[[], frozenset[str]]
    clock: Callable[[], int]
    stale_after: int

    async def visit(self) -> Standing:
        """Visit the log once; returns how things stand then.

        Raises:
            GatewayError: the monitor's own files can't be read or written.
        """
        found = _Found()
        last = await asyncio.to_thread(self.store.position)
        look = await self._noted(found, self._look(last))
        made = await asyncio.to_thread(self.made)
        if look is not None:
            await self._ask(look, commitments(made), found)
            await self._noted(found, self._read_again(look))
        last = await asyncio.to_thread(self.store.position)
        found.faults += age_faults(last.cosigned if last else None, self.clock(), self.stale_after)
        conclude = partial(self.store.conclude, self.clock(), found.faults, found.problem, made, looked=found.looked)
        return await asyncio.to_thread(conclude)

    async def standing(self) -> Standing:
        """How things stand, without asking anybody."""
        made = await asyncio.to_thread(self.made)
        return await asyncio.to_thread(self.store.standing, self.clock(), made)

    async def _noted(self, found: _Found, step: Awaitable[T]) -> T | None:
        """The outcome of a step; None where it failed, which is noted."""
        try:
            return await step
        except (HubUnavailableError, KeysClosedError) as error:
            found.problem, found.looked = error, False
        except LogFaultError as error:
            if isinstance(error, ContradictionError):
                await asyncio.to_thread(self._keep, error)
            found.faults.append(error)
        return None

    async def _look(self, last: Position | None) -> _Look:
        """Steps 1 to 6."""
        note = await self.source.checkpoint()
        told = await self.source.policy_chain()
        head, chain = await asyncio.to_thread(self._judged, note, told, last)
        owner = await asyncio.to_thread(self._owner)
        reading = await read_growth(self.source, last, head, owner)
        seen = await asyncio.to_thread(self.store.policies)
        check_complete(chain, seen | reading.policies, head.checkpoint.size)
        position = Position(note, head.checkpoint, reading.tree.edges, head.cosigned)
        kept = reading.concerns, reading.policies, reading.questions
        await asyncio.to_thread(self.store.advance, position, self.clock(), *kept)
        return _Look(owner, head, last.checkpoint.size if last else 0)

    def _owner(self) -> Owner:
        try:
            return self.owner()
        except GatewayError as error:
            raise KeysClosedError(error.code, error.message, error.where, actor=error.actor) from error

    def _judged(
        self, note: bytes, told: Sequence[Registration], last: Position | None
    ) -> tuple[Head, tuple[Registration, ...]]:
        chain = verified_chain(self.trust, told)
        size = parse_head(note)[1].size
        return judge(note, in_force(self.trust, chain, size), last), chain

    def _keep(self, error: ContradictionError) -> None:
        if not self.store.has_incident(error):
            now = self.clock()
            self.store.add_incident(error, now, keep_evidence(self.directory, error.code, error.evidence, now))

    async def _ask(self, look: _Look, known: Collection[str], found: _Found) -> None:
        """Look at every public statement that was not shown yet; a hub that does not answer is noted."""
        for one in await asyncio.to_thread(self.store.questions, known):
            try:  # once it has kept us waiting, the others are asked for without patience
                said = await self.source.statement(one.digest, patient=found.problem is None)
            except HubUnavailableError as error:
                found.problem = found.problem or error
                overdue = self.clock() - one.found > self.stale_after
                if overdue or (one.own and one.digest not in known):
                    await self._unanswered(one, look, known, refused=False)
                continue
            if said is None or not is_of(said, one):
                await self._unanswered(one, look, known, refused=True)
            else:
                await asyncio.to_thread(self._answered, one, said, look, one.digest in known)

    async def _unanswered(self, one: Question, look: _Look, known: Collection[str], *, refused: bool) -> None:
        found = unanswered(one, look.owner, known=one.digest in known, refused=refused)
        await asyncio.to_thread(partial(self.store.settle, one, found, now=self.clock(), done=False))

    def _answered(self, one: Question, said: Statement, look: _Look, known: bool) -> None:  # noqa: FBT001
        found = answered(one, said, look.owner, known=known)
        if found is not None and not known:
            files = {"statement.json": said.document}
            found = replace(found, evidence=keep_evidence(self.directory, f"entry-{one.index}", files))
        lacks = lacking(one, said, look.owner, late=one.index < look.since)
        self.store.settle(one, found, now=self.clock(), done=True, lacks=lacks)

    async def _read_again(self, look: _Look) -> None:
        """Read the whole log once more where a monitor key has come that was not here when its statement was read."""
        awaited = await asyncio.to_thread(self.store.awaited)
        here = {key.kid: awaited[key.kid] for key in look.owner.monitors if key.kid in awaited}
        if here:
            reading = await read_growth(self.source, None, look.head, look.owner)
            concerns = [one for one in reading.concerns if one.index > min(here.values())]
            await asyncio.to_thread(self.store.arrived, here, concerns, self.clock())
