"""What came, what left and what waits: the base counts of a period, with the identity that ties them together.

At a provider cases come by filing or by transfer and leave by an outcome or by handing over::

    pending at the end = pending at the start + filed + received - resolved - handed over

Each count is taken from the facts on its own, so the identity can fail: when a fact contradicts itself. Then no
figure of that subject may leave.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from metrics.errors import IdentityBrokenError
from metrics.facts import CaseFact
from metrics.figures import Period

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


def flows(subject: str, facts: Iterable[CaseFact], period: Period) -> Flows:
    """The counts of the period.

    Raises:
        IdentityBrokenError: they don't add up.
    """
    before = after = filed = received = resolved = handed_over = 0
    for fact in facts:
        for spell in fact.spells:
            opened, ended = spell.opened, spell.ended
            before += opened < period.start and (ended is None or ended >= period.start)
            after += opened < period.end and (ended is None or ended >= period.end)
            if opened in period:
                filed += spell.opened_by == "filed"
                received += spell.opened_by != "filed"
            if ended is not None and ended in period:
                handed_over += spell.ended_by == "transfer_out"
                resolved += spell.ended_by != "transfer_out"
    found = Flows(before, filed, received, resolved, handed_over, after)
    expected = before + found.incoming - resolved - handed_over
    if after != expected:
        raise IdentityBrokenError(
            "identity_broken",
            f"{after} cases are pending, but {before} + {found.incoming} - {resolved + handed_over} is {expected}.",
            subject,
        )
    return found
