"""What came, what left and what waits: the base counts of a period, with the identity that ties them together.

At a provider cases come by filing or by transfer and leave by an outcome or by handing over::

    pending at the end = pending at the start + filed + received - resolved - handed over

Each count is taken from the facts on its own, so the identity can fail: when a fact contradicts itself. Then no
figure of that subject may leave.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.columns import Columns
from metrics.errors import IdentityBrokenError
from metrics.facts import HANDED_OVER
from metrics.figures import Period
from metrics.names import ABSENT

__all__ = ["Flows", "flows"]


@dataclass(frozen=True, slots=True)
class Flows:
    """The base counts of one subject and period."""

    pending_before: int
    filed: int
    received: int
    resolved: int
    handed_over: int
    pending: int

    @property
    def incoming(self) -> int:
        """I: filed and received."""
        return self.filed + self.received


def flows(subject: str, columns: Columns, period: Period) -> Flows:
    """The counts of the period.

    Raises:
        IdentityBrokenError: they don't add up.
    """
    spells, start, end = columns.spells, period.start, period.end
    opened, ended = spells.opened, spells.ended
    before = _count((opened < start) & ((ended == ABSENT) | (ended >= start)))
    after = _count((opened < end) & ((ended == ABSENT) | (ended >= end)))
    came = period.holds(opened)
    left = period.holds(ended) & (ended != ABSENT)
    by_filing, by_handing_over = spells.opened_by == columns.code("filed"), spells.ended_by == columns.code(HANDED_OVER)
    filed, received = _count(came & by_filing), _count(came & ~by_filing)
    handed_over, resolved = _count(left & by_handing_over), _count(left & ~by_handing_over)
    found = Flows(before, filed, received, resolved, handed_over, after)
    expected = before + found.incoming - resolved - handed_over
    if after != expected:
        raise IdentityBrokenError(
            "identity_broken",
            f"{after} cases are pending, but {before} + {found.incoming} - {resolved + handed_over} is {expected}.",
            subject,
        )
    return found


def _count(marks: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(marks))
