"""A hub's log in a directory of its own, run without HTTP: the statements of a ``World``, and witnesses in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hub.log.genesis import initialise
from hub.log.service import Log, open_log
from hub.storage.audit import Audit
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from signing.consistency import check_consistency
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, Note, NoteSignature, open_checkpoint, parse_checkpoint, parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import cosign, log_signer, witness_signer
from signing.statement import Statement, parse_statement
from signing.tree import CompactRange
from signing.trust import WitnessPolicy
from tests.fakes.world import World
from tests.hub.tables import prepare_tables

Prove = Callable[[int, int], Awaitable[Sequence[bytes]]]


@dataclass
class Sample:
    """A world, what its members would post, and awards of distinct documents; nothing is posted yet."""

    world: World
    founding: list[Statement]
    awards: list[Statement]

    @property
    def statements(self) -> list[Statement]:
        return [*self.founding, *self.awards]

    def clock(self) -> int:
        return self.world.now


@cache
def sample(awards: int = 12, quorum: int | None = None, seed: str = "loghouse") -> Sample:
    """Genesis, a listed provider with a second key, a listed neutral, and awards."""
    world = World(seed=seed, quorum=quorum)
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    world.add_key(provider, "second")
    found = [parse_statement(world.award(provider, neutral, pdf=b"%%PDF-1.7 %d" % n)) for n in range(awards)]
    return Sample(world, list(world.statements), found)


@dataclass
class MemoryWitnesses:
    """Honest witnesses in this process; ``present`` are those that answer, ``slow`` those that take seconds."""

    world: World
    present: set[str]
    prove: Prove | None = None
    seen: dict[str, Checkpoint] = field(default_factory=dict)
    notes: dict[str, bytes] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    asked: int = 0

    def __call__(self, prove: Prove) -> "MemoryWitnesses":
        self.prove = prove
        return self

    async def cosign(
        self,
        note: Note,
        size: int,
        policies: Sequence[WitnessPolicy],
        enough: Callable[[Note], bool],
        late: Callable[[NoteSignature], None],
    ) -> list[NoteSignature]:
        assert self.prove is not None
        del enough
        self.asked += 1
        named = {name for policy in policies for name in policy.witness_keys}
        head = parse_checkpoint(note.text)
        assert head.size == size
        lines = []
        for name in sorted(named & self.present):
            if (old := self.seen.get(name)) is not None:
                check_consistency(old.size, old.root, size, head.root, await self.prove(old.size, size))
            self.seen[name] = head
            line = cosign(note.text, self.world.now, self.signer(name))
            if name in self.slow:
                asyncio.get_running_loop().call_later(self.slow[name], late, line)
            else:
                lines.append(line)
        return lines

    async def reported(self, origin: str, policies: Sequence[WitnessPolicy]) -> Mapping[str, bytes]:
        del origin, policies
        return self.notes

    def signer(self, name: str) -> Any:
        return witness_signer(f"{name}.example", self.world.witness_keys[name])


@asynccontextmanager
async def running(
    database: Database,
    given: Sample,
    *,
    witnesses: MemoryWitnesses | None = None,
    on_stop: Callable[[BaseException], None] | None = None,
    clock: Callable[[], int] | None = None,
    **options: Any,
) -> AsyncIterator[Log]:
    """The log over ``database``, which is initialised with the genesis when it is new."""

    def fail(error: BaseException) -> None:
        raise AssertionError(f"sequencing ended: {error!r}")

    now = clock or given.clock
    asked = witnesses or MemoryWitnesses(given.world, set())
    async with open_log(
        database, given.world.log_key, clock=now, on_stop=on_stop or fail, witnesses=asked, **options
    ) as log:
        yield log


async def found(database: Database, given: Sample) -> None:
    """Create the tables and the log of ``given``."""
    await prepare_tables(database)
    await initialise(database, given.world.log_key, given.founding[0], given.clock)


async def register(log: Log, statements: Sequence[Statement]) -> list[int]:
    """Register one after another."""
    return [(await log.sequencer.submit(one)).index for one in statements]


async def audit(database: Database, log_key: SigningKey) -> int:
    """Recompute the whole tree from the stored entries and hold every signed head against it; returns its size."""
    head = await SqlLogStore(database).head()
    assert head is not None
    leaves = CompactRange()
    roots = {0: leaves.root()}
    indexes, statements = [], set()
    async for piece in Audit(database).entries():
        for entry in piece:
            leaves.append(leaf_hash(entry.octets))
            roots[leaves.size] = leaves.root()
            indexes.append(entry.index)
            assert entry.statement is not None
            assert entry.effects
            statements.add(entry.statement.digest)
    assert indexes == list(range(head.size))
    assert len(statements) == head.size
    assert roots[head.size] == head.root
    assert head.signed_size <= head.size
    verifier = log_signer(head.origin, log_key).verifier
    async for checkpoint in Audit(database).checkpoints():
        signed = open_checkpoint(parse_note(checkpoint.note), verifier)
        assert (signed.size, signed.root) == (checkpoint.size, roots[checkpoint.size])
    if head.signed_size:
        newest = await LogReads(database).checkpoint(head.signed_size)
        assert newest is not None
        assert newest.note == head.note
    return head.size
