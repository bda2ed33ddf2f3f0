"""A real hub process, killed at random moments under load, loses nothing that it acknowledged, on each database.

Awards are posted over HTTP by several clients; each 201 or 202 is a promise. After every SIGKILL the hub
serves again within 5 s. At the end every promised statement has its receipt at its index, everything that was
posted can be posted again to the same effect, and fsck and rebuild have nothing to say.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path

import aiohttp
import pytest

from hub import keystore
from hub.log.fsck import fsck
from hub.log.rebuild import rebuild
from hub.settings import load_settings
from hub.storage.log_store import SqlLogStore
from hub.storage.opening import open_database
from signing.encoding import sha256_hex
from signing.merkle import check_inclusion, leaf_hash
from signing.notes import open_checkpoint, parse_note, parse_proof
from signing.signnotes import log_signer
from signing.statement import parse_statement
from tests.fakes.databases import BACKENDS
from tests.fakes.loghouse import audit
from tests.fakes.postgres import shared_cluster
from tests.hub.running import Clock, found
from tests.hub.world import Actor, Speaker

KILLS = int(os.environ.get("ODR_KILL_ROUNDS", "20"))
"""`make soak` asks for 200."""
CLIENTS = 8
READY_SECONDS = 5.0
SEED = int(os.environ.get("ODR_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
ROOT = Path(__file__).parents[2]


class Hub:
    """``odr-hub serve`` as a process of its own, on one port for all its lives."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options = options
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.slowest = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait for its ready line."""
        began = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "hub.cli",
            "serve",
            "--data",
            str(self.data),
            "--port",
            str(self.port),
            *self.options,
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "is ready at" in line, self.process.communicate(timeout=10)
        self.slowest = max(self.slowest, time.monotonic() - began - _waited_for_a_core(self.process.pid))
        self.port = int(line.split("http://127.0.0.1:")[1].split()[0])

    def stop(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode


def _waited_for_a_core(pid: int) -> float:
    """Seconds for which a process could have run, but others had the machine; 0 where it isn't told."""
    with suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    return 0.0


class Load:
    """Clients that post awards one after another, each until it is answered, and remember what was promised."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.sent: list[bytes] = []
        self.promised: dict[str, int] = {}
        self.unexpected: list[tuple[int, str]] = []

    async def run(self, documents: Iterator[bytes]) -> None:
        """Post documents until there are no more."""
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(self._client(session, documents) for _ in range(CLIENTS)))

    async def _client(self, session: aiohttp.ClientSession, documents: Iterator[bytes]) -> None:
        for document in documents:
            self.sent.append(document)
            while not await self._answered(session, document):
                await asyncio.sleep(0.02)  # it was killed or is starting; the fate of this award is unknown

    async def _answered(self, session: aiohttp.ClientSession, document: bytes) -> bool:
        with suppress(aiohttp.ClientError, ConnectionError):
            await self.post(session, document)
            return True
        return False

    async def post(self, session: aiohttp.ClientSession, document: bytes) -> None:
        headers = {"Content-Type": "application/jose+json", "Prefer": "wait=0"}
        async with session.post(f"{self.hub.url}/v1/statements", data=document, headers=headers) as response:
            answer = await response.json(content_type=None)
        if response.status in (200, 201, 202):
            before = self.promised.setdefault(answer["digest"], answer["index"])
            assert before == answer["index"], "one statement, two indexes"
        elif response.status != 503:
            self.unexpected.append((response.status, str(answer)))


async def people(data: Path, storage: Mapping[str, str]) -> tuple[Speaker, Actor, Actor]:
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    speaker = await found(data, officers, now=int(time.time()), storage=storage)
    speaker.clock = Clock(int(time.time()))
    return speaker, Actor("acme", "provider"), Actor("noor", "neutral")


@pytest.fixture(params=BACKENDS)
def storage(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings of the storage; the tables of PostgreSQL go with the test."""
    if request.param == "sqlite":
        yield {}
        return
    cluster = shared_cluster()
    yield {"url": cluster.create("odr_killed")}
    cluster.drop("odr_killed")


