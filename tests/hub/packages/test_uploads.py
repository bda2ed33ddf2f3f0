"""What a crash leaves is put right at the next start, wherever it came."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from hub.errors import NotFoundError
from hub.packages.creation import Announcement
from hub.packages.errors import UploadError
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
        self.root, self.database = root, database

    def open(self) -> Uploads:
        self.files = PackageFiles(self.root)
        self.packages = PackageStore(self.database)
        store = UploadStore(self.database)
        return Uploads(store, self.packages, self.files, UploadsSection(free_bytes=0), lambda: 1_795_000_000)

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


async def test_a_file_that_was_cut_is_noticed(house: House) -> None:
    """Another program truncated it: the hub does not go on as if it had the octets."""
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    await uploads.append(upload.id, "acme-odr", chunk(DATA[:1000]))
    os_path = house.root / "uploads" / upload.id
    os_path.write_bytes(b"")
    uploads = await house.restarted()
    with pytest.raises(OSError, match="shorter than what was acknowledged"):
        await uploads.append(upload.id, "acme-odr", chunk(DATA[1000:], 1000))


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


async def test_a_file_deleted_for_another_while_it_comes_is_placed_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = house.open()
    upload = await uploads.create(ANNOUNCED)
    real = UploadStore.complete

    async def complete(self: UploadStore, *more: Any) -> bool:
        house.files.unlink(SHA256)
        return await real(self, *more)

    monkeypatch.setattr(UploadStore, "complete", complete)
    await uploads.append(upload.id, "acme-odr", chunk(DATA))
    assert house.files.path(SHA256).read_bytes() == DATA
