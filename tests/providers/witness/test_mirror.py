"""A mirror as a real process: it stores before it cosigns, whatever the log does, and whenever it is stopped."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from providers.cli import main
from providers.witness.checking import check_mirror
from providers.witness.config import add_log, init_witness
from providers.witness.submission import Submission, format_submission
from signing.notes import VerifierKey, check_cosignature, parse_checkpoint, parse_note
from signing.tiles import ENTRIES, TileId, parse_entry_bundle, parse_tile_path, tile_path, tiles_for
from tests.fakes.memorylog import MemoryLog
from tests.fakes.smalldisk import small_disk
from tests.fakes.witnessprocess import WitnessProcess

SECONDS = 30.0


@dataclass
class Served:
    """A log's tiles over HTTP; ``change`` makes it lie, ``slow`` makes it late."""

    log: MemoryLog
    url: str = ""
    asked: list[str] = field(default_factory=list)
    change: Callable[[TileId, bytes], bytes | None] = lambda _, data: data
    slow: float = 0.0
    published: bytes | None = None
    checkpoints: int = 0

    async def checkpoint(self, _: web.Request) -> web.Response:
        self.checkpoints += 1
        return web.Response(status=404) if self.published is None else web.Response(body=self.published)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.match_info["tile"])
        tile = parse_tile_path(request.match_info["tile"])
        await asyncio.sleep(self.slow)
        data = self.change(tile, self.log.tile(tile))
        return web.Response(status=404) if data is None else web.Response(body=data)


@dataclass
class Mirrored:
    """A log, its mirror, and the position that the mirror has cosigned."""

    served: Served
    directory: Path
    process: WitnessProcess
    key: VerifierKey
    session: aiohttp.ClientSession
    old: int = 0

    @property
    def log(self) -> MemoryLog:
        return self.served.log

    @property
    def files(self) -> Path:
        return self.directory / "mirror" / hashlib.sha256(self.log.origin.encode()).hexdigest()

    async def offer(self, size: int) -> tuple[int, str, Any]:
        """Ask for a cosignature, once; a cosignature is checked."""
        checkpoint = self.log.checkpoint(size)
        body = format_submission(Submission(self.old, tuple(self.log.tree.consistency(self.old, size)), checkpoint))
        async with self.session.post(f"{self.process.url}/add-checkpoint", data=body) as answer:
            text = await answer.text()
            if answer.status == 200:
                check_cosignature(parse_note(checkpoint + text.encode()), self.key)
                self.old = size
            return answer.status, text, answer.headers

    async def cosigned(self, size: int) -> None:
        """Ask again and again, as a log does."""
        async with asyncio.timeout(SECONDS):
            while (await self.offer(size))[0] != 200:
                await asyncio.sleep(0.02)

    async def get(self, path: str) -> tuple[int, bytes]:
        name = hashlib.sha256(self.log.origin.encode()).hexdigest()
        async with self.session.get(f"{self.process.url}/{name}/{path}") as answer:
            return answer.status, await answer.read()

    async def published(self) -> bytes | None:
        name = hashlib.sha256(self.log.origin.encode()).hexdigest()
        async with self.session.get(f"{self.process.url}/mirror/{name}/checkpoint") as answer:
            return await answer.read() if answer.status == 200 else None

    async def until_published(self) -> bytes:
        async with asyncio.timeout(SECONDS):
            while (found := await self.published()) != self.served.published or found is None:
                await asyncio.sleep(0.05)
        return found

    def entries(self) -> list[bytes]:
        """Every entry, from the files alone, as anybody rebuilds a log from a mirror."""
        head = parse_checkpoint(parse_note((self.files / "stored").read_bytes()).text)
        found: list[bytes] = []
        for tile in tiles_for(head.size):
            data = (self.files / tile_path(*tile)).read_bytes()
            if tile.level == ENTRIES:
                found += parse_entry_bundle(data, tile.width)
            else:
                assert data == self.log.tile(tile)
        assert len(found) == head.size
        return found


@pytest.fixture
async def mirrored(tmp_path: Path) -> AsyncIterator[Mirrored]:
    served = Served(MemoryLog())
    app = web.Application()
    app.router.add_get("/log/{tile:tile/.+}", served.answer)
    app.router.add_get("/log/checkpoint", served.checkpoint)
    directory = tmp_path / "w"
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        served.url = str(server.make_url("/log"))
        key = VerifierKey.parse(init_witness(directory, "mirror.example/w1", mirror=True))
        add_log(directory, served.log.vkey, served.url)
        process = WitnessProcess(directory)
        await process.start()
        try:
            yield Mirrored(served, directory, process, key, session)
        finally:
            await process.kill()


