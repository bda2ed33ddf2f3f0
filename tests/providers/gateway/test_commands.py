"""``odr-gateway`` from end to end, without a terminal, against a fake hub on loopback."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from providers.cli import main
from providers.gateway import keystore, posting
from signing.bundle import read_bundle
from signing.drafts import Draft
from signing.keyfile import parse_keyfile
from signing.statement import Statement
from signing.trust import parse_trust
from signing.verification import verify_award
from tests.fakes.world import World
from tests.providers.fakehub import FakeHub, problem
from tests.providers.gateway.samples import AWARD_DETAILS, CASE, NEUTRAL_ENTRY, PDF, PROVIDER_PROFILE

PASSPHRASE = "six plain sample words"


@dataclass
class Desk:
    """A provider's table: a directory with input files, and the hub it talks to."""

    path: Path
    hub: FakeHub

    @property
    def home(self) -> Path:
        return self.path / "gateway"

    def run(self, *arguments: str | Path) -> int:
        secret = ("--passphrase-file", self.path / "passphrase")
        needs_secret = arguments[0] in ("init", "keygen", "sign") or arguments[:2] == ("award", "sign")
        return main([str(one) for one in (*arguments, *(secret if needs_secret else ()))])

    def admit(self) -> None:
        """Init, the officer's signature, post."""
        assert self.run(
            "init", "--dir", self.home, "--id", "sample-provider", "--type", "provider", "--hub", self.hub.url,
            "--policy", self.path / "verification-policy.txt", "--profile", self.path / "profile.json",
        ) == 0  # fmt: skip
        self.officer_signs(self.home / "admission.draft.json")
        assert self.run("post", self.home / "admission.draft.json", "--dir", self.home) == 0

    def nominate(self, *more: str) -> None:
        """Keygen, neutral prepare, three signatures, post."""
        draft = self.home / "sample-neutral.draft.json"
        assert self.run("keygen", "--out", self.path / "neutral.key.json") == 0
        assert self.run(
            "neutral", "prepare", "--dir", self.home, "--id", "sample-neutral",
            "--key", self.path / "neutral.public.json", "--profile", self.path / "neutral.json",
        ) == 0  # fmt: skip
        assert self.run("sign", draft, "--key", self.path / "neutral.key.json", "--yes") == 0
        assert self.run("sign", draft, "--key", self.home / "keys" / "statement.key.json", "--yes") == 0
        self.officer_signs(draft)
        assert self.run("post", draft, "--dir", self.home, *more) == 0

    def officer_signs(self, draft: Path) -> None:
        """What an officer's own tool does."""
        officer = self.hub.world.officers[0].statement
        signed = Draft.from_bytes(draft.read_bytes()).signed_by(officer, int(time.time()))
        draft.write_bytes(signed.to_bytes())

    def prepare(self, *more: str | Path) -> int:
        return self.run(
            "award", "prepare", "--dir", self.home, "--document", self.path / "award.pdf", "--case", CASE,
            "--neutral", "sample-neutral", "--details", self.path / "details.json", *more,
        )  # fmt: skip

    def signed_award(self) -> Path:
        """Prepared, and signed by neutral and provider."""
        draft, document = self.path / "award.draft.json", self.path / "award.pdf"
        assert self.prepare() == 0
        key = self.path / "neutral.key.json"
        assert self.run("sign", draft, "--key", key, "--document", document, "--yes") == 0
        assert self.run("award", "sign", "--dir", self.home, draft, "--document", document, "--yes") == 0
        return draft


