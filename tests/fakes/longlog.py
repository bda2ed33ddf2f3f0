"""A log made long without statements behind its entries: for what reads entries, tiles and checkpoints alone."""

from hub.log.committing import Committer
from hub.log.signedheads import edge_at
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import Head, StagedEntry
from signing.encoding import sha256_hex
from signing.merkle import leaf_hash
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer

_BATCH = 4000


async def lengthen(database: Database, key: SigningKey, *sizes: int) -> Head:
    """Append entries until the log has each of ``sizes``; a checkpoint is signed at each of them."""
    store = SqlLogStore(database)
    head = await store.head()
    assert head is not None
    committer = Committer(log_signer(head.origin, key), head, await edge_at(head.size, LogReads(database)))
    for size in sizes:
        while committer.head.size < size:
            first = committer.head.size
            entries = [_entry(index, head.time) for index in range(first, min(first + _BATCH, size))]
            batch = committer.prepare(entries, {})
            await store.run(lambda log, batch=batch: committer.commit(log, batch))  # type: ignore[misc]
    return committer.head


def _entry(index: int, time: int) -> StagedEntry:
    octets = b"entry %d" % index
    return StagedEntry(
        index, octets, leaf_hash(octets), time, sha256_hex(octets), "nobody", str(index), "award", 1,
        confidential=True, document=b"{}", effects=(),
    )  # fmt: skip