async def test_it_stores_every_entry_and_tile_before_it_cosigns(mirrored: Mirrored) -> None:
    for size in (0, 1, 2, 255, 256, 257, 600, 600):
        mirrored.log.grow_to(size)
        await mirrored.cosigned(size)
        assert mirrored.entries() == mirrored.log.entries[:size] if size else not mirrored.files.exists()
    names = {str(path.relative_to(mirrored.files)) for path in mirrored.files.rglob("*") if path.is_file()}
    assert names == {"stored", *(tile_path(*tile) for tile in tiles_for(600))}, "narrower parts are gone"
    assert main(["witness", "check", "--dir", str(mirrored.directory)]) == 0


async def test_only_what_is_new_is_fetched(mirrored: Mirrored) -> None:
    mirrored.log.grow_to(513)
    await mirrored.cosigned(513)
    mirrored.served.asked.clear()
    mirrored.log.grow_to(514)
    await mirrored.cosigned(514)
    await mirrored.cosigned(514)  # freshness alone
    assert mirrored.served.asked == ["tile/entries/002.p/2"]


async def test_it_serves_what_it_stores_and_no_more(mirrored: Mirrored) -> None:
    mirrored.log.grow_to(300)
    await mirrored.cosigned(300)
    log = mirrored.log
    tiles = [*tiles_for(300), TileId(ENTRIES, 1, 7), TileId(0, 1, 7), TileId(ENTRIES, 0, 3), TileId(0, 0, 200)]
    for tile in tiles:
        assert await mirrored.get(tile_path(*tile)) == (200, log.tile(tile))
    for path in (
        "tile/entries/001", "tile/entries/001.p/45", "tile/0/001.p/45", "tile/1/000.p/2", "tile/8/000", "tile/63/000",
        "tile/entries/002", "tile/entries/../../../witness.key", "tile/%2e%2e/%2e%2e/%2e%2e/witness.key", "tile/0/0",
        "tile/0/000.p/0", "tile/entries/.001.p.new",
    ):  # fmt: skip
        status, body = await mirrored.get(path)
        assert status == 404, path
        assert b"AAAA" not in body
    async with mirrored.session.get(f"{mirrored.process.url}/{'0' * 64}/tile/entries/000") as answer:
        assert answer.status == 404


async def test_a_log_that_shows_other_entries_is_not_cosigned(mirrored: Mirrored) -> None:
    mirrored.log.grow_to(300)
    lies: dict[str, Callable[[TileId, bytes], bytes | None]] = {
        "mirror_mismatch": lambda _, data: data[:-1] + b"!",
        "mirror_behind": lambda _, __: None,
    }
    for code, lie in (*lies.items(), ("mirror_mismatch", lambda _, data: data[:-1])):
        mirrored.served.change = lie
        status, text, headers = await mirrored.offer(300)
        assert (status, headers["Retry-After"]) == (503, "1")
        assert code in text
        assert (await mirrored.get("checkpoint"))[0] == 404
        assert not (mirrored.files / "stored").exists()
    mirrored.served.change = lambda _, data: data
    await mirrored.cosigned(300)
    assert mirrored.entries() == mirrored.log.entries


@pytest.mark.parametrize("stored", [99, 150, 256 + 150])
async def test_other_entries_are_told_whatever_part_lies_there_and_the_part_stays(
    mirrored: Mirrored, stored: int
) -> None:
    mirrored.log.grow_to(stored)
    await mirrored.cosigned(stored)
    mirrored.log.grow_to(stored + 300)
    mirrored.served.change = lambda _, data: bytes([*data[:-1], data[-1] ^ 1])
    for _ in range(2):
        status, text, _headers = await mirrored.offer(stored + 300)
        assert (status, "mirror_mismatch" in text) == (503, True), text
    await mirrored.process.kill()
    await mirrored.process.start()
    mirrored.served.change = lambda _, data: data
    await mirrored.cosigned(stored + 300)
    assert mirrored.entries() == mirrored.log.entries


