"""Each write of the hub's storage goes wrong in each way it can, one at a time, in scenes that make every one of them.

After each: what the process says, a full audit, a restart through the real recovery, another audit. Nothing promised
is lost, nothing is half-written, no size is signed with two roots, and doing it again comes to the same as if nothing
had gone wrong.
"""

import ast
import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from hub.log import committing, publisher
from hub.log.errors import CorruptionError, SequencerStopped
from hub.log.fsck import fsck
from hub.log.genesis import initialise
from hub.log.receipts import WITNESSED
from hub.log.service import Log
from hub.storage import factmodels, models, searchmodels
from hub.storage.engine import Database, sqlite_url
from hub.storage.errors import ConflictError, LostWriteError
from hub.storage.feedbackmodels import FeedbackAnswerRow
from hub.storage.schema import upgrade
from signing import signnotes
from signing.encoding import canonical
from signing.merkle import check_inclusion, leaf_hash
from signing.notes import Checkpoint, open_checkpoint, parse_note, parse_proof
from signing.signnotes import log_signer
from signing.statement import Statement, parse_statement
from tests.fakes import storagescenes
from tests.fakes.faulty_store import COMMIT, Fault, FaultyDatabase, InjectedError, Write
from tests.fakes.loghouse import MemoryWitnesses, Sample, found, register, running, sample
from tests.fakes.world import neutral_body

FAULTS = [Fault.LOST_SILENTLY, Fault.APPLIED_WITH_ERROR, Fault.FAILED]
ANNEX = canonical({"salt": "A" * 43, "text": "a sample annex"})
STORAGE = Path(models.__file__).parent


@pytest.fixture
def given() -> Sample:
    return sample(2, quorum=2, seed="every write")


@pytest.fixture(autouse=True)
def signed(monkeypatch: pytest.MonkeyPatch) -> dict[int, bytes]:
    """Roots by size, as this test's processes signed them; nothing waits long before it is tried again."""
    roots: dict[int, bytes] = {}
    sign = signnotes.sign_checkpoint

    def signs(head: Checkpoint, *more: Any) -> bytes:
        assert roots.setdefault(head.size, head.root) == head.root, f"two roots were signed for size {head.size}"
        return sign(head, *more)

    monkeypatch.setattr(committing, "sign_checkpoint", signs)
    monkeypatch.setattr(publisher, "_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(publisher, "_GATHER_SECONDS", 0.0)
    return roots


def with_annex(given: Sample) -> Statement:
    world = given.world
    actor = world.actor("neutral-b", "neutral")
    signers = [(actor.statement, "introduced"), (world.actor("provider-a", "provider").statement, "provider")]
    body = neutral_body(actor, "provider-a")
    return parse_statement(
        world.compose("neutral", actor.id, body, [*signers, *world.officer_signers()], annex=ANNEX, previous=None)
    )


def new_policy(given: Sample) -> Statement:
    """Fewer witnesses: it takes effect under a checkpoint that both quorums cosigned."""
    world = given.world
    lines = [one for one in world.witness_policy.splitlines() if one.split()[1] not in ("witness-2", "all-witnesses")]
    text = "\n".join([*lines[:3], "group g 1 witness-1 witness-3", "quorum g", ""])
    body = world.policy_body(witness_policy=text)
    signers = world.officer_signers(2)
    return parse_statement(world.compose("policy", world.coordinator.id, body, signers, previous=world.genesis.digest))


@dataclass
class Told:
    """What a process promised, and with what it ended."""

    registered: dict[str, int] = field(default_factory=dict)
    witnessed: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)
    stopped: list[BaseException] = field(default_factory=list)


