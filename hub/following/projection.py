"""From registered statements and their effects to what the tables that follow the log hold. Pure.

Transfers are read from effects, which stay when the texts of statements are deleted, so that everything can be
read from the log again. Case events are read from their text, which belongs to the verification record and stays.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping

from hub.instants import instant
from hub.storage.transfers import Followable
from hub.storage.values import CaseEvent, Followed, StoredStatement, TransferChange
from providers.transfer.commands import KINDS
from providers.transfer.values import OPEN
from signing.encoding import JSON

__all__ = ["EVENTS", "FOLLOWED", "project"]

EVENTS = "case-events"
FOLLOWED = (*KINDS, EVENTS)
"""Kinds of statement that are followed."""
_APART = ("case", "sequence", "type", "at")
"""Members of an event that have columns of their own."""


def project(found: Iterable[Followable], size: int) -> Followed:
    """What the statements ``found``, all of a kind in ``FOLLOWED`` and below ``size``, add."""
    transfers: list[TransferChange] = []
    events: list[CaseEvent] = []
    told: dict[tuple[str, str], int] = {}
    for statement, effects in found:
        if statement.kind == EVENTS:
            new = list(_events(statement))
            events += new
            told |= {(one.provider, one.case): statement.index for one in new}
        else:
            transfers += [_change(statement, one.data) for one in effects if one.type == "transfer.changed"]
    return Followed(size, tuple(transfers), tuple(events), told)


def _change(statement: StoredStatement, data: Mapping[str, JSON]) -> TransferChange:
    record = data["transfer"]
    return TransferChange(
        transfer=record["transfer_id"],
        index=statement.index,
        digest=statement.digest,
        kind=statement.kind,
        issuer=statement.issuer,
        event=data["change"] if statement.kind == "evidence" else None,
        sender=record["sender"],
        recipient=record["recipient"],
        state=record["state"],
        due=record["deadline"],
        ended=None if record["state"] in OPEN else data["time"],
        record=record,
    )


def _events(statement: StoredStatement) -> Iterator[CaseEvent]:
    """The events of a statement; its octets were verified when it was registered and are not checked again."""
    if statement.document is None:
        return
    payload = json.loads(urlsafe_b64decode(json.loads(statement.document)["payload"] + "=="))
    issuer, recorded_at = statement.issuer, statement.time
    for event in payload["body"]["events"]:
        case, sequence, kind, at = map(event.pop, _APART)
        yield CaseEvent(issuer, case, sequence, kind, instant(at), recorded_at, attributes=event)
