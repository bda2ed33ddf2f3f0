"""What the log serves, and what it never serves."""

import pytest
from sqlalchemy import insert

from hub.errors import NotFoundError
from hub.log.service import Log
from hub.storage.engine import Database
from hub.storage.models import EntryRow
from signing.merkle import leaf_hash
from signing.notes import open_checkpoint, parse_note
from signing.signnotes import log_signer
from signing.tiles import parse_entry_bundle
from signing.tree import CompactRange
from tests.fakes.loghouse import Sample, register


async def test_tiles_and_bundles_give_the_signed_root(log: Log, given: Sample) -> None:
    await register(log, given.awards)
    size = log.reader.size
    head = open_checkpoint(
        parse_note(log.reader.checkpoint()), log_signer(given.world.origin, given.world.log_key).verifier
    )
    entries = parse_entry_bundle(await log.reader.entries(0, size), size)
    hashes = await log.reader.tile(0, 0, size)
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    assert [leaf_hash(one) for one in entries] == leaves
    assert (head.size, CompactRange.of(leaves).root()) == (size, head.root)


async def test_any_width_that_a_size_implies_is_served(log: Log) -> None:
    whole = await log.reader.tile(0, 0, log.reader.size)
    for width in range(1, log.reader.size + 1):
        assert await log.reader.tile(0, 0, width) == whole[: 32 * width]


@pytest.mark.parametrize(
    ("level", "n", "width"),
    [(0, 0, 256), (0, 1, 1), (1, 0, 1), (8, 0, 1), (63, 0, 1), (0, -1, 256), (0, 0, 0), (0, 0, 257)],
)
async def test_nothing_beyond_the_log_is_served(log: Log, level: int, n: int, width: int) -> None:
    with pytest.raises(NotFoundError, match=f"The log of {log.reader.size} entries has no such tile"):
        await log.reader.tile(level, n, width)
    if level == 0:
        with pytest.raises(NotFoundError):
            await log.reader.entries(n, width)


async def test_what_is_stored_but_not_signed_is_not_shown(log: Log, given: Sample, database: Database) -> None:
    size = log.reader.size
    row = {"index": size, "octets": b"{}", "leaf_hash": bytes(32), "time": 1}
    await database.write(lambda connection: connection.execute(insert(EntryRow), row))
    with pytest.raises(NotFoundError):
        await log.reader.entries(0, size + 1)
    with pytest.raises(NotFoundError, match="No statement with this digest is registered"):
        await log.receipts.receipt(given.awards[0].digest)


async def test_receipts_of_a_bundle_stand_under_one_checkpoint(log: Log, given: Sample) -> None:
    await register(log, given.awards)
    receipts = await log.receipts.receipts([one.digest for one in given.statements])
    assert len({one.proof.partition("\n\n")[2] for one in receipts}) == 1
    assert [one.index for one in receipts] == list(range(len(given.statements)))
    assert receipts[3].json() == {
        "digest": given.founding[3].digest, "index": 3, "proof": receipts[3].proof, "state": "unwitnessed",
    }  # fmt: skip


async def test_a_receipt_under_an_earlier_checkpoint(log: Log, given: Sample) -> None:
    size = log.reader.size
    await register(log, given.awards)
    receipt = await log.receipts.receipt_at(given.founding[2].digest, size)
    assert f"\n\n{given.world.origin}\n{size}\n" in receipt.proof
    for digest, at in ((given.awards[0].digest, size), (given.founding[2].digest, log.reader.size + 1)):
        with pytest.raises(NotFoundError, match=f"No checkpoint of {at} entries includes it"):
            await log.receipts.receipt_at(digest, at)
