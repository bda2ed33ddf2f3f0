"""What comes is written and hashed as it comes; a reception that is taken over ends once, whoever comes back."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.errors import RequestError
from hub.finishing import finished
from hub.packages.errors import UploadError
from hub.packages.receiving import Reception, receive


async def test_those_who_come_while_it_is_ending_change_nothing() -> None:
    ending, written = asyncio.Event(), asyncio.Event()

    async def receiving(reception: Reception) -> None:
        async with reception:
            try:
                await asyncio.Event().wait()  # the sender says nothing more
            finally:
                ending.set()
                await finished(written.wait())  # what has come is still being written

    reception = Reception(idle=60, most=60)
    task = asyncio.create_task(receiving(reception))
    await asyncio.sleep(0)
    reception.take_over()
    await ending.wait()
    reception.take_over()
    reception.take_over()
    written.set()
    with pytest.raises(RequestError) as refused:
        await task
    assert refused.value.code == "request_timeout"


async def parts(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("size", [1, 7, 65_536, 3 << 20])
async def test_a_chunk_is_written_and_hashed_in_whatever_parts_it_comes(tmp_path: Path, size: int) -> None:
    data = bytes(range(251)) * (20 if size < 100 else 12_000)
    whole = hashlib.sha256(b"before")
    with (tmp_path / "upload").open("w+b") as file:
        file.write(b"before")
        async with Reception(idle=60, most=60) as reception:
            pieces = reception.pieces(parts(data, size), len(data), len(data))
            assert await receive(file, pieces, hashlib.sha256(data).digest(), whole) == len(data)
    assert (tmp_path / "upload").read_bytes() == b"before" + data
    assert whole.digest() == hashlib.sha256(b"before" + data).digest()


async def test_small_parts_are_not_gathered_without_end() -> None:
    async with Reception(idle=60, most=60) as reception:
        pieces = [len(piece) async for piece in reception.pieces(parts(bytes(1000), 1), 1000, 1000)]
    assert pieces == [256, 256, 256, 232]


async def test_a_chunk_that_does_not_have_its_digest_does_not_count(tmp_path: Path) -> None:
    with (tmp_path / "upload").open("w+b") as file:
        async with Reception(idle=60, most=60) as reception:
            pieces = reception.pieces(parts(b"some octets", 4), 11, 11)
            with pytest.raises(UploadError) as refused:
                await receive(file, pieces, hashlib.sha256(b"other octets").digest(), hashlib.sha256())
    assert refused.value.code == "chunk_mismatch"


async def test_a_disk_that_fails_is_told_after_everything_has_ended(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"")
    whole = hashlib.sha256()
    with (tmp_path / "upload").open("rb") as file:  # can't be written
        async with Reception(idle=60, most=60) as reception:
            with pytest.raises(OSError, match="write"):
                await receive(file, reception.pieces(parts(b"some octets", 4), 11, 11), b"", whole)
    assert whole.digest() == hashlib.sha256(b"some octets").digest()
