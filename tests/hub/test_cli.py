"""``odr-hub`` as people run it: init, officers' drafts, serve, and what it says when something is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import click
import pytest

from hub import cli
from signing.drafts import Draft
from signing.keyfile import open_keyfile, parse_keyfile
from signing.secretkeys import SigningKey
from signing.trust import parse_trust
from tests.hub.world import Actor

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process; returns exit code, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(one) for one in arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key files cost a moment on purpose; tests need not wait for it."""
    monkeypatch.setattr(
        "signing.keyfile._stretch", lambda passphrase, salt: (passphrase.encode() + salt).ljust(32)[:32]
    )


def passphrase(path: Path) -> Path:
    path.write_text("a passphrase\n")
    return path


@pytest.mark.usefixtures("quick")
def test_init_makes_a_hub_with_one_officer(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    code, out, err = run("init", "--data", data, "--url", "http://127.0.0.1:8600")
    assert (code, err) == (0, "")
    assert f"Next: odr-hub serve --data {data}" in out
    trust = parse_trust((data / "verification-policy.txt").read_bytes())
    assert f"network {trust.network}" in out
    assert (data / "officer" / "passphrase").stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700
    secret = (data / "officer" / "passphrase").read_text().strip()
    key = open_keyfile((data / "officer" / "officer-1.statement.key").read_bytes(), secret)
    assert isinstance(key, SigningKey)
    code, out, _ = run("status", "--data", data, "--json")
    facts = json.loads(out)
    assert (code, facts["origin"], facts["size"]) == (0, "127.0.0.1:8600/log/1", 1)
    assert run("fsck", "--data", data)[:2] == (0, "1 entries, 1 checkpoints: sound\n")
    assert json.loads(run("rebuild", "--data", data, "--json")[1]) == {
        "entries": 1,
        "added": 0,
        "changed": 0,
        "removed": 0,
    }


@pytest.mark.usefixtures("quick")
def test_nothing_is_overwritten(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run("init", "--data", data, "--url", "http://127.0.0.1:8600")
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    code, out, err = run("init", "--data", data, "--url", "http://127.0.0.1:8600")
    assert (code, out) == (1, "")
    assert err == "There is a hub in this data directory already. [data_exists at data]\n"
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("quick")
def test_named_officers_sign_the_genesis_on_their_own_machines(run: Run, tmp_path: Path) -> None:
    data, keys, secret = tmp_path / "data", tmp_path / "keys", passphrase(tmp_path / "secret")
    for name in ("lee", "mora"):
        arguments = ("--id", f"officer-{name}", "--name", name.title(), "--dir", keys, "--passphrase-file", secret)
        assert run("officer", "keygen", *arguments)[0] == 0
    public = [option for name in ("lee", "mora") for option in ("--officer", keys / f"officer-{name}.officer")]
    code, out, err = run("init", "--data", data, "--url", "http://127.0.0.1:8600", *public, "--passphrase-file", secret)
    assert (code, err) == (0, "")
    assert "waits for the signatures of officer-lee, officer-mora" in out
    draft = data / "genesis.draft"
    code, _, err = run("init", "--data", data, "--genesis", draft)
    assert code == 1
    assert "[bad_genesis]" in err
    assert "Not everybody has signed yet" in err
    for name in ("lee", "mora"):
        files = [option for use in ("statement", "http") for option in ("--key", keys / f"officer-{name}.{use}.key")]
        code, out, err = run("officer", "sign", draft, *files, "--passphrase-file", secret, "--yes")
        assert (code, err) == (0, "")
        assert "FOUNDING A NETWORK" in out
    assert "Everybody has signed; it can be posted." in out
    code, out, _ = run("officer", "show", draft)
    assert code == 0
    assert "threshold                2" in " ".join(out.split("\n")) or "threshold" in out
    code, out, err = run("init", "--data", data, "--genesis", draft)
    assert (code, err) == (0, "")
    assert "The log 127.0.0.1:8600/log/1 is created." in out
    code, _, err = run("init", "--data", data, "--genesis", draft)
    assert (code, "[log_exists" in err) == (1, True)


@pytest.mark.usefixtures("quick")
def test_a_genesis_of_another_hub_is_refused(run: Run, tmp_path: Path) -> None:
    secret = passphrase(tmp_path / "secret")
    arguments = ("--id", "officer-lee", "--name", "Lee", "--dir", tmp_path, "--passphrase-file", secret)
    run("officer", "keygen", *arguments)
    for name in ("one", "two"):
        options = ("--officer", tmp_path / "officer-lee.officer", "--passphrase-file", secret)
        run("init", "--data", tmp_path / name, "--url", "http://127.0.0.1:8600", *options)
    draft = tmp_path / "one" / "genesis.draft"
    files = [option for use in ("statement", "http") for option in ("--key", tmp_path / f"officer-lee.{use}.key")]
    run("officer", "sign", draft, *files, "--passphrase-file", secret, "--yes")
    code, _, err = run("init", "--data", tmp_path / "two", "--genesis", draft)
    assert code == 1
    assert "The genesis does not name this directory's statement key. [bad_genesis at statement.pem]" in err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--url", "hub.example"], "[setting_url at hub.url]"),
        (["--url", "http://h.example", "--threshold", "2"], "[bad_threshold at threshold]"),
        (["--url", "http://h.example", "--witness", "w1"], "[bad_witness at w1]"),
        (["--url", "http://h.example", "--quorum", "1"], "[bad_quorum at quorum]"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_impossible_plans_leave_no_hub(run: Run, tmp_path: Path, arguments: list[str], error: str) -> None:
    code, _, err = run("init", "--data", tmp_path / "data", *arguments)
    assert code == 1
    assert err.endswith(f"{error}\n")
    assert not (tmp_path / "data" / "hub.toml").exists()
    assert not (tmp_path / "data" / "keys").exists()


def test_wrong_usage_is_exit_2(run: Run, tmp_path: Path) -> None:
    assert run("init", "--data", tmp_path / "data")[0] == 2
    assert run("nonsense")[0] == 2
    assert run("serve")[0] == 2


@pytest.mark.parametrize("command", ["serve", "fsck", "rebuild", "status"])
def test_commands_say_that_there_is_no_hub(run: Run, tmp_path: Path, command: str) -> None:
    code, _, err = run(command, "--data", tmp_path)
    assert code == 1
    assert err == "There is no settings file here; `odr-hub init` makes one. [no_settings at hub.toml]\n"


def test_every_command_and_option_is_explained() -> None:
    def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                yield from walk(child, f"{path} {name}")

    for path, command in walk(cli.program, "odr-hub"):
        assert (command.help or "").strip().endswith("."), path
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.is_flag and "--help" not in parameter.opts:
                explained = parameter.help or isinstance(parameter.type, click.Choice)
                assert explained, f"{path} {parameter.name}"


# --- a served hub -----------------------------------------------------------------------------------


class Served:
    """``odr-hub serve`` as a process."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "hub.cli", "serve", "--data", str(data), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        watchdog = threading.Timer(60, self.process.kill)
        watchdog.start()
        self.ready = _line(self.process.stdout)
        watchdog.cancel()
        self.url = self.ready.split()[4] if self.ready else ""

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


@pytest.fixture
def served(run: Run, tmp_path: Path, quick: None) -> Iterator[tuple[Served, Path]]:
    data = tmp_path / "data"
    run("init", "--data", data, "--url", "http://127.0.0.1:8600", "--passphrase-file", passphrase(tmp_path / "secret"))
    one = Served(data)
    yield one, data
    if one.process.poll() is None:
        one.stop(signal.SIGKILL)


def test_serve_prints_one_ready_line_and_ends_cleanly(run: Run, served: tuple[Served, Path]) -> None:
    one, data = served
    assert one.ready == f"odr-hub is ready at {one.url} for http://127.0.0.1:8600\n"
    with urllib.request.urlopen(f"{one.url}/healthz", timeout=10) as answer:
        assert json.load(answer) == {"status": "ok"}
    memory = int(Path(f"/proc/{one.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert memory < 200_000_000, "a hub at rest fits in 200 MB"
    code, _, err = run("serve", "--data", data, "--port", "0")
    assert code == 1
    assert "Another process uses this data directory. [locked at lock]" in err
    assert run("fsck", "--data", data)[0] == 0, "fsck may run beside the hub"
    assert run("rebuild", "--data", data)[0] == 1, "rebuild may not"
    assert one.stop() == (0, "")


@pytest.mark.usefixtures("quick")
def test_officers_decide_by_drafts(run: Run, served: tuple[Served, Path], tmp_path: Path) -> None:
    one, data = served
    from hub import keystore
    from signing.statement import parse_statement
    from tests.hub.running import Clock
    from tests.hub.world import Speaker

    key = data / "officer" / "officer-1.statement.key"
    signing = ("--key", key, "--passphrase-file", tmp_path / "secret", "--yes")
    chain = json.load(urllib.request.urlopen(f"{one.url}/v1/policy", timeout=10))["chain"]
    genesis = parse_statement(json.dumps(chain[0]["statement"]).encode())
    clock = Clock(int(__import__("time").time()))
    speaker = Speaker(genesis, keystore.load(data / "keys"), clock, [])
    provider = Actor("provider-a", "provider")
    application = tmp_path / "provider.draft"
    application.write_bytes(_application(speaker, provider, parse_keyfile(key.read_bytes()).public.kid).to_bytes())

    code, out, err = run("officer", "admit", application, *signing, "--hub", one.url)
    assert (code, err) == (0, "")
    assert "A MEMBER'S ENTRY" in out
    assert "Registered at index 1: unwitnessed." in out

    draft = tmp_path / "listed.draft"
    decision = ("--type", "provider", "--scheme", "apec-2022", "--decided-by", "Sample panel", "--hub", one.url)
    valid = ("--valid-from", "2026-01-01T00:00:00Z", "--valid-to", "2029-01-01T00:00:00Z")
    code, out, err = run(
        "officer",
        "accredit",
        "provider-a",
        "--status",
        "listed",
        *decision,
        *valid,
        "--criterion",
        "fair=met",
        "--out",
        draft,
    )
    assert (code, err) == (0, "")
    assert "A DECISION ON ACCREDITATION" in out
    assert run("officer", "post", draft, "--hub", one.url)[0] == 1, "nobody has signed"
    assert run("officer", "sign", draft, *signing)[0] == 0
    assert run("officer", "post", draft, "--hub", one.url)[1] == "Registered at index 2: unwitnessed.\n"

    suspension = tmp_path / "suspended.draft"
    options = (*decision, *valid, "--ground", "communications_insecure", "--out", suspension)
    assert run("officer", "accredit", "provider-a", "--status", "suspended", *options)[0] == 0
    assert Draft.from_bytes(suspension.read_bytes()).payload["previous"] is not None

    revocation = tmp_path / "revoked.draft"
    code, out, _ = run(
        "officer", "revoke", "provider-a", provider.http.kid, "--reason", "lost", "--hub", one.url, "--out", revocation
    )
    assert code == 0
    assert run("officer", "sign", revocation, *signing)[0] == 0
    assert "index 3" in run("officer", "post", revocation, "--hub", one.url)[1]

    unchanged = run("officer", "policy", "--hub", one.url, "--out", tmp_path / "policy.draft")
    assert unchanged[0] == 1
    assert "[nothing_changes at policy]" in unchanged[2]
    run(
        "officer",
        "keygen",
        "--id",
        "officer-2",
        "--name",
        "Two",
        "--dir",
        tmp_path,
        "--passphrase-file",
        tmp_path / "secret",
    )
    added = ("--add-officer", tmp_path / "officer-2.officer", "--threshold", "2", "--hub", one.url)
    assert run("officer", "policy", *added, "--out", tmp_path / "policy.draft")[0] == 0
    both = [option for use in ("statement", "http") for option in ("--key", tmp_path / f"officer-2.{use}.key")]
    secret = ("--passphrase-file", tmp_path / "secret", "--yes")
    assert run("officer", "sign", tmp_path / "policy.draft", *both, *secret)[0] == 0
    assert run("officer", "sign", tmp_path / "policy.draft", *signing)[0] == 0
    assert "index 4" in run("officer", "post", tmp_path / "policy.draft", "--hub", one.url)[1]
    chain = json.load(urllib.request.urlopen(f"{one.url}/v1/policy", timeout=10))["chain"]
    assert [entry["receipt"]["index"] for entry in chain] == [0, 4]

    wrong = run("officer", "admit", revocation, *signing)
    assert (wrong[0], "[not_an_admission" in wrong[2]) == (1, True)
    stranger = run(
        "officer", "accredit", "nobody", "--status", "listed", *decision, *valid, "--out", tmp_path / "x.draft"
    )
    assert stranger[0] == 1
    assert "[not_found at nobody]" in stranger[2] or "[not_found" in stranger[2]
    assert one.stop() == (0, "")


def _application(speaker: Any, provider: Actor, officer: str) -> Draft:
    """A member's draft, signed by the member's own keys, waiting for the officer."""
    from signing.compose import payload
    from tests.hub.world import example

    profile = example("member", "valid-provider-minimal")["body"]["profile"]
    keys = [speaker.public_key(provider, purpose) for purpose in ("statement", "http", "monitor")]
    signers = [(provider.statement.kid, "introduced"), (provider.http.kid, "introduced"), (officer, "officer")]
    body = {"type": "provider", "profile": profile, "keys": keys}
    now = speaker.clock()
    draft = Draft(payload("member", provider.id, body, signers, network=speaker.network, now=now))
    return draft.signed_by(provider.statement, now).signed_by(provider.http, now)


def test_serving_ends_with_1_when_sequencing_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log fails while it writes: the process says so and ends, so that recovery can look."""
    from hub import serving
    from hub.log.committing import Committer
    from tests.hub.running import found
    from tests.hub.world import Actor

    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    speaker = asyncio.run(found(tmp_path / "data", officers))

    async def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Committer, "commit", broken)
    monkeypatch.setattr("time.time", lambda: float(speaker.clock()))
    monkeypatch.setattr(serving, "_announce", lambda runner, _: _post_later(runner, speaker))
    assert serving.serve(tmp_path / "data", "127.0.0.1", 0, "critical") == 1


def _post_later(runner: Any, speaker: Any) -> None:
    host, port = runner.addresses[0][:2]
    document = speaker.member(Actor("provider-a", "provider"))

    def post() -> None:
        headers = {"Content-Type": "application/jose+json"}
        request = urllib.request.Request(f"http://{host}:{port}/v1/statements", document, headers)
        try:
            urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            assert error.code == 503

    threading.Thread(target=post, daemon=True).start()