@pytest.fixture
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching passphrases is tested elsewhere; here it would only cost time."""
    monkeypatch.setattr(
        "signing.keyfile._stretch", lambda passphrase, salt: (passphrase.encode() + salt + bytes(32))[:32]
    )


@pytest.fixture
def desk(tmp_path: Path, cheap_keys: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(posting, "POLL_SECONDS", 0.01)
    world = World(now=int(time.time()) - 600)
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    (tmp_path / "verification-policy.txt").write_bytes(world.trust_file())
    (tmp_path / "profile.json").write_text(json.dumps(PROVIDER_PROFILE))
    (tmp_path / "neutral.json").write_text(json.dumps(NEUTRAL_ENTRY))
    (tmp_path / "details.json").write_text(json.dumps(AWARD_DETAILS))
    (tmp_path / "award.pdf").write_bytes(PDF)
    with FakeHub(world) as hub:
        yield Desk(tmp_path, hub)


Captured = pytest.CaptureFixture[str]


def test_from_admission_to_a_bundle_that_a_court_accepts(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    draft = desk.signed_award()
    assert desk.run("award", "register", "--dir", desk.home, draft) == 0
    output = capsys.readouterr().out
    assert "Registered at log index 3; the receipt verifies: cosigned by witness-1, witness-2, witness-3." in output
    assert "computed here; it is the document that the draft names" in output
    assert output.count("\nStill to sign: ") == 3, "by init, neutral prepare and award prepare, at the start of a line"
    assert "Next: Still" not in output

    bundle = desk.path / "award-bundle.zip"
    assert desk.run("award", "bundle", "--dir", desk.home, "--document", desk.path / "award.pdf") == 0
    assert "Genuine: yes" in capsys.readouterr().out
    trust = parse_trust((desk.path / "verification-policy.txt").read_bytes())
    assert verify_award(bundle.read_bytes(), trust, PDF, int(time.time())).exit_code == 0


def test_keys_are_named_with_their_files_and_officers_with_their_names(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    output = capsys.readouterr().out
    for purpose in ("statement", "http", "monitor", "inbox"):
        file = desk.home / "keys" / f"{purpose}.key.json"
        assert f"\n  {file}: key {parse_keyfile(file.read_bytes()).public.kid}, " in output
    officer = desk.hub.world.officers[0]
    waits = f"{officer.id} (officer) with key {officer.statement.kid}"
    assert f"\nStill to sign: {waits}.\nNext: odr-gateway apply --dir {desk.home}\n" in output
    desk.nominate()
    own = desk.home / "keys" / "statement.key.json"
    kid = parse_keyfile(own.read_bytes()).public.kid
    output = capsys.readouterr().out
    assert f"provider with key {kid} (in {own}), {waits}." in output
    assert "Still to sign: sample-neutral (introduced) with key " in output
    assert desk.prepare() == 0
    output = capsys.readouterr().out
    assert "Still to sign: sample-neutral (neutral) with key " in output
    assert f"provider with key {kid} (in {own})." in output


def test_registering_twice_gives_the_same_receipt(desk: Desk) -> None:
    desk.admit()
    desk.nominate()
    draft = desk.signed_award()
    assert desk.run("award", "register", "--dir", desk.home, draft) == 0
    assert desk.run("award", "register", "--dir", desk.home, draft) == 0
    assert len(list((desk.home / "receipts").iterdir())) == 1


def test_a_receipt_that_comes_late_is_waited_for(desk: Desk) -> None:
    desk.admit()
    desk.nominate()
    draft = desk.signed_award()
    desk.hub.patience = 3
    assert desk.run("award", "register", "--dir", desk.home, draft) == 0
    assert desk.hub.patience <= 0


def test_an_unwitnessed_receipt_is_never_a_success(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    draft = desk.signed_award()
    desk.hub.patience = 10_000
    assert desk.run("award", "register", "--dir", desk.home, draft, "--wait", "1") == 1
    captured = capsys.readouterr()
    assert "the quorum of witnesses has not confirmed it yet (0 did)" in captured.err
    assert "code not_witnessed_yet; to act: hub; the same again may succeed" in captured.err
    assert not (desk.home / "receipts").exists()


def test_a_false_receipt_is_never_a_success(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    draft = desk.signed_award()
    desk.hub.world.log_key = desk.hub.world.signing_key("another log key")
    assert desk.run("award", "register", "--dir", desk.home, draft) == 1
    assert "What the hub sent does not verify" in capsys.readouterr().err
    assert not (desk.home / "receipts").exists()


def test_a_hub_of_another_network_is_refused_before_any_key_is_made(desk: Desk, capsys: Captured) -> None:
    (desk.path / "verification-policy.txt").write_bytes(World(seed="other").trust_file())
    code = desk.run(
        "init", "--dir", desk.home, "--id", "sample-provider", "--type", "provider", "--hub", desk.hub.url,
        "--policy", desk.path / "verification-policy.txt", "--profile", desk.path / "profile.json",
    )  # fmt: skip
    assert code == 1
    assert "code wrong_network; to act: hub" in capsys.readouterr().err
    assert not desk.home.exists()


def test_a_bad_profile_lists_every_violation(desk: Desk, capsys: Captured) -> None:
    (desk.path / "profile.json").write_text('{"legal_name": "Sample", "economy": "Singapore"}')
    code = desk.run(
        "init", "--dir", desk.home, "--id", "sample-provider", "--type", "provider", "--hub", desk.hub.url,
        "--policy", desk.path / "verification-policy.txt", "--profile", desk.path / "profile.json",
    )  # fmt: skip
    error = capsys.readouterr().err
    assert code == 1
    assert "code schema_violation; to act: you" in error
    assert "  /body/profile/economy: " in error
    assert not desk.home.exists()


def test_an_unknown_officer_is_named(desk: Desk, capsys: Captured) -> None:
    code = desk.run(
        "init", "--dir", desk.home, "--id", "sample-provider", "--type", "provider", "--hub", desk.hub.url,
        "--policy", desk.path / "verification-policy.txt", "--profile", desk.path / "profile.json",
        "--officer", "nobody",
    )  # fmt: skip
    assert code == 1
    assert (
        "nobody is no officer of this network; officers are officer-a, officer-b. (--officer)"
        in capsys.readouterr().err
    )


def test_the_admission_draft_proves_possession_to_the_hub_of_the_verified_policy(desk: Desk) -> None:
    from signing.keyring import introduced_keys
    from signing.secretkeys import check_possession

    desk.admit()
    statement = desk.hub.world.statements[-1]
    proven = [one for one in introduced_keys(statement).values() if one.possession is not None]
    assert sorted(one.purpose for one in proven) == ["inbox", "monitor"]
    for one in proven:
        assert one.possession is not None
        check_possession(desk.hub.world.hub.inbox, one.key, desk.hub.world.network, one.owner, one.possession)


def test_an_incomplete_draft_is_not_posted(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    assert desk.prepare() == 0
    assert desk.run("award", "register", "--dir", desk.home, desk.path / "award.draft.json") == 1
    error = capsys.readouterr().err
    assert "Not everybody has signed yet" in error
    assert "code signature_missing; to act: the missing signers" in error


def test_signing_needs_the_very_document(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    assert desk.prepare() == 0
    draft, key = desk.path / "award.draft.json", desk.path / "neutral.key.json"
    before = draft.read_bytes()
    assert desk.run("sign", draft, "--key", key, "--yes") == 1
    (desk.path / "award.pdf").write_bytes(PDF + b"appended")
    assert desk.run("sign", draft, "--key", key, "--document", desk.path / "award.pdf", "--yes") == 1
    error = capsys.readouterr().err
    assert "code document_needed" in error
    assert "code document_mismatch" in error
    assert draft.read_bytes() == before


def test_without_yes_it_asks_and_no_means_no(desk: Desk, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.admit()
    desk.nominate()
    assert desk.prepare() == 0
    draft = desk.path / "award.draft.json"
    before = draft.read_bytes()
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    code = desk.run("sign", draft, "--key", desk.path / "neutral.key.json", "--document", desk.path / "award.pdf")
    assert code == 1
    assert "Nothing was signed or sent." in capsys.readouterr().err
    assert draft.read_bytes() == before


def test_a_printed_award_id_is_kept(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    capsys.readouterr()
    assert desk.run("award", "id", "--dir", desk.home) == 0
    award_id = capsys.readouterr().out.strip()
    assert desk.prepare("--award-id", award_id) == 0
    draft = Draft.from_bytes((desk.path / "award.draft.json").read_bytes())
    assert draft.payload["body"]["award_id"] == award_id
    assert award_id.startswith("urn:odr:sample-provider:")


def test_a_detail_that_the_gateway_computes_is_refused(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    (desk.path / "details.json").write_text(json.dumps(AWARD_DETAILS | {"manifestation": {}}))
    assert desk.prepare() == 1
    assert "code unknown_detail" in capsys.readouterr().err


def test_a_neutral_without_a_current_key_is_named(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    world = desk.hub.world
    key = keystore.open_signing_key(desk.path / "neutral.key.json", PASSPHRASE)
    body = {"action": "revoke", "owner": "sample-neutral", "kid": key.kid, "reason": "lost"}
    world.admit(world.compose("key", "sample-neutral", body, [(key, "neutral")]))
    assert desk.prepare() == 1
    assert "code no_current_key; to act: sample-neutral" in capsys.readouterr().err


def test_a_neutral_that_the_hub_invents_is_refused(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    own = keystore.read_public_key(desk.path / "neutral.public.json").kid
    other = json.dumps(desk.hub.both(1))
    from aiohttp import web

    desk.hub.overrides[f"/v1/keys/{own}"] = lambda _: web.Response(text=other, content_type="application/json")
    assert desk.prepare() == 1
    assert "code unknown_key; to act: hub" in capsys.readouterr().err


def test_a_refusal_of_the_hub_is_passed_on(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    draft = desk.signed_award()
    desk.hub.overrides["/v1/statements"] = lambda _: problem(
        503, "overloaded", "Try again.", retryable=True, actor="operator"
    )
    assert desk.run("award", "register", "--dir", desk.home, draft) == 1
    expected = "Error: Try again.\n  code overloaded; to act: operator; the same again may succeed\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("name", [".award.pdf", "award\\final.pdf", "award\ncopy.pdf", "pr\udce9mio.pdf"])
def test_a_bundle_is_made_whatever_the_file_is_called(desk: Desk, capsys: Captured, name: str) -> None:
    desk.admit()
    desk.nominate()
    assert desk.run("award", "register", "--dir", desk.home, desk.signed_award()) == 0
    document = (desk.path / "award.pdf").rename(desk.path / name)
    assert desk.run("award", "bundle", "--dir", desk.home, "--document", document) == 0, capsys.readouterr().err
    octets = document.with_name(f"{document.stem}-bundle.zip").read_bytes()
    assert read_bundle(octets).documents == {"award.pdf": PDF}
    assert "Genuine: yes." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ({}, "(step 12)"),
        ({"award": "cd" * 32}, "The status speaks of something else. (award) (step 12)"),
        ({"amendments": [{"kind": "award-review", "digest": "ab" * 32, "index": 3}]}, "other amendments than the hub"),
    ],
)
def test_a_bundle_without_a_status_that_counts_is_not_written(
    desk: Desk, capsys: Captured, monkeypatch: pytest.MonkeyPatch, lie: dict[str, Any], reason: str
) -> None:
    """A court's answer would be *can't tell*."""
    desk.admit()
    desk.nominate()
    assert desk.run("award", "register", "--dir", desk.home, desk.signed_award()) == 0
    honest = World.status

    def status(world: World, award: Statement, size: int, /, **more: Any) -> bytes:
        return honest(world, award, size, **{**more, **lie}) if lie else b"{}"

    monkeypatch.setattr(World, "status", status)
    assert desk.run("award", "bundle", "--dir", desk.home, "--document", desk.path / "award.pdf") == 1
    told = capsys.readouterr().err
    assert "The award is genuine, but a court could not tell its status: " in told
    assert reason in told
    assert "code bundle_without_status; to act: hub" in told
    assert not (desk.path / "award-bundle.zip").exists()


def test_a_bundle_that_does_not_verify_is_not_written(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    assert desk.run("award", "register", "--dir", desk.home, desk.signed_award()) == 0
    desk.hub.cosigners = ["witness-1"]
    assert desk.run("award", "bundle", "--dir", desk.home, "--document", desk.path / "award.pdf") == 1
    assert "code bundle_not_genuine; to act: hub" in capsys.readouterr().err
    assert not (desk.path / "award-bundle.zip").exists()


def test_a_document_that_was_never_registered_here_has_no_bundle(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    assert desk.run("award", "bundle", "--dir", desk.home, "--document", desk.path / "award.pdf") == 1
    assert "code not_registered_here" in capsys.readouterr().err


def test_nothing_is_overwritten(desk: Desk, capsys: Captured) -> None:
    desk.admit()
    desk.nominate()
    assert desk.prepare() == 0
    assert desk.prepare() == 1
    assert desk.run("keygen", "--out", desk.path / "neutral.key.json") == 1
    assert capsys.readouterr().err.count("code file_exists") == 2


def test_a_network_without_witnesses_needs_the_users_word(tmp_path: Path, cheap_keys: None, capsys: Captured) -> None:
    world = World(quorum=None, now=int(time.time()) - 600)
    with FakeHub(world) as hub:
        desk = Desk(tmp_path, hub)
        (tmp_path / "passphrase").write_text(PASSPHRASE)
        (tmp_path / "verification-policy.txt").write_bytes(world.trust_file())
        for name, content in (
            ("profile", PROVIDER_PROFILE), ("neutral", NEUTRAL_ENTRY), ("details", AWARD_DETAILS),
        ):  # fmt: skip
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        (tmp_path / "award.pdf").write_bytes(PDF)
        assert desk.run(
            "init", "--dir", desk.home, "--id", "sample-provider", "--type", "provider", "--hub", hub.url,
            "--policy", tmp_path / "verification-policy.txt", "--profile", tmp_path / "profile.json",
        ) == 0  # fmt: skip
        draft = desk.home / "admission.draft.json"
        desk.officer_signs(draft)
        assert desk.run("post", draft, "--dir", desk.home) == 1
        told = capsys.readouterr().err
        assert "Nothing was sent: the policy of this network asks for no witnesses" in told
        assert "run the same command again with --accept-unwitnessed; waiting changes nothing" in told
        assert "code no_witnesses; to act: you\n" in told, "and not that the same again may succeed"
        assert desk.run("post", draft, "--dir", desk.home, "--accept-unwitnessed") == 0
        desk.nominate("--accept-unwitnessed")
        award = desk.signed_award()
        assert desk.run("award", "register", "--dir", desk.home, award) == 1
        assert "code no_witnesses" in capsys.readouterr().err
        assert desk.run("award", "register", "--dir", desk.home, award, "--accept-unwitnessed") == 0


@pytest.mark.parametrize("arguments", [["--help"], ["award", "--help"], ["init", "--help"], ["sign", "-h"]])
def test_help_is_there(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == 0
    assert "Usage: odr-gateway" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nonsense"], ["init"], ["award", "nonsense"], ["post", "/does/not/exist"]])
def test_wrong_usage_is_exit_code_two(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == 2
    assert "Error: " in capsys.readouterr().err
