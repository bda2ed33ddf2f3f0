"""Every kind of damage is found and named; rebuild mends the rule state and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from hub.log.fsck import FsckReport, fsck
from hub.log.rebuild import rebuild
from hub.storage.audit import Audit
from hub.storage.engine import Database
from hub.storage.models import (
    BodyRow,
    CheckpointRow,
    CosignatureRow,
    EffectRow,
    EntryRow,
    HeadRow,
    RuleStateRow,
    StatementRow,
    TileRow,
)
from signing.signnotes import log_signer
from tests.fakes.loghouse import MemoryWitnesses, Sample, found, register, running, sample


@pytest.fixture
def given() -> Sample:
    return sample(4, quorum=2)


@pytest.fixture
async def filled(database: Database, given: Sample) -> Database:
    """A closed, witnessed log."""
    await found(database, given)
    witnesses = MemoryWitnesses(given.world, set(given.world.witness_keys))
    async with running(database, given, witnesses=witnesses) as log:
        indexes = await register(log, given.statements[1:])
        assert await log.publication.wait_witnessed(indexes[-1], 10)
    return database


async def checked(database: Database, given: Sample, progress: Callable[[int], None] = lambda _: None) -> FsckReport:
    return await fsck(database, log_signer(given.world.origin, given.world.log_key).verifier, progress)


async def test_a_sound_log_has_no_findings(filled: Database, given: Sample) -> None:
    seen: list[int] = []
    report = await checked(filled, given, seen.append)
    assert report.sound, report.findings
    assert (report.entries, seen) == (len(given.statements), [len(given.statements)])
    assert report.keys == len(await Audit(filled).rule_state())


AWARD = 6
DAMAGE: dict[str, tuple[Any, str, str]] = {
    "entry octets": (update(EntryRow).where(EntryRow.index == AWARD).values(octets=b"{}"), "leaf_differs", "entry 6"),
    "leaf hash": (update(EntryRow).where(EntryRow.index == 2).values(leaf_hash=bytes(32)), "leaf_differs", "entry 2"),
    "entry time": (update(EntryRow).where(EntryRow.index == 2).values(time=5), "time_differs", "entry 2"),
    "body": (
        update(BodyRow).where(BodyRow.index == AWARD).values(
            document=select(BodyRow.document).where(BodyRow.index == AWARD + 1).scalar_subquery()
        ), "digest_differs", "entry 6",
    ),
    "public body gone": (delete(BodyRow).where(BodyRow.index == 1), "body_missing", "entry 1"),
    "sealed body gone": (delete(BodyRow).where(BodyRow.index == AWARD), "body_missing", "entry 6"),
    "digest": (
        update(StatementRow).where(StatementRow.index == 3).values(digest="ab" * 32), "digest_differs", "entry 3",
    ),
    "issuer": (update(StatementRow).where(StatementRow.index == 3).values(issuer="x"), "statement_differs", "entry 3"),
    "tile": (update(TileRow).values(hashes=bytes(64), width=2), "tile_differs", "tile 0/0"),
    "tile too many": (insert(TileRow).values(level=3, n=1, width=1, hashes=bytes(32)), "tile_count", "tiles"),
    "checkpoint root": (
        update(CheckpointRow).where(CheckpointRow.size == 3).values(root=bytes(32)), "root_differs", "checkpoint 3",
    ),
    "checkpoint note": (
        update(CheckpointRow).where(CheckpointRow.size == 3).values(note=b"x"), "bad_note", "checkpoint 3",
    ),
    "head": (update(HeadRow).values(root=bytes(32)), "head_differs", "head"),
    "signed size": (update(HeadRow).values(signed_size=99), "signed_size_differs", "head"),
    "state": (update(RuleStateRow).where(RuleStateRow.key == "policy").values(value="{}"), "state_differs", "policy"),
    "state gone": (delete(RuleStateRow).where(RuleStateRow.key == "policy"), "state_differs", "policy"),
    "state too much": (insert(RuleStateRow).values(key="x", value="1", updated=1), "state_differs", "x"),
    "effect": (
        update(EffectRow).where(EffectRow.index == 1).values(version=9), "effect_unknown", "entry 1",
    ),
    "quorum": (delete(CosignatureRow), "quorum_not_met", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
async def test_damage_is_found(filled: Database, given: Sample, what: str) -> None:
    change, code, where = DAMAGE[what]
    await filled.write(lambda connection: connection.execute(change))
    report = await checked(filled, given)
    assert not report.sound
    found_here = [one for one in report.findings if one.code == code and one.where.startswith(where)]
    assert found_here, report.findings
    assert found_here[0].message.endswith(".")


async def test_a_forged_cosignature_is_found(filled: Database, given: Sample) -> None:
    def forge(connection: Any) -> None:
        size, witness, line = connection.execute(select(CosignatureRow.__table__)).first()
        bad = line[:-20] + ("A" if line[-20] != "A" else "B") + line[-19:]
        connection.execute(
            update(CosignatureRow)
            .where(CosignatureRow.size == size, CosignatureRow.witness == witness)
            .values(line=bad)
        )

    await filled.write(forge)
    report = await checked(filled, given)
    assert [one.code for one in report.findings] == ["cosignature_bad"]
    assert "witness-1.example" in report.findings[0].message


async def test_a_signature_in_a_body_is_verified(filled: Database, given: Sample) -> None:
    document = given.statements[1].document
    bad = document.replace(b'"signature":"', b'"signature":"AAAA', 1)
    cut = bad.index(b'"signature":"AAAA') + len(b'"signature":"AAAA')
    bad = bad[:cut] + bad[cut + 4 :]
    await filled.write(lambda one: one.execute(update(BodyRow).where(BodyRow.index == 1).values(document=bad)))
    report = await checked(filled, given)
    assert ("bad_signature", "entry 1") in [(one.code, one.where) for one in report.findings]


async def test_rebuild_of_a_sound_log_changes_nothing(filled: Database, given: Sample) -> None:
    before = await Audit(filled).rule_state()
    changes = await rebuild(filled)
    assert changes.none
    assert changes.entries == len(given.statements)
    assert await Audit(filled).rule_state() == before


async def test_rebuild_mends_the_rule_state_and_says_what_it_did(filled: Database, given: Sample) -> None:
    before = await Audit(filled).rule_state()
    damage: list[Any] = [DAMAGE[what][0] for what in ("state", "state too much")]
    damage.append(delete(RuleStateRow).where(RuleStateRow.key == "actor/provider-a"))
    await filled.write(lambda connection: [connection.execute(one) for one in damage])
    changes = await rebuild(filled)
    assert (changes.added, changes.changed, changes.removed) == (("actor/provider-a",), ("policy",), ("x",))
    assert await Audit(filled).rule_state() == before
    assert (await checked(filled, given)).sound


async def test_rebuild_refuses_effects_of_a_newer_program(filled: Database) -> None:
    await filled.write(lambda connection: connection.execute(DAMAGE["effect"][0]))
    before = await Audit(filled).rule_state()
    with pytest.raises(KeyError):
        await rebuild(filled)
    assert await Audit(filled).rule_state() == before