class LogStory:
    """An award and an annex in one batch, cosigned early and late; then another policy, which takes effect."""

    def __init__(self, given: Sample, seen: dict[str, Checkpoint]) -> None:
        self.given = given
        self.witnesses = MemoryWitnesses(given.world, set(given.world.witness_keys), seen=dict(seen))
        self.witnesses.slow = {"witness-3": 0.0}
        self.award, self.neutral, self.policy = given.awards[0], with_annex(given), new_policy(given)

    @asynccontextmanager
    async def process(self, database: Database, told: Told) -> AsyncIterator[Log]:
        async with running(database, self.given, witnesses=self.witnesses, on_stop=told.stopped.append) as log:
            yield log

    async def tell(self, log: Log, told: Told, patience: float) -> None:
        submit = log.sequencer.submit
        done = await asyncio.gather(submit(self.award), submit(self.neutral, ANNEX), return_exceptions=True)
        for one in done:
            if isinstance(one, BaseException):
                raise one
            told.registered[one.digest] = one.index
        await self._witnessed(log, told, self.neutral, patience)
        await _until(lambda: b"witness-3.example" in log.reader.checkpoint(), patience)
        told.registered[self.policy.digest] = (await submit(self.policy)).index
        await self._witnessed(log, told, self.policy, patience)
        if await log.receipts.policy_proof(self.policy.digest) is not None:
            told.proven.add(self.policy.digest)

    async def _witnessed(self, log: Log, told: Told, statement: Statement, patience: float) -> None:
        if await log.receipts.wait_witnessed(told.registered[statement.digest], patience):
            told.witnessed.add(statement.digest)

    async def everything_promised_holds(self, log: Log, told: Told) -> None:
        verifier = log_signer(self.given.world.origin, self.given.world.log_key).verifier
        for digest, index in told.registered.items():
            receipt = await log.receipts.receipt(digest)
            assert receipt.index == index
            proof = parse_proof(receipt.proof.encode())
            head = open_checkpoint(parse_note(proof.checkpoint), verifier)
            assert proof.extra is not None
            check_inclusion(leaf_hash(proof.extra), proof.index, head.size, proof.hashes, head.root)
        for digest in told.witnessed:
            await log.receipts.wait_witnessed(told.registered[digest], 10)
            assert (await log.receipts.receipt(digest)).state == WITNESSED
        for digest in told.proven:
            assert await log.receipts.policy_proof(digest) is not None


async def _until(holds: Callable[[], bool], seconds: float) -> None:
    for _ in range(int(seconds * 200)):
        if holds():
            return
        await asyncio.sleep(0.005)


async def _at_rest(database: FaultyDatabase) -> None:
    """Wait until the head that was found is cosigned again (two of the witnesses, then the late one): five writes."""
    await _until(lambda: len(database.writes) == 5, 10)
    assert [one.verb for one in database.writes] == ["INSERT", "UPDATE", COMMIT, "INSERT", COMMIT]
    database.writes = []


async def sound(database: Database, given: Sample) -> None:
    report = await fsck(database, log_signer(given.world.origin, given.world.log_key).verifier)
    assert report.sound, report.findings


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Checkpoint], list[Write]]:
    """A closed log with everything but the story; what its witnesses have seen; the writes of the story."""
    given = sample(2, quorum=2, seed="every write")
    path = tmp_path_factory.mktemp("template") / "hub.sqlite3"
    witnesses = MemoryWitnesses(given.world, set(given.world.witness_keys))
    asyncio.run(_fill(path, given, witnesses))
    copied = Path(shutil.copy(path, path.with_name("story.sqlite3")))
    return path, witnesses.seen, asyncio.run(_writes(copied, given, witnesses.seen))


async def _fill(path: Path, given: Sample, witnesses: MemoryWitnesses) -> None:
    async with opened(Database, path) as database:
        await found(database, given)
        async with running(database, given, witnesses=witnesses) as log:
            indexes = await register(log, given.founding[1:])
            assert await log.receipts.wait_witnessed(indexes[-1], 10)


async def _writes(path: Path, given: Sample, seen: dict[str, Checkpoint]) -> list[Write]:
    story, told = LogStory(given, seen), Told()
    async with opened(FaultyDatabase, path) as database, story.process(database, told) as log:
        await _at_rest(database)
        await story.tell(log, told, 10)
        assert (len(told.registered), len(told.witnessed), len(told.proven)) == (3, 2, 1)
        return list(database.writes)


@asynccontextmanager
async def opened(kind: type[Any], path: Path) -> AsyncIterator[Any]:
    database = kind(sqlite_url(path))
    try:
        yield database
    finally:
        await database.close()


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_write_of_the_log(
    tmp_path: Path, given: Sample, fault: Fault, template: tuple[Path, dict[str, Checkpoint], list[Write]],
    signed: dict[int, bytes],
) -> None:  # fmt: skip
    filled, seen, writes = template
    ends: Counter[str] = Counter()
    for number, write in enumerate(writes):
        path, story, told = tmp_path / f"{number}.sqlite3", LogStory(given, seen), Told()
        shutil.copy(filled, path)
        signed.clear()  # another log
        try:
            ends[await _goes_wrong(path, story, told, number, fault)] += 1
            await _comes_right(path, story, told)
        except BaseException as error:
            error.add_note(f"write {number}, {write}, {fault}")
            raise
    assert sum(ends.values()) == len(writes)
    assert ends["stopped"] > 20, ends
    assert ends["answered"] > 10, ends


