"""``odr-hub`` as people run it: init, officers' drafts, serve, and what it says when something is wrong."""

import asyncio
import contextlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import click
import pytest

from hub import cli, keystore, serving
from hub.log.committing import Committer
from hub.log.recovery import DataLock
from hub.manual import manual
from hub.storage.engine import Database, sqlite_url
from hub.storage.uploads import UploadStore
from hub.storage.values import Upload
from providers.client import HubClient
from providers.receipts import Receipt, Registration
from signing.compose import new_salt, payload
from signing.drafts import Draft
from signing.keyfile import open_keyfile, parse_keyfile
from signing.secretkeys import SigningKey
from signing.signnotes import format_trust, log_signer
from signing.statement import Statement, parse_statement
from signing.trust import TrustFile, parse_trust, parse_witness_policy
from tests.hub.running import Clock, found
from tests.hub.world import Actor, Speaker, example

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


def test_help_loads_neither_tables_nor_http() -> None:
    """Most commands are short; none waits for what only the running hub needs."""
    script = (
        "import sys; from hub.cli import main; main(['officer', '--help']);"
        "sys.exit(any(name in sys.modules for name in ('aiohttp', 'sqlalchemy', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


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
    assert (code, facts["origin"], facts["size"], facts["process"]) == (2, "127.0.0.1:8600/log/1", 1, "not running")
    assert facts["cosigned_by"] == []
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


@pytest.mark.parametrize("command", ["serve", "fsck", "rebuild", "status", "alarms list"])
def test_commands_say_that_there_is_no_hub(run: Run, tmp_path: Path, command: str) -> None:
    code, _, err = run(*command.split(), "--data", tmp_path)
    assert code == (2 if command in ("status", "fsck") else 1)
    assert "There is no settings file here; `odr-hub init` makes one." in err
    assert "[no_settings" in err


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


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # loopback
        return json.load(answer)


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
    assert fetch(f"{one.url}/healthz") == {"status": "ok"}
    memory = int(Path(f"/proc/{one.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert memory < 200_000_000, "a hub at rest fits in 200 MB"
    code, _, err = run("serve", "--data", data, "--port", "0")
    assert code == 1
    assert "Another process uses this data directory. [locked at lock]" in err
    assert run("fsck", "--data", data)[0] == 0, "fsck may run beside the hub"
    assert run("rebuild", "--data", data)[0] == 1, "rebuild may not"
    assert one.stop() == (0, "")


class Desk:
    """An officer at work: a served hub, the first officer's key, and where drafts go."""

    def __init__(self, run: Run, one: Served, data: Path, folder: Path) -> None:
        self.run, self.folder, self.data = run, folder, data
        self.hub: tuple[str | Path, ...] = ("--hub", one.url, "--policy", data / "verification-policy.txt")
        self.key = data / "officer" / "officer-1.statement.key"
        self.secret = ("--passphrase-file", folder / "secret", "--yes")
        chain = fetch(f"{one.url}/v1/policy")["chain"]
        genesis = parse_statement(json.dumps(chain[0]["statement"]).encode())
        self.speaker = Speaker(genesis, keystore.load(data / "keys"), Clock(int(time.time())), [])

    def done(self, *arguments: object) -> str:
        code, out, err = self.run("officer", *arguments)
        assert (code, err) == (0, "")
        return out

    def failed(self, *arguments: object) -> str:
        code, out, err = self.run("officer", *arguments)
        assert code == 1, out
        return err

    def sign(self, draft: Path, *keys: Path) -> str:
        chosen = [option for key in keys or (self.key,) for option in ("--key", key)]
        return self.done("sign", draft, *chosen, *self.secret)

    def post(self, draft: Path) -> str:
        return self.done("post", draft, *self.hub)

    def admitted(self, provider: Actor) -> str:
        draft = self.folder / f"{provider.id}.draft"
        officer = parse_keyfile(self.key.read_bytes()).public.kid
        draft.write_bytes(_application(self.speaker, provider, officer).to_bytes())
        return self.done("admit", draft, "--key", self.key, *self.secret, *self.hub)

    def decision(self, status: str, *more: object) -> Path:
        draft = self.folder / f"{status}.draft"
        fixed = ("--type", "provider", "--scheme", "apec-2022", "--decided-by", "Sample panel", *self.hub)
        valid = ("--valid-from", "2026-01-01T00:00:00Z", "--valid-to", "2029-01-01T00:00:00Z")
        out = self.done("accredit", "provider-a", "--status", status, *fixed, *valid, *more, "--out", draft)
        assert "A DECISION ON ACCREDITATION" in out
        return draft


@pytest.fixture
def desk(run: Run, served: tuple[Served, Path], tmp_path: Path) -> Desk:
    return Desk(run, *served, tmp_path)


PROVIDER = Actor("provider-a", "provider")


def test_an_officer_admits_and_accredits(desk: Desk) -> None:
    out = desk.admitted(PROVIDER)
    assert "A MEMBER'S ENTRY" in out
    assert "Registered at index 1: unwitnessed." in out
    draft = desk.decision("listed", "--criterion", "fair=met")
    assert "[signature_missing]" in desk.failed("post", draft, *desk.hub)
    assert "Everybody has signed" in desk.sign(draft)
    assert desk.post(draft) == "Registered at index 2: unwitnessed.\n"
    later = Draft.from_bytes(desk.decision("suspended", "--ground", "communications_insecure").read_bytes())
    assert later.payload["previous"] == Draft.from_bytes(draft.read_bytes()).digest


def test_without_a_pinned_policy_no_hub_is_believed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hub, out = desk.hub[:2], tmp_path / "out.draft"
    revoke = ("revoke", PROVIDER.id, PROVIDER.http.kid, "--reason", "lost")
    for arguments in [("policy", *hub, "--threshold", "1", "--out", out), (*revoke, *hub, "--out", out)]:
        told = desk.failed(*arguments)
        assert "Get the file from the coordinator or another officer, never from the hub" in told
        assert told.endswith("[no_policy at verification-policy.txt]\n")
        assert not out.exists()
    shutil.copy(desk.data / "verification-policy.txt", tmp_path)
    desk.done(*revoke, *hub, "--out", out)
    (tmp_path / "verification-policy.txt").unlink()
    assert "[no_policy " in desk.failed("post", out, *hub)


def test_a_policy_beside_the_key_is_found(desk: Desk) -> None:
    shutil.copy(desk.data / "verification-policy.txt", desk.key.parent)
    desk.hub = desk.hub[:2]
    assert "Registered at index 1: unwitnessed." in desk.admitted(PROVIDER)


def test_a_hub_that_does_not_fit_the_pinned_policy_is_not_believed(desk: Desk) -> None:
    trust = parse_trust((desk.data / "verification-policy.txt").read_bytes())
    log = parse_witness_policy(trust.text).log_keys[desk.speaker.genesis.body["origin"]]
    other = log_signer(log.name, SigningKey.generate()).verifier.format()
    pinned, out = desk.folder / "pinned.txt", desk.folder / "out.draft"
    for changed, code in [
        (replace(trust, text=trust.text.replace(log.format(), other)), "signature_missing"),
        (replace(trust, policy="ab" * 32), "pinned_policy_missing"),
        (replace(trust, network="ab" * 32), "wrong_network"),
    ]:
        pinned.write_bytes(format_trust(changed))
        told = desk.failed("policy", *desk.hub[:2], "--policy", pinned, "--threshold", "1", "--out", out)
        assert told.startswith("What the hub sent does not verify: ")
        assert f"[{code}" in told
        assert not out.exists()


def test_an_officer_signs_nothing_for_another_network(desk: Desk) -> None:
    trust = parse_trust((desk.data / "verification-policy.txt").read_bytes())
    pinned, draft = desk.folder / "pinned.txt", desk.folder / f"{PROVIDER.id}.draft"
    pinned.write_bytes(format_trust(replace(trust, network="ab" * 32)))
    desk.hub = ("--policy", pinned)
    officer = parse_keyfile(desk.key.read_bytes()).public.kid
    before = _application(desk.speaker, PROVIDER, officer).to_bytes()
    draft.write_bytes(before)
    told = desk.failed("admit", draft, "--key", desk.key, *desk.secret, *desk.hub)
    assert told == "The draft belongs to another network than the one you trust. [wrong_network at /network]\n"
    assert draft.read_bytes() == before


def test_a_receipt_that_does_not_verify_is_no_registration(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that answers with somebody else's proof, and keeps the statement to itself."""
    genesis = fetch(f"{desk.hub[1]}/v1/policy")["chain"][0]["receipt"]

    async def lie(_: HubClient, statement: Statement, *__: object, **___: object) -> Registration:
        return Registration(statement, Receipt.from_json(genesis | {"digest": statement.digest, "state": "witnessed"}))

    monkeypatch.setattr(HubClient, "post_statement", lie)
    draft = desk.folder / f"{PROVIDER.id}.draft"
    officer = parse_keyfile(desk.key.read_bytes()).public.kid
    draft.write_bytes(_application(desk.speaker, PROVIDER, officer).to_bytes())
    desk.sign(draft)
    told = desk.failed("post", draft, *desk.hub)
    assert told.startswith("What the hub sent does not verify: The log entry does not stand for this statement.")


def test_officers_post_no_confidential_statement(run: Run, tmp_path: Path) -> None:
    """Nobody could tell from its receipt whether it is in the log; nothing is asked of the hub."""
    key, network, now = SigningKey.generate(), "ab" * 32, int(time.time())
    body = {"award": "cd" * 32, "decision": "confirm", "reason_code": "key_safe"}
    octets = payload(
        "award-review", "coordinator", body, [(key.kid, "officer")], network=network, now=now, salt=new_salt()
    )
    draft, pinned = tmp_path / "review.draft", tmp_path / "pinned.txt"
    draft.write_bytes(Draft(octets).signed_by(key, now).to_bytes())
    pinned.write_bytes(format_trust(TrustFile(network, network, 0, "quorum none\n")))
    code, _, err = run("officer", "post", draft, "--hub", "http://127.0.0.1:9", "--policy", pinned)
    assert (code, err) == (1, "Officers post public statements only. [confidential_draft at award-review]\n")


def test_officers_revoke_a_key(desk: Desk) -> None:
    desk.admitted(PROVIDER)
    draft = desk.folder / "revoked.draft"
    desk.done("revoke", PROVIDER.id, PROVIDER.http.kid, "--reason", "lost", *desk.hub, "--out", draft)
    desk.sign(draft)
    assert "index 2" in desk.post(draft)
    key = fetch(f"{desk.hub[1]}/v1/keys/{PROVIDER.http.kid}")["key"]
    assert key["revoked_at"] == 2
    assert "[not_an_admission" in desk.failed("admit", draft, "--key", desk.key, *desk.secret)


def test_a_second_officer_comes_by_policy(desk: Desk) -> None:
    draft = desk.folder / "policy.draft"
    assert "[nothing_changes at policy]" in desk.failed("policy", *desk.hub, "--out", draft)
    assert "[unknown_officer at nobody]" in desk.failed(
        "policy", "--remove-officer", "nobody", *desk.hub, "--out", draft
    )
    secret = desk.secret[:2]
    desk.done("keygen", "--id", "officer-2", "--name", "Two", "--dir", desk.folder, *secret)
    newcomer = ("policy", "--add-officer", desk.folder / "officer-2.officer", "--threshold", "2")
    nobody = ("--hub", "http://127.0.0.1:1")  # nothing is asked, and nothing put on the desk
    told = desk.failed(*newcomer, *nobody, "--share", "--http-key", desk.folder / "officer-1.http.key")
    assert "[newcomer_not_on_desk at --share]" in told
    assert "Make the draft with --out FILE: the new officer signs the file with both keys" in told
    desk.done(*newcomer, *desk.hub, "--out", draft)
    desk.sign(draft, *(desk.folder / f"officer-2.{use}.key" for use in ("statement", "http")))
    desk.sign(draft)
    assert "index 1" in desk.post(draft)
    chain = fetch(f"{desk.hub[1]}/v1/policy")["chain"]
    assert [entry["receipt"]["index"] for entry in chain] == [0, 1]
    policy = parse_statement(json.dumps(chain[1]["statement"]).encode())
    assert (policy.body["threshold"], len(policy.body["officers"])) == (2, 2)


def _application(speaker: Any, provider: Actor, officer: str) -> Draft:
    """A member's draft, signed by the member's own keys, waiting for the officer."""
    profile = example("member", "valid-provider-minimal")["body"]["profile"]
    keys = [speaker.public_key(provider, purpose) for purpose in ("statement", "http", "monitor")]
    signers = [(provider.statement.kid, "introduced"), (provider.http.kid, "introduced"), (officer, "officer")]
    body = {"type": "provider", "profile": profile, "keys": keys}
    now = speaker.clock()
    draft = Draft(payload("member", provider.id, body, signers, network=speaker.network, now=now))
    return draft.signed_by(provider.statement, now).signed_by(provider.http, now)


def test_serving_ends_with_1_when_sequencing_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log fails while it writes: the process says so and ends, so that recovery can look."""
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    speaker = asyncio.run(found(tmp_path / "data", officers))

    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Committer, "commit", broken)
    monkeypatch.setattr("time.time", lambda: float(speaker.clock()))
    monkeypatch.setattr(serving, "_announce", lambda url, _: _post_later(url, speaker))
    assert serving.serve(tmp_path / "data", "127.0.0.1", 0, "critical") == 1
    assert (tmp_path / "data" / "alarms" / "sequencer_stopped.alarm").exists()
    assert not (tmp_path / "data" / "running.json").exists()


def _post_later(url: str, speaker: Any) -> None:
    document = speaker.member(Actor("provider-a", "provider"))

    def post() -> None:
        headers = {"Content-Type": "application/jose+json"}
        request = urllib.request.Request(f"{url}/v1/statements", document, headers)  # noqa: S310  # loopback
        with contextlib.suppress(urllib.error.URLError):  # the answer is 503; only what serve returns counts here
            urllib.request.urlopen(request, timeout=10)  # noqa: S310

    threading.Thread(target=post, daemon=True).start()


def test_the_manual_is_current() -> None:
    page = Path("docs/reference/odr-hub.md").read_text(encoding="utf-8")
    assert page == manual(), "run: make docs"


async def stored_package(data: Path, officers: list[Actor]) -> None:
    await found(data, officers)
    database = Database.open(sqlite_url(data / "hub.sqlite3"))
    upload = Upload("u" * 22, "acme-odr", "package", "t", "brio-odr", "ab" * 32, 9, 9, 0, 99, complete=False)
    await UploadStore(database).begin(upload, lambda _: None)
    await UploadStore(database).complete(upload, 99, 1)
    await database.close()


def test_packages_are_held_and_released(run: Run, tmp_path: Path, officers: list[Actor]) -> None:
    asyncio.run(stored_package(tmp_path, officers))
    with DataLock(tmp_path / "lock"):  # a hub may be running
        assert run("hold", "--data", tmp_path, "ab" * 32, "--reason", "file 1/2026")[:2] == (0, "Held.\n")
        assert run("release", "--data", tmp_path, "ab" * 32)[:2] == (0, "Released.\n")
    code, _, errors = run("hold", "--data", tmp_path, "cd" * 32, "--reason", "file 1/2026")
    assert (code, errors) == (1, f"No package of this hash is stored here. [not_found at {'cd' * 32}]\n")
    code, _, errors = run("release", "--data", tmp_path, "AB" * 32)
    assert code == 2
    assert "64 lowercase hexadecimal digits" in errors


class Screen(io.StringIO):
    """A terminal that keeps what it is shown."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("command", "shown"), [("fsck", "checking"), ("rebuild", "folding")])
def test_progress_is_shown_on_a_terminal_alone_and_not_when_quiet(
    run: Run, tmp_path: Path, officers: list[Actor], monkeypatch: pytest.MonkeyPatch, command: str, shown: str
) -> None:
    asyncio.run(found(tmp_path, officers))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert run(command, "--data", tmp_path)[2] == "", "standard error is no terminal here"
    for more, seen in ((), True), (("--quiet",), False):
        screen = Screen()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", screen)
            assert run(command, "--data", tmp_path, "--json", *more)[0] == 0
        assert (shown in screen.getvalue()) is seen


def test_tables_are_upgraded_while_no_hub_runs(run: Run, tmp_path: Path, officers: list[Actor]) -> None:
    asyncio.run(found(tmp_path, officers))
    with contextlib.closing(sqlite3.connect(tmp_path / "hub.sqlite3")) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table in SINCE_0001:
                connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    code, told, _ = run("status", "--data", tmp_path, "--json")
    assert (code, "run `odr-hub upgrade`" in json.loads(told)["problem"]) == (2, True)
    with DataLock(tmp_path / "lock"):
        assert run("upgrade", "--data", tmp_path)[0] == 1
    assert run("upgrade", "--data", tmp_path)[:2] == (0, "The tables are of this program's version.\n")
    assert json.loads(run("status", "--data", tmp_path, "--json")[1])["problem"] == ""


SINCE_0001 = {
    "uploads", "packages", "deletions", "cursors", "transfers", "transfer_statements", "inbox", "case_events",
    "ended_checkpoints", "draft_signers", "drafts", "directory_versions", "applications", "case_facts",
    "feedback_slots", "feedback_answers", "enquiries", "inbox_read",
}  # fmt: skip


def test_officers_publish_criteria_and_judge_by_them(desk: Desk, tmp_path: Path) -> None:
    desk.admitted(PROVIDER)
    draft = tmp_path / "reference.draft"
    out = desk.done("reference", "icodr-standards", *desk.hub, "--out", draft)
    assert "A REFERENCE FOR DECISIONS" in out
    desk.sign(draft)
    assert desk.post(draft) == "Registered at index 2: unwitnessed.\n"
    codes = [one["code"] for one in Draft.from_bytes(draft.read_bytes()).payload["body"]["criteria"]]
    found = [option for code in codes for option in ("--criterion", f"{code}=met")]
    chosen = ("--criteria-set", "icodr-standards@1")
    partial = desk.decision("listed", *chosen, *found[2:])
    desk.sign(partial)
    assert "There is no finding on accessible. [finding_missing at /body/criteria]" in desk.failed(
        "post", partial, *desk.hub
    )
    partial.unlink()
    complete = desk.decision("listed", *chosen, *found)
    desk.sign(complete)
    assert desk.post(complete) == "Registered at index 3: unwitnessed.\n"


def test_from_concern_to_removal_by_commands(desk: Desk, tmp_path: Path) -> None:
    desk.admitted(PROVIDER)
    consulted, reasons = tmp_path / "consultation.json", tmp_path / "reasons.txt"
    consulted.write_text(
        json.dumps({
            "ended_on": "2026-10-01", "took_part": True, "adjusted": False, "informed_enough": True,
            "recommends": "removal", "report_sha256": "ab" * 32,
        })
    )  # fmt: skip
    reasons.write_text("The questionnaire was not sent.\n\n  Not in two quarters.\n")
    ground = ("--ground", "feedback_not_sent")
    steps: dict[str, tuple[object, ...]] = {
        "listed": ("--criterion", f"fair=met,{'cd' * 32}"),
        "concern": (*ground, "--cure-deadline", "2199-01-01T00:00:00Z", "--reasons", reasons),
        "referred": (*ground, "--provision", "para 4.4", "--panel", "SG:Law Faculty"),
        "removed": (
            *ground, "--removal-basis", "recommendation", "--consultation", consulted,
            "--appeal", "open", "--appeal-until", "2199-01-01T00:00:00Z",
        ),
    }  # fmt: skip
    for number, (status, options) in enumerate(steps.items()):
        draft = desk.decision(status, *options)
        desk.sign(draft)
        assert desk.post(draft) == f"Registered at index {number + 2}: unwitnessed.\n"
    concern = Draft.from_bytes((tmp_path / "concern.draft").read_bytes())
    assert json.loads(concern.annex or b"")["reasons"] == ["The questionnaire was not sent.", "Not in two quarters."]
    removed = Draft.from_bytes((tmp_path / "removed.draft").read_bytes()).payload["body"]
    assert removed["appeal"] == {"state": "open", "until": "2199-01-01T00:00:00Z"}


def test_a_conditional_listing_by_command(desk: Desk) -> None:
    desk.admitted(PROVIDER)
    desk.decision("applied")
    conditions = ("--condition", "fair=Publish the rules.", "--condition", "See to it that a = b.")
    draft = desk.decision("conditional", *conditions, "--cure-deadline", "2199-01-01T00:00:00Z")
    assert Draft.from_bytes(draft.read_bytes()).payload["body"]["conditions"] == [
        {"text": "Publish the rules.", "criterion": "fair"}, {"text": "See to it that a = b."},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--criteria-set", "icodr"), "ID@VERSION"),
        (("--criterion", "fair=good"), "CODE=met, CODE=partly or CODE=not_met"),
        (("--panel", "Law Faculty"), "ECONOMY:INSTITUTION"),
        (("--appeal", "open"), "--appeal and --appeal-until go together"),
    ],
)
def test_a_decision_that_is_written_wrongly_is_wrong_usage(
    desk: Desk, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    times = ("--valid-from", "2026-01-01T00:00:00Z", "--valid-to", "2029-01-01T00:00:00Z")
    fixed = ("--type", "provider", "--status", "listed", "--scheme", "x", "--decided-by", "Panel", *times)
    code, _, err = desk.run(
        "officer", "accredit", "provider-a", *fixed, *options, *desk.hub, "--out", tmp_path / "out.draft"
    )
    assert code == 2
    assert told in err


@pytest.mark.parametrize(
    ("content", "told"), [(None, "No such file"), (b"{", "no JSON that"), (b"[]", "no JSON object")]
)
def test_a_reference_needs_a_readable_file(desk: Desk, tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "reference.json"
    if content is not None:
        file.write_bytes(content)
    err = desk.failed("reference", file, *desk.hub, "--out", tmp_path / "out.draft")
    assert told in err
    assert f"[bad_reference_file at {file}]" in err


def test_what_is_no_reference_is_not_drafted(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "reference.json"
    file.write_text('{"type": "criteria_set"}')
    assert "[schema_violation" in desk.failed("reference", file, *desk.hub, "--out", tmp_path / "out.draft")


def test_an_officer_is_named_with_an_affiliation_and_decides_nothing_there(desk: Desk, tmp_path: Path) -> None:
    desk.admitted(PROVIDER)
    draft = tmp_path / "policy.draft"
    desk.done("policy", "--affiliation", "officer-1=provider-a", *desk.hub, "--out", draft)
    desk.sign(draft)
    desk.post(draft)
    listed = desk.decision("listed")
    desk.sign(listed)
    assert "officer-1 is affiliated with provider-a" in desk.failed("post", listed, *desk.hub)
    cleared = tmp_path / "cleared.draft"
    desk.done("policy", "--affiliation", "officer-1=", *desk.hub, "--out", cleared)
    officers = Draft.from_bytes(cleared.read_bytes()).payload["body"]["officers"]
    assert [one.get("affiliations") for one in officers] == [None]
    for said, code in (("officer-1", "bad_affiliation"), ("nobody=provider-a", "unknown_officer")):
        err = desk.failed("policy", "--affiliation", said, *desk.hub, "--out", tmp_path / "other.draft")
        assert f"[{code} at " in err
