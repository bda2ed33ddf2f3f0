"""A real hub with a real witness, and real gateways of two providers: processes that can be killed and restarted."""

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from hub import keystore
from hub.founding import Plan, create_log, prepare
from hub.network import default_origin, witness_policy_of
from hub.settings import load_settings
from providers.gateway.home import create_home
from providers.witness.config import add_log, init_witness
from signing.notes import VerifierKey
from tests.fakes.keyfiles import lay_keys
from tests.hub.running import Clock, officer_file
from tests.hub.tables import lay_tables
from tests.hub.world import Actor, Speaker, agreement_key

ROOT = Path(__file__).parents[2]
PASSPHRASE = "a sample passphrase"
READY_SECONDS = 30.0
QUICK = "\n[serve]\nport = 0\npoll_seconds = 5\nretry_first_seconds = 1\nretry_cap_seconds = 2\nchunk_bytes = 65536\n"
QUICK_HUB = "\n[jobs]\nevidence_seconds = 1\n"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Process:
    """A program of ours, started until it says that it is ready."""

    command: list[str]
    ready: str
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            begin = self.log.stat().st_size
            self.running = subprocess.Popen(
                [sys.executable, *self.command], cwd=ROOT, stdout=log, stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        until = time.monotonic() + READY_SECONDS
        while self.ready not in self.log.read_bytes()[begin:].decode("utf-8", "replace"):
            assert self.running.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < until, self.log.read_text()[-3000:]
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.running is None or self.running.poll() is not None:
            return 0
        self.running.send_signal(number)
        return self.running.wait(20)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)


@dataclass
class Platform:
    """A provider's platform: it knows the gateway's directory, address and token, and speaks JSON."""

    name: str
    directory: Path
    process: Process

    @property
    def url(self) -> str:
        return (self.directory / "exchange" / "address").read_text("ascii").strip()

    @property
    def headers(self) -> dict[str, str]:
        token = (self.directory / "exchange" / "token").read_text("ascii").strip()
        return {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, status: int | None = None, **more: Any) -> dict[str, Any]:
        """One request; the status must be as given, or of success."""
        async with (
            aiohttp.ClientSession(headers=self.headers) as session,
            session.request(method, self.url + path, **more) as response,
        ):
            found: dict[str, Any] = await response.json(content_type=None)
            assert response.status == status if status else response.status < 300, found
            return found

    async def add_case(self, case: dict[str, Any], files: dict[str, bytes]) -> str:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("case", json.dumps(case), filename="case.json")
        for name, content in files.items():
            form.add_field("document", io.BytesIO(content), filename=name, content_type="application/octet-stream")
        return str((await self.ask("POST", "/cases", data=form))["case_id"])

    async def until(self, transfer: str, *states: str, seconds: float = 60.0, **wanted: Any) -> dict[str, Any]:
        """The transfer once it is in one of these states (finished, if final) and its members are as wanted."""
        found: dict[str, Any] = {}
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            with contextlib.suppress(aiohttp.ClientError, AssertionError, OSError):
                found = await self.ask("GET", f"/transfers/{transfer}")
                if found["state"] in states and all(found[name] == value for name, value in wanted.items()):
                    return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.name}: {found.get('state')}, {found.get('problem')}, {found.get('outbox')}")


@dataclass
class House:
    """Everything."""

    directory: Path
    hub: Process
    witness: Process
    url: str
    platforms: dict[str, Platform] = field(default_factory=dict)
    speaker: Speaker | None = None

    @property
    def hub_data(self) -> Path:
        return self.directory / "hub"

    def stop(self) -> None:
        for one in (*(each.process for each in self.platforms.values()), self.hub, self.witness):
            one.kill()