@pytest.fixture
def hub(tmp_path: Path, storage: dict[str, str]) -> Iterator[Hub]:
    one = Hub(tmp_path, *(["--allow-async"] if storage else []))
    yield one
    if one.process is not None and one.process.poll() is None:
        one.stop(signal.SIGKILL)


async def test_nothing_acknowledged_is_lost(tmp_path: Path, storage: dict[str, str], hub: Hub) -> None:
    chance = random.Random(SEED)
    speaker, provider, neutral = await people(tmp_path, storage)
    await asyncio.to_thread(hub.start)
    load = Load(hub)
    async with aiohttp.ClientSession() as session:
        for document in (speaker.member(provider), speaker.accreditation(provider), speaker.neutral(neutral, provider)):
            await load.post(session, document)
    assert len(load.promised) == 3, load.unexpected
    going = True
    awards = (
        speaker.award(provider, neutral, pdf=b"award %d" % number) for number in takewhile(lambda _: going, count())
    )
    task = asyncio.create_task(load.run(awards))
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.02, 0.35))
        assert hub.stop(signal.SIGKILL) == -signal.SIGKILL
        await asyncio.to_thread(hub.start)
    await asyncio.sleep(0.2)
    going = False
    await task
    assert not load.unexpected, f"seed {SEED}: {load.unexpected[:3]}"
    assert hub.slowest < READY_SECONDS, f"seed {SEED}: serving again took {hub.slowest:.1f} s"
    assert len(load.promised) > KILLS, f"seed {SEED}: the load was too light to prove anything"
    promised = dict(load.promised)
    await _everything_is_there(hub, load, promised, speaker)
    assert hub.stop(signal.SIGTERM) == 0
    await _everything_agrees(tmp_path, promised)


async def _everything_is_there(hub: Hub, load: Load, promised: dict[str, int], speaker: Speaker) -> None:
    """Every promise has a receipt that verifies; posting all again changes no index and loses nobody."""
    verifier = log_signer(speaker.genesis.body["origin"], speaker.hub.log).verifier
    async with aiohttp.ClientSession() as session:
        sent, load.sent = load.sent, []
        await load.run(iter(sent))
        assert {parse_statement(one).digest for one in load.sent} <= load.promised.keys()
        assert not load.unexpected
        for digest, index in promised.items():
            assert load.promised[digest] == index
        for digest in random.Random(SEED).sample(sorted(promised), min(50, len(promised))):
            async with session.get(f"{hub.url}/v1/statements/{digest}/receipt") as response:
                receipt = await response.json()
            assert (response.status, receipt["index"]) == (200, promised[digest])
            proof = parse_proof(receipt["proof"].encode())
            head = open_checkpoint(parse_note(proof.checkpoint), verifier)
            assert proof.extra is not None
            check_inclusion(leaf_hash(proof.extra), proof.index, head.size, proof.hashes, head.root)
            assert sha256_hex(bytes.fromhex(digest)) in proof.extra.decode() or digest in proof.extra.decode()


async def _everything_agrees(data: Path, promised: dict[str, int]) -> None:
    keys = keystore.load(data / "keys")
    database = open_database(data, load_settings(data).storage)
    try:
        size = await audit(database, keys.log)
        names = [f"digest/{digest}" for digest in promised]
        found_there = await SqlLogStore(database).run(lambda log: log.load(names))
        assert {name.removeprefix("digest/"): row["index"] for name, row in found_there.items()} == promised
        head = await SqlLogStore(database).head()
        assert head is not None
        assert head.signed_size == head.size == size
        report = await fsck(database, log_signer(head.origin, keys.log).verifier)
        assert report.sound, report.findings[:5]
        assert (await rebuild(database)).none
    finally:
        await database.close()
