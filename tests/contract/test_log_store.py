"""What every ``LogStore`` promises, on each database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.log.edge import RightEdge
from hub.storage.audit import Audit
from hub.storage.errors import ConflictError
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import Annex, Head, StagedBatch, StagedEntry, StoredCheckpoint, StoredEffect
from signing.encoding import sha256_hex
from signing.merkle import EMPTY_ROOT, leaf_hash
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables

ORIGIN = "hub.example/log/1"
EMPTY = Head(ORIGIN, 0, EMPTY_ROOT, 0)


@pytest.fixture(params=BACKENDS)
async def stores(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[SqlLogStore, LogReads, Audit]]:
    async with open_database(tmp_path, request.param) as database:
        await make_tables(database)
        store = SqlLogStore(database)
        await store.create(EMPTY)
        yield store, LogReads(database), Audit(database)


def entry(index: int) -> StagedEntry:
    octets = b"entry %d" % index
    return StagedEntry(
        index=index, octets=octets, leaf_hash=leaf_hash(octets), time=1000 + index, digest=sha256_hex(octets),
        issuer="acme", id=f"urn:odr:acme:{index}", kind="award", version=1, confidential=True, document=b"document",
        effects=(StoredEffect("a.b", 1, {"n": index}), StoredEffect("c.d", 2, {})), annex=Annex("ab" * 32, b"annex"),
        documents=("cd" * 32,), outbox=("policy-proof",),
    )  # fmt: skip


def batch(old: Head, edge: RightEdge, count: int) -> tuple[StagedBatch, RightEdge]:
    entries = tuple(entry(index) for index in range(old.size, old.size + count))
    grown, tiles = edge.extended([one.leaf_hash for one in entries])
    writes = {f"some/{one.index}": ({"n": one.index}, one.index) for one in entries} | {
        "newest": (entries[-1].index, entries[-1].index)
    }
    head = replace(old, size=grown.size, root=grown.root(), time=entries[-1].time)
    return StagedBatch(entries, writes, tiles, head), grown


async def test_a_batch_is_stored_whole(stores: tuple[SqlLogStore, LogReads, Audit]) -> None:
    store, reads, audit = stores
    first, edge = batch(EMPTY, RightEdge(), 300)
    await store.run(lambda log: log.append(EMPTY, first))
    assert await store.head() == first.head
    octets, tiles = await store.run(lambda log: log.read_back(0, 300))
    assert octets == [one.octets for one in first.entries]
    assert sorted(tiles, key=lambda one: (one.level, one.n)) == sorted(first.tiles, key=lambda one: (one.level, one.n))
    names = ["newest", "some/7", "absent", f"digest/{entry(5).digest}", "digest/" + "00" * 32]
    assert await store.run(lambda log: log.load(names)) == {
        "newest": 299,
        "some/7": {"n": 7},
        f"digest/{entry(5).digest}": {"index": 5, "kind": "award", "issuer": "acme"},
    }
    assert await reads.entries(298, 400) == octets[298:]
    assert await reads.index_of(entry(299).digest) == 299
    assert await reads.outbox("policy-proof") == list(range(300))
    stored = [one async for piece in audit.entries(piece=64) for one in piece]
    assert [(one.index, one.octets, one.effects, one.annex) for one in stored] == [
        (one.index, one.octets, one.effects, one.annex) for one in first.entries
    ]
    second, _ = batch(first.head, edge, 2)
    await store.run(lambda log: log.append(first.head, second))
    assert (await audit.rule_state())["newest"] == (301, 301)
    octets, tiles = await store.run(lambda log: log.read_back(300, 302))
    assert {(one.level, one.n): one.width for one in tiles} == {(0, 1): 46, (1, 0): 1}


async def test_only_the_expected_head_is_moved(stores: tuple[SqlLogStore, LogReads, Audit]) -> None:
    store, _, audit = stores
    first, edge = batch(EMPTY, RightEdge(), 2)
    await store.run(lambda log: log.append(EMPTY, first))
    other, _ = batch(first.head, edge, 1)
    for wrong in (
        EMPTY,
        replace(first.head, root=bytes(32)),
        replace(first.head, size=1),
        replace(first.head, signed_size=2),
        replace(first.head, origin="x/log/1"),
    ):
        with pytest.raises(ConflictError, match="not where this process left it"):
            await store.run(lambda log, old=wrong: log.append(old, other))  # type: ignore[misc]
        with pytest.raises(ConflictError):
            await store.run(lambda log, old=wrong: log.record_signature(old, first.head))  # type: ignore[misc]
    assert await store.head() == first.head
    assert len([one async for piece in audit.entries() for one in piece]) == 2


async def test_a_batch_that_can_not_be_stored_leaves_nothing(stores: tuple[SqlLogStore, LogReads, Audit]) -> None:
    store, _, _ = stores
    first, edge = batch(EMPTY, RightEdge(), 2)
    await store.run(lambda log: log.append(EMPTY, first))
    repeated, _ = batch(first.head, edge, 1)
    twice = replace(repeated, entries=(replace(repeated.entries[0], digest=entry(0).digest),))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.run(lambda log: log.append(first.head, twice))
    assert await store.head() == first.head
    await store.run(lambda log: log.append(first.head, repeated))


async def test_signature_cosignatures_and_policy_proof(stores: tuple[SqlLogStore, LogReads, Audit]) -> None:
    store, reads, _ = stores
    first, _ = batch(EMPTY, RightEdge(), 2)
    await store.run(lambda log: log.append(EMPTY, first))
    signed = replace(first.head, signed_size=2, note=b"note")
    await store.run(lambda log: log.record_signature(first.head, signed))
    assert await store.head() == signed
    assert await reads.newest_witnessed() is None
    plain = StoredCheckpoint(2, signed.root, b"note")
    assert await reads.checkpoint(2) == plain
    await store.record_cosignatures(replace(plain, lines={"w1": "one\n"}))
    await store.record_cosignatures(replace(plain, lines={"w1": "newer\n", "w2": "two\n"}, witnessed=True))
    whole = replace(plain, lines={"w1": "newer\n", "w2": "two\n"}, witnessed=True)
    assert await reads.checkpoint(2) == whole == await reads.newest_witnessed()
    await store.record_lines([(2, "w2", "newer\n"), (2, "w2", "newest\n"), (2, "w3", "three\n")])
    whole = replace(whole, lines={"w1": "newer\n", "w2": "newest\n", "w3": "three\n"})
    assert await reads.checkpoint(2) == whole
    assert await store.record_lines([(1, "w2", "of none\n"), (2, "w4", "four\n")]) == {1}
    assert await reads.checkpoint(2) == replace(whole, lines={**whole.lines, "w4": "four\n"})
    assert await store.record_lines([(1, "w2", "of none\n")]) == {1}
    await store.record_policy_proof(1, 2, b"proof")
    assert await reads.policy_proof(1) == b"proof"
    assert await reads.policy_proof(0) is None
    assert await reads.outbox("policy-proof") == [0]


async def test_a_log_is_created_once(stores: tuple[SqlLogStore, LogReads, Audit]) -> None:
    with pytest.raises(ConflictError, match="There is already a log in this database"):
        await stores[0].create(EMPTY)
