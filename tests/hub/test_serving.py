"""An orderly end of the real process: answered, cut off in time, tidied up; and the hard end where nothing helps."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from hub.errors import ListenError
from hub.serving import _listen
from signing.httpsig import Request, sign_request
from signing.signnotes import witness_signer
from tests.hub.exchange.providers import ACME, BRIO, Exchange, sha256
from tests.hub.running import URL, Clock, Running, found
from tests.hub.world import Actor, Speaker, signing_key

ROOT = Path(__file__).parents[2]
SHUTDOWN_SECONDS, GRACE_SECONDS = 4, 3
SETTINGS = f"\n[server]\nshutdown_seconds = {SHUTDOWN_SECONDS}\nverifiers = 0\n[uploads]\nfree_bytes = 0\n"
PROGRAM = f"""
from hub import cli, serving

serving.GRACE_SECONDS = {GRACE_SECONDS}
raise SystemExit(cli.main())
"""
"""With less patience than for aiohttp's double time, so that the one can't be mistaken for the other."""

STUCK = f"""
import time
from hub.storage.engine import Database

async def closing(_):
    time.sleep(60)

Database.close = closing
{PROGRAM}
"""
"""The same with a database that never answers again."""


@dataclass(frozen=True)
class Process:
    """``odr-hub serve`` on a data directory."""

    running: subprocess.Popen[str]
    url: str
    data: Path

    def terminate(self) -> float:
        """Send SIGTERM; when that was."""
        self.running.send_signal(signal.SIGTERM)
        return time.monotonic()

    async def ended(self, seconds: float) -> tuple[int, str]:
        """Exit code and what it said, once it has ended within ``seconds``."""
        _, said = await asyncio.to_thread(self.running.communicate, None, seconds)
        return self.running.returncode, said

    @property
    def is_tidy(self) -> bool:
        return not (self.data / "running.json").exists()


@asynccontextmanager
async def served(data: Path, program: str = PROGRAM) -> AsyncIterator[Process]:
    (data / "hub.toml").write_text((data / "hub.toml").read_text() + SETTINGS)
    command = [sys.executable, "-c", program, "serve", "--data", str(data), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = await asyncio.to_thread(process.stdout.readline)
            address = re.search(r"at (\S+) for", ready)
            assert address is not None, ready
            yield Process(process, address[1], data)
        finally:
            process.kill()


async def network(data: Path, officers: list[Actor], **changes: Any) -> Speaker:
    """A network that was founded just now."""
    now = int(time.time())
    speaker = await found(data, officers, now, **changes)
    speaker.clock = Clock(now)
    return speaker


async def test_a_post_that_waits_for_witnesses_is_answered_at_once(tmp_path: Path, officers: list[Actor]) -> None:
    witness = witness_signer("w.example", signing_key("absent witness")).verifier.format()
    policy = f"witness w {witness} http://127.0.0.1:9\nquorum w\n"
    speaker = await network(tmp_path / "data", officers, witness_policy=policy)
    async with served(tmp_path / "data") as process, aiohttp.ClientSession() as session:
        headers = {"Content-Type": "application/jose+json", "Prefer": "wait=30"}
        post = session.post(f"{process.url}/v1/statements", data=speaker.member(ACME), headers=headers)
        waiting = asyncio.ensure_future(post)
        async with asyncio.timeout(20):
            while "odr_log_size 2\n" not in await (await session.get(f"{process.url}/metrics")).text():
                await asyncio.sleep(0.05)
        told = process.terminate()
        async with asyncio.timeout(20), await waiting as response:
            assert (response.status, (await response.json())["state"]) == (202, "provisional")
        code, said = await process.ended(20)
        assert (code, process.is_tidy) == (0, True), said
        assert time.monotonic() - told < SHUTDOWN_SECONDS, "nobody was waited for"


async def test_a_slow_download_is_cut_off_in_time_and_the_end_is_orderly(tmp_path: Path, officers: list[Actor]) -> None:
    data, package = tmp_path / "data", os.urandom(16 << 20)
    async with Running(data, officers, settings=SETTINGS, now=int(time.time())) as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        upload = await exchange.begun(package)
        for offset in range(0, len(package), 1 << 20):
            assert (await exchange.patch(upload, package[offset : offset + (1 << 20)], offset)).status == 204
    path = f"/v1/packages/{sha256(package)}"
    async with served(data) as process, aiohttp.ClientSession() as session:
        signed = sign_request(Request("GET", URL + path, {}, b""), BRIO.http, int(time.time()))
        headers = {"Host": URL.removeprefix("http://")} | signed
        async with session.get(process.url + path, headers=headers) as response:
            assert response.status == 200
            assert await response.content.read(1000) == package[:1000]  # and no more: the hub can't get rid of the rest
            told = process.terminate()
            code, said = await process.ended(20)
            lasted = time.monotonic() - told
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
        assert (code, process.is_tidy) == (0, True), said
        assert "did not answer" not in said
        assert SHUTDOWN_SECONDS - 0.5 < lasted < SHUTDOWN_SECONDS + GRACE_SECONDS


async def test_a_port_in_use_is_refused_in_one_sentence_and_the_end_is_tidy(
    tmp_path: Path, officers: list[Actor]
) -> None:
    data = tmp_path / "data"
    await network(data, officers)
    async with await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        command = [sys.executable, "-m", "hub.cli", "serve", "--data", str(data), "--port", str(port)]
        done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"The hub can't listen here: .+\. \[cannot_listen at 127\.0\.0\.1:{port}\]\n", done.stderr)
    assert not (data / "running.json").exists()


async def test_a_database_that_does_not_answer_is_not_waited_for(tmp_path: Path, officers: list[Actor]) -> None:
    await network(tmp_path / "data", officers)
    async with served(tmp_path / "data", STUCK) as process:
        process.terminate()
        code, said = await process.ended(20)
    assert code == 1
    assert f"the database did not answer for {GRACE_SECONDS} seconds; ended without waiting for it" in said


@pytest.mark.parametrize(("host", "port"), [("a..b", 0), ("127.0.0.1", 99_999), ("127.0.0.1\0", 0)])
async def test_a_host_or_port_of_the_settings_that_is_none_is_told_in_a_sentence(host: str, port: int) -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    with pytest.raises(ListenError, match=r"can't listen here: the address can't be used\. End") as caught:
        await _listen(runner, host, port)
    await runner.cleanup()
    assert caught.value.code == "cannot_listen"
