"""The commands that keep the log, as an operator runs them beside a running hub."""

import asyncio
import functools
import http.server
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from hub import cli
from signing.scan import http_fetch, scanned
from signing.trust import parse_trust
from signing.verification import verify_award
from tests.hub.running import Hub
from tests.hub.test_evidence import bundle
from tests.hub.world import PDF, Actor

Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a thread, so that the hub goes on; returns exit code, output and errors."""

    async def call(*arguments: object) -> tuple[int, str, str]:
        code = await asyncio.to_thread(cli.main, [str(one) for one in arguments])
        output = capfd.readouterr()
        return code, output.out, output.err

    return call


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves a directory with a plain web server; returns its address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(root: Path) -> str:
        handler = functools.partial(_Quiet, directory=str(root))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        del format, arguments


async def test_a_running_hub_is_exported_and_the_files_are_scanned(
    hub: Hub, run: Run, serve: Callable[[Path], str], tmp_path: Path
) -> None:
    provider, neutral = Actor("acme", "provider"), Actor("noor", "neutral")
    for document in (
        hub.speaker.member(provider), hub.speaker.accreditation(provider), hub.speaker.neutral(neutral, provider)
    ):  # fmt: skip
        await hub.registered(document)
    receipt = await hub.registered(hub.speaker.award(provider, neutral))
    target = tmp_path / "public" / "log"
    code, out, err = await run("export", "--data", hub.data, target)
    assert (code, err) == (0, "")
    assert out == (
        "5 entries of hub.example:8600/log/1 lie there, 5 of them new.\n"
        "2 objects written, 0 were there already; read back, they give the root.\n"
    )
    code, out, err = await run("export", "--data", hub.data, target, "--json", "--quiet")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "origin": "hub.example:8600/log/1", "before": 5, "size": 5, "written": 0, "present": 0,
    }  # fmt: skip
    data = bundle((await hub.get(f"/v1/awards/{receipt['digest']}"))[1])
    trust = parse_trust((hub.data / "verification-policy.txt").read_bytes())
    report = verify_award(data, trust, PDF, hub.clock())
    step = await asyncio.to_thread(lambda: scanned(report, data, trust, http_fetch(serve(target))).steps[-1])
    assert (step.outcome, step.reason) == (
        "pass", "All 5 entries read; 0 concern this award, all of them shown."
    )  # fmt: skip


async def test_a_refusal_is_one_sentence(hub: Hub, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "checkpoint").write_bytes(b"something else\n")
    code, out, err = await run("export", "--data", hub.data, tmp_path / "log")
    assert (code, out) == (1, "")
    assert err.startswith("What lies there is no checkpoint of this log, so nothing is written: ")
    assert err.endswith(" [target_foreign at checkpoint]\n")