async def test_a_log_that_says_that_it_is_long_costs_nothing(mirrored: Mirrored) -> None:
    mirrored.served.change = lambda _, __: None
    body = format_submission(Submission(0, (), mirrored.log.checkpoint(2**60, root=b"r" * 32)))
    async with mirrored.session.post(f"{mirrored.process.url}/add-checkpoint", data=body) as answer:
        assert (answer.status, "mirror_behind" in await answer.text()) == (503, True)
    assert len(mirrored.served.asked) <= 8


async def test_a_log_that_is_late_is_cosigned_when_it_asks_again(mirrored: Mirrored) -> None:
    mirrored.log.grow_to(256 * 30)
    mirrored.served.slow = 0.4
    status, text, _ = await mirrored.offer(256 * 30)
    assert (status, "mirror_behind" in text) == (503, True)
    await mirrored.cosigned(256 * 30)
    assert len(mirrored.served.asked) == 30, "nothing is fetched twice"


async def test_what_is_not_the_logs_is_refused_before_anything_is_fetched(mirrored: Mirrored) -> None:
    mirrored.log.grow_to(5)
    await mirrored.cosigned(5)
    mirrored.served.asked.clear()
    stranger = MemoryLog(seed=b"S" * 32, entries=[b"forged"])
    for note, old, expected in (
        (stranger.checkpoint(), 0, 403),
        (MemoryLog("elsewhere.example", entries=[b"x"]).checkpoint(), 0, 404),
        (mirrored.log.checkpoint(), 3, 409),
        (mirrored.log.checkpoint(5, root=b"r" * 32), 5, 422),
    ):
        body = format_submission(Submission(old, (), note))
        async with mirrored.session.post(f"{mirrored.process.url}/add-checkpoint", data=body) as answer:
            assert answer.status == expected
    assert mirrored.served.asked == []


async def test_kill_9_while_it_stores(mirrored: Mirrored) -> None:
    chance = random.Random(5)
    mirrored.log.grow_to(256 * 40 + 17)
    for round_ in range(5):
        mirrored.served.slow = 0.01
        asking = asyncio.create_task(mirrored.offer(256 * 8 * (round_ + 1)))
        await asyncio.sleep(chance.uniform(0.0, 0.4))
        await mirrored.process.kill()
        await asyncio.gather(asking, return_exceptions=True)
        await mirrored.process.start()
        status, note = await mirrored.get("checkpoint")
        if status == 200:  # what was cosigned is stored
            mirrored.old = parse_checkpoint(parse_note(note).text).size
            assert len(mirrored.entries()) >= mirrored.old
    mirrored.served.slow = 0.0
    await mirrored.cosigned(mirrored.log.tree.size)
    assert mirrored.entries() == mirrored.log.entries
    assert [(one.size, one.faults) for one in check_mirror(mirrored.directory)] == [(mirrored.log.tree.size, ())]


async def test_entries_stored_for_a_tree_that_was_never_cosigned_bind_the_log(mirrored: Mirrored) -> None:
    """Stopped between storing and cosigning; meanwhile the log has changed its mind."""
    mirrored.log.grow_to(10)
    await mirrored.cosigned(10)
    forked = MemoryLog(entries=[*mirrored.log.entries[:9], b"another"])
    await mirrored.process.kill()
    state = mirrored.directory / "witness.sqlite3"
    state.rename(mirrored.directory / "kept")
    before = WitnessFolder(mirrored.directory)
    before.restore_empty(mirrored.log.vkey, mirrored.key)
    await mirrored.process.start()
    mirrored.served.log, mirrored.old = forked, 0
    status, text, _ = await mirrored.offer(10)
    assert (status, "mirror_forked" in text) == (422, True)
    (folder,) = (mirrored.directory / "evidence").iterdir()
    notes = [parse_checkpoint(parse_note((folder / name).read_bytes()).text) for name in ("first.note", "second.note")]
    assert notes[0].size == notes[1].size == 10
    assert notes[0].root != notes[1].root


@dataclass
class WitnessFolder:
    """What a witness remembers, as it was before it cosigned anything."""

    directory: Path

    def restore_empty(self, vkey: str, key: VerifierKey) -> None:
        from providers.witness.store import WitnessStore

        store = WitnessStore.create(self.directory / "witness.sqlite3", key)
        store.add_log(VerifierKey.parse(vkey))
        store.close()


