"""What `odr-hub export` writes is read by other implementations: tlog-scales and golang.org/x/mod."""

import asyncio
import json
from pathlib import Path

import pytest

from hub.keeping.export import export
from hub.keeping.objectstore import open_target
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from signing.merkle import leaf_hash
from signing.notes import TlogProof
from signing.signnotes import format_proof, log_signer
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses, found, running, sample
from tests.fakes.longlog import lengthen
from tests.fakes.memorylog import MemoryTree
from tests.interop.test_go_xmod import check, checklog, text
from tests.interop.test_tlog_scales import run

__all__ = ["checklog"]  # a fixture

SIZES = (300, 70_000)
INDEXES = [0, 1, 255, 256, 299, 300, 34_567, 65_535, 65_536, 69_999]
OLD_SIZES = [1, 256, 300, 65_536, 69_888, 70_000]


class Exported:
    """An exported directory and the entries that were put in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.given = sample(2, quorum=1)
        self.tree = MemoryTree()
        self.entries: list[bytes] = []

    async def make(self, folder: Path) -> None:
        """A log that grew between two exports, cosigned by one witness."""
        world = self.given.world
        key = log_signer(world.origin, world.log_key).verifier
        async with open_database(folder) as database:
            await found(database, self.given)
            witnesses = MemoryWitnesses(world, {"witness-1"})
            for size in SIZES:
                await lengthen(database, world.log_key, size)
                async with running(database, self.given, witnesses=witnesses) as log:
                    assert await log.publication.wait_witnessed(size - 1, 30)
                head = await SqlLogStore(database).head()
                assert head is not None
                with open_target(str(self.root)) as store:
                    await export(database, head, key, store)
            self.entries = await LogReads(database).entries(0, SIZES[-1])
        for entry in self.entries:
            self.tree.append(leaf_hash(entry))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    made = Exported(tmp_path_factory.mktemp("export") / "log")
    asyncio.run(made.make(tmp_path_factory.mktemp("hub")))
    return made


@pytest.mark.parametrize("index", [0, 299, 65_536, 69_999])
def test_tlog_scales_makes_our_proof_from_the_files(exported: Exported, index: int) -> None:
    checkpoint = (exported.root / "checkpoint").read_bytes()
    ours = format_proof(TlogProof(index, tuple(exported.tree.inclusion(index, SIZES[-1])), checkpoint))
    assert run("gen-proof", str(exported.root), str(index)) == ours


@pytest.mark.parametrize("index", [0, 300, 69_999])
def test_tlog_scales_finds_entries_under_the_root(exported: Exported, index: int) -> None:
    assert exported.entries[index] in run("get-leaf", "--check", str(exported.root), str(index))


def test_x_mod_accepts_the_files(exported: Exported, checklog: Path) -> None:
    world, size = exported.given.world, SIZES[-1]
    witness = MemoryWitnesses(world, set()).signer("witness-1").verifier
    expected = {
        "LogKey": log_signer(world.origin, world.log_key).verifier.format(),
        "WitnessName": witness.name,
        "WitnessHash": int.from_bytes(witness.key_id, "big"),
        "WitnessPublic": text(witness.public),
        "Size": size,
        "Root": text(exported.tree.root()),
        "Inclusion": [
            {"Index": n, "Leaf": text(exported.entries[n]), "Proof": [text(one) for one in _path(exported, n)]}
            for n in INDEXES
        ],
        "Consistency": [
            {"Old": n, "Root": text(exported.tree.root(n)), "Proof": [text(one) for one in _grown(exported, n)]}
            for n in OLD_SIZES
        ],
    }
    (exported.root / "expected.json").write_text(json.dumps(expected), "utf-8")
    result = check(checklog, exported.root)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"ok: size {size}, {len(INDEXES)} inclusion, {len(OLD_SIZES)} consistency\n"


def _path(exported: Exported, index: int) -> list[bytes]:
    return exported.tree.inclusion(index, SIZES[-1])


def _grown(exported: Exported, old: int) -> list[bytes]:
    return exported.tree.consistency(old, SIZES[-1])
