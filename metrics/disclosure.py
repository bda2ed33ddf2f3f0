"""What of a figure anybody may see before there are signed releases: values on enough cases, on both sides.

A value is public when it rests on at least ``LEAST`` cases and, where it is a share, neither those it counts nor those
it leaves out are a few: one to nine of many name themselves as surely as nine of nine. A quantile or a rate read off a
curve rests on n alone. What is *not* guarded against here: differences between periods or between tables. That needs
a fixed cube and an audit, so public views show the federation only, one period at a time.
"""

from dataclasses import replace

from metrics.figures import Figure

__all__ = ["LEAST", "disclosable", "disclosed"]

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


def disclosed(figure: Figure) -> Figure:
    """``figure`` as anybody may see it: without its value where that is not ``disclosable``, never with its counts."""
    shown = replace(figure, counts={})
    if disclosable(figure):
        return shown
    return replace(shown, status="too_few", value=None, numerator=None, denominator=None, interval=None)
