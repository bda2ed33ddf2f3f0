"""Answers as a statement of the kind feedback carries them, and back."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from hub.storage.values import Answered
from signing.encoding import JSON

__all__ = ["KIND", "answers_of", "body_of", "day_of"]

KIND = "feedback"
_EPOCH = date(1970, 1, 1)


def body_of(source: str, answers: Iterable[Answered]) -> dict[str, JSON]:
    """The body that carries these answers, all of one source, by provider, case and role."""
    ordered = sorted(answers, key=lambda one: (one.provider, one.case, one.role))
    return {"source": source, "answers": [_told(one) for one in ordered]}


def answers_of(body: Mapping[str, JSON]) -> list[Answered]:
    """The answers that a body of the kind carries; its schema was held against before.

    Raises:
        ValueError: a day that no calendar has; the rule of the kind lets none through.
    """
    return [
        Answered(
            one["provider"], one["case"], one["role"], body["source"], one["outcome_side"], dict(one["scores"]),
            day_of(one["day"]),
        )
        for one in body.get("answers", ())
    ]  # fmt: skip


def day_of(text: str) -> int:
    """The day ``YYYY-MM-DD``, counted from 1970-01-01.

    Raises:
        ValueError: no calendar has it.
    """
    return (date.fromisoformat(text) - _EPOCH).days


def _told(one: Answered) -> dict[str, JSON]:
    return {
        "provider": one.provider,
        "case": one.case,
        "role": one.role,
        "outcome_side": one.outcome_side,
        "scores": dict(one.scores),
        "day": (_EPOCH + timedelta(days=one.day)).isoformat(),
    }
