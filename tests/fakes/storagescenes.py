"""What the hub writes beside its log, scene by scene: uploads, packages, nonces, what follows the log, maintenance.

Each scene can be acted again after a crash, and comes to the same rows.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import HubError
from hub.following.arrivals import Arrivals
from hub.following.directory import DirectoryFollower
from hub.following.follower import Follower, LogFollower
from hub.log.genesis import initialise
from hub.log.publication import Publication, SignedHead
from hub.log.rebuild import rebuild
from hub.log.service import NoWitnesses, open_log
from hub.packages.creation import Announcement
from hub.packages.deletion import Deletions
from hub.packages.errors import UploadError
from hub.packages.files import PackageFiles
from hub.packages.uploads import Chunk, Uploads
from hub.settings import RetentionSection, UploadsSection
from hub.storage.deleted import Deleted, DeletedPackage, DeletionTables
from hub.storage.directory import Directory
from hub.storage.engine import Database, sqlite_url
from hub.storage.errors import ConflictError
from hub.storage.inboxread import InboxesRead
from hub.storage.log_store import SqlLogStore
from hub.storage.models import BodyRow, InboxReadRow, TransferRow, TransferStatementRow
from hub.storage.nonces import NonceStore
from hub.storage.packages import PackageStore
from hub.storage.rotation import EndedLogs
from hub.storage.tables import Base
from hub.storage.transfers import Transfers
from hub.storage.uploads import UploadStore
from hub.storage.versions import DirectoryVersions
from signing.notes import Checkpoint
from signing.signnotes import log_signer, sign_checkpoint
from signing.statement import Statement
from tests.fakes.faulty_store import Fault, FaultyDatabase, InjectedError, Write
from tests.hub.exchange.network import PATHS, ExchangeNetwork
from tests.hub.tables import prepare_tables
from tests.registry.network import DAY, ORIGIN, signing_key, urn

DATA = b"octets of a sample package" * 100
SHA256 = hashlib.sha256(DATA).hexdigest()
STORED = b"octets of a package whose transfer has ended" * 10
STORED_SHA256 = hashlib.sha256(STORED).hexdigest()
ENDED, NOW = urn("acme", 100), 1_800_000_000
_FOLLOWING = (
    "transfers", "transfer_statements", "inbox", "case_events", "case_facts", "feedback_answers", "cursors"
)  # fmt: skip
LOST = Fault.LOST_SILENTLY


@dataclass
class Process:
    """What a hub's process has of the storage."""

    folder: Path
    database: Any
    now: int = NOW

    def __post_init__(self) -> None:
        self.files = PackageFiles(self.folder)
        self.packages, self.transfers = PackageStore(self.database), Transfers(self.database)
        self.nonces, self.read = NonceStore(self.database), InboxesRead(self.database)
        limits = UploadsSection(free_bytes=0)
        self.store = UploadStore(self.database)
        self.uploads = Uploads(self.store, self.packages, self.files, limits, lambda: self.now)
        self.deletions = Deletions(
            self.packages, self.files, key=signing_key("hub"), network="ab" * 32, limits=RetentionSection(),
            clock=lambda: self.now,
        )  # fmt: skip

    async def recover(self) -> None:
        await self.uploads.recover()

    async def rows(self, tables: Collection[str]) -> dict[str, list[Any]]:
        every = Base.metadata.tables
        found: dict[str, list[Any]] = await self.database.read(
            lambda connection: {
                name: sorted(map(repr, connection.execute(select(every[name])).all())) for name in tables
            }
        )
        return found


