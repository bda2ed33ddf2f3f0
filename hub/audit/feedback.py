"""Feedback: slots and waiting answers against their seals, and answers against the questionnaire and their slots."""

import json
from dataclasses import asdict
from typing import Any

from hub.audit.findings import Findings
from hub.feedback.errors import BadAnswerError
from hub.feedback.questions import ROLES, read_given
from hub.feedback.standing import PARTY, RELAYED
from hub.storage.feedback import FeedbackStore
from hub.storage.seals import seal_of

__all__ = ["check_feedback"]

_PIECE = 500


async def check_feedback(store: FeedbackStore, findings: Findings) -> None:
    """Check every slot and every answer that waits to be registered: nothing but its seal repeats what it says.

    Registered answers are checked with what follows the log; their slots may be lost, for these are not logged.
    """
    await _check_slots(store, findings)
    await _check_answers(store, findings)


async def _check_slots(store: FeedbackStore, findings: Findings) -> None:
    after: tuple[str, ...] = ()
    while piece := await store.sealed_slots(after, _PIECE):
        for slot, seal in piece:
            where = f"feedback slot of {slot.provider}"
            if seal != seal_of(asdict(slot)):
                findings.add("row_differs", "The row is not the one that was sealed.", where)
            elif slot.role not in ROLES or slot.expires <= slot.issued:
                findings.add("row_differs", "The row contradicts itself.", where)
        last = piece[-1][0]
        after = (last.provider, last.case, last.role)


async def _check_answers(store: FeedbackStore, findings: Findings) -> None:
    after: tuple[str, ...] = ()
    while piece := await store.sealed_answers(after, _PIECE):
        slots = await store.known_slots([_key(row) for row, _ in piece])
        for row, seal in piece:
            where = f"feedback answer at {row['provider']}"
            if seal != seal_of(row):
                findings.add("row_differs", "The row is not the one that was sealed.", where)
            elif not _is_answer(row) or _key(row) not in slots:
                findings.add("row_differs", "The row is no answer to a slot that was issued.", where)
        last = piece[-1][0]
        after = (*_key(last), last["source"])


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["provider"], row["case"], row["role"]


def _is_answer(row: dict[str, Any]) -> bool:
    try:
        read_given({"outcome_side": row["outcome_side"], "scores": json.loads(row["scores"])})
    except (BadAnswerError, ValueError):
        return False
    return row["source"] in (PARTY, RELAYED)
