"""A witness that others wrote cosigns for a real hub: aics-witness, where it is installed.

It is found on the PATH or named by ``ODR_AICS_WITNESS``; it needs Python 3.12 or later, so that it lives in an
environment of its own: ``python3.12 -m venv there && there/bin/pip install aics-witness==0.1.0``. Where no such Python
is, ``ODR_AICS_WITNESS=none`` says so.
"""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.network import witness_policy_of
from signing.notes import VerifierKey, check_cosignature, parse_note, parse_proof
from tests.fakes.exchangehouse import Process, free_port
from tests.hub.running import found
from tests.hub.world import Actor, Speaker
from tests.interop.programs import require

SECONDS = 20.0


@dataclass
class Foreign:
    """The foreign witness as a process; its log is what tells that it runs."""

    program: str
    directory: Path
    port: int
    running: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str) -> str:
        command = [self.program, *arguments, "--config", str(self.directory / "witness.json")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        command = [self.program, "serve", "--config", str(self.directory / "witness.json")]
        with (self.directory / "log").open("ab") as log:
            self.running = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait(SECONDS)


@dataclass
class Here:
    foreign: Foreign
    vkey: VerifierKey
    hub: Process
    url: str
    speaker: Speaker

    async def post(self, name: str, wait: int) -> dict[str, Any]:
        headers = {"Content-Type": "application/jose+json", "Prefer": f"wait={wait}"}
        document = self.speaker.member(Actor(name, "provider"))
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/v1/statements", data=document, headers=headers) as response,
        ):
            answer: dict[str, Any] = await response.json(content_type=None)
            assert response.status in (201, 202), answer
            return answer


@pytest.fixture
async def here(tmp_path: Path) -> Any:
    program = os.environ.get("ODR_AICS_WITNESS") or require("aics-witness")
    if program == "none":
        pytest.skip("aics-witness needs Python 3.12 or later, which is not here")
    foreign = Foreign(program, tmp_path / "foreign", free_port())
    foreign.directory.mkdir()
    vkey = foreign.run("init", "--name", "foreign.example/w1", "--listen", f"127.0.0.1:{foreign.port}")
    policy = witness_policy_of([f"w1 {vkey} http://127.0.0.1:{foreign.port}"], 1)
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    speaker = await found(tmp_path / "hub", officers, int(time.time()), witness_policy=policy)
    body = speaker.genesis.body
    foreign.run("add-log", "--origin", body["origin"], "--vkey", body["log_key"])
    foreign.start()
    port = free_port()
    command = ["-m", "hub.cli", "serve", "--data", str(tmp_path / "hub"), "--port", str(port)]
    hub = Process(command, "is ready at", tmp_path / "hub.log")
    hub.start()
    try:
        yield Here(foreign, VerifierKey.parse(vkey), hub, f"http://127.0.0.1:{port}", speaker)
    finally:
        hub.kill()
        foreign.kill()


def cosigned(here: Here, receipt: dict[str, Any]) -> int:
    """The time in the foreign witness's cosignature, verified by our code."""
    assert receipt["state"] == "witnessed"
    return check_cosignature(parse_note(parse_proof(receipt["proof"].encode()).checkpoint), here.vkey)


async def test_a_foreign_witness_cosigns_falls_behind_and_catches_up(here: Here) -> None:
    for number in range(3):
        assert abs(cosigned(here, await here.post(f"provider-{number}", 20)) - time.time()) < 600
    here.foreign.kill()
    assert (await here.post("late-1", 0))["state"] == "provisional"
    assert (await here.post("late-2", 0))["state"] == "provisional"
    here.foreign.start()
    cosigned(here, await here.post("late-3", 20))
    here.hub.stop()
    here.hub.start()  # it compares its head with what the witness says that it has seen
    cosigned(here, await here.post("later", 20))
    assert here.foreign.run("evidence") == "[]", "it has nothing against us"
