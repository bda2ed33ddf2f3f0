"""From registered statements and their effects to what the tables that follow the log hold. Pure.

Transfers are read from effects, which stay when the texts of statements are deleted, so that everything can be
read from the log again. Case events and feedback are read from their texts, which belong to the verification record
and stay.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping

from hub.feedback.statements import KIND as FEEDBACK
from hub.feedback.statements import answers_of
from hub.instants import instant
from hub.storage.transfers import Followable
from hub.storage.values import Answered, CaseEvent, Followed, StoredStatement, TransferChange
from providers.transfer.commands import KINDS
from providers.transfer.values import OPEN
from signing.encoding import JSON

__all__ = ["EVENTS", "FOLLOWED", "TEXTS", "project"]

EVENTS = "case-events"
TEXTS = (EVENTS, FEEDBACK)
"""Kinds that are read from their texts."""
FOLLOWED = (*KINDS, *TEXTS)
"""Kinds of statement that are followed."""
_APART = ("case", "sequence", "type", "at")
"""Members of an event that have columns of their own."""


def project(found: Iterable[Followable], size: int) -> Followed:
    """What the statements ``found``, all of a kind in ``FOLLOWED`` and below ``size``, add."""
    transfers: list[TransferChange] = []
    events: list[CaseEvent] = []
    told: dict[tuple[str, str], int] = {}
    answers: list[tuple[int, Answered]] = []
    for statement, effects in found:
        if statement.kind == EVENTS:
            new = list(_events(statement))
            events += new
            told |= {(one.provider, one.case): statement.index for one in new}
        elif statement.kind == FEEDBACK:
            answers += ((statement.index, one) for one in answers_of(_body(statement)))
        else:
            transfers += [_change(statement, one.data) for one in effects if one.type == "transfer.changed"]
    return Followed(size, tuple(transfers), tuple(events), told, answers=tuple(answers))


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
    issuer, recorded_at = statement.issuer, statement.time
    for event in _body(statement).get("events", ()):
        case, sequence, kind, at = map(event.pop, _APART)
        yield CaseEvent(issuer, case, sequence, kind, instant(at), recorded_at, attributes=event)


def _body(statement: StoredStatement) -> dict[str, JSON]:
    """The body; its octets were verified when it was registered and are not checked again. Empty where it is gone."""
    if statement.document is None:
        return {}
    payload = json.loads(urlsafe_b64decode(json.loads(statement.document)["payload"] + "=="))
    body: dict[str, JSON] = payload["body"]
    return body
