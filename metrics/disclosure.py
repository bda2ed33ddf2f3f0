"""What of a figure anybody may see before there are signed releases: values on enough cases, on both sides.

A value is public when it rests on at least ``LEAST`` cases and, where it is a share, neither those it counts nor those
it leaves out are a few: one to nine of many name themselves as surely as nine of nine; nor are those that a ratio
compares. A quantile or a rate read off a curve rests on n, and on those still under observation there. What only
supervision may see (``view`` of the definition) is in no public view at all. Two ways around this are closed:

1. Where one part can be derived from others (``parts`` of the definition), hiding it alone would hide nothing: then
   others go with it (``metrics.partrules``).
2. Where another indicator tells the same number (``tied`` of the definition), it is hidden there too.

What is *not* guarded against here: differences between periods, which anybody may choose, which may overlap and change
with late reports; between tables; between indicators whose definitions declare no tie, and combinations of several,
such as the cases pending before, which are those pending now and resolved less those that came. That needs a fixed cube
and an audit, so public views show the federation only, one period at a time.
"""

from collections.abc import Iterable, Mapping, Sequence

from metrics.definitions import Tie, definition
from metrics.fewcases import FEW, LEAST, disclosable, disclosed, followed, is_hidden, withheld
from metrics.figures import Figure
from metrics.pairing import FEDERATION
from metrics.partrules import BY_DAY, RULES

__all__ = ["LEAST", "disclosable", "disclosed", "public"]


def public(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The ``figures`` of one subject as anybody may see them.

    What is tied is judged by the figures that are given: one without those that it is tied to is shown as it is.
    """
    known = tuple(followed(one) for one in figures if _is_public(one))
    own: dict[str, list[Figure]] = {}
    for one in known:
        own.setdefault(one.indicator, []).append(one)
    found: dict[str, list[Figure]] = {}
    for name in sorted(own, key=lambda name: bool(definition(name).tied)):  # what others are tied to comes first
        parts = [withheld(one) if _gives_away(one, found) else one for one in own[name]]
        found[name] = RULES[definition(name).parts](parts)
    places = {name: iter(parts) for name, parts in found.items()}
    return tuple(next(places[one.indicator]) for one in known)


def _is_public(figure: Figure) -> bool:
    view = definition(figure.indicator).view
    return view == "public" or (view == "federation" and figure.subject == FEDERATION)


def _gives_away(figure: Figure, shown: Mapping[str, Sequence[Figure]]) -> bool:
    """Whether a number of ``figure`` tells what is hidden of the indicators that it is tied to."""
    for tie in definition(figure.indicator).tied:
        if figure.value is None or tie.part != figure.part or tie.to not in shown:
            continue
        number = figure.numerator if tie.number == "numerator" else figure.denominator
        others = {one.part: one for one in shown[tie.to]}
        if _is_one_hidden(tie, others) or _tells_step(number or 0, tie, others):
            return True
    return False


def _is_one_hidden(tie: Tie, others: Mapping[str, Figure]) -> bool:
    """Whether one of the parts that add up to the number is hidden; several are about many by the rule of the parts."""
    return sum(is_hidden(others[part]) for part in tie.parts if part in others) == 1


def _tells_step(number: int, tie: Tie, others: Mapping[str, Figure]) -> bool:
    """Whether a few cases lie between the number and the sum of the same outcomes on another day.

    Only where all of them are shown on that day: the rule of the outcomes sees to the rest.
    """
    outcomes = [part.rpartition(BY_DAY)[0] for part in tie.parts]
    days = {part.rpartition(BY_DAY)[2] for part in others if BY_DAY in part}
    for day in days if len(outcomes) > 1 else ():
        counts = [others[part].numerator for name in outcomes if (part := f"{name}{BY_DAY}{day}") in others]
        known = [count for count in counts if count is not None]
        if known and len(known) == len(counts) and abs(number - sum(known)) in FEW:
            return True
    return False
