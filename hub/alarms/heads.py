"""Alarms about signed heads: what they keep is compared at every start, and what a start finds becomes an alarm.

The evidence of an alarm that is on holds a head that the log's key has signed. So it is among the heads that start-up
compares: as long as the alarm is on, a log that has lost or changed entries stays read-only, even if the witness that
gave it away does not answer any more; and once the missing entries are back, the alarm ends by itself. The same goes
for the heads that ``odr-hub complete`` keeps until the log is whole.

That command reads them as well, and believes the witnesses' lines in what alarms keep: witnesses showed them to this
hub. So what no witness shows itself, a published checkpoint or one that a source had, comes without lines from here.
"""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from hub.alarms.register import Alarm, Alarms
from hub.alarms.witnesswatch import Silent
from hub.keeping.fetched import fetched_heads, forget_heads
from hub.keeping.shownheads import without_lines
from hub.log.service import Log
from hub.log.signedheads import BEHIND, DIFFERS, Contradiction, contradiction, evidence_of, published_checkpoint
from hub.storage.cosignatures import witness_of
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from signing.equivocation import parse_pair
from signing.errors import SigningError
from signing.notes import VerifierKey

__all__ = ["clear", "examined", "heads_elsewhere", "settled"]

LOG = logging.getLogger("hub.alarms")
_ABOUT_HEADS = (BEHIND, DIFFERS, "witness_ahead", "witness_equivocation")


async def heads_elsewhere(
    alarms: Alarms, session: aiohttp.ClientSession, published: str, data: Path
) -> Mapping[str, bytes]:
    """Signed heads that alarms or a completion keep or that are published, by who shows them; nothing is verified.

    Witnesses' lines are only in those that witnesses showed.

    Args:
        alarms: the register.
        session: to read a URL.
        published: the setting ``log.public_checkpoint``, empty for none.
        data: the data directory.
    """
    found = await asyncio.to_thread(fetched_heads, data)
    for alarm in await asyncio.to_thread(lambda: alarms.active):
        if alarm.code in _ABOUT_HEADS:
            for name, evidence in alarms.evidences(alarm).items():
                found |= _heads(name, evidence)
    if published and (note := await published_checkpoint(session, published, data)) is not None:
        found["The published checkpoint shows"] = without_lines(note)
    return found


async def settled(alarms: Alarms, log: Log, database: Database) -> None:
    """Raise the alarm for which ``log`` was opened read-only; take back those that start-up did not find again."""
    opposed = log.contradiction
    over = ["log_key_differs", "sequencer_stopped"] + ([BEHIND, DIFFERS] if opposed is None else [])
    for code in over:
        await asyncio.to_thread(alarms.ended, code)
    if opposed is not None:
        head = await SqlLogStore(database).head()
        evidence = None if head is None else await evidence_of(opposed, head, LogReads(database))
        await asyncio.to_thread(alarms.sound, opposed.code, opposed.reason, evidence=evidence)


def clear(alarms: Alarms, data: Path, code: str, reason: str) -> tuple[Alarm, ...]:
    """Take back every alarm of this code because somebody says so, as ``Alarms.clear``.

    Where that is about another history, its heads are no longer kept in ``DATA/completing`` either: they stay in the
    alarm's evidence. A head that is ahead stays everywhere; the log can still become it.

    Raises:
        NotFoundError: no_alarm, none of this code is on.
    """
    about = [one for one in alarms.active if one.code == code == DIFFERS]
    pairs = [_heads(name, octets) for one in about for name, octets in alarms.evidences(one).items()]
    cleared = alarms.clear(code, reason)
    forget_heads(data, [note for notes in pairs for note in notes.values()])
    return cleared


async def examined(
    log: Log, database: Database, log_key: VerifierKey, witness: str
) -> tuple[Contradiction, bytes] | None:
    """What the head that a witness holds contradicts, with the evidence; None where it shows none that does.

    Raises:
        Silent: the witness does not answer.
    """
    policies = [one.witnesses for one in log.publisher.chain.all]
    reported = await log.witnesses.reported(log.origin, policies)
    shown = {one: note for one, note in reported.items() if witness_of(one) == witness}
    if not shown:
        raise Silent
    notes = {f"The witness {one} has seen": note for one, note in shown.items() if note is not None}
    head, reads = await SqlLogStore(database).head(), LogReads(database)
    if not notes or head is None:
        return None
    found = await contradiction(head, reads, log_key, notes)
    return None if found is None else (found, await evidence_of(found, head, reads))


def _heads(name: str, evidence: bytes) -> dict[str, bytes]:
    try:
        pair = parse_pair(evidence)
    except SigningError as error:
        LOG.warning("the evidence %s can't be read: %s", name, error)
        return {}
    return {f"The alarm's evidence ({name}, {place}) shows": note for place, note in _places(pair.first, pair.second)}


def _places(first: bytes, second: bytes) -> tuple[tuple[str, bytes], ...]:
    return ("first", first), ("second", second)
