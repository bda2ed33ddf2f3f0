"""tlog-scales (another implementation of C2SP tlog-proof) makes the same proofs from our tiles, byte for byte."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from signing.notes import TlogProof, parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import cosign, format_note, format_proof, with_lines, witness_signer
from signing.tiles import tile_path, tiles_for
from tests.fakes.memorylog import VECTORS, MemoryLog
from tests.interop.programs import require


def write(log: MemoryLog, checkpoint: bytes, root: Path) -> None:
    (root / "checkpoint").write_bytes(checkpoint)
    for tile in tiles_for(log.tree.size):
        path = root / tile_path(*tile)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(log.tile(tile))


def run(*arguments: str) -> bytes:
    beside_python = shutil.which("tlog-tiles", path=str(Path(sys.executable).parent))
    command = [beside_python or require("tlog-tiles"), *arguments]
    result = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryLog, bytes, Path]:
    root = tmp_path_factory.mktemp("log")
    log = MemoryLog("hub.example/log/1")
    log.grow_to(70_000)
    note = parse_note(log.checkpoint())
    note = with_lines(note, [cosign(note.text, 1_790_000_000, witness_signer("w.example", SigningKey(b"w" * 32)))])
    write(log, format_note(note), root)
    return log, format_note(note), root


@pytest.mark.parametrize("index", [0, 255, 256, 34_567, 65_536, 69_999])
def test_its_proof_is_ours(log: tuple[MemoryLog, bytes, Path], index: int) -> None:
    made, checkpoint, root = log
    ours = format_proof(TlogProof(index, tuple(made.tree.inclusion(index, made.tree.size)), checkpoint))
    assert run("gen-proof", str(root), str(index)) == ours


@pytest.mark.parametrize("index", [0, 300, 69_999])
def test_it_finds_our_entries_under_the_root(log: tuple[MemoryLog, bytes, Path], index: int) -> None:
    made, _, root = log
    assert made.entries[index] in run("get-leaf", "--check", str(root), str(index))


def test_it_makes_the_golden_proof(tmp_path: Path) -> None:
    golden = (VECTORS / "golden.tlog-proof").read_bytes()
    log = MemoryLog("hub.example/awards/2026", b"\1" * 32, [b"one", b"two", b"three"])
    note = parse_note(log.checkpoint())
    note = with_lines(
        note, [cosign(note.text, 1_770_000_000, witness_signer("provider-a.example/w1", SigningKey(b"\2" * 32)))]
    )
    write(log, format_note(note), tmp_path)
    assert run("gen-proof", str(tmp_path), "1") == golden
