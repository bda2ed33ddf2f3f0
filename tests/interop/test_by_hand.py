"""The commands of docs/court/verify-by-hand.md, run on a genuine bundle with OpenSSL and a shell."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from signing.notes import parse_note, parse_proof
from tests.fakes.world import PDF, World
from tests.interop.programs import require

GUIDE = (Path(__file__).parents[2] / "docs/court/verify-by-hand.md").read_text(encoding="utf-8")
SPKI = '{ printf 302a300506032b6570032100; printf %s "$1"; } | xxd -r -p | openssl pkey -pubin -inform DER -out '


def commands(start: str) -> str:
    """The commands of the first console block that begins so, without prompts and expected output."""
    block = next(
        text for text in re.findall(r"^```console\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL) if start in text
    )
    kept, more = [], False
    for line in block.splitlines():
        if line.startswith("$ ") or more:
            kept.append(line.removeprefix("$ "))
            more = line.endswith("\\") or (line.startswith("$ for") and "done" not in line)
    return "\n".join(kept)


class Court:
    """A folder with an unpacked bundle, and a shell in it that knows the guide's helpers."""

    def __init__(self, folder: Path) -> None:
        for program in ("bash", "openssl", "jq", "xxd", "awk", "base64", "sha256sum"):
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

    def key(self, name: str, x: bytes) -> None:
        self.sh(f"f() {{ {SPKI} {name}; }}; f {x.hex()}")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def award(world: World) -> int:
    provider = world.add_provider()
    index = world.admit(world.award(provider, world.add_neutral(provider)))
    for _ in range(6):  # so that the proof has hashes on both sides
        world.accredit("provider-a", "provider")
    return index


@pytest.fixture(scope="module")
def court(world: World, award: int, tmp_path_factory: pytest.TempPathFactory) -> Court:
    folder = tmp_path_factory.mktemp("case")
    (folder / "award-bundle.zip").write_bytes(world.bundle(award))
    with zipfile.ZipFile(folder / "award-bundle.zip") as archive:
        archive.extractall(folder)
    court = Court(folder)
    court.sh("field award/award.jws .payload | unb64u > award.json")
    return court


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


def test_a_signature_and_its_key(court: Court, world: World) -> None:
    signers = [world.actor("neutral-a", "neutral"), world.actor("provider-a", "provider")]
    first = court.sh("field award/award.jws '.signatures[0].protected' | unb64u | jq -r .kid").strip()
    public = next(one.statement.public for one in signers if one.statement.kid == first)
    x = public.jwk()["x"]
    assert court.sh(commands('"kty":"OKP"'), X=x).strip() == public.kid
    shown = court.sh(commands("-out key.pem"), X=x)
    assert shown == "Signature Verified Successfully\n"


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
    court.key("log.pem", world.log_key.public.x)
    assert "Signature Verified Successfully" in court.sh(commands("{n++; next}"))
    (name, key), *_ = world.witness_keys.items()
    court.key("witness.pem", key.public.x)
    raw = court.sh(f"grep '^— {name}' award/award.tlog-proof | awk '{{print $3}}' | base64 -d | xxd -p -c 99").strip()
    (court.folder / "signature").write_bytes(bytes.fromhex(raw)[12:])
    time = str(int(raw[8:24], 16))
    shown = court.sh(commands("cosignature/v1\\n"), SECONDS_SINCE_1970=time)
    assert shown == "Signature Verified Successfully\n"
