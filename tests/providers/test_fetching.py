"""What comes of a file is written in its order and hashed, also when whoever receives it is stopped."""

import asyncio
import hashlib
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from providers import fetching
from providers.durable import write_along

BLOCK = fetching._BLOCK


def started(target: Path) -> tuple[BinaryIO, fetching._Download, fetching._Sink]:
    file, got = target.open("wb"), fetching._Download(target)
    return file, got, fetching._Sink(file, got)


@pytest.mark.parametrize("size", [1, 1000, BLOCK - 1, BLOCK, BLOCK + 1])
async def test_parts_of_any_size_are_written_and_hashed_in_order(tmp_path: Path, size: int) -> None:
    data = bytes(range(251)) * (20 if size == 1 else 10_000)
    file, got, sink = started(tmp_path / "file")
    with file:
        for at in range(0, len(data), size):
            await sink.put(data[at : at + size])
        await sink.end()
    assert (tmp_path / "file").read_bytes() == data
    assert got.fits(hashlib.sha256(data).hexdigest(), len(data))


async def test_whoever_is_stopped_leaves_a_file_that_can_be_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, go_on = threading.Event(), threading.Event()

    def slowly(target: BinaryIO, *octets: bytes) -> None:
        writing.set()
        assert go_on.wait(10)
        write_along(target, *octets)

    monkeypatch.setattr(fetching, "write_along", slowly)
    file, got, sink = started(tmp_path / "file")

    async def receiving() -> None:
        try:
            for letter in (b"a", b"b", b"c"):
                await sink.put(letter * BLOCK)
        finally:
            await sink.end()

    with file:
        task = asyncio.create_task(receiving())
        await asyncio.to_thread(writing.wait, 10)  # the first piece is being written, the second one waits for it
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (tmp_path / "file").read_bytes() == b"a" * BLOCK + b"b" * BLOCK
    assert got.fits(hashlib.sha256(b"a" * BLOCK + b"b" * BLOCK).hexdigest(), 2 * BLOCK)


async def test_a_disk_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (tmp_path / "file").open("rb") as file:
        sink = fetching._Sink(file, fetching._Download(tmp_path / "file"))
        await sink.put(b"octets")
        with pytest.raises(OSError, match="write"):
            await sink.end()
