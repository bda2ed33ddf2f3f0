"""Evidence that a deadline has passed, made by the hub: nothing expires without it (PROTOCOL §7).

What is late is found in the tables that follow the log, at the later of clock and newest entry, which is the time
that the entry will have. The id of the evidence follows from what it is about, so that two runs, or two processes
after another, never register it twice: the second is refused, and nothing is lost by it.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable

from hub.intake import Intake
from hub.log.sequencer import Sequencer
from hub.storage.log_store import SqlLogStore
from hub.storage.transfers import Transfers
from providers.transfer.evidence import Due, due
from providers.transfer.values import Transfer
from registry.errors import Refused
from signing.compose import new_salt, payload, sign_all, timestamp
from signing.secretkeys import SigningKey

__all__ = ["ExpiryEvidence", "evidence_id"]

LOG = logging.getLogger("hub.jobs")
_PIECE = 256


class ExpiryEvidence:
    """Issues what is due.

    Args:
        transfers: what follows the log.
        store: tells the time of the newest entry.
        intake: the one door, which this goes through like everybody.
        sequencer: registers it.
        hub: actor id of the hub, and its statement key.
        network: the network's digest.
        clock: POSIX seconds.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        transfers: Transfers,
        store: SqlLogStore,
        intake: Intake,
        sequencer: Sequencer,
        *,
        hub: tuple[str, SigningKey],
        network: str,
        clock: Callable[[], int],
    ) -> None:
        self._transfers = transfers
        self._store = store
        self._intake = intake
        self._sequencer = sequencer
        self._hub, self._key = hub
        self._network = network
        self._clock = clock

    async def issue(self) -> int:
        """Register evidence about every transfer that is late; returns about how many."""
        head = await self._store.head()
        now = max(self._clock(), 0 if head is None else head.time)
        late = [due(Transfer.from_json(one.record), now) for one in await self._transfers.late(now, _PIECE)]
        done = await asyncio.gather(*(self._register(one, now) for one in late if one is not None))
        return sum(done)

    async def _register(self, one: Due, now: int) -> bool:
        verified = await self._intake.verify(self._compose(one, now))
        try:
            await self._sequencer.submit(verified.statement)
        except Refused as refusal:
            LOG.info("evidence of expiry was not registered: %s", refusal.code)
            return False
        return True

    def _compose(self, one: Due, now: int) -> bytes:
        body = {
            "transfer_id": one.transfer_id,
            "event": one.event,
            "of": one.of,
            "at": timestamp(one.deadline),
            "parts": [],
        }
        octets = payload(
            "evidence",
            self._hub,
            body,
            [(self._key.kid, "hub")],
            network=self._network,
            now=now,
            salt=new_salt(),
            statement_id=evidence_id(self._hub, self._network, one),
        )
        return sign_all(octets, [(self._key, "hub")], now)


def evidence_id(hub: str, network: str, one: Due) -> str:
    """The id of the hub's evidence about ``one``: a UUID of version 7 whose time is the deadline, always the same."""
    name = f"{network}/{one.transfer_id}/{one.event}/{one.of}".encode("ascii")
    bits = int.from_bytes(hashlib.sha256(name).digest()[:10], "big")
    value = (
        (one.deadline * 1000 & (2**48 - 1)) << 80 | 7 << 76 | (bits >> 62 & 0xFFF) << 64 | 2 << 62 | bits & (2**62 - 1)
    )
    text = f"{value:032x}"
    return f"urn:odr:{hub}:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
