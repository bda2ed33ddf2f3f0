"""The commands of docs/court/verify-by-hand.md, on genuine bundles and forged ones, with OpenSSL and a shell."""

import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from signing.notes import parse_note, parse_proof
from signing.verification import verify_award
from tests.fakes.pages import console
from tests.fakes.world import PDF, World, neutral_body, public_key
from tests.interop.programs import require

GUIDE = (Path(__file__).parents[2] / "docs/court/verify-by-hand.md").read_text(encoding="utf-8")
PROGRAMS = ("bash", "openssl", "jq", "xxd", "awk", "base64", "sha256sum", "unzip")
DAY = 86_400


def commands(start: str) -> str:
    """The commands of the first console block that has ``start``."""
    return next(one for one in console(GUIDE) if start in one)


class Court:
    """A folder with an unpacked bundle, and a shell in it that knows the guide's helpers."""

    def __init__(self, folder: Path) -> None:
        for program in PROGRAMS:
            require(program)
        self.folder = folder
        self.helpers = "\n".join(line for line in commands("unzip -d case").splitlines() if "()" in line)

    def sh(self, script: str, **variables: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", f"{self.helpers}\n{script}"], cwd=self.folder, env={"PATH": "/usr/bin:/bin", **variables},
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def log(self) -> str:
        """The commands about the checkpoint and its log; those about witnesses use what they define."""
        return f"POLICY=verification-policy.txt\n{commands('{n++; next}')}"

    def evidence(self) -> list[tuple[str, list[Any]]]:
        """What the guide shows of each statement: its digest, and the members that are counted."""
        lines = self.sh(commands("one.json; echo")).splitlines()
        return [(name.split()[1], json.loads(told)) for name, told in zip(lines[::2], lines[1::2], strict=True)]

    def entries(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The log entries of the evidence, and the SHA-256 of its files, both in the order of the log."""
        lines = self.sh(commands("in evidence/*.tlog-proof")).splitlines()
        half = len(lines) // 2
        return [json.loads(line.split(" ", 1)[1]) for line in lines[:half]], [line[:64] for line in lines[half:]]


def in_court(world: World, award: int, folder: Path) -> Court:
    (folder / "award-bundle.zip").write_bytes(world.bundle(award))
    (folder / "verification-policy.txt").write_bytes(world.trust_file())
    with zipfile.ZipFile(folder / "award-bundle.zip") as archive:
        archive.extractall(folder)
    court = Court(folder)
    court.sh("field award/award.jws .payload | unb64u > award.json")
    return court


@pytest.fixture(scope="module", params=["hub.example/log/1", "127.0.0.1:8600/log/1"])
def world(request: pytest.FixtureRequest) -> World:
    return World(origin=request.param)


@pytest.fixture(scope="module")
def award(world: World) -> int:
    provider = world.add_provider()
    index = world.admit(world.award(provider, world.add_neutral(provider)))
    for _ in range(6):  # so that the proof has hashes on both sides
        world.accredit("provider-a", "provider")
    return index


@pytest.fixture(scope="module")
def court(world: World, award: int, tmp_path_factory: pytest.TempPathFactory) -> Court:
    return in_court(world, award, tmp_path_factory.mktemp("case"))


def test_the_document(court: Court) -> None:
    shown = court.sh(commands("jq .body.manifestation"))
    assert str(len(PDF)) in shown
    assert len(set(re.findall(r"[0-9a-f]{64}", shown))) == 1, "manifestation and sha256sum agree"


def test_the_signers_are_the_announced(court: Court) -> None:
    shown = court.sh(commands("'.signers[]' award.json"))
    kids = re.findall(r'"kid":"([^"]+)"', shown)
    assert len(kids) == 4
    assert sorted(kids[:2]) == sorted(kids[2:])
    assert shown.count('"alg":"Ed25519"') == 2


def test_the_keys_of_the_evidence_are_found_with_their_kids(court: Court, world: World) -> None:
    court.sh("\n".join((commands("'.signers[]' award.json"), commands("| tee keys"))))
    listed = [line.split() for line in (court.folder / "keys").read_text().splitlines()]
    for name, kind in (("provider-a", "provider"), ("neutral-a", "neutral")):
        public = world.actor(name, kind).statement.public
        told = "member" if kind == "provider" else kind
        assert [one[1:] for one in listed if one[2] == name] == [[told, name, public.kid, public.jwk()["x"]]]


@pytest.mark.parametrize("signer", [0, 1])
def test_the_whole_page_as_it_is_pasted(world: World, award: int, tmp_path: Path, signer: int) -> None:
    """One shell, from the ZIP to the last line, as a reader has it; nothing is defined but by the page."""
    for program in PROGRAMS:
        require(program)
    (tmp_path / "award-bundle.zip").write_bytes(world.bundle(award))
    (tmp_path / "verification-policy.txt").write_bytes(world.trust_file())
    page = "\n".join(console(GUIDE))
    assert page.count(".signers[0].kid") == 1
    done = subprocess.run(
        ["bash", "-euc", page.replace(".signers[0].kid", f".signers[{signer}].kid")], cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Signature Verified Successfully") == 3, "a signer, the log, a witness"
    kid = json.loads((tmp_path / "case/award.json").read_bytes())["signers"][signer]["kid"]
    assert f"{kid}, key " in done.stdout


def test_the_network(court: Court, world: World) -> None:
    assert court.sh(commands("00000000.jws .payload")).startswith(world.network)
    assert court.sh("jq -r .network award.json").strip() == world.network


def test_the_entry_commits_to_the_award(court: Court) -> None:
    entry = court.sh(commands("s/^extra //p"))
    assert court.sh(commands("sha256sum < award.json | cut"))[:64] in entry


def test_the_merkle_proof_on_paper(court: Court, world: World, award: int) -> None:
    court.sh(commands("s/^extra //p"))
    notes, index, size = list[str](), award, len(world.entries)
    while size > 1:
        half = 1 << ((size - 1).bit_length() - 1)
        notes.append("right" if index < half else "left")
        index, size = (index, half) if index < half else (index - half, size - half)
    proof = parse_proof((court.folder / "award/award.tlog-proof").read_bytes())
    assert set(notes) == {"left", "right"}
    assert len(proof.hashes) == len(notes)
    script = [commands("printf '\\0'")]
    for number, (side, line) in enumerate(zip(reversed(notes), proof.hashes, strict=True)):
        (court.folder / f"line{number}").write_bytes(line)
        script.append(f"join {f'node line{number}' if side == 'right' else f'line{number} node'} > next; mv next node")
    assert court.sh("\n".join([*script, "base64 -w0 node"])) in parse_note(proof.checkpoint).text


def test_the_log_and_a_witness(court: Court, world: World) -> None:
    shown = court.sh(court.log()).splitlines()
    assert shown[-1] == "Signature Verified Successfully"
    assert f"01{world.log_key.public.x.hex()}" in shown
    for name, key in world.witness_keys.items():
        one = commands("$WITNESS").replace("head -n 1 witnesses", f"grep -Fx {name} witnesses")
        shown = court.sh(f"{court.log()}\n{one}").splitlines()
        assert shown[-2:] == [f"04{key.public.x.hex()}", "Signature Verified Successfully"]


def test_a_log_that_the_policy_does_not_name_has_no_key(court: Court, world: World) -> None:
    policy = court.folder / "verification-policy.txt"
    policy.write_text(policy.read_text().replace(f"log {world.origin}+", f"log {world.origin}0+"))
    try:
        with pytest.raises(AssertionError):
            court.sh(court.log())
    finally:
        policy.write_bytes(world.trust_file())


def test_the_entries_are_those_of_the_statements(court: Court, world: World, award: int) -> None:
    sigs = court.sh(commands("sha256sum award/award.jws"))[:64]
    assert json.loads(world.entries[award])["sigs"] == sigs
    entries, files = court.entries()
    told = court.evidence()
    assert [one["sigs"] for one in entries] == files
    assert [one["digest"] for one in entries] == [digest for digest, _ in told]
    assert [(one["kind"], one["issuer"]) for one in entries] == [(kind, issuer) for _, (kind, _, issuer, *_) in told]


def test_a_new_policy_names_the_one_before_and_has_its_officers(tmp_path: Path) -> None:
    world = World(origin="log.example/log/1", officer_count=2, threshold=2)
    provider = world.add_provider()
    world.add_policy()
    court = in_court(world, world.admit(world.award(provider, world.add_neutral(provider))), tmp_path)
    (genesis, first), *_, (_, policy) = [one for one in court.evidence() if one[1][0] in {"genesis", "policy"}]
    assert (first[3], policy[3]) == (None, genesis)
    assert officers_of(policy) == first[4] == 2
    assert court.sh("unzip -l award-bundle.zip").count(".policy-proof") == 1


def test_one_officer_alone_is_seen_to_be_too_few(tmp_path: Path) -> None:
    for number, forge in enumerate((keys_by_one_officer, policy_by_one_officer)):
        world = World(origin="log.example/log/1", officer_count=2, threshold=2)
        index = world.register(forge(world))
        report = verify_award(world.bundle(index), world.trust(), None, world.now)
        assert next(step for step in report.steps if step.outcome == "fail").code == "threshold_not_met"
        (folder := tmp_path / str(number)).mkdir()
        (_, genesis), *rest = in_court(world, index, folder).evidence()
        forged = [one for _, one in rest if one[0] == "policy" or (one[0] == "key" and officers_of(one))]
        assert forged
        assert all(officers_of(one) < genesis[4] for one in forged)


def test_a_key_made_by_officers_waits_and_the_entries_tell_the_times(tmp_path: Path) -> None:
    world = World(origin="log.example/log/1", officer_count=2, threshold=2)
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    key = world.signing_key("made")
    body = {"action": "add", "owner": provider.id, "key": public_key("statement", key, provider.id)}
    signers = [*world.officer_signers(2), (key, "introduced")]
    world.admit(world.compose("key", world.coordinator.id, body, signers))
    world.now += 2 * DAY
    index = world.register(world.award_signed([(neutral.statement, "neutral"), (key, "provider")], provider.id))
    report = verify_award(world.bundle(index), world.trust(), None, world.now)
    assert next(step for step in report.steps if step.outcome == "fail").code == "key_not_yet_active"
    court = in_court(world, index, tmp_path)
    made = next(one["time"] for one in court.entries()[0] if one["kind"] == "key")
    court.sh(commands("s/^extra //p"))
    entry = json.loads((tmp_path / "entry").read_bytes())
    assert entry["time"] - made < 259_200
    assert "259,200" in GUIDE


def officers_of(told: list[Any]) -> int:
    return len([one for one in told[-1] if one["role"] == "officer"])


def keys_by_one_officer(world: World) -> bytes:
    """An award with keys that one officer alone gave to the provider and the neutral."""
    provider = world.add_provider()
    neutral, made = world.add_neutral(provider), []
    for one in (neutral, provider):
        made.append(key := world.signing_key(f"thief/{one.id}"))
        body = {"action": "add", "owner": one.id, "key": public_key("statement", key, one.id)}
        signers = [*world.officer_signers(1), (key, "introduced")]
        world.register(world.compose("key", world.coordinator.id, body, signers))
    world.now += 4 * DAY
    return world.award_signed([(made[0], "neutral"), (made[1], "provider")], provider.id)


def policy_by_one_officer(world: World) -> bytes:
    """An award of a neutral whom a false officer admitted; one officer alone has made that policy."""
    provider, crony = world.add_provider(), world.actor("crony", "officer")
    officer = {"id": crony.id, "name": "Crony", "keys": crony.entries("statement", "http")}
    body = world.policy_body(threshold=1, officers=[*world.policy_body()["officers"], officer])
    introduced = [(crony.statement, "introduced"), (crony.http, "introduced")]
    world.register(world.compose("policy", world.coordinator.id, body, [*world.officer_signers(1), *introduced]))
    stooge = world.actor("stooge", "neutral")
    signers = [(stooge.statement, "introduced"), (provider.statement, "provider"), (crony.statement, "officer")]
    world.register(world.compose("neutral", stooge.id, neutral_body(stooge, provider.id), signers))
    return world.award(provider, stooge)