async def _goes_wrong(path: Path, story: LogStory, told: Told, number: int, fault: Fault) -> str:
    """The first process: it stops for good, or goes on as if nothing had been."""
    async with opened(FaultyDatabase, path) as database:
        async with story.process(database, told) as log:
            await _at_rest(database)
            database.inject_write(number, fault)
            try:
                await story.tell(log, told, 1)
            except SequencerStopped:
                assert len(told.stopped) == 1
                with pytest.raises(SequencerStopped):
                    await log.sequencer.submit(story.given.awards[1])
            else:
                assert not told.stopped
        await sound(database, story.given)
    assert all(
        isinstance(one, InjectedError | LostWriteError | ConflictError | CorruptionError | SQLAlchemyError)
        for one in told.stopped
    )
    return "stopped" if told.stopped else "answered"


async def _comes_right(path: Path, story: LogStory, before: Told) -> None:
    """The next process: everything promised is there, and everything can be said again."""
    after = Told()
    async with opened(Database, path) as database:
        async with story.process(database, after) as log:
            await story.everything_promised_holds(log, before)
            await story.tell(log, after, 10)
            assert (len(after.registered), len(after.witnessed), len(after.proven)) == (3, 2, 1)
            assert before.registered.items() <= after.registered.items()
        assert not after.stopped
        await sound(database, story.given)


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_write_of_the_genesis(tmp_path: Path, given: Sample, fault: Fault, genesis: list[Write]) -> None:
    new = tmp_path / "new.sqlite3"
    async with opened(Database, new) as database:
        await upgrade(database)
    for number in range(len(genesis)):
        path = tmp_path / f"{number}.sqlite3"
        shutil.copy(new, path)
        async with opened(FaultyDatabase, path) as database:
            database.inject_write(number, fault)
            (told,) = await asyncio.gather(found(database, given), return_exceptions=True)
        async with opened(Database, path) as database:
            await asyncio.gather(found(database, given), return_exceptions=True)  # log_exists, where it was finished
            async with running(database, given) as log:
                assert (await log.sequencer.submit(given.founding[0])).index == 0
            await sound(database, given)
        assert told is None or isinstance(told, Exception)


@pytest.fixture(scope="module")
def genesis(tmp_path_factory: pytest.TempPathFactory) -> list[Write]:
    async def writes() -> list[Write]:
        async with opened(FaultyDatabase, tmp_path_factory.mktemp("genesis") / "hub.sqlite3") as database:
            given = sample(2, quorum=2, seed="every write")
            await upgrade(database)
            database.writes = []
            await initialise(database, given.world.log_key, given.founding[0], given.clock)
            return list(database.writes)

    return asyncio.run(writes())


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> storagescenes.House:
    return asyncio.run(storagescenes.build(tmp_path_factory.mktemp("beside")))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("scene", storagescenes.SCENES)
async def test_each_write_beside_the_log(
    tmp_path: Path, scene: str, fault: Fault, beside: storagescenes.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.following.follower._RETRY_SECONDS", 0.01)
    one = storagescenes.SCENES[scene]
    for number, write in enumerate(beside.writes[scene]):
        folder = tmp_path / f"{number}"
        shutil.copytree(beside.template, folder)
        try:
            async with beside.open(folder, FaultyDatabase) as process:
                process.database.inject_write(number, fault)
                promised = await one.act(process)
            async with beside.open(folder) as process:
                await process.recover()
                if promised and (fault, write.verb) not in one.harmless:
                    await one.holds(process)
                await one.act(process)
                await one.holds(process)
                rows = await process.rows(one.tables)
        except BaseException as error:
            error.add_note(f"write {number}, {write}, {fault}")
            raise
        assert rows == beside.rows[scene], (number, write)


def test_the_scenes_make_every_write_that_the_storage_knows(
    template: tuple[Path, dict[str, Checkpoint], list[Write]], genesis: list[Write], beside: storagescenes.House
) -> None:
    made = {*template[2], *genesis, *(one for some in beside.writes.values() for one in some)}
    assert Write(COMMIT) in made
    known = {write for path in STORAGE.glob("*.py") for write in _writes_in(ast.parse(path.read_text("utf-8")))}
    assert len(known) > 30
    assert known == made - {Write(COMMIT)}


def _writes_in(tree: ast.Module) -> Iterator[Write]:
    """``insert(X)``, ``update(X)``, ``delete(X)``, ``BulkInsert(X)`` with a table of the log or of what follows it."""
    declared = (*models.__all__, *searchmodels.__all__, *factmodels.__all__, FeedbackAnswerRow.__name__)
    tables = {
        one.class_.__name__: one.class_.__tablename__
        for one in models.Base.registry.mappers
        if one.class_.__name__ in declared
    }
    verbs = {"insert": "INSERT", "BulkInsert": "INSERT", "update": "UPDATE", "delete": "DELETE"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in verbs and node.args:
            name = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
            if name in tables:
                yield Write(verbs[node.func.id], tables[name])
