"""Every store creates without overwriting and replaces only what was read; the contract is one for all of them."""

import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from hub.keeping.directorystore import DirectoryStore
from hub.keeping.errors import ExportError
from hub.keeping.objectstore import ObjectStore, open_target
from tests.fakes.s3server import S3Server, serving
from tests.interop.programs import require_module

Make = Callable[[], Awaitable[ObjectStore]]


@pytest.fixture(params=["directory", "s3", "memory"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[object]:
    if request.param == "directory":
        with open_target(str(tmp_path / "a" / "log")) as opened:
            yield opened
        return
    require_module("obstore")
    if request.param == "memory":
        from obstore.store import MemoryStore

        from hub.keeping.s3store import BucketStore

        yield BucketStore(MemoryStore())
        return
    async with serving() as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        with open_target("s3://bucket/some/log/") as opened:
            yield opened
        assert all(name.startswith("some/log/") for name in service.objects)


async def test_an_object_is_created_once(store: ObjectStore) -> None:
    assert await store.get("tile/0/000") is None
    assert await store.create("tile/0/000", b"one")
    assert not await store.create("tile/0/000", b"two")
    await store.flush()
    found = await store.get("tile/0/000")
    assert found is not None
    assert found.data == b"one"


async def test_only_what_was_read_is_replaced(store: ObjectStore) -> None:
    assert await store.replace("checkpoint", b"1", None)
    assert not await store.replace("checkpoint", b"2", None)
    first = await store.get("checkpoint")
    assert await store.replace("checkpoint", b"3", first)
    assert not await store.replace("checkpoint", b"4", first)
    found = await store.get("checkpoint")
    assert found is not None
    assert found.data == b"3"


async def test_a_directory_has_one_writer_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with DirectoryStore(tmp_path / "log") as store:
        with pytest.raises(ExportError, match="Another process exports to this directory") as caught:
            DirectoryStore(tmp_path / "log")
        assert caught.value.code == "target_locked"
        (tmp_path / "log" / ".checkpoint.new").write_bytes(b"what a crash left, which is longer")
        await store.create("x001/000", b"one")
        await store.replace("checkpoint", b"two", None)
        await store.flush()
    found = sorted(path.relative_to(tmp_path / "log") for path in (tmp_path / "log").rglob("*") if path.is_file())
    assert found == [Path("checkpoint"), Path("x001/000")]
    assert (tmp_path / "log/checkpoint").read_bytes() == b"two"
    with DirectoryStore(tmp_path / "log") as store:
        assert not await store.create("x001/000", b"two")


async def test_new_names_are_brought_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[int] = set()
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    with DirectoryStore(tmp_path / "new" / "log") as store:
        await store.create("tile/0/x001/000", b"one")
        folders = [path for path in (tmp_path / "new").rglob("*") if stat.S_ISDIR(path.stat().st_mode)]
        await store.flush()
    file = tmp_path / "new/log/tile/0/x001/000"
    assert {path.stat().st_ino for path in [tmp_path, tmp_path / "new", *folders, file]} <= synced


async def test_a_place_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(ExportError, match="The directory can't be used: File exists"),
        open_target(str(tmp_path / "file" / "log")),
    ):
        pytest.fail("it opened")


def test_a_bucket_has_a_name() -> None:
    with (
        pytest.raises(ExportError, match="A bucket is named like s3://bucket/prefix") as caught,
        open_target("s3:///x"),
    ):
        pytest.fail("it opened")
    assert caught.value.code == "bad_export_target"


async def test_an_answer_that_was_lost_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    require_module("obstore")
    async with serving() as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        service.lose = 1
        with open_target("s3://bucket/log") as store:
            assert not await store.create("tile/0/000", b"one")  # it is there: by the write whose answer was lost
            found = await store.get("tile/0/000")
        assert found is not None
        assert found.data == b"one"
        assert service.puts == ["log/tile/0/000"] * 2


async def test_a_refusal_of_the_service_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    require_module("obstore")
    async with serving() as service:
        for name, value in (service.environment | {"AWS_ACCESS_KEY_ID": "stranger"}).items():
            monkeypatch.setenv(name, value)
        with open_target("s3://bucket/log") as store, pytest.raises(ExportError, match="The object store does not"):
            await store.create("checkpoint", b"one")
        assert service.objects == {}


async def test_what_is_immutable_may_be_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    require_module("obstore")
    async with serving() as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        with open_target("s3://bucket") as store:
            await store.create("tile/0/000", b"one")
            await store.replace("checkpoint", b"two", None)
    kinds = {name: tuple(headers.values()) for name, headers in service.headers.items()}
    assert kinds == {
        "tile/0/000": ("application/octet-stream", "public, max-age=31536000, immutable"),
        "checkpoint": ("text/plain; charset=utf-8", "public, max-age=5"),
    }
    assert isinstance(service, S3Server)
