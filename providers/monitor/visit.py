"""One visit to the log: look, verify, find, remember.

 1 the hub's checkpoint and its chain of policies                   else the monitor can't tell
 2 the chain follows from the pinned policy                         ``policies``
 3 the checkpoint is the log's, goes with the last one, and the quorum cosigned it       ``head``
 4 every new entry and hash tile is there and gives the root        ``reading``
 5 the chain leaves out no policy that the log holds                ``policies``
 6 what concerns the member is looked at, and kept with the new checkpoint in one transaction
 7 the newest cosignature is young enough                           ``head``

The last verified checkpoint is replaced only after 1 to 6; whatever fails, it stays, and so does every alert.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from providers.errors import HubUnavailableError, ProvidersError
from providers.evidence import keep_evidence
from providers.monitor.errors import ContradictionError, LogFaultError
from providers.monitor.head import Head, Position, age_faults, judge, parse_head
from providers.monitor.ownership import Concern, Owner, commitments, touches_keys
from providers.monitor.policies import check_complete, in_force, verified_chain
from providers.monitor.reading import KeyStatement, Reading, read_growth
from providers.monitor.source import LogSource
from providers.monitor.store import MonitorStore, Standing
from providers.receipts import Registration
from signing.statement import Statement
from signing.trust import TrustFile

__all__ = ["Monitor"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Monitor:
    """Everything that a visit needs.

    ``made`` returns the digests of what the member made; ``stale_after`` is the age in seconds that the newest
    cosignature may have; ``clock`` says POSIX seconds.
    """

    directory: Path
    trust: TrustFile
    owner: Owner
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
        made = await asyncio.to_thread(self.made)
        last = await asyncio.to_thread(self.store.position)
        faults: list[LogFaultError] = []
        problem: ProvidersError | None = None
        try:
            last = await self._look(last, made)
        except HubUnavailableError as error:
            problem = error
        except LogFaultError as error:
            if isinstance(error, ContradictionError):
                await asyncio.to_thread(self._keep, error)
            faults.append(error)
        faults += age_faults(last.cosigned if last else None, self.clock(), self.stale_after)
        return await asyncio.to_thread(self.store.conclude, self.clock(), faults, problem, made)

    async def standing(self) -> Standing:
        """How things stand, without asking anybody."""
        made = await asyncio.to_thread(self.made)
        return await asyncio.to_thread(self.store.standing, self.clock(), made)

    async def _look(self, last: Position | None, made: frozenset[str]) -> Position:
        """Steps 1 to 6; the position that is verified now."""
        note = await self.source.checkpoint()
        told = await self.source.policy_chain()
        head, chain = await asyncio.to_thread(self._judged, note, told, last)
        reading = await read_growth(self.source, last, head, self.owner)
        seen = await asyncio.to_thread(self.store.policies)
        check_complete(chain, seen | reading.policies, head.checkpoint.size)
        concerns = await self._explained(reading, commitments(made))
        position = Position(note, head.checkpoint, reading.tree.edges, head.cosigned)
        keep = partial(self.store.advance, position, self.clock(), concerns, reading.policies)
        await asyncio.to_thread(keep)
        return position

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

    async def _explained(self, reading: Reading, known: frozenset[str]) -> list[Concern]:
        """What concerns the member, with the public statements behind it where the hub shows them."""
        found = []
        for one in reading.concerns:
            public = one.code == "entry_in_our_name" and one.digest not in known
            found.append(await self._with_statement(one) if public else one)
        about = [await self._about_our_keys(key) for key in reading.keys]
        return found + [one for one in about if one is not None]

    async def _with_statement(self, one: Concern) -> Concern:
        said = await self.source.statement(one.digest)
        if said is None:
            return replace(one, message=f"{one.message} The hub does not show its statement.")
        return await self._signed(replace(one, message=f"{one.message} {_signers(said, self.owner)}"), said)

    async def _about_our_keys(self, key: KeyStatement) -> Concern | None:
        said = await self.source.statement(key.digest)
        if said is None or sha256(said.document).hexdigest() != key.sigs:
            message = f"Entry {key.index} is a public statement about keys, and the hub does not show it."
            return Concern(key.index, "statement_withheld", "key", key.digest, key.time, message)
        if not touches_keys(said.body, self.owner):
            return None
        action = str(said.body.get("action"))
        message = f"Entry {key.index}, by {said.issuer}, concerns the keys of {self.owner.actor}: {action}."
        return await self._signed(Concern(key.index, "key_by_others", "key", key.digest, key.time, message), said)

    async def _signed(self, one: Concern, said: Statement) -> Concern:
        files = {"statement.json": said.document}
        keep = partial(keep_evidence, self.directory, f"entry-{one.index}", files)
        return replace(one, evidence=await asyncio.to_thread(keep))


def _signers(said: Statement, owner: Owner) -> str:
    told = [f"{kid} ({'a key of this gateway' if kid in owner.kids else role})" for kid, role in said.roles.items()]
    return f"It is signed with {', '.join(told)}."
