"""What a crash leaves is put right at the next start, wherever it came."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from hub.errors import NotFoundError, RequestError
from hub.packages.creation import Announcement
from hub.packages.errors import OutOfSpaceError, UploadError
from hub.packages.files import PackageFiles
from hub.packages.uploads import Chunk, Uploads
from hub.settings import UploadsSection
from hub.storage.engine import Database, sqlite_url
from hub.storage.models import RuleStateRow
from hub.storage.packages import PackageStore
from hub.storage.uploads import UploadStore
from tests.hub.tables import make_tables

DATA = b"octets of a sample package" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
ANNOUNCED = Announcement("acme-odr", "package", "urn:odr:acme-odr:1", "brio-odr", SHA256, len(DATA))


class Crash(Exception):  # noqa: N818  # the process is gone
    """The process dies."""


class House:
    """One data directory; ``open`` is a new process on it."""

    def __init__(self, root: Path, database: Database) -> None:
        self.root, self.database, self.now = root, database, 1_795_000_000

    def open(self, limits: UploadsSection = UploadsSection(free_bytes=0)) -> Uploads:  # noqa: B008  # it is frozen
        self.files = PackageFiles(self.root)
        self.packages = PackageStore(self.database)
        store = UploadStore(self.database)
        return Uploads(store, self.packages, self.files, limits, lambda: self.now)

    async def restarted(self) -> Uploads:
        uploads = self.open()
        await uploads.recover()
        return uploads

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.root.glob("uploads/*"))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = Database(sqlite_url(tmp_path / "hub.sqlite3"))
    await make_tables(database)
    actor = {"key": "actor/brio-odr", "value": '{"active":true,"role":"provider"}', "updated": 1}
    await database.write(lambda connection: connection.execute(insert(RuleStateRow), actor))
    yield House(tmp_path, database)
    await database.close()


def chunk(data: bytes, offset: int = 0) -> Chunk:
    async def body() -> AsyncIterator[bytes]:
        for begin in range(0, len(data), 10_000):
            yield data[begin : begin + 10_000]

    return Chunk(offset, hashlib.sha256(data).digest(), body())


STEPS = ["mark_verified", "place", "complete", "discard"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_the_end_of_an_upload(
    house: House, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    await uploads.append(upload.id, "acme-odr", chunk(DATA[:-5]))
    target: Any = UploadStore if step == "complete" else PackageFiles
    real = getattr(target, step)

    def dies(*arguments: Any) -> Any:
        if when == "after":
            real(*arguments)
        raise Crash

    async def dies_awaited(*arguments: Any) -> Any:
        if when == "after":
            await real(*arguments)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(target, step, dies_awaited if step == "complete" else dies)
        with pytest.raises(Crash):
            await uploads.append(upload.id, "acme-odr", chunk(DATA[-5:], len(DATA) - 5))
    uploads = await house.restarted()
    found = await uploads.find(upload.id, "acme-odr")
    if not found.complete:
        assert (step, when) == ("mark_verified", "before")
        assert found.offset == len(DATA) - 5
        await uploads.append(upload.id, "acme-odr", chunk(DATA[-5:], len(DATA) - 5))
    assert (await uploads.find(upload.id, "acme-odr")).complete
    assert house.files.path(SHA256).read_bytes() == DATA
    assert house.left == []
    assert [one.owner for one in await house.packages.stored(SHA256)] == ["acme-odr"]


async def test_a_failure_without_a_restart_is_made_good_by_the_next_request(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    with monkeypatch.context() as patched:
        patched.setattr(PackageFiles, "place", lambda *_: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            await uploads.append(upload.id, "acme-odr", chunk(DATA))
    assert not (await uploads.find(upload.id, "acme-odr")).complete
    assert (await uploads.append(upload.id, "acme-odr", chunk(DATA))).complete
    assert house.files.path(SHA256).read_bytes() == DATA


@pytest.mark.parametrize("step", ["mark_verified", "place", "complete"])
async def test_of_an_announcement_with_octets_that_fails_nothing_takes_room(
    house: House, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody was told where it goes on: each try would leave an upload, until there are too many or they expire."""
    uploads = house.open()
    target: Any = UploadStore if step == "complete" else PackageFiles
    with monkeypatch.context() as patched:
        patched.setattr(target, step, lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        with pytest.raises(OSError, match="Input/output error"):
            await uploads.create(ANNOUNCED, chunk(DATA))
    assert (await UploadStore(house.database).unfinished(), house.left) == ([], [])
    assert (await uploads.create(ANNOUNCED, chunk(DATA))).complete
    assert house.files.path(SHA256).read_bytes() == DATA
    assert [one.owner for one in await house.packages.stored(SHA256)] == ["acme-odr"]


async def test_files_that_belong_to_nobody_are_deleted(house: House, caplog: pytest.LogCaptureFixture) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    await uploads.append(upload.id, "acme-odr", chunk(DATA))
    stray = house.files.path("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"nobody's")
    stray.with_name("x.new").write_bytes(b"half placed")
    (house.root / "uploads" / "gone.verified").write_bytes(b"its row is gone")
    await house.restarted()
    assert list(house.files.stored()) == [SHA256]
    assert house.left == []
    assert "a file without a row was left" in caplog.text


async def test_announcing_what_others_have_stored_gives_nothing_after_a_restart(house: House) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    await uploads.append(upload.id, "acme-odr", chunk(DATA))
    foreign = Announcement("cora-odr", "package", "urn:odr:cora-odr:1", "brio-odr", SHA256, len(DATA))
    second = await uploads.create(foreign)
    uploads = await house.restarted()
    assert (await uploads.find(second.id, "cora-odr")).offset == 0
    assert await house.packages.of_reader(SHA256, "cora-odr") is None


async def test_an_upload_given_up_meanwhile_does_not_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)

    async def gone(*_: Any) -> bool:
        return False

    monkeypatch.setattr(UploadStore, "advance", gone)
    with pytest.raises(NotFoundError, match="given up meanwhile"):
        await uploads.append(upload.id, "acme-odr", chunk(DATA[:10]))


async def cut(house: House, uploads: Uploads, left: bytes | None) -> str:
    """An upload of which another program left only ``left`` on disk."""
    upload = await uploads.create(ANNOUNCED)
    await uploads.append(upload.id, "acme-odr", chunk(DATA[:1000]))
    path = house.root / "uploads" / upload.id
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    return upload.id


@pytest.mark.parametrize("left", [None, b"", DATA[:999]])
@pytest.mark.parametrize("when", ["at once", "after a restart"])
@pytest.mark.parametrize("request_", ["HEAD", "PATCH"])
async def test_an_upload_whose_octets_are_lost_is_begun_again(
    house: House, left: bytes | None, when: str, request_: str
) -> None:
    uploads = house.open()
    name = await cut(house, uploads, left)
    uploads = uploads if when == "at once" else await house.restarted()
    more = chunk(DATA[1000:], 1000)
    asked = uploads.find(name, "acme-odr") if request_ == "HEAD" else uploads.append(name, "acme-odr", more)
    with pytest.raises(NotFoundError, match="Octets of this upload are lost here: begin it again") as caught:
        await asked
    assert caught.value.code == "unknown_upload"
    with pytest.raises(NotFoundError, match="There is no such upload"):
        await uploads.find(name, "acme-odr")
    assert house.left == []
    again = await uploads.create(ANNOUNCED)
    assert (await uploads.append(again.id, "acme-odr", chunk(DATA))).complete


async def test_the_hash_is_of_the_whole_file_after_many_chunks_and_restarts(house: House) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    for offset in range(0, len(DATA), 5000):
        if offset % 10_000 == 0:
            uploads = await house.restarted()
        wrong = Chunk(offset, b"\0" * 32, chunk(b"?" * 300).body)
        with pytest.raises(UploadError, match="SHA-256 that Content-Digest names"):
            await uploads.append(upload.id, "acme-odr", wrong)
        await uploads.append(upload.id, "acme-odr", chunk(DATA[offset : offset + 5000], offset))
    assert house.files.path(SHA256).read_bytes() == DATA


async def test_a_transfer_may_end_while_its_file_comes_again(house: House) -> None:
    """Two uploads of one file for one transfer: what the first stored was deleted before the second is whole."""
    uploads = house.open()
    first, second = [await uploads.create(ANNOUNCED) for _ in range(2)]
    await uploads.append(first.id, "acme-odr", chunk(DATA))
    (package,) = await house.packages.stored(SHA256)
    assert await house.packages.record_deletion(package, 9, b"record", lambda: house.files.unlink(SHA256))
    await uploads.append(second.id, "acme-odr", chunk(DATA))
    assert (list(house.files.stored()), house.left) == ([], [])
    assert await house.packages.stored(SHA256) == []


def completed_without_the_other(house: House, *, crash: bool = False) -> Callable[..., Awaitable[bool]]:
    """``UploadStore.complete`` at the moment when another package of this hash has just been deleted."""
    real = UploadStore.complete

    async def complete(self: UploadStore, *more: Any) -> bool:
        house.files.unlink(SHA256)
        done = await real(self, *more)
        if crash:
            raise Crash
        return done

    return complete


async def test_a_file_deleted_for_another_while_it_comes_is_placed_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    monkeypatch.setattr(UploadStore, "complete", completed_without_the_other(house))
    await uploads.append(upload.id, "acme-odr", chunk(DATA))
    assert house.files.path(SHA256).read_bytes() == DATA


def broken(data: bytes, offset: int) -> Chunk:
    """A chunk whose connection breaks."""

    async def body() -> AsyncIterator[bytes]:
        yield data
        raise RequestError("request_timeout", "The request's body ended before it was whole.")

    return Chunk(offset, b"\0" * 32, body())


async def test_after_a_restart_what_is_on_disk_is_hashed_once_however_often_the_connection_breaks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    await uploads.append(upload.id, "acme-odr", chunk(DATA[:20_000]))
    sizes: list[int] = []
    real = PackageFiles.hashed

    def hashed(self: PackageFiles, name: str, size: int) -> Any:
        sizes.append(size)
        return real(self, name, size)

    monkeypatch.setattr(PackageFiles, "hashed", hashed)
    uploads = await house.restarted()
    for _ in range(3):
        with pytest.raises(RequestError, match="ended before it was whole"):
            await uploads.append(upload.id, "acme-odr", broken(DATA[20_000:20_100], 20_000))
    assert (await uploads.append(upload.id, "acme-odr", chunk(DATA[20_000:], 20_000))).complete
    assert sizes == [20_000]


async def test_hashing_again_keeps_nothing_else_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = house.open()
    begun = [await uploads.create(replace(ANNOUNCED, transfer=f"urn:odr:acme-odr:{number}")) for number in range(3)]
    for one in begun:
        await uploads.append(one.id, "acme-odr", chunk(DATA[:1000]))
    uploads, may_end, real = await house.restarted(), threading.Event(), PackageFiles.hashed

    def hashed(self: PackageFiles, name: str, size: int) -> Any:
        may_end.wait(20)
        return real(self, name, size)

    monkeypatch.setattr(PackageFiles, "hashed", hashed)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
    going = [asyncio.create_task(uploads.append(one.id, "acme-odr", chunk(DATA[1000:], 1000))) for one in begun]
    await asyncio.sleep(0.2)
    try:
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(house.files.free) > 0
        assert not any(task.done() for task in going)
    finally:
        may_end.set()
    assert all(one.complete for one in await asyncio.gather(*going))


async def test_an_upload_given_up_leaves_no_file_though_a_crash_comes_between(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    uploads = house.open()
    given_up, other = [await uploads.create(replace(ANNOUNCED, size=len(DATA) + number)) for number in range(2)]
    for one in (given_up, other):
        await uploads.append(one.id, "acme-odr", chunk(DATA[:1000]))
    with monkeypatch.context() as patched:
        patched.setattr(PackageFiles, "discard", lambda *_: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            await uploads.end(given_up.id, "acme-odr")
    assert house.left == sorted([given_up.id, other.id])
    uploads = await house.restarted()
    assert "1 files without a row were left among the uploads" in caplog.text
    assert house.left == [other.id]
    assert (await uploads.find(other.id, "acme-odr")).offset == 1000


async def test_the_only_copy_of_a_package_is_placed_though_a_crash_came_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another package of this hash was deleted while this one came; the crash came before it was placed again."""
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    with monkeypatch.context() as patched:
        patched.setattr(UploadStore, "complete", completed_without_the_other(house, crash=True))
        with pytest.raises(Crash):
            await uploads.append(upload.id, "acme-odr", chunk(DATA))
    assert house.left == [f"{upload.id}.verified"]
    await house.restarted()
    assert house.files.path(SHA256).read_bytes() == DATA
    assert house.left == []


async def test_what_was_deleted_as_planned_does_not_come_back_at_a_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    await uploads.append(upload.id, "acme-odr", chunk(DATA))
    (package,) = await house.packages.stored(SHA256)
    assert await house.packages.record_deletion(package, 9, b"record", lambda: house.files.unlink(SHA256))
    (house.root / "uploads" / f"{upload.id}.verified").write_bytes(DATA)
    monkeypatch.setattr(PackageFiles, "place", lambda *_: pytest.fail("not even for a moment"))
    await house.restarted()
    assert (list(house.files.stored()), house.left) == ([], [])


async def test_nothing_is_kept_in_memory_of_uploads_that_are_over(house: House) -> None:
    uploads = house.open()
    for number in range(3):
        one = await uploads.create(replace(ANNOUNCED, transfer=f"urn:odr:acme-odr:{number}"))
        await uploads.append(one.id, "acme-odr", chunk(DATA[:10]))
    assert len(uploads._slots) == 3
    house.now += UploadsSection().expire_hours * 3600
    assert await uploads.sweep() == 3
    assert uploads._slots == {}


async def test_one_member_can_not_reserve_the_disk_for_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announced is nearly all that is free, and not an octet of it was sent."""
    gib = 1 << 30
    monkeypatch.setattr(PackageFiles, "free", lambda _: 100 * gib)
    uploads = house.open(UploadsSection())
    for number, size in enumerate((60 * gib, 38 * gib)):
        await uploads.create(replace(ANNOUNCED, transfer=f"urn:odr:acme-odr:{number}", size=size))
    with pytest.raises(OutOfSpaceError, match="no room"):
        await uploads.create(replace(ANNOUNCED, transfer="urn:odr:acme-odr:2", size=1))
    other = Announcement("cora-odr", "package", "urn:odr:cora-odr:1", "brio-odr", "ab" * 32, 50 * gib)
    await uploads.create(other)
    await uploads.create(replace(other, purpose="brief", size=2000))
