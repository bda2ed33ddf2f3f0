"""What the parties say (25, 26): weighted by whom was invited, and never without who answered.

Answers of some groups come more often than of others; each answer is weighted so that the answers of a cell (role and
outcome) count as much as the cell has invited parties. Weights cost precision, which Kish's number says; they mend
nothing where who answers differs from who doesn't within a cell.
"""

import math
from dataclasses import dataclass

import numpy as np

from metrics import intervals
from metrics.cohorts import Marks
from metrics.context import Answer
from metrics.figures import Figure
from metrics.names import ABSENT, UNKNOWN
from metrics.pairing import FEDERATION
from metrics.survival import Integers
from metrics.tasks import Estimate, Part, Task

__all__ = ["RATE", "fairness_to_losing_side", "satisfaction"]

RATE = 0.2
"""The share of the invited that must have answered."""
_TOP = 4
_OTHER, _SETTLED, _WON, _LOST = range(4)
_SIDES = 4
_CLAIMANT_WON = ("claimant_full", "claimant_part")


@dataclass(frozen=True)
class _Survey:
    """Invited parties and their answers by cell; ``cells`` and ``scores`` have one place for each answer."""

    invited: Integers
    cells: Integers
    scores: Integers
    answered: int
    unmatched: int


def satisfaction(task: Task) -> list[Figure]:
    """25: how satisfied the parties are."""
    return _top_two(task, "overall", (_OTHER, _SETTLED, _WON, _LOST))


def fairness_to_losing_side(task: Task) -> list[Figure]:
    """26: whether those who lost call the procedure fair."""
    return _top_two(task, "fairness", (_LOST,))


def _top_two(task: Task, question: str, sides: tuple[int, ...]) -> list[Figure]:
    found = _survey(task, question, sides)
    invited = int(found.invited.sum())
    reported = len(task.columns.slots) > 0 or found.answered > 0
    counts = {"invited": invited, "answered": found.answered, "unmatched": found.unmatched}
    rate = task.share(Part("answered", reported=reported), found.answered, invited, limits=None)
    n = len(found.scores)
    part = Part("", least=math.ceil(RATE * invited), reported=reported)
    if n < max(1, task.minimum):
        return [task.few(part, n, counts), rate]
    weights = (found.invited / np.maximum(np.bincount(found.cells, minlength=len(found.invited)), 1))[found.cells]
    top = found.scores >= _TOP
    value = float(weights[top].sum() / weights.sum())
    limits = intervals.wilson_weighted(min(value, 1.0), intervals.effective_number(weights))
    estimate = Estimate(min(value, 1.0), limits, (int(top.sum()), n))
    return [task.figure(part, n, estimate, counts), rate]


def _survey(task: Task, question: str, sides: tuple[int, ...]) -> _Survey:
    columns = task.columns
    resolved = task.period.holds(columns.outcome_at) & (columns.opened != ABSENT)
    claimant = _sides(task)
    slots = columns.slots.where(resolved[columns.slots.row])
    wanted = np.isin(np.arange(2 * _SIDES) % _SIDES, sides)
    cells = _cells(claimant[slots.row], slots.role == columns.code("claimant"))
    invited = np.bincount(cells, minlength=2 * _SIDES) * wanted
    answers = [one for one in task.context.answers_of(task.books.subject) if one.source == "party"]
    rows = _rows(task, answers)
    matched = (rows >= 0) & resolved[rows] if len(columns) else np.zeros(0, dtype=bool)
    known = [(one, int(row)) for one, row, mark in zip(answers, rows, matched, strict=True) if mark]
    own = _cells(
        claimant[np.array([row for _, row in known], dtype=np.int64)],
        np.array([one.role == "claimant" for one, _ in known], dtype=bool),
    )
    meant = wanted[own]
    scored = meant & np.array([question in one.scores for one, _ in known], dtype=bool)
    scores = np.array([one.scores.get(question, 0) for one, _ in known], dtype=np.int64)
    # An answer proves an invitation, also where the provider's event with its slot is still missing.
    invited = np.maximum(invited, np.bincount(own[meant], minlength=2 * _SIDES))
    return _Survey(invited, own[scored], scores[scored], int(meant.sum()), int((rows < 0).sum()))


def _sides(task: Task) -> Integers:
    """How each case ended for its claimant, by the reported outcome."""
    columns = task.columns
    award = columns.is_one_of(columns.outcome, "award", "default_award")
    sides = np.full(len(columns), _OTHER, dtype=np.int64)
    sides[award & columns.is_one_of(columns.outcome_code, *_CLAIMANT_WON)] = _WON
    sides[award & (columns.outcome_code == columns.code("respondent"))] = _LOST
    agreed = award & (columns.outcome_code == columns.code("consent_award"))
    sides[agreed | (columns.outcome == columns.code("settled"))] = _SETTLED
    return sides


def _cells(claimants_side: Integers, is_claimant: Marks) -> Integers:
    """Role and side as one number; what the claimant won the respondent lost."""
    turned = np.array([_OTHER, _SETTLED, _LOST, _WON])[claimants_side]
    return np.where(is_claimant, claimants_side, turned + _SIDES)


def _rows(task: Task, answers: list[Answer]) -> Integers:
    """The row of each answer's case, -1 where there is none.

    A case that moved stands in the federation's columns under the name of its origin.
    """
    columns, size = task.columns, len(task.columns.names)
    keys = columns.provider * size + columns.case
    order = np.argsort(keys, kind="stable")
    found = np.full(len(answers), -1, dtype=np.int64)
    for place, one in enumerate(answers):
        for provider, case in ((one.provider, one.case), (FEDERATION, f"{one.provider}/{one.case}")):
            codes = columns.code(provider), columns.code(case)
            if UNKNOWN in codes:
                continue
            key = codes[0] * size + codes[1]
            at = int(np.searchsorted(keys, key, sorter=order))
            if at < len(order) and keys[order[at]] == key:
                found[place] = order[at]
                break
    return found
