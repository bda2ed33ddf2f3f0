"""Between which ranks a provider lies: an interval, because a single rank would pretend to know.

No page shows ranks: this is there for releases, to show that ranks are not meaningful. Each draw takes a value for each
provider from a normal distribution around its own and ranks them; the interval holds the middle ``level`` of its ranks.
Rank 1 has the smallest value; equal values in one draw don't occur. The same seed gives the same intervals.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from metrics.comparison.judgements import RankInterval
from metrics.errors import BadDataError
from metrics.survival import LEVEL

__all__ = ["rank_intervals"]

_DRAWS = 4_000


def rank_intervals(
    subjects: Sequence[str], y: ArrayLike, s: ArrayLike, *, seed: int, level: float = LEVEL
) -> tuple[RankInterval, ...]:
    """One interval for each subject, in the order given.

    Args:
        subjects: their names.
        y: their values on a scale on which errors are about normal, raw or shrunk.
        s: the standard error of each.
        seed: of the draws.
        level: how much of the draws an interval holds.

    Raises:
        BadDataError: a value without its name or error, or no error above 0.
    """
    values, errors = np.asarray(y, dtype=np.float64), np.asarray(s, dtype=np.float64)
    if not subjects or not len(subjects) == len(values) == len(errors) or errors.min() <= 0:
        raise BadDataError("no_ranks", "Each provider needs a name, a value and a standard error above 0.")
    drawn = np.random.default_rng(seed).normal(values, errors, (_DRAWS, len(values)))
    ranks = np.sort(drawn.argsort(axis=1).argsort(axis=1) + 1, axis=0)
    low, high = int(_DRAWS * (1 - level) / 2), int(np.ceil(_DRAWS * (1 + level) / 2)) - 1
    return tuple(
        RankInterval(subject, int(ranks[low, place]), int(ranks[high, place]), len(subjects))
        for place, subject in enumerate(subjects)
    )
