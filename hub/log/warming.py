"""What every receipt from a long log shares, read before anybody asks.

A statement is found by its digest and its entry by the index, each in a tree of pages four high where a log has ten
million entries; its tile stands in a third tree. The lowest pages are too many, and nobody knows which will be asked
for. Those above are some 3,000, on a disk that is read page by page after a start, when it would be the receipts that
wait for them. One look-up in 4,096 entries passes nearly all of them: some 5,000 for ten million entries, which take a
second or two of a disk and 50 ms where the pages are in memory. In a log shorter than that there is nothing to read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.log.proofs import ProofMaker
from hub.storage.log_reads import LogReads

__all__ = ["warmed"]

_log = logging.getLogger("hub.log")
_STRIDE = 4096
_AT_ONCE = 32  # look-ups for which a reader is taken: others wait for it no longer than for a page of entries


@asynccontextmanager
async def warmed(reads: LogReads, proofs: ProofMaker, size: int) -> AsyncIterator[None]:
    """Read it beside the block, as far as that goes until the block ends. It changes no answer."""
    warming = asyncio.create_task(_warm(reads, proofs, size), name="warming")
    try:
        yield
    finally:
        warming.cancel()
        await asyncio.wait([warming])


async def _warm(reads: LogReads, proofs: ProofMaker, size: int) -> None:
    try:
        await proofs.read_above(size)
        passed = range(_STRIDE, size, _STRIDE)
        for start in range(0, len(passed), _AT_ONCE):
            await reads.pass_by(passed[start : start + _AT_ONCE], size)
    except Exception:  # noqa: BLE001 - receipts read for themselves what was not read for them, and tell what is wrong
        _log.warning("what receipts share could not be read in advance", exc_info=True)
