"""A member changes its keys and its profile at the command line, at a real hub."""

import json
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hub import cli as hub_program
from providers import cli as gateway_program
from providers.errors import HubUnavailableError, ProvidersError, UntrustedAnswerError
from providers.gateway.posting import register
from signing.keyfile import parse_keyfile
from tests.fakes.onehub import one_hub


@dataclass
class Member:
    """An admitted provider's gateway, and an officer."""

    place: Path
    url: str
    output: Callable[[], str] = field(default=str)

    @property
    def home(self) -> Path:
        return self.place / "gateway"

    def run(self, *arguments: object, fails: int = 0) -> str:
        code = gateway_program.main([str(one) for one in arguments])
        told = self.output()
        assert code == fails, told
        return told

    def key(self, command: str, *arguments: object, fails: int = 0) -> str:
        if command == "list":
            return self.run("key", "list", "--dir", self.home)
        fixed = ("--passphrase-file", self.place / "passphrase", "--yes", "--accept-unwitnessed")
        return self.run("key", command, *arguments, "--dir", self.home, *fixed, fails=fails)

    def officer(self, *arguments: object) -> str:
        fixed = ("--key", self.place / "officer" / "officer.statement.key", "--passphrase-file", self.place / "secret")
        code = hub_program.main(["officer", *map(str, arguments), "--hub", self.url, *map(str, fixed), "--yes"])
        told = self.output()
        assert code == 0, told
        return told

    def kid(self, purpose: str) -> str:
        return parse_keyfile((self.home / "keys" / f"{purpose}.key.json").read_bytes()).public.kid

    def shown(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/v1/members/my-centre", timeout=10) as answer:  # noqa: S310 - loopback
            found: dict[str, Any] = json.load(answer)
        return found


@pytest.fixture(scope="module")
def admitted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    place = tmp_path_factory.mktemp("keys")
    with one_hub(place) as url:
        where = ["--hub", url, "--policy", str(place / "verification-policy.txt"), "--dir", str(place / "gateway")]
        secret = ["--passphrase-file", str(place / "passphrase")]
        what = ["--id", "my-centre", "--type", "provider", "--profile", str(place / "profile.json")]
        assert gateway_program.main(["init", *where, *what, *secret]) == 0
        assert gateway_program.main(["apply", "--dir", str(place / "gateway"), *secret]) == 0
        officer = ["--key", str(place / "officer" / "officer.statement.key"), "--hub", url, "--yes"]
        admit = ["officer", "admit", "my-centre", *officer, "--passphrase-file", str(place / "secret")]
        assert hub_program.main(admit) == 0
        yield place, url


@pytest.fixture
def member(admitted: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> Member:
    capsys.readouterr()
    return Member(*admitted, lambda: "".join(capsys.readouterr()))


@pytest.mark.parametrize("purpose", ["http", "statement", "inbox", "monitor"])
def test_a_key_is_replaced(member: Member, purpose: str) -> None:
    old = member.kid(purpose)
    told = member.key("add", "--purpose", purpose)
    new = member.kid(purpose)
    assert new != old
    assert f"The {purpose} key in use is now {new}" in told
    kept = member.home / "keys" / f"{purpose}.{old[:8]}.key.json"
    assert parse_keyfile(kept.read_bytes()).public.kid == old
    assert kept.stat().st_mode & 0o777 == 0o600
    assert f"odr-gateway key retire {old} --dir {member.home}" in told
    told = member.key("retire", old)
    assert "A CHANGE OF KEYS" in told
    assert "The key is good until 20" in told
    (line,) = [line for line in member.key("list").splitlines() if line.startswith(old)]
    assert "retired, still good until 20" in line
    assert line.endswith(f"({purpose}.{old[:8]}.key.json)")
    (line,) = [line for line in member.key("list").splitlines() if line.startswith(new)]
    assert line.endswith(f"current  ({purpose}.key.json)")
    record = next(one for one in member.shown()["keys"] if one["kid"] == old)
    assert record["retired_at"] is not None
    assert "code already_retired" in member.key("retire", old, fails=1)


def test_an_addition_whose_answer_was_lost_is_taken_up_again(member: Member) -> None:
    before = {path.name: path.read_bytes() for path in (member.home / "keys").iterdir()}
    member.key("add", "--purpose", "http")
    new = (member.home / "keys" / "http.key.json").read_bytes()
    shutil.rmtree(member.home / "keys")
    (member.home / "keys").mkdir()
    for name, data in {**before, "http.new.key.json": new}.items():
        (member.home / "keys" / name).write_bytes(data)
    told = member.key("add", "--purpose", "http")
    assert "The key is registered already." in told
    assert (member.home / "keys" / "http.key.json").read_bytes() == new


def test_a_key_is_revoked_by_its_owner(member: Member) -> None:
    old = member.kid("http")
    member.key("add", "--purpose", "http")
    short = old if old.startswith("-") else old[:12]  # a shortened kid with a hyphen would need "--" before it
    told = member.key("revoke", short, "--reason", "superseded")
    assert "tell an officer from when on" in told
    (line,) = [line for line in member.key("list").splitlines() if line.startswith(old)]
    assert "revoked at log index" in line
    told = member.key("revoke", old, "--reason", "lost", fails=1)
    assert "code already_revoked" in told
    told = member.key("retire", "zzzz", fails=1)
    assert "This is no key of yours, or it is not named exactly. (zzzz)\n  code unknown_key" in told
    told = member.key("confirm", member.kid("http"), fails=1)
    assert "code nothing_to_confirm" in told


@pytest.mark.parametrize("lost", [HubUnavailableError, UntrustedAnswerError])
def test_a_change_whose_receipt_did_not_come_is_completed_by_the_same_command(
    member: Member, monkeypatch: pytest.MonkeyPatch, lost: type[ProvidersError]
) -> None:
    """It is in the log already, and can't be stated again."""

    async def late(*given: Any, **named: Any) -> None:
        await register(*given, **named)
        raise lost("not_witnessed_yet", "Run the same command again later.", retryable=True)

    old = member.kid("http")
    member.key("add", "--purpose", "http")
    with monkeypatch.context() as patched:
        patched.setattr("providers.gateway.online.register", late)
        assert "code not_witnessed_yet" in member.key("retire", old, fails=1)
    kept = member.home / f"key-retire.{old[:8]}.draft.json"
    newest = member.shown()["key_statement"]
    told = member.key("retire", old)
    assert f"This was signed before; it is in {kept}." in told
    assert "Registered at log index" in told
    assert member.shown()["key_statement"] == newest
    assert not kept.exists()
    assert "code already_retired" in member.key("retire", old, fails=1)
    assert not kept.exists(), "what is refused for good is not kept"


@pytest.mark.parametrize("verb", [["retire"], ["revoke", "--reason", "superseded"]], ids=["retire", "revoke"])
def test_without_witnesses_nothing_is_sent_before_that_is_accepted(member: Member, verb: list[str]) -> None:
    """What the first answer advises, the same command again, is then not refused."""
    old = member.kid("http")
    member.key("add", "--purpose", "http")
    newest = member.shown()["key_statement"]
    command = ["key", *verb, "--dir", member.home, "--yes", "--passphrase-file", member.place / "passphrase"]
    told = member.run(*command, "--", old, fails=1)
    assert "Nothing was sent: the policy of this network asks for no witnesses" in told
    assert "run the same command again with --accept-unwitnessed; waiting changes nothing" in told
    assert "code no_witnesses; to act: you\n" in told
    assert member.shown()["key_statement"] == newest
    member.run(*command, "--accept-unwitnessed", "--", old)
    assert member.shown()["key_statement"] != newest


def test_a_key_that_is_added_without_witnesses_is_the_same_the_second_time(member: Member) -> None:
    before, newest = member.kid("monitor"), member.shown()["key_statement"]
    command = ["key", "add", "--purpose", "monitor", "--dir", member.home, "--yes"]
    command += ["--passphrase-file", member.place / "passphrase"]
    assert "code no_witnesses" in member.run(*command, fails=1)
    assert (member.kid("monitor"), member.shown()["key_statement"]) == (before, newest)
    made = parse_keyfile((member.home / "keys" / "monitor.new.key.json").read_bytes()).public.kid
    member.run(*command, "--accept-unwitnessed")
    assert member.kid("monitor") == made


def test_the_profile_is_updated(member: Member) -> None:
    profile = json.loads((member.place / "profile.json").read_text())
    profile |= {"languages_procedure": ["en", "fr"], "average_length_days": 40}
    path = member.place / "new-profile.json"
    path.write_text(json.dumps(profile))
    told = member.run("profile", "update", path, "--dir", member.home)
    assert '  languages_procedure: ["en","zh-Hans"] -> ["en","fr"]\n' in told
    assert "  average_length_days: none -> 40\n" in told
    assert "legal_name" not in told
    draft = member.home / "profile.draft.json"
    secret = ("--passphrase-file", member.place / "passphrase", "--yes")
    member.run("sign", draft, "--key", member.home / "keys" / "statement.key.json", *secret)
    assert "Registered at index" in member.officer("admit", draft)
    assert member.shown()["member"]["profile"]["languages_procedure"] == ["en", "fr"]
    draft.unlink()
    assert "Nothing in the profile changes." in member.run("profile", "update", path, "--dir", member.home)
    draft.unlink()
    (member.place / "bad.json").write_text('{"legal_name": "x"}')
    told = member.run("profile", "update", member.place / "bad.json", "--dir", member.home, fails=1)
    assert "code schema_violation" in told
    assert not draft.exists()


def test_what_will_end_is_told(member: Member) -> None:
    old = member.kid("monitor")
    member.key("add", "--purpose", "monitor")
    member.key("retire", old)
    secret = ("--passphrase-file", member.place / "passphrase")
    told = member.run("notices", "--dir", member.home, *secret)
    assert "30 days   A retired monitor key of my-centre ends within 30 days; stop using it.\n" in told
    desk = member.place / "officer" / "officer.http.key"
    signed = ["--key", str(desk), "--passphrase-file", str(member.place / "secret")]
    code = hub_program.main(["officer", "notices", "--hub", member.url, *signed])
    assert (code, member.output()) == (0, told)
    told = member.run("key", "affected", member.kid("statement")[:10], "--dir", member.home, *secret)
    assert told.startswith(f"Key {member.kid('statement')} of my-centre, in doubt from log index ")
    assert told.endswith("on:\n  no award is affected.\n")


def test_keys_that_came_in_through_a_key_revoked_from_before_are_suspended(member: Member) -> None:
    """It must come before whatever needs a statement key of this member: there is none afterwards."""
    old = member.kid("statement")
    size = member.shown()["size"]
    member.key("add", "--purpose", "monitor")
    member.key("add", "--purpose", "statement")
    new, monitor = member.kid("statement"), member.kid("monitor")
    assert " current " in line_of(member, new)
    draft = member.place / "revoke.json"
    policy = ("--policy", member.place / "verification-policy.txt")
    why = ("--reason", "compromised", "--invalid-from", size, "--out", draft)
    hub_run(member, "revoke", "my-centre", old, *why, "--hub", member.url, *policy)
    sign = ("--key", member.place / "officer" / "officer.statement.key", "--passphrase-file", member.place / "secret")
    hub_run(member, "sign", draft, *sign, "--yes")
    hub_run(member, "post", draft, "--hub", member.url, *policy)
    for kid in (new, monitor):
        assert f"suspended; it came in through the revoked key {old} and nobody has confirmed it" in line_of(
            member, kid
        )
        with urllib.request.urlopen(f"{member.url}/v1/keys/{kid}", timeout=10) as answer:  # noqa: S310 - loopback
            assert json.load(answer)["state"] == "suspended"
    assert "If one is yours all the same, ask the officers: as many as the threshold" in member.key("list")
    assert "code key_suspended" in member.key("confirm", new, fails=1)


def line_of(member: Member, kid: str) -> str:
    return next(line for line in member.key("list").splitlines() if line.startswith(kid))


def hub_run(member: Member, *arguments: object) -> None:
    code = hub_program.main(["officer", *map(str, arguments)])
    told = member.output()
    assert code == 0, told


def test_officers_give_a_new_key_to_who_has_lost_theirs(member: Member) -> None:
    new = member.place / "lost" / "new.key.json"
    new.parent.mkdir()
    secret = ("--passphrase-file", member.place / "passphrase")
    member.run("keygen", "--out", new, *secret)
    draft, public = new.with_name("key.draft.json"), new.with_name("new.public.json")
    policy = ("--policy", str(member.place / "verification-policy.txt"))
    add = ["officer", "key", "add", "my-centre", "--type", "member", "--public", str(public), "--out", str(draft)]
    assert hub_program.main([*add, "--hub", member.url, *policy]) == 0
    assert "Still to sign: officer" in member.output()
    member.run("sign", draft, "--key", new, *secret, "--yes")
    sign = ["--key", str(member.place / "officer" / "officer.statement.key"), "--yes"]
    assert (
        hub_program.main(["officer", "sign", str(draft), *sign, "--passphrase-file", str(member.place / "secret")]) == 0
    )
    assert hub_program.main(["officer", "post", str(draft), "--hub", member.url, *policy]) == 0
    member.output()
    kid = parse_keyfile(new.read_bytes()).public.kid
    (line,) = [line for line in member.key("list").splitlines() if line.startswith(kid)]
    assert "statement  made by officers, good from 20" in line
    record = next(one for one in member.shown()["keys"] if one["kid"] == kid)
    assert record["by_officers"] is True
