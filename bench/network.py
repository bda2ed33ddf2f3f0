"""A real hub on loopback for measuring: founded for the purpose, served as its own process, witnesses beside it."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import free_port, stopped, wait_for_port
from tests.fakes.postgres import Cluster
from tests.hub.running import Clock, found
from tests.hub.world import Actor, Speaker

ROOT = Path(__file__).parents[1]
PROVIDER, NEUTRAL = Actor("acme", "provider"), Actor("noor", "neutral")


@dataclass
class Network:
    """A served network: where it listens, its process, and who speaks in it."""

    port: int
    data: Path
    process: subprocess.Popen[bytes]
    speaker: Speaker

    def awards(self, count: int, first: int = 0) -> list[bytes]:
        """``count`` complete award statements, each over another document."""
        return [self.speaker.award(PROVIDER, NEUTRAL, pdf=b"award %d" % (first + n)) for n in range(count)]

    def post(self, document: bytes) -> dict[str, object]:
        """Post one statement; returns the receipt."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/statements", document, {"Content-Type": "application/jose+json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
            answer: dict[str, object] = json.load(response)
        return answer

    def read(self, path: str) -> bytes:
        """The octets under a path."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as response:
            octets: bytes = response.read()
        return octets

    def memory(self) -> float:
        """Resident memory of the hub process in MB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * 4096 / 1e6

    def processor(self) -> float:
        """Seconds of processor time that the hub process has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(data: Path, port: int, *options: str) -> subprocess.Popen[bytes]:
    """Start ``odr-hub serve``; does not wait."""
    command = [sys.executable, "-m", "hub.cli", "serve", "--data", str(data), "--port", str(port), *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


@contextmanager
def network(witnesses: int = 0, *, postgresql: bool = False) -> Iterator[Network]:
    """A network with one provider and one neutral admitted; ended and removed with the block.

    With ``postgresql`` its tables are on a server of its own, without a standby.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        policy = _witnesses(folder, witnesses)
        officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
        now = int(time.time())
        data = folder / "hub"
        data.mkdir()
        storage = {"url": _server(stack).create("odr")} if postgresql else {}
        speaker = asyncio.run(found(data, officers, now=now, witness_policy=policy, storage=storage))
        _tell_witnesses(folder, witnesses, speaker)
        for number in range(witnesses):
            _serve_witness(stack, folder, number)
        speaker.clock = Clock(now)
        port = free_port()
        process = stack.enter_context(stopped(serve(data, port, *(["--allow-async"] if postgresql else []))))
        wait_for_port(port)
        served = Network(port, data, process, speaker)
        for document in (speaker.member(PROVIDER), speaker.accreditation(PROVIDER), speaker.neutral(NEUTRAL, PROVIDER)):
            served.post(document)
        yield served


def _server(stack: ExitStack) -> Cluster:
    cluster = Cluster({"shared_buffers": "256MB", "max_wal_size": "4GB"})
    stack.callback(cluster.stop)
    return cluster


def _witnesses(folder: Path, count: int) -> str:
    lines = []
    for number in range(count):
        name = f"witness-{number}"
        port = free_port()
        (folder / f"{name}.port").write_text(str(port), encoding="ascii")
        done = _gateway("witness", "init", "--dir", str(folder / name), "--name", f"{name}.example")
        vkey = next(word for word in done.split() if word.count("+") >= 2)
        lines.append(f"witness {name} {vkey} http://127.0.0.1:{port}")
    if not lines:
        return "quorum none\n"
    names = " ".join(f"witness-{number}" for number in range(count))
    return "\n".join([*lines, f"group all-witnesses {count - 1 or 1} {names}", "quorum all-witnesses", ""])


def _tell_witnesses(folder: Path, count: int, speaker: Speaker) -> None:
    for number in range(count):
        _gateway("witness", "add-log", "--dir", str(folder / f"witness-{number}"), str(speaker.genesis.body["log_key"]))


def _serve_witness(stack: ExitStack, folder: Path, number: int) -> None:
    port = (folder / f"witness-{number}.port").read_text(encoding="ascii")
    arguments = ["witness", "serve", "--dir", str(folder / f"witness-{number}"), "--port", port]
    command = [sys.executable, "-m", "providers.cli", *arguments]
    stack.enter_context(stopped(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)))
    wait_for_port(int(port))


def _gateway(*arguments: str) -> str:
    command = [sys.executable, "-m", "providers.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
