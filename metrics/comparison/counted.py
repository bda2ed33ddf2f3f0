"""What is counted for a comparison: cases, deadlines, awards ..., whose they are, and whether each counts."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.cohorts import Marks
from metrics.columns import Columns
from metrics.facts import Attributes
from metrics.survival import Integers

__all__ = ["FOLLOWED_DAYS", "Counted", "within"]

FOLLOWED_DAYS = 90
"""Each thing that is counted is followed for so many days at most."""
_KINDS = tuple(one.name for one in fields(Attributes) if one.name in Columns.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Counted:
    """Columns of one length, a place for each thing.

    Attributes:
        provider: whose it is, as a code of the columns' names.
        kinds: what may be held equal; the procedure is among it.
        counts: whether it counts.
        at: when it was filed, entered, made or fell due, in POSIX seconds: what puts it into a period.
        known: whether that is known; what is not known is in no share, and counted beside it.
    """

    provider: Integers
    kinds: Mapping[str, NDArray[Any]]
    counts: Marks
    at: Integers
    known: Marks

    @classmethod
    def of(
        cls,
        columns: Columns,
        rows: Integers,
        counts: Marks,
        at: Integers | None = None,
        known: Marks | None = None,
        **kinds: NDArray[Any],
    ) -> "Counted":
        """Things of the cases in ``rows``, of the kinds of their cases and of ``kinds`` of their own.

        ``at`` is None for what belongs to the day on which its case was filed; ``known`` where all is.
        """
        told = {name: getattr(columns, name)[rows] for name in _KINDS}
        every = np.ones(len(rows), dtype=bool)
        begun = columns.filed[rows] if at is None else at
        return cls(columns.provider[rows], told | kinds, counts, begun, every if known is None else known)


def within(days: Integers, reached: Marks, followed: Integers, limit: int = FOLLOWED_DAYS) -> tuple[Marks, Marks]:
    """Whether each was reached by the day ``limit``; and whether that is known.

    It is known of what was followed for so long, whatever came of it: were results that came sooner known sooner, those
    whose clock stood would be known by their quick results alone.

    Args:
        days: how long each took, to what was waited for or to the end of following it.
        reached: whether what was waited for is why it ended.
        followed: how many days each could have taken by now, less those on which its clock stood.
        limit: a day, counted from 0.
    """
    return reached & (days <= limit), followed >= limit
