"""Whether there are neutrals for the cases, and whether many are appointed or a few (27, 28)."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from metrics.context import base_language
from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.survival import LEVEL, Floats, Integers
from metrics.tasks import Estimate, Part, Task

__all__ = ["ENOUGH", "appointments", "concentration", "language_coverage"]

ENOUGH = 2
"""Neutrals that a language needs, so that there is somebody when one has a conflict of interest."""
_SAMPLES = 1000
_SAME = 1e-9
_SEED = 28
_PARTS = (Part("neutrals", "neutrals"), Part("concentration"), Part("top_tenth", "share"))


def language_coverage(task: Task) -> list[Figure]:
    """27: cases in whose language neutrals work; cases conducted in a language that both parties declared."""
    columns = task.columns
    rows = np.flatnonzero(task.period.holds(columns.filed) & (columns.language != ABSENT))
    return [_offered(task, rows), _shared(task, rows)]


def _offered(task: Task, rows: Integers) -> Figure:
    neutrals = task.context.neutrals_of(task.books.subject)
    offered = Counter(language for one in neutrals for language in {base_language(each) for each in one.languages})
    names = task.columns.names
    codes, cases = np.unique(task.columns.language[rows], return_counts=True)
    covered = [offered[base_language(str(names.name(int(code))))] >= ENOUGH for code in codes]
    x = int(cases[np.array(covered, dtype=bool)].sum())
    return task.share(Part("offered", reported=bool(neutrals) and len(rows) > 0), x, len(rows), limits=None)


def _shared(task: Task, rows: Integers) -> Figure:
    columns, told = task.columns, task.columns.languages
    own = columns.language[told.row]
    codes, places = np.unique(np.concatenate([told.language, own]), return_inverse=True)
    bases = [base_language(str(columns.names.name(int(code)))) for code in codes]
    numbers = {base: number for number, base in enumerate(dict.fromkeys(bases))}
    spoken = np.array([numbers[base] for base in bases], dtype=np.int64)[places]
    matching = (spoken[: len(told)] == spoken[len(told) :]) & (own != ABSENT)
    declared, shared = (np.zeros(len(columns), dtype=bool) for _ in range(2))
    declared[told.row] = True
    shared[told.row[matching]] = True
    known = rows[declared[rows]]
    counts = {"not_declared": len(rows) - len(known)}
    part = Part("shared", reported=len(told) > 0)
    return task.share(part, int(shared[known].sum()), len(known), counts)


def appointments(task: Task) -> list[Figure]:
    """28: how many neutrals were appointed, and how evenly."""
    made = task.columns.appointments
    inside = task.period.holds(made.at) & (made.neutral != ABSENT)
    neutrals, times = np.unique(made.neutral[inside], return_counts=True)
    m, total, counts = len(neutrals), int(times.sum()), _offices(task, neutrals)
    if m < task.minimum:
        known = bool((made.neutral != ABSENT).any())
        return [task.few(replace(part, reported=known), m) for part in _PARTS]
    top = int(np.sort(times)[-math.ceil(m / 10) :].sum())
    index, limits = concentration(times)
    return [
        task.figure(_PARTS[0], m, Estimate(m), counts),
        task.figure(_PARTS[1], m, Estimate(index, limits), {"appointments": total}),
        task.figure(_PARTS[2], m, Estimate(top / total, None, (top, total))),
    ]


def concentration(times: Integers) -> tuple[float, tuple[float, float] | None]:
    """The sum of squared shares (Herfindahl), with an interval by bootstrap over those who have the shares.

    The index of a resample is larger on average than that of the sample, so its spread on the log scale is taken, not
    its quantiles. No interval where the resamples don't differ. The seed is fixed: the same counts, the same limits.
    """
    drawn = np.random.default_rng(_SEED).choice(times, size=(_SAMPLES, len(times)))
    spread = float(np.std(np.log(_index(drawn)), ddof=1))
    index = float(_index(times[np.newaxis])[0])
    factor = math.exp(float(ndtri(0.5 + LEVEL / 2)) * spread)
    return index, (index / factor, min(1.0, index * factor)) if spread > _SAME else None


def _index(times: Integers) -> Floats:
    shares = times / times.sum(axis=1, keepdims=True)
    return np.asarray((shares**2).sum(axis=1))


def _offices(task: Task, neutrals: Integers) -> dict[str, int]:
    """How many of the appointed neutrals work in each language and field, as far as the register says."""
    known = [task.context.neutrals.get(str(task.columns.names.name(int(code)))) for code in neutrals]
    found = Counter(name for one in known if one for name in (*one.languages, *one.fields))
    return {name: found[name] for name in sorted(found)}
