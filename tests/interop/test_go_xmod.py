"""golang.org/x/mod (sumdb/note, sumdb/tlog), offline, checks a log of 70,000 entries that our code made."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from signing.notes import parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import cosign, format_note, with_lines, witness_signer
from signing.tiles import ENTRIES, tile_path, tiles_for
from tests.fakes.memorylog import MemoryLog
from tests.interop.programs import require

SIZE = 70_000
SOURCES = Path("/usr/share/gocode")  # of Debian's golang-golang-x-mod-dev
INDEXES = [0, 1, 255, 256, 257, 34_567, 65_535, 65_536, 69_887, 69_888, 69_998, 69_999]
OLD_SIZES = [1, 2, 255, 256, 257, 50_000, 65_535, 65_536, 65_537, 69_888, 69_999, 70_000]


@pytest.fixture(scope="module")
def checklog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built without a module proxy."""
    require_sources()
    program = tmp_path_factory.mktemp("go") / "checklog"
    source = Path(__file__).parent / "go" / "checklog.go"
    environment = {
        **os.environ,
        "GO111MODULE": "off", "GOPATH": str(SOURCES), "GOFLAGS": "", "GOPROXY": "off", "GOTOOLCHAIN": "local",
    }  # fmt: skip
    command = [go(), "build", "-o", str(program), str(source)]
    built = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert built.returncode == 0, built.stderr
    return program


def go() -> str:
    """Path of the go command; Go's own archive installs it outside the usual path."""
    return shutil.which("go", path="/usr/local/go/bin") or require("go")


def require_sources() -> None:
    if not (SOURCES / "src" / "golang.org" / "x" / "mod" / "sumdb" / "tlog").is_dir():
        (pytest.fail if os.environ.get("ODR_REQUIRE_ALL") == "1" else pytest.skip)(
            "golang-golang-x-mod-dev is not installed"
        )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log as files, with what is expected of it."""
    root = tmp_path_factory.mktemp("log")
    log = MemoryLog("hub.example/log/1")
    log.grow_to(SIZE)
    witness = witness_signer("witness.example/w1", SigningKey(b"w" * 32))
    note = parse_note(log.checkpoint())
    note = with_lines(note, [cosign(note.text, 1_790_000_000, witness)])
    (root / "checkpoint").write_bytes(format_note(note))
    for tile in tiles_for(SIZE):
        if tile.level != ENTRIES:
            path = root / tile_path(*tile)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(log.tile(tile))
    expected = {
        "LogKey": log.vkey,
        "WitnessName": witness.name,
        "WitnessHash": int.from_bytes(witness.verifier.key_id, "big"),
        "WitnessPublic": text(witness.verifier.public),
        "Size": SIZE,
        "Root": text(log.tree.root()),
        "Inclusion": [
            {"Index": n, "Leaf": text(log.entries[n]), "Proof": [text(one) for one in log.tree.inclusion(n, SIZE)]}
            for n in INDEXES
        ],
        "Consistency": [
            {"Old": n, "Root": text(log.tree.root(n)), "Proof": [text(one) for one in log.tree.consistency(n, SIZE)]}
            for n in OLD_SIZES
        ],
    }
    (root / "expected.json").write_text(json.dumps(expected), "utf-8")
    return root


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def check(program: Path, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, directory], capture_output=True, text=True, check=False, timeout=60)


def test_x_mod_accepts_checkpoint_cosignature_tiles_and_proofs(checklog: Path, directory: Path) -> None:
    result = check(checklog, directory)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"ok: size {SIZE}, {len(INDEXES)} inclusion, {len(OLD_SIZES)} consistency\n"


@pytest.mark.parametrize(
    ("name", "complaint"), [("tile/0/001", "tile"), ("tile/1/001.p/17", "tile"), ("checkpoint", "signatures")]
)
def test_x_mod_notices_one_flipped_bit(
    checklog: Path, directory: Path, tmp_path: Path, name: str, complaint: str
) -> None:
    spoilt = tmp_path / "log"
    shutil.copytree(directory, spoilt)
    octets = bytearray((spoilt / name).read_bytes())
    octets[30] ^= 1
    (spoilt / name).write_bytes(octets)
    result = check(checklog, spoilt)
    assert result.returncode == 1
    assert complaint in result.stderr
