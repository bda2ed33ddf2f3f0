"""A witness as a real process: the command line, an orderly end, and kill -9 at any moment."""

import asyncio
import random
import re
import signal
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from providers.cli import main
from providers.witness.commands import witness
from providers.witness.errors import WitnessError
from providers.witness.serving import serve
from providers.witness.submission import Submission, format_submission
from signing.notes import Note, VerifierKey, check_cosignature, parse_checkpoint, parse_note
from tests.fakes.memorylog import MemoryLog
from tests.fakes.witnessprocess import WitnessProcess

KILLS = 6


def make(directory: Path, log: MemoryLog) -> VerifierKey:
    made = CliRunner().invoke(witness, ["init", "--dir", str(directory), "--name", "witness.example/w1"])
    assert made.exit_code == 0, made.output
    added = CliRunner().invoke(witness, ["add-log", "--dir", str(directory), log.vkey])
    assert (added.exit_code, added.output) == (0, f"The witness now watches {log.origin}.\n")
    return VerifierKey.parse(made.output.strip())


async def offer(session: aiohttp.ClientSession, url: str, log: MemoryLog, old: int, new: int) -> tuple[int, bytes]:
    """Status, and the answered lines after the checkpoint offered."""
    checkpoint = log.checkpoint(new)
    body = format_submission(Submission(old, tuple(log.tree.consistency(old, new)), checkpoint))
    async with session.post(f"{url}/add-checkpoint", data=body) as answer:
        text = await answer.read()
    return answer.status, checkpoint + text if answer.status == 200 else text


async def test_a_witness_says_when_it_is_ready_and_ends_in_order(tmp_path: Path) -> None:
    log = MemoryLog()
    log.grow_to(10)
    key = make(tmp_path, log)
    process = WitnessProcess(tmp_path)
    async with aiohttp.ClientSession() as session:
        try:
            for number, (old, new) in zip((signal.SIGTERM, signal.SIGINT), ((0, 4), (4, 9)), strict=True):
                await process.start()
                assert process.ready_line == f"witness witness.example/w1 listening on {process.url}\n"
                status, note = await offer(session, process.url, log, old, new)
                assert status == 200
                assert check_cosignature(parse_note(note), key) > 1_700_000_000
                assert await process.end(number) == 0
        finally:
            await process.kill()


async def test_kill_9_never_makes_a_witness_contradict_itself(tmp_path: Path) -> None:
    """Two logs with one key race for the witness while it is killed; it must follow one of them alone."""
    honest, forked = MemoryLog(), MemoryLog(entries=[b"forged"])
    for log in (honest, forked):
        log.grow_to(2_000)
    key = make(tmp_path, honest)
    process = WitnessProcess(tmp_path)
    cosigned: list[Note] = []
    chance = random.Random(9)

    async def race(session: aiohttp.ClientSession, log: MemoryLog, stop: asyncio.Event) -> None:
        old = 0
        while not stop.is_set():
            with suppress(aiohttp.ClientError):
                status, answer = await offer(session, process.url, log, old, min(old + 1, 2_000))
                if status == 200:
                    cosigned.append(parse_note(answer))
                    old = min(old + 1, 2_000)
                elif status == 409:
                    old = int(answer)
            await asyncio.sleep(0)

    try:
        for _ in range(KILLS):
            await process.start()
            stop = asyncio.Event()
            async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
                for log in (honest, forked, honest, forked):
                    tasks.create_task(race(session, log, stop))
                await asyncio.sleep(chance.uniform(0.05, 0.3))
                await process.kill()
                stop.set()
        await process.start()
        async with aiohttp.ClientSession() as session:
            _, size = await offer(session, process.url, honest, 0, 0)
    finally:
        await process.kill()

    roots: dict[int, set[bytes]] = defaultdict(set)
    for note in cosigned:
        check_cosignature(note, key)
        checkpoint = parse_checkpoint(note.text)
        roots[checkpoint.size].add(checkpoint.root)
    assert len(cosigned) > KILLS
    assert {len(found) for found in roots.values()} == {1}
    assert int(size) >= max(roots), "an answered cosignature was forgotten"
    followed = honest if roots[1] == {honest.tree.root(1)} else forked
    assert all(found == {followed.tree.root(size)} for size, found in roots.items())


def test_errors_are_one_sentence_with_a_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in (
        (["init", "--dir", str(tmp_path / "w"), "--name", "two words"], "bad_name"),
        (["add-log", "--dir", str(tmp_path / "w"), MemoryLog().vkey], "no_state"),
        (["serve", "--dir", str(tmp_path / "w")], "no_key"),
    ):
        assert main(["witness", *arguments]) == 1
        assert re.fullmatch(rf"Error: .+\.( \(.+\))?\n  code {code}; to act: you\n", capsys.readouterr().err)


async def test_a_host_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    make(tmp_path, MemoryLog())
    with pytest.raises(WitnessError, match=r"can't be used. \(a..b:0\)") as refusal:
        await serve(tmp_path, "a..b", 0, lambda _line: None)
    assert refusal.value.code == "cannot_listen"


async def test_a_port_in_use_is_refused_and_the_state_is_closed(tmp_path: Path) -> None:
    make(tmp_path, MemoryLog())
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(WitnessError, match=f"127.0.0.1:{port}") as refusal:
            await serve(tmp_path, "127.0.0.1", port, lambda _line: None)
    assert refusal.value.code == "cannot_listen"
