"""Whether there are neutrals for the cases, and whether many are appointed or a few (27, 28)."""

import math
from collections import Counter

import numpy as np
from scipy.special import ndtri

from metrics.figures import Figure
from metrics.names import ABSENT
from metrics.survival import LEVEL, Integers
from metrics.tasks import Estimate, Task

__all__ = ["ENOUGH", "appointments", "concentration", "language_coverage"]

ENOUGH = 2
"""Neutrals that a language needs, so that there is somebody when one has a conflict of interest."""
_SAMPLES = 1000
_SEED = 28


def language_coverage(task: Task) -> list[Figure]:
    """27: cases in whose language neutrals work; cases conducted in a language that both parties declared."""
    columns = task.columns
    rows = np.flatnonzero(task.period.holds(columns.filed) & (columns.language != ABSENT))
    return [_offered(task, rows), _shared(task, rows)]


def _offered(task: Task, rows: Integers) -> Figure:
    neutrals = task.context.neutrals_of(task.books.subject)
    offered = Counter(language for one in neutrals for language in {_base(each) for each in one.languages})
    names = task.columns.names
    codes, cases = np.unique(task.columns.language[rows], return_counts=True)
    covered = [offered[_base(str(names.name(int(code))))] >= ENOUGH for code in codes]
    x = int(cases[np.array(covered, dtype=bool)].sum())
    return task.share("offered", x, len(rows), limits=None, reported=bool(neutrals) and len(rows) > 0)


def _shared(task: Task, rows: Integers) -> Figure:
    columns = task.columns
    base = np.array([_code_of_base(task, code) for code in range(len(columns.names))], dtype=np.int64)
    declared = np.zeros(len(columns), dtype=bool)
    declared[columns.languages.row] = True
    matching = base[columns.languages.language] == base[columns.language[columns.languages.row]]
    matching &= columns.language[columns.languages.row] != ABSENT
    shared = np.zeros(len(columns), dtype=bool)
    shared[columns.languages.row[matching]] = True
    known = rows[declared[rows]]
    counts = {"not_declared": len(rows) - len(known)}
    return task.share("shared", int(shared[known].sum()), len(known), counts, reported=len(columns.languages) > 0)


def _base(tag: str) -> str:
    """The language of a tag without script and region: who speaks zh-Hans understands zh."""
    return tag.partition("-")[0].lower()
