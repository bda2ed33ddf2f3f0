"""Figures that a provider states of itself, held against those computed from its events.

A stated value has as many decimals as its writer gave it; it is the same if the computed one, rounded to these, is.
Counts and days may have none; of a share, a ratio or whatever else lies near 1, at least two count, given or not: else
"1" would be the same as a half.
A figure that is stated under another version of the definition is compared all the same and said to be: the
difference may be the definition's. Figures that were computed and not stated are listed too, so that leaving a bad one
out is seen.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from metrics.definitions import definitions
from metrics.figures import Figure

__all__ = ["STATUSES", "Compared", "Stated", "compare", "without"]

STATUSES: dict[str, str] = {
    "same": "The events give the same value.",
    "differs": "The events give another value.",
    "counts_differ": "The events give the same value from other counts.",
    "version_differs": "The events give another value, but the figure was stated under another version.",
    "no_value": "The events give no value for the period.",
    "not_defined": "There is no such indicator or part.",
    "not_stated": "The events give a value and the report doesn't state it.",
    "for_officers": "It rests on answers of parties, so officers alone see what it is held against.",
}
"""What came of comparing one figure."""
_WHOLE = frozenset({"cases", "days", "neutrals"})
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure as a quality report states it."""

    indicator: str
    part: str
    version: int
    value: Decimal
    numerator: int | None = None
    denominator: int | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure stated, and computed.

    Attributes:
        status: a key of ``STATUSES``.
        stated: None if it was not stated.
        computed: None if no such figure was computed.
        difference: stated less computed, where there are both values.
    """

    indicator: str
    part: str
    status: str
    stated: Stated | None
    computed: Figure | None
    difference: Decimal | None = None


def compare(stated: Iterable[Stated], computed: Iterable[Figure]) -> tuple[Compared, ...]:
    """Every stated figure in its order, then the computed ones with a value that were not stated.

    ``computed`` are the figures of one subject for one period; a figure stated twice is compared twice.
    """
    versions = {one.id: one.version for one in definitions()}
    figures = {(one.indicator, one.part): one for one in computed}
    told = list(stated)
    found = [_compared(one, figures.get((one.indicator, one.part)), versions.get(one.indicator)) for one in told]
    return (*found, *_unstated(figures.values(), {(one.indicator, one.part) for one in told}))


def without(compared: Iterable[Compared], indicators: Container[str]) -> tuple[Compared, ...]:
    """The same for a reader who must not learn what these ``indicators`` are.

    What is stated of them stays, for the reader knows it, without a word on how it compares; whether there is a value
    that is not stated would tell something too.
    """
    return tuple(
        replace(one, status="for_officers", computed=None, difference=None) if one.indicator in indicators else one
        for one in compared
        if one.indicator not in indicators or one.stated is not None
    )


def _compared(stated: Stated, figure: Figure | None, version: int | None) -> Compared:
    names = (stated.indicator, stated.part)
    if version is None or figure is None:
        return Compared(*names, "not_defined", stated, None)
    if figure.value is None:
        return Compared(*names, "no_value", stated, figure)
    value = Decimal(repr(figure.value))
    same = abs(value - stated.value) <= _half_a_unit(stated.value, 0 if figure.unit in _WHOLE else _DECIMALS)
    if same:
        counts = ((stated.numerator, figure.numerator), (stated.denominator, figure.denominator))
        status = "counts_differ" if any(None not in pair and pair[0] != pair[1] for pair in counts) else "same"
    else:
        status = "differs" if stated.version == version else "version_differs"
    return Compared(*names, status, stated, figure, stated.value - value)


def _half_a_unit(value: Decimal, least: int) -> Decimal:
    """Half of what the last decimal of ``value`` counts, which has ``least`` decimals or more."""
    exponent = value.as_tuple().exponent
    return Decimal(5).scaleb(min(-least, exponent if isinstance(exponent, int) else 0) - 1)


def _unstated(figures: Iterable[Figure], told: set[tuple[str, str]]) -> Iterator[Compared]:
    for one in figures:
        if one.value is not None and (one.indicator, one.part) not in told:
            yield Compared(one.indicator, one.part, "not_stated", None, one)
