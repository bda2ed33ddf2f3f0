"""What of a figure anybody may see before there are signed releases: values on enough cases, on both sides.

A value is public when it rests on at least ``LEAST`` cases and, where it is a share, neither those it counts nor those
it leaves out are a few: one to nine of many name themselves as surely as nine of nine. A quantile or a rate read off a
curve rests on n alone. What only supervision may see (``view`` of the definition) is in no public view at all. Where
one part can be derived from the others (``parts`` of the definition), hiding it alone would hide nothing: then others
go with it.

What is *not* guarded against here: differences between periods, which may overlap and change with late reports,
between tables or between other indicators. That needs a fixed cube and an audit, so public views show the federation
only, one period at a time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from metrics.definitions import definition
from metrics.figures import Figure
from metrics.pairing import FEDERATION

__all__ = ["LEAST", "disclosable", "disclosed", "public"]

LEAST = 10
TOTAL = "in_all"
"""The part that the others of an indicator add up to."""


def disclosable(figure: Figure) -> bool:
    """Whether the value of ``figure`` may be shown to anybody; one without a value has nothing to hide."""
    return figure.value is None or not (figure.small or _rests_on_a_few(figure))


def _rests_on_a_few(figure: Figure) -> bool:
    """Whether a value is about so few that it names them."""
    if figure.value is None:
        return False
    if figure.n < LEAST:
        return True
    if figure.unit != "share" or figure.numerator is None or figure.denominator is None:
        return False
    few = range(1, LEAST)
    return figure.numerator in few or figure.denominator - figure.numerator in few


def public(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The ``figures`` of one subject as anybody may see them.

    Disposition time is the pending cases over the resolved ones: it would tell what is withheld of the former, so it
    goes with them.
    """
    known = tuple(one for one in figures if _is_public(one))
    hidden = any(one.indicator == "pending" and (not disclosable(one) or one.value is None) for one in known)
    shown: dict[str, list[Figure]] = {}
    for one in known:
        shown.setdefault(one.indicator, []).append(one)
    found = {name: _RULES[definition(name).parts](own) for name, own in shown.items()}
    if hidden and "disposition_time" in found:
        found["disposition_time"] = [_withheld(one) for one in found["disposition_time"]]
    places = {name: iter(own) for name, own in found.items()}
    return tuple(next(places[one.indicator]) for one in known)


def _is_public(figure: Figure) -> bool:
    view = definition(figure.indicator).view
    return view == "public" or (view == "federation" and figure.subject == FEDERATION)


def _apart(parts: Sequence[Figure]) -> list[Figure]:
    return [disclosed(one) for one in parts]


def _together(parts: Sequence[Figure]) -> list[Figure]:
    """All, or none: a part about a few can be computed from the others."""
    if any(_rests_on_a_few(one) for one in parts):
        return [_withheld(one) for one in parts]
    return _apart(parts)


def _adding_up(parts: Sequence[Figure]) -> list[Figure]:
    """What is hidden is the total less what is shown: so it must be about many, in at least two parts.

    The smallest parts that are not 0 go with those about a few until that is so.
    """
    if any(one.part == TOTAL and not disclosable(one) for one in parts):
        return [_withheld(one) for one in parts]
    summands = [one for one in parts if one.part != TOTAL]
    hidden = _with_company(summands, {one.part for one in summands if not disclosable(one)})
    return [_withheld(one) if one.part in hidden else disclosed(one) for one in parts]


def _with_company(summands: Sequence[Figure], hidden: set[str]) -> set[str]:
    """The hidden parts and as many more, the smallest first, as make them about many, in at least two parts."""
    chosen = set(hidden)
    rest = sorted(
        (one for one in summands if one.part not in hidden and one.numerator), key=lambda one: one.numerator or 0
    )
    count = sum(one.numerator or 0 for one in summands if one.part in hidden)
    while chosen and (len(chosen) == 1 or count < LEAST) and rest:
        chosen.add(rest[0].part)
        count += rest.pop(0).numerator or 0
    return chosen


def _by_time(parts: Sequence[Figure]) -> list[Figure]:
    """Outcomes by days: how many have ended by a day is told elsewhere, so on each day they add up to what is known.

    And of one outcome the difference between two days is about the cases that ended between them: where those are a
    few, the later day is hidden. Whatever that hides needs company in turn, until nothing changes.
    """
    days: dict[str, list[Figure]] = {}
    for one in parts:
        days.setdefault(one.part.rpartition("_")[2], []).append(one)
    hidden = {one.part for one in parts if not disclosable(one)}
    known: set[str] | None = None
    while known != hidden:
        known = set(hidden)
        hidden |= _steps_of_a_few(parts, hidden)
        for own in days.values():
            hidden |= _with_company(own, {one.part for one in own if one.part in hidden and one.value is not None})
    return [_withheld(one) if one.part in hidden else disclosed(one) for one in parts]


def _steps_of_a_few(parts: Sequence[Figure], hidden: set[str]) -> set[str]:
    """The later of each two shown days of an outcome between which it befell a few cases; parts stand by day."""
    last: dict[str, int] = {}
    found = set()
    for one in parts:
        outcome = one.part.rpartition("_by_day_")[0]
        if one.part in hidden or one.numerator is None:
            continue
        if outcome in last and 0 < one.numerator - last[outcome] < LEAST:
            found.add(one.part)
        else:
            last[outcome] = one.numerator
    return found


_RULES: dict[str, Callable[[Sequence[Figure]], list[Figure]]] = {
    "apart": _apart,
    "together": _together,
    "adding_up": _adding_up,
    "by_time": _by_time,
}


def disclosed(figure: Figure) -> Figure:
    """``figure`` as anybody may see it: without its value where that is not ``disclosable``, never with its counts."""
    return replace(figure, counts={}) if disclosable(figure) else _withheld(figure)


def _withheld(figure: Figure) -> Figure:
    return replace(figure, status="too_few", value=None, numerator=None, denominator=None, interval=None, counts={})