Act = Callable[[Process], Awaitable[bool]]
Holds = Callable[[Process], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """``act`` says whether it was told that all is done; ``harmless`` is what may be lost though it was told.

    Each of ``harmless`` is (fault, verb of the write); the scene's docstring says why nothing comes of it.
    """

    act: Act
    holds: Holds
    tables: Sequence[str]
    harmless: frozenset[tuple[Fault, str]] = frozenset()


@dataclass
class House:
    """The template that scenes begin from, the writes that each makes, and the rows that each leaves."""

    template: Path
    writes: dict[str, list[Write]] = field(default_factory=dict)
    rows: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    @asynccontextmanager
    async def open(self, folder: Path, kind: type[Database] = Database) -> AsyncIterator[Process]:
        database = kind(sqlite_url(folder / "hub.sqlite3"))
        try:
            yield Process(folder, database)
        finally:
            await database.close()


async def build(root: Path) -> House:
    """A log of eight transfers, one in each state; then every scene once, with nothing going wrong."""
    house = House(root / "template")
    house.template.mkdir()
    net = ExchangeNetwork()
    async with house.open(house.template) as process:
        await _register(process.database, net)
        await _upload(process, STORED, Announcement("acme", "package", ENDED, "brio", STORED_SHA256, len(STORED)))
        await _caught_up(process)
        await _directory_caught_up(process)
    for name, scene in SCENES.items():
        shutil.copytree(house.template, root / name)
        async with house.open(root / name, FaultyDatabase) as process:
            assert await scene.act(process), name
            await scene.holds(process)
            house.writes[name] = list(process.database.writes)
            assert house.writes[name], name
            house.rows[name] = await process.rows(scene.tables)
    return house


async def _register(database: Database, net: ExchangeNetwork) -> None:
    def stop(error: BaseException) -> None:
        raise AssertionError(repr(error))

    genesis = net.genesis()
    net.submit(genesis)
    await prepare_tables(database)
    await initialise(database, signing_key("log"), genesis, lambda: net.now)
    log = open_log(database, signing_key("log"), clock=lambda: net.now, on_stop=stop, witnesses=lambda _: NoWitnesses())
    async with log as running:

        async def say(statement: Statement) -> None:
            await running.sequencer.submit(statement)
            net.submit(statement)

        for name in ("acme", "brio"):
            await say(net.step(name))
        for number, path in enumerate((PATHS["completed"], PATHS["expired"])):
            net.transfer, net.case = urn("acme", 100 + number), urn("acme", 200 + number)
            for step in path:
                net.now += 5 * DAY * (step == "offer_expired")
                await say(net.step(step))
            await say(net.events([("one", number), (f"case {number}", 0)]))
            await say(net.feedback("relayed", [net.answer("acme", f"case {number}")], "acme"))


# --- scenes --------------------------------------------------------------------------------------


async def _tried(work: Awaitable[Any]) -> bool:
    """Whether it was told that the work is done."""
    try:
        await work
    except (InjectedError, HubError, SQLAlchemyError):
        return False
    return True


async def _remember(process: Process) -> bool:
    """Lost in silence, a request could be replayed within a minute: statements and chunks posted twice count once."""
    return await _tried(process.nonces.remember_nonce("k", "n", NOW))


async def _is_remembered(process: Process) -> None:
    assert not await process.nonces.remember_nonce("k", "n", NOW)


async def _forget(process: Process) -> bool:
    """Lost in silence, an old nonce stays until the next time."""
    await _tried(process.nonces.remember_nonce("k", "old", 1))
    return await _tried(process.nonces.forget_expired(NOW))


async def _is_forgotten(process: Process) -> None:
    assert await process.nonces.remember_nonce("k", "old", 1)
    await process.nonces.forget_expired(NOW)


def _chunk(data: bytes, offset: int) -> Chunk:
    async def body() -> AsyncIterator[bytes]:
        yield data

    return Chunk(offset, hashlib.sha256(data).digest(), body())


async def _upload(process: Process, data: bytes, announced: Announcement) -> None:
    upload = await process.uploads.create(announced)
    half = len(data) // 2
    await process.uploads.append(upload.id, announced.owner, _chunk(data[:half], 0))
    await process.uploads.append(upload.id, announced.owner, _chunk(data[half:], half))


async def _bring(process: Process) -> bool:
    """Lost in silence, the sender is told at its next request where to go on; and no offer names what is not here."""
    announced = Announcement("acme", "package", urn("acme", 101), "brio", SHA256, len(DATA))
    try:
        await _upload(process, DATA, announced)
    except UploadError as error:
        return error.code == "package_stored"
    except (InjectedError, HubError):
        return False
    return True


async def _is_stored(process: Process) -> None:
    (package,) = await process.packages.stored(SHA256)
    assert process.files.path(SHA256).read_bytes() == DATA
    assert package.size == len(DATA)


async def _give_up(process: Process) -> bool:
    """Lost in silence, an upload that was given up is found again when its time is over."""
    announced = Announcement("acme", "brief", urn("acme", 101), "brio", "ab" * 32, 9)
    begun = bool(await process.store.unfinished()) or await _tried(process.uploads.create(announced))
    process.now += 25 * 3600
    return await _tried(process.uploads.sweep()) and begun


async def _is_given_up(process: Process) -> None:
    process.now += 25 * 3600
    assert await process.store.expired(process.now) == []


async def _caught_up(process: Process) -> None:
    shown = await _shown(process)
    await _follower_caught_up(Follower(shown, process.transfers, Arrivals(), 9))


async def _directory_caught_up(process: Process) -> None:
    shown = await _shown(process)
    await _follower_caught_up(DirectoryFollower(shown, DirectoryVersions(process.database), 3))


async def _shown(process: Process) -> Publication:
    head = await SqlLogStore(process.database).head()
    assert head is not None
    return Publication(SignedHead(head.size, head.root, head.note))


async def _follower_caught_up(follower: LogFollower) -> None:
    follower.size = follower._written = await follower._followed()
    for _ in range(9):
        try:
            await follower.catch_up()
        except ConflictError:  # as its own loop does
            follower.size = follower._written = await follower._followed()
        else:
            return


async def _follow(process: Process) -> bool:
    """A piece whose commit got lost is noticed by the next; the last one by the next process.

    One answer is here only as the log has it, as after an older copy was put back; the other one waited.
    """
    with closing(sqlite3.connect(process.folder / "hub.sqlite3", isolation_level=None)) as other:
        other.execute('DELETE FROM feedback_answers WHERE "index" = (SELECT min("index") FROM feedback_answers)')
    return await _tried(_follow_again(process))


async def _follow_again(process: Process) -> None:
    await process.transfers.rewind()
    await _caught_up(process)


async def _is_followed(process: Process) -> None:
    await _caught_up(process)


async def _follow_directory(process: Process) -> bool:
    """As the log is followed."""
    return await _tried(_follow_directory_again(process))


async def _follow_directory_again(process: Process) -> None:
    await DirectoryVersions(process.database).rewind()
    await _directory_caught_up(process)


async def _is_directory_followed(process: Process) -> None:
    await _directory_caught_up(process)
    assert len(await DirectoryVersions(process.database).loaded(0, 99, 99)) == 2, "two members, one version of each"


async def _hold(process: Process) -> bool:
    return await _tried(process.packages.hold(STORED_SHA256, "a sample reason", NOW))


async def _is_held(process: Process) -> None:
    (package,) = await process.packages.stored(STORED_SHA256)
    assert package.held_at == NOW


async def _delete(process: Process) -> bool:
    return await _tried(process.deletions.sweep())


async def _is_deleted(process: Process) -> None:
    assert await process.packages.stored(STORED_SHA256) == []
    assert not process.files.path(STORED_SHA256).exists()
    package = await process.packages.of_reader(STORED_SHA256, "acme")
    assert package is not None
    assert await process.packages.deletion(package) is not None


async def _read_inbox(process: Process) -> bool:
    """Lost with its commit, the member says it again with its next request; until then texts are kept."""
    process.read.note("acme", 3)
    return await _tried(process.read.write())


async def _is_inbox_read(process: Process) -> None:
    told = select(InboxReadRow.member, InboxReadRow.index)
    assert await process.database.read(lambda connection: connection.execute(told).all()) == [("acme", 3)]


async def _clear(process: Process) -> bool:
    """Lost with its commit, texts and mark are both as before, and it is done the next time."""
    return await _tried(process.transfers.clear(NOW, NOW, 100, unfetched_before=NOW))


async def _is_cleared(process: Process) -> None:
    ended = select(TransferStatementRow.index).join(
        TransferRow, TransferRow.transfer == TransferStatementRow.transfer
    ).where(TransferRow.ended.is_not(None))  # fmt: skip
    kept = await process.database.read(
        lambda connection: connection.execute(select(BodyRow.index).where(BodyRow.index.in_(ended))).all()
    )
    assert kept == []


async def _fold(process: Process) -> bool:
    """The rule state is spoiled first, so that there is something to do."""
    with closing(sqlite3.connect(process.folder / "hub.sqlite3", isolation_level=None)) as other:
        other.execute("UPDATE rule_state SET value = '{}' WHERE key = 'policy'")
    return await _tried(rebuild(process.database))


async def _is_folded(process: Process) -> None:
    assert (await rebuild(process.database)).none


async def _delete_again(process: Process) -> bool:
    """As after an older copy was put back; what is here is deleted again whenever it is asked for."""
    gone = DeletedPackage(STORED_SHA256, "acme", "brio", ENDED, NOW, b"a record")
    ended = await process.transfers.statements(ENDED)
    deleted = Deleted((gone,), tuple(one.index for one in ended))
    return await _tried(DeletionTables(process.database).apply(deleted))


async def _is_deleted_again(process: Process) -> None:
    assert await process.packages.stored(STORED_SHA256) == []
    for one in await process.transfers.statements(ENDED):
        (statement,) = await Directory(process.database).statements_at([one.index])
        assert statement.document is None


async def _rotate(process: Process) -> bool:
    """The same root, signed under another name."""
    head = await SqlLogStore(process.database).head()
    assert head is not None
    signer = log_signer("hub.example/log/2", signing_key("another log"))
    if head.origin == signer.name:
        return True
    note = sign_checkpoint(Checkpoint(signer.name, head.size, head.root), signer)
    return await _tried(EndedLogs(process.database).succeed(head, replace(head, origin=signer.name, note=note)))


async def _is_rotated(process: Process) -> None:
    head = await SqlLogStore(process.database).head()
    assert head is not None
    assert head.origin == "hub.example/log/2"
    assert await EndedLogs(process.database).note(ORIGIN, head.size) is not None


_ANY_LOSS = frozenset((LOST, verb) for verb in ("commit", "INSERT", "UPDATE", "DELETE"))
_LOST_COMMIT = frozenset({(LOST, "commit")})

SCENES = {
    "a nonce is remembered": Scene(_remember, _is_remembered, ("nonces",), _ANY_LOSS),
    "old nonces are forgotten": Scene(_forget, _is_forgotten, ("nonces",), _ANY_LOSS),
    "a package is uploaded": Scene(_bring, _is_stored, ("packages",), _LOST_COMMIT),
    "an upload is given up": Scene(_give_up, _is_given_up, ("uploads",), _ANY_LOSS),
    "the log is followed": Scene(_follow, _is_followed, _FOLLOWING),
    "the directory is followed": Scene(_follow_directory, _is_directory_followed, ("directory_versions", "cursors")),
    "a package is held": Scene(_hold, _is_held, ("packages",)),
    "a package is deleted": Scene(_delete, _is_deleted, ("packages", "deletions")),
    "an inbox is read": Scene(_read_inbox, _is_inbox_read, ("inbox_read",), _LOST_COMMIT),
    "texts are deleted": Scene(_clear, _is_cleared, ("bodies", "transfers"), _LOST_COMMIT),
    "what was deleted is deleted again": Scene(
        _delete_again, _is_deleted_again, ("bodies", "annexes", "packages", "deletions", "outbox"), _ANY_LOSS
    ),
    "the log is rotated": Scene(_rotate, _is_rotated, ("head", "checkpoints", "cosignatures", "ended_checkpoints")),
    "the rule state is folded": Scene(_fold, _is_folded, ("rule_state",)),
}
