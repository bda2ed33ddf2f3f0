"""The effect of feedback: these slots have an answer of this source from now on."""

from collections.abc import Mapping, Sequence

from hub.feedback import spaces
from registry.effects import Effect
from registry.rulebook import Fold
from registry.state import StateView
from registry.statements import At
from signing.encoding import JSON
from signing.statement import Statement

__all__ = ["FOLDS", "feedback_recorded"]


def feedback_recorded(statement: Statement, at: At, slots: Sequence[tuple[str, str, str]]) -> Effect:
    """The answers are registered; holds which slots they are of, and no answer.

    Args:
        statement: holds the answers.
        at: its place.
        slots: provider, case and role of each.
    """
    data = {
        "source": statement.body["source"],
        "statement": statement.digest,
        "index": at.index,
        "time": at.time,
        "slots": [list(one) for one in slots],
    }
    return Effect("feedback.recorded", 1, data)


def _fold_feedback(data: Mapping[str, JSON], _: StateView) -> dict[str, JSON]:
    return {spaces.answered(data["source"], *slot): {"index": data["index"]} for slot in data["slots"]}


FOLDS: dict[tuple[str, int], Fold] = {("feedback.recorded", 1): _fold_feedback}
