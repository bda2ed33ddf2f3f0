"""What an officer should ask a provider about: flags of a comparison, and discrepancies between reports and register.

A ``Flagged`` and a ``Disputed`` carry what somebody who decides on an enquiry has to know, and the enquiry that was
sent, if any. Both are listed by provider and then by code; there is no other order. ``evidence`` is the same as members
of JSON, which go with an enquiry; it has no floats, so shares are texts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from hub.enquiries.desk import DISCREPANCY, FLAG, Matter
from hub.storage.enquiries import Enquiry
from metrics.comparison.comparable import COMPARED, CONFIDENTIAL
from metrics.comparison.flags import Flag
from metrics.comparison.judgements import Side
from metrics.comparison.quarters import Quarters
from metrics.crosschecks import Discrepancy
from metrics.intervals import wilson
from signing.compose import timestamp
from signing.encoding import JSON

__all__ = ["COUNTS", "WORSE", "Concern", "Disputed", "Flagged", "concerns"]

COUNTS: Mapping[str, str] = {one.indicator: one.counts for one in COMPARED}
"""Of each indicator what its numbers count: cases, or deadlines."""
WORSE: Mapping[str, Side | None] = {one.indicator: one.worse for one in COMPARED}
"""Of each indicator the side of what was expected that is worse."""
_NAMED = 50
"""Awards or cases that an enquiry names, at most."""


class Concern(Protocol):
    """A matter, and what an enquiry about it rests on."""

    @property
    def matter(self) -> Matter:
        """What it is about."""

    @property
    def enquiry(self) -> Enquiry | None:
        """The enquiry that was sent about it."""

    @property
    def evidence(self) -> dict[str, JSON]:
        """The figures."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """A provider that differs from what was expected of it."""

    matter: Matter
    flag: Flag
    enquiry: Enquiry | None

    @property
    def is_confidential(self) -> bool:
        """Whether the provider must not be told the numbers, which would tell single answers."""
        return self.matter.code in CONFIDENTIAL

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the provider's own lies, at 95 %."""
        judged = self.flag.judgement
        return wilson(judged.numerator, judged.n)

    @property
    def share(self) -> float:
        """What was found, of 1."""
        return self.flag.judgement.numerator / self.flag.judgement.n

    @property
    def expected(self) -> float:
        """What was expected of the provider's own mix of cases, of 1."""
        return self.flag.judgement.expected / self.flag.judgement.n

    @property
    def evidence(self) -> dict[str, JSON]:
        """What was found and expected, on how many cases, since when, how sure.

        It goes to the provider. Where that must not be told its own numbers, it says on which side and since when.
        """
        judged, (low, high) = self.flag.judgement, self.interval
        told: dict[str, JSON] = {
            "side": judged.side, "since": timestamp(self.flag.since.start)[:10], "quarters": self.flag.periods,
        }  # fmt: skip
        if self.is_confidential:
            return told
        return told | {
            "counts": COUNTS[self.matter.code], "n": judged.n, "numerator": judged.numerator,
            "value": _share(self.share), "expected": _share(self.expected),
            "interval": {"low": _share(low), "high": _share(high)},
            "q": f"{self.flag.q:.2g}", "comparisons": self.flag.comparisons,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Disputed:
    """Discrepancies of one code at one provider; ``since`` is that of the oldest, ``cases`` all that it reported on."""

    matter: Matter
    found: tuple[Discrepancy, ...]
    cases: int
    enquiry: Enquiry | None

    @property
    def since(self) -> int:
        """Since when the oldest stands, in POSIX seconds."""
        return min(one.since for one in self.found)

    @property
    def evidence(self) -> dict[str, JSON]:
        """How many, since when, and what they are about (the first of them by name)."""
        about: list[JSON] = [*sorted({one.about for one in self.found})[:_NAMED]]
        return {"n": len(self.found), "since": timestamp(self.since)[:10], "of": about}


def concerns(quarters: Quarters, enquiries: Sequence[Enquiry], flags: Iterable[Flag]) -> tuple[Concern, ...]:
    """Every matter of the newest quarter, by provider and code.

    Args:
        quarters: the comparisons.
        enquiries: whatever was asked.
        flags: of the newest quarter.
    """
    sent = {(one.provider, one.about, one.code, one.period_start): one for one in enquiries}

    def enquiry(matter: Matter) -> Enquiry | None:
        return sent.get((matter.provider, matter.about, matter.code, matter.period.start))

    found: list[Concern] = []
    for one in flags:
        matter = Matter(one.subject, FLAG, one.indicator, one.period)
        found.append(Flagged(matter, one, enquiry(matter)))
    ordered = sorted(quarters.discrepancies, key=lambda one: (one.provider, one.code))
    for (provider, code), each in groupby(ordered, key=lambda one: (one.provider, one.code)):
        matter = Matter(provider, DISCREPANCY, code, quarters.period)
        cases = quarters.qualities[provider].counts.cases
        found.append(Disputed(matter, tuple(each), cases, enquiry(matter)))
    return tuple(sorted(found, key=lambda one: (one.matter.provider, one.matter.about, one.matter.code)))


def _share(value: float) -> str:
    return f"{value:.4f}"
