"""Evidence that a deadline has passed, made by the hub: nothing expires without it (PROTOCOL §7).

What is late is found in the tables that follow the log, at the later of clock and newest entry, which is the time
that the entry will have. The id of the evidence follows from what it is about, so that two runs, or two processes
after another, never register it twice: the second is refused, and nothing is lost by it.
"""

import asyncio
import hashlib
import logging

from hub.jobs.ownstatements import OwnStatements
from hub.storage.transfers import Transfers
from providers.transfer.evidence import Due, due
from providers.transfer.values import Transfer
from registry.errors import Refused
from signing.compose import timestamp

__all__ = ["ExpiryEvidence", "evidence_id"]

LOG = logging.getLogger("hub.jobs")
_PIECE = 256


class ExpiryEvidence:
    """Issues what is due.

    Args:
        transfers: what follows the log.
        own: registers what the hub says.
    """

    def __init__(self, transfers: Transfers, own: OwnStatements) -> None:
        self._transfers = transfers
        self._own = own

    async def issue(self) -> int:
        """Register evidence about every transfer that is late; returns about how many."""
        now = await self._own.now()
        late = [due(Transfer.from_json(one.record), now) for one in await self._transfers.late(now, _PIECE)]
        done = await asyncio.gather(*(self._register(one, now) for one in late if one is not None))
        return sum(done)

    async def _register(self, one: Due, now: int) -> bool:
        body = {
            "transfer_id": one.transfer_id,
            "event": one.event,
            "of": one.of,
            "at": timestamp(one.deadline),
            "parts": [],
        }
        try:
            await self._own.register("evidence", body, now, evidence_id(self._own.hub, self._own.network, one))
        except Refused as refusal:
            LOG.info("evidence of expiry was not registered: %s", refusal.code)
            return False
        return True


def evidence_id(hub: str, network: str, one: Due) -> str:
    """The id of the hub's evidence about ``one``: a UUID of version 7 whose time is the deadline, always the same."""
    name = f"{network}/{one.transfer_id}/{one.event}/{one.of}".encode("ascii")
    bits = int.from_bytes(hashlib.sha256(name).digest()[:10], "big")
    value = (
        (one.deadline * 1000 & (2**48 - 1)) << 80 | 7 << 76 | (bits >> 62 & 0xFFF) << 64 | 2 << 62 | bits & (2**62 - 1)
    )
    text = f"{value:032x}"
    return f"urn:odr:{hub}:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
