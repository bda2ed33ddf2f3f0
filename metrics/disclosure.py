"""What of a figure anybody may see before there are signed releases: values on enough cases, on both sides.

A value is public when it rests on at least ``LEAST`` cases and, where it is a share, neither those it counts nor those
it leaves out are a few: one to nine of many name themselves as surely as nine of nine. A quantile or a rate read off a
curve rests on n alone. What is *not* guarded against here: differences between periods or between tables. That needs
a fixed cube and an audit, so public views show the federation only, one period at a time.
"""

from collections.abc import Iterable
from dataclasses import replace

from metrics.figures import Figure

__all__ = ["LEAST", "disclosable", "disclosed", "public"]

LEAST = 10


def disclosable(figure: Figure) -> bool:
    """Whether the value of ``figure`` may be shown to anybody; one without a value has nothing to hide."""
    if figure.value is None:
        return True
    if figure.small or figure.n < LEAST:
        return False
    if figure.unit != "share" or figure.numerator is None or figure.denominator is None:
        return True
    few = range(1, LEAST)
    return figure.numerator not in few and figure.denominator - figure.numerator not in few


def public(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The ``figures`` of one subject as anybody may see them.

    Disposition time is the pending cases over the resolved ones: it would tell what is withheld of the former, so it
    goes with them.
    """
    known = tuple(figures)
    hidden = any(one.indicator == "pending" and (not disclosable(one) or one.value is None) for one in known)
    return tuple(_withheld(one) if hidden and one.indicator == "disposition_time" else disclosed(one) for one in known)


def disclosed(figure: Figure) -> Figure:
    """``figure`` as anybody may see it: without its value where that is not ``disclosable``, never with its counts."""
    return replace(figure, counts={}) if disclosable(figure) else _withheld(figure)


def _withheld(figure: Figure) -> Figure:
    return replace(figure, status="too_few", value=None, numerator=None, denominator=None, interval=None, counts={})
