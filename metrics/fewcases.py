"""Whether a figure by itself is about so few cases that it names them, and what is left of one that is hidden.

Not judged here: what can be found from several figures together (``metrics.partrules``, ``metrics.disclosure``).
"""

from collections.abc import Iterable
from dataclasses import replace

from metrics.figures import Figure, Status

__all__ = [
    "FEW",
    "LEAST",
    "disclosable",
    "disclosed",
    "followed",
    "is_hidden",
    "rests_on_a_few",
    "withheld",
    "withheld_where",
]

LEAST = 10
FEW = range(1, LEAST)
"""Numbers of cases that nobody may learn; that there are none may be known."""


def disclosable(figure: Figure) -> bool:
    """Whether the value of ``figure`` may be shown to anybody; one without a value has nothing to hide."""
    return figure.value is None or not (figure.small or rests_on_a_few(figure))


def rests_on_a_few(figure: Figure) -> bool:
    """Whether a value is about so few that it names them."""
    if figure.value is None:
        return False
    if figure.n < LEAST:
        return True
    x, n = figure.numerator, figure.denominator
    if x is None or n is None or figure.unit not in {"share", "ratio"}:
        return False
    # What a ratio compares are different cases, so their difference counts none.
    return x in FEW or n in FEW or (figure.unit == "share" and n - x in FEW)


def is_hidden(figure: Figure) -> bool:
    """Whether something that was, or could have been, counted is kept back."""
    return not disclosable(figure) or figure.status == "too_few"


def disclosed(figure: Figure) -> Figure:
    """``figure`` as anybody may see it: without its value where that is not ``disclosable``, never with its counts."""
    return replace(figure, counts={}) if disclosable(figure) else withheld(figure)


def withheld(figure: Figure) -> Figure:
    """``figure`` without anything that tells its value; where there was none it keeps the reason why."""
    return _without_value(figure, figure.status if figure.value is None else "too_few")


def followed(figure: Figure) -> Figure:
    """``figure`` without a value that was read off a curve where too few cases were left under observation.

    That is no secret: what else tells the same number is judged by that number.
    """
    return figure if figure.in_public == "value" else _without_value(figure, figure.in_public)


def _without_value(figure: Figure, status: Status) -> Figure:
    return replace(figure, status=status, value=None, numerator=None, denominator=None, interval=None, counts={})


def withheld_where(hidden: Iterable[str], parts: Iterable[Figure]) -> list[Figure]:
    """The parts as anybody may see them, without the values of those named."""
    names = frozenset(hidden)
    return [withheld(one) if one.part in names else disclosed(one) for one in parts]