@contextlib.contextmanager
def house(
    directory: Path,
    *names: str,
    hub_url: str | None = None,
    port: int | None = None,
    serve: str = QUICK,
    hub_settings: str = "",
    log_level: str = "warning",
    witnessed: bool = True,
    officers: int = 2,
    threshold: int = 1,
) -> Iterator[House]:
    """Found a network in ``directory``, admit providers, start everything.

    ``hub_url`` is where gateways believe that the hub is: a proxy that a test puts before it. Without a witness
    the gateways need ``accept_unwitnessed``. ``hub_settings`` are tables of ``hub.toml`` beside ``[hub]``.
    """
    settings = hub_settings + QUICK_HUB
    port = port or free_port()
    people = [Actor(f"officer-{number}", "officer") for number in range(1, officers + 1)]
    one = asyncio.run(
        _build(
            directory, names, hub_url, port, serve, settings, log_level=log_level, witnessed=witnessed,
            officers=people, threshold=threshold,
        )
    )  # fmt: skip
    try:
        yield one
    finally:
        one.stop()


async def _build(
    directory: Path, names: tuple[str, ...], hub_url: str | None, port: int, serve: str, settings: str, *,
    log_level: str, witnessed: bool, officers: list[Actor], threshold: int,
) -> House:  # fmt: skip
    witness_port = free_port()
    url, data = hub_url or f"http://127.0.0.1:{port}", directory / "hub"
    vkey = init_witness(directory / "witness", "witness.example")
    witness = Process(
        ["-m", "providers.cli", "witness", "serve", "--dir", str(directory / "witness"), "--port", str(witness_port)],
        "listening on", directory / "witness.log",
    )  # fmt: skip
    now = int(time.time())
    policy = witness_policy_of([f"w1 {vkey} http://127.0.0.1:{witness_port}"], 1) if witnessed else "quorum none\n"
    monitor = agreement_key("coordinator/monitor").public
    plan = Plan(
        url, default_origin(url), "hub", ("coordinator", monitor), tuple(map(officer_file, officers)), threshold, policy
    )
    draft = prepare(data, plan, now)
    for officer in officers:
        draft = draft.signed_by(officer.statement, now).signed_by(officer.http, now)
    with (data / "hub.toml").open("a") as file:
        file.write(settings)
    await lay_tables(data / "hub.sqlite3")
    genesis = await create_log(data, load_settings(data), draft, lambda: now)
    add_log(directory / "witness", VerifierKey.parse(genesis.body["log_key"]).format())
    if witnessed:
        await asyncio.to_thread(witness.start)
    command = ["-m", "hub.cli", "serve", "--data", str(data), "--port", str(port), "--log-level", log_level]
    hub = Process(command, "is ready at", directory / "hub.log")
    await asyncio.to_thread(hub.start)
    one = House(directory, hub, witness, url)
    one.speaker = Speaker(genesis, keystore.load(data / "keys"), Clock(now), officers)
    for name in names:
        await _admit(one, Actor(name, "provider"), f"http://127.0.0.1:{port}", serve)
    return one


async def _admit(one: House, actor: Actor, hub: str, serve: str) -> None:
    assert one.speaker is not None
    async with aiohttp.ClientSession() as session:
        for document in (one.speaker.member(actor), one.speaker.accreditation(actor)):
            headers = {"Content-Type": "application/jose+json", "Prefer": "wait=10"}
            async with session.post(f"{hub}/v1/statements", data=document, headers=headers) as response:
                assert response.status == 201, await response.text()
    directory = one.directory / actor.id
    policy = (one.hub_data / "verification-policy.txt").read_bytes()
    home = create_home(directory, actor=actor.id, member_type="provider", hub=one.url, policy=policy)
    keys = {purpose: getattr(actor, purpose) for purpose in ("statement", "http", "monitor", "inbox")}
    await asyncio.to_thread(lay_keys, {home.key_file(name): key for name, key in keys.items()}, PASSPHRASE)
    (directory / "passphrase").write_text(f"{PASSPHRASE}\n")
    with (directory / "gateway.toml").open("a") as settings:
        settings.write(serve)
    command = ["-m", "providers.cli", "serve", "--dir", str(directory)]
    process = Process(
        [*command, "--passphrase-file", str(directory / "passphrase")],
        "listening on",
        one.directory / f"{actor.id}.log",
    )
    await asyncio.to_thread(process.start)
    one.platforms[actor.id] = Platform(actor.id, directory, process)