async def test_a_full_disk_stops_cosigning_and_spoils_nothing(tmp_path: Path, mirrored: Mirrored) -> None:
    with small_disk(mirrored.directory / "mirror", 4) as disk:
        mirrored.log.grow_to(300)
        await mirrored.cosigned(300)
        mirrored.log.extend(b"%d" % n + b"x" * 5_000 for n in range(900))
        disk.fill(64 * 1024)
        status, text, _ = await mirrored.offer(1_200)
        assert (status, "mirror_full" in text) == (503, True)
        await mirrored.cosigned(300)  # what is stored is still cosigned
        assert [one.faults for one in check_mirror(mirrored.directory)] == [()]
        disk.clear()
        mirrored.log.extend([b"after"])
        status, text, _ = await mirrored.offer(500)
        assert status in (200, 503)
        await mirrored.cosigned(500)
        assert mirrored.entries() == mirrored.log.entries[:500]
        await mirrored.process.kill()


async def test_a_mirror_that_finds_no_source_does_not_cosign_until_it_does(mirrored: Mirrored) -> None:
    (source,) = (mirrored.directory / "sources").iterdir()
    away = source.rename(mirrored.directory / "away")
    mirrored.log.grow_to(3)
    for code in ("no_source", "source_unreadable"):
        status, text, _ = await mirrored.offer(3)
        assert (status, code in text, "add-log VKEY --url URL" in text) == (503, True, True)
        source.mkdir(exist_ok=True)  # for want of another user
    source.rmdir()
    away.rename(source)
    await mirrored.cosigned(3)


async def test_it_keeps_the_log_as_it_was_published(mirrored: Mirrored) -> None:
    """The files and the pages below /mirror/ are a log that others have cosigned too, also after it went on."""
    log = mirrored.log
    log.grow_to(600)
    await mirrored.cosigned(600)
    assert await mirrored.published() is None
    mirrored.served.published = log.checkpoint(590)  # a size that this mirror was never asked for
    log.grow_to(601)
    await mirrored.cosigned(601)
    assert await mirrored.until_published() == mirrored.served.published
    log.grow_to(700)
    await mirrored.cosigned(700)
    for tile in tiles_for(590):
        assert (mirrored.files / tile_path(*tile)).read_bytes() == log.tile(tile)
    mirrored.served.published = log.checkpoint(700)
    assert await mirrored.until_published() == mirrored.served.published
    names = {str(path.relative_to(mirrored.files)) for path in mirrored.files.rglob("*") if path.is_file()}
    assert names == {"stored", "checkpoint", *(tile_path(*tile) for tile in tiles_for(700))}
    assert [one.faults for one in check_mirror(mirrored.directory)] == [()]


async def test_what_a_log_publishes_is_not_kept_unless_it_is_stored(mirrored: Mirrored) -> None:
    mirrored.log.grow_to(20)
    lies = [
        b"no note",
        MemoryLog(seed=b"S" * 32, entries=[b"x"]).checkpoint(),
        mirrored.log.checkpoint(20, root=b"r" * 32),
    ]
    for size, lie in enumerate(lies, 10):
        mirrored.served.published = lie
        before = mirrored.served.checkpoints
        await mirrored.cosigned(size)
        async with asyncio.timeout(SECONDS):
            while mirrored.served.checkpoints == before:
                await asyncio.sleep(0.02)
    mirrored.served.published = mirrored.log.checkpoint(10, root=b"r" * 32)
    await mirrored.cosigned(20)
    async with asyncio.timeout(SECONDS):
        while not (mirrored.directory / "evidence").exists():
            await asyncio.sleep(0.02)
    assert await mirrored.published() is None


async def test_bits_that_flip_are_found(mirrored: Mirrored, capsys: pytest.CaptureFixture[str]) -> None:
    mirrored.log.grow_to(600)
    await mirrored.cosigned(600)
    command = ["witness", "check", "--dir", str(mirrored.directory)]
    for path in sorted(one for one in mirrored.files.rglob("*") if one.is_file()):
        whole = path.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 2):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert main(command) == 1, (path, at)
        path.unlink()
        assert main(command) == 1, path
        path.write_bytes(whole)
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().out == f"{mirrored.log.origin}: 600 entries, all in order\n"


def test_a_witness_that_does_not_mirror_can_not_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init_witness(tmp_path, "w")
    assert main(["witness", "check", "--dir", str(tmp_path)]) == 2
    assert "code no_mirror; to act: you" in capsys.readouterr().err
