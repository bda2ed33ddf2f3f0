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
from metrics.survival import Integers
from metrics.tasks import Estimate, Part, Task

__all__ = [
    "LOST",
    "RATE",
    "SIDES",
    "TOP",
    "Invited",
    "Said",
    "fairness_to_losing_side",
    "invited",
    "said",
    "satisfaction",
]

RATE = 0.2
"""The share of the invited that must have answered."""
TOP = 4
_OTHER, _SETTLED, _WON, LOST = range(4)
"""What became of the case for the party that answers."""
SIDES = 4
_CLAIMANT_WON = ("claimant_full", "claimant_part")


@dataclass(frozen=True)
class Invited:
    """Parties of cases: the row of each one's case, and its role and side as one number (``SIDES`` of each role)."""

    rows: Integers
    cells: Integers


@dataclass(frozen=True)
class Said(Invited):
    """Their answers: points, 0 for none to this question, and the day; how many belong to no case."""

    scores: Integers
    days: Integers
    unmatched: int


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
    return _top_two(task, "overall", (_OTHER, _SETTLED, _WON, LOST))


def fairness_to_losing_side(task: Task) -> list[Figure]:
    """26: whether those who lost call the procedure fair."""
    return _top_two(task, "fairness", (LOST,))


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
    top = found.scores >= TOP
    value = float(weights[top].sum() / weights.sum())
    limits = intervals.wilson_weighted(min(value, 1.0), intervals.effective_number(weights))
    estimate = Estimate(min(value, 1.0), limits, (int(top.sum()), n))
    return [task.figure(part, n, estimate, counts), rate]


def _survey(task: Task, question: str, sides: tuple[int, ...]) -> _Survey:
    asked, answers = invited(task), said(task, question)
    wanted = np.isin(np.arange(2 * SIDES) % SIDES, sides)
    parties = np.bincount(asked.cells, minlength=2 * SIDES) * wanted
    meant = wanted[answers.cells]
    scored = meant & (answers.scores > 0)
    # An answer proves an invitation, also where the provider's event with its slot is still missing.
    parties = np.maximum(parties, np.bincount(answers.cells[meant], minlength=2 * SIDES))
    return _Survey(parties, answers.cells[scored], answers.scores[scored], int(meant.sum()), answers.unmatched)


def invited(task: Task) -> Invited:
    """The parties who were invited to answer, of the cases resolved in the period."""
    columns, resolved = task.columns, _resolved(task)
    slots = columns.slots.where(resolved[columns.slots.row])
    return Invited(slots.row, _cells(_sides(task)[slots.row], slots.role == columns.code("claimant")))


def said(task: Task, question: str) -> Said:
    """What parties of those cases answered to the question; answers that a provider relayed are left out."""
    answers = [one for one in task.context.answers_of(task.books.subject) if one.source == "party"]
    rows = _rows(task, answers)
    matched = (rows >= 0) & _resolved(task)[rows] if len(task.columns) else np.zeros(0, dtype=bool)
    known = [one for one, mark in zip(answers, matched, strict=True) if mark]
    claimants = np.array([one.role == "claimant" for one in known], dtype=bool)
    return Said(
        rows[matched],
        _cells(_sides(task)[rows[matched]], claimants),
        np.array([one.scores.get(question, 0) for one in known], dtype=np.int64),
        np.array([one.submitted_day for one in known], dtype=np.int64),
        int((rows < 0).sum()),
    )


def _resolved(task: Task) -> Marks:
    marks: Marks = task.period.holds(task.columns.outcome_at) & (task.columns.opened != ABSENT)
    return marks


def _sides(task: Task) -> Integers:
    """How each case ended for its claimant, by the reported outcome."""
    columns = task.columns
    award = columns.is_one_of(columns.outcome, "award", "default_award")
    sides = np.full(len(columns), _OTHER, dtype=np.int64)
    sides[award & columns.is_one_of(columns.outcome_code, *_CLAIMANT_WON)] = _WON
    sides[award & (columns.outcome_code == columns.code("respondent"))] = LOST
    agreed = award & (columns.outcome_code == columns.code("consent_award"))
    sides[agreed | (columns.outcome == columns.code("settled"))] = _SETTLED
    return sides


def _cells(claimants_side: Integers, is_claimant: Marks) -> Integers:
    """Role and side as one number; what the claimant won the respondent lost."""
    turned = np.array([_OTHER, _SETTLED, LOST, _WON])[claimants_side]
    return np.where(is_claimant, claimants_side, turned + SIDES)


def _rows(task: Task, answers: list[Answer]) -> Integers:
    """The row of each answer's case, -1 where there is none.

    A case that moved is one row of the federation's columns, and is found under its name at each provider.
    """
    columns, size = task.columns, len(task.columns.names)
    records = columns.records
    keys = np.concatenate([columns.provider * size + columns.case, records.provider * size + records.case])
    rows = np.concatenate([np.arange(len(columns)), records.row])
    order = np.argsort(keys, kind="stable")
    found = np.full(len(answers), -1, dtype=np.int64)
    for place, one in enumerate(answers):
        codes = columns.code(one.provider), columns.code(one.case)
        if UNKNOWN in codes:
            continue
        key = codes[0] * size + codes[1]
        at = int(np.searchsorted(keys, key, sorter=order))
        if at < len(order) and keys[order[at]] == key:
            found[place] = rows[order[at]]
    return found
