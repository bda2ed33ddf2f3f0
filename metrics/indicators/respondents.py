"""Respondents who come again, and whether claimants fare otherwise against them (29).

The difference is standardised: within strata of like cases, each of which has the same weight on both sides
(n1 n2 / (n1 + n2), after Mantel and Haenszel), so that respondents who come often are not blamed for bringing other
cases. Strata are as fine as leaves awards of both sides in each; what remains without the other side is left out and
counted. The interval is Newcombe's, with Wilson's for weighted shares on either side (Kish's number).
"""

import numpy as np

from metrics import intervals
from metrics.cohorts import Marks
from metrics.columns import Columns
from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.survival import Integers
from metrics.tasks import Estimate, Part, Task

__all__ = ["OFTEN", "repeat_respondents"]

OFTEN = 5
"""Resolved cases in the period that make a respondent one who comes often."""
_STRATA = ("procedure", "dispute_type", "amount_band", "cross_border", "represented", "respondent_type")
_WON = ("claimant_full", "claimant_part")
_ON_THE_MERITS = (*_WON, "respondent")


def repeat_respondents(task: Task) -> list[Figure]:
    """29: cases against respondents who come often, and the difference in claimants' success."""
    columns = task.columns
    inside = task.period.holds(columns.outcome_at) & (columns.respondent != ABSENT)
    rows = np.flatnonzero(inside)
    # A pseudonym means somebody at its provider alone, wherever the case has gone since.
    names = columns.origins[rows] * len(columns.names) + columns.respondent[rows]
    _, places, times = np.unique(names, return_inverse=True, return_counts=True)
    often = times[places] >= OFTEN
    known = bool((columns.respondent != ABSENT).any())
    share = task.share(Part("share", reported=known), int(often.sum()), len(rows))
    judged = columns.is_one_of(columns.outcome_code[rows], *_ON_THE_MERITS) & (
        columns.outcome[rows] == columns.code("award")
    )
    return [share, _gap(task, Part("difference", reported=known), rows[judged], often[judged])]


def _gap(task: Task, part: Part, rows: Integers, often: Marks) -> Figure:
    columns = task.columns
    strata, won = _alike(columns, rows, often), columns.is_one_of(columns.outcome_code[rows], *_WON)
    like = strata >= 0
    cases, hits = (_by_stratum(strata, often, like & chosen) for chosen in (like, won))
    (n1, n2), (x1, x2) = (one.sum(axis=1).tolist() for one in (cases, hits))
    counts = {"often_won": x1, "often": n1, "others_won": x2, "others": n2, "without_like": len(rows) - n1 - n2}
    n = min(n1, n2)
    if n < max(1, task.minimum):
        return task.few(part, n, counts)
    return task.figure(part, n, _difference(cases, hits), counts)


def _difference(cases: Integers, hits: Integers) -> Estimate:
    """Of the first row's share less the second's, in strata that both have."""
    weights = cases.prod(axis=0) / cases.sum(axis=0)
    weights = weights / weights.sum()
    shares = (weights * hits / cases).sum(axis=1).clip(0, 1).tolist()
    limits = [
        intervals.wilson_weighted(share, 1 / float((weights**2 / own).sum()))
        for share, own in zip(shares, cases, strict=True)
    ]
    return Estimate(shares[0] - shares[1], intervals.newcombe_of((shares[0], limits[0]), (shares[1], limits[1])))


def _by_stratum(strata: Integers, often: Marks, chosen: Marks) -> Integers:
    """How many are chosen in each stratum, of respondents who come often and of the others."""
    _, places = np.unique(strata, return_inverse=True)
    size, first = int(places.max(initial=-1)) + 1, int((strata < 0).any())
    return np.stack([np.bincount(places[chosen & side], minlength=size) for side in (often, ~often)])[:, first:]


def _alike(columns: Columns, rows: Integers, often: Marks) -> Integers:
    """The stratum of each case, as fine as leaves cases of both sides in it; -1 where even its procedure does not."""
    levels: list[Integers] = []
    for name in _STRATA:
        known = np.stack([levels[-1] if levels else np.zeros(len(rows), dtype=np.int64), getattr(columns, name)[rows]])
        levels.append(np.unique(known, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64))
    found = np.full(len(rows), -1, dtype=np.int64)
    for level in reversed(levels):
        left = found < 0
        both = left & np.isin(level, np.intersect1d(level[left & often], level[left & ~often]))
        found[both] = level[both] + found.max(initial=-1) + 1
    return found
