"""Which parts of one indicator may be shown side by side: one rule for each way in which they can be derived.

A definition names its rule (``parts``, ``metrics.definitions.PARTS``). Each takes all parts in the order in which they
are computed, hides those about a few cases, and then as many more as keep what is hidden from being found by
subtracting one number from another. What is *not* guarded against: parts that the definition doesn't declare to
contain each other; combinations of three numbers or more, but for sums; other indicators (``metrics.disclosure``).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from metrics.fewcases import FEW, LEAST, disclosable, disclosed, is_hidden, rests_on_a_few, withheld, withheld_where
from metrics.figures import Figure

__all__ = ["BY_DAY", "RULES", "TOTAL"]

TOTAL = "in_all"
"""The part that the others of an indicator add up to."""
BY_DAY = "_by_day_"
"""Between an outcome and a day."""
_NOT_ENDED = "handed_over"
"""How many cases were handed over is in no total that is told, so it hides nobody."""
Numbers = tuple[int | None, ...]


def _apart(parts: Sequence[Figure]) -> list[Figure]:
    return [disclosed(one) for one in parts]


def _together(parts: Sequence[Figure]) -> list[Figure]:
    """All, or none: a part about a few can be computed from the others."""
    if any(rests_on_a_few(one) for one in parts):
        return [withheld(one) for one in parts]
    return _apart(parts)


def _cumulative(parts: Sequence[Figure]) -> list[Figure]:
    """Each part counts some of the cases of another, so any two of their numbers differ by cases."""
    return _by_steps(parts, lambda one: (one.numerator, one.denominator))


def _inside(parts: Sequence[Figure]) -> list[Figure]:
    """The cases of one part are among those of another; what is counted of them is not."""
    return _by_steps(parts, lambda one: (one.denominator,))


def _by_steps(parts: Sequence[Figure], numbers: Callable[[Figure], Numbers]) -> list[Figure]:
    """Of two parts between whose numbers a few cases lie the later is hidden."""
    told: set[int] = set()
    hidden = set()
    for one in parts:
        own = {number for number in numbers(one) if number is not None}
        if is_hidden(one):
            continue
        if any(abs(number - other) in FEW for number in own for other in told):
            hidden.add(one.part)
        else:
            told |= own
    return withheld_where(hidden, parts)


def _adding_up(parts: Sequence[Figure]) -> list[Figure]:
    """What is hidden is the total less what is shown: so it must be about many, in at least two parts.

    The smallest parts that are not 0 go with those about a few until that is so.
    """
    if any(one.part == TOTAL and is_hidden(one) for one in parts):
        return [withheld(one) for one in parts]
    summands = [one for one in parts if one.part != TOTAL]
    hidden = _with_company(summands, {one.part for one in summands if not disclosable(one)})
    return withheld_where(hidden, parts)


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


def _summed(parts: Sequence[Figure]) -> list[Figure]:
    """As when adding up, where each part has cases of its own: both numbers of what is hidden can be found.

    Where even all parts together are too few or too much alike to hide one of them, the total is hidden instead.
    """
    total, *kinds = parts
    if is_hidden(total):
        return _apart(parts)
    hidden = {one.part for one in kinds if one.n and is_hidden(one)}
    rest = sorted((one for one in kinds if one.n and not is_hidden(one)), key=lambda one: one.n)
    while hidden and rest and not _is_enough(total, hidden, rest):
        hidden.add(rest.pop(0).part)
    if hidden and not _is_enough(total, hidden, rest):
        hidden = {total.part}
    return withheld_where(hidden, parts)


def _is_enough(total: Figure, hidden: set[str], shown: Sequence[Figure]) -> bool:
    """Whether the total less what is shown is about many, none or many of which count, in at least two parts."""
    n = (total.denominator or 0) - sum(one.denominator or 0 for one in shown)
    x = (total.numerator or 0) - sum(one.numerator or 0 for one in shown)
    return len(hidden) > 1 and n >= LEAST and x not in FEW and n - x not in FEW


def _by_time(parts: Sequence[Figure]) -> list[Figure]:
    """Outcomes by days: how many have ended by a day is told elsewhere, so on each day they add up to what is known.

    And of one outcome the difference between two days is about the cases that ended between them: where those are a
    few, the later day is hidden. Whatever that hides needs company in turn, on the day and in the step from any other
    day, until nothing changes. All cases less those that ended are those still open: where they are a few, an outcome
    is hidden.
    """
    days = _by_day(parts)
    hidden = {one.part for one in parts if not disclosable(one)}
    known: set[str] | None = None
    while known != hidden:
        known = set(hidden)
        hidden |= _steps_of_a_few(parts, hidden)
        for own in days.values():
            ended = [one for outcome, one in own.items() if outcome != _NOT_ENDED]
            hidden |= _with_company(ended, {one.part for one in ended if one.part in hidden and one.value is not None})
            hidden |= _open_with_company(own, hidden)
        for first, second in combinations(days.values(), 2):
            hidden |= _steps_with_company(first, second, hidden)
    return withheld_where(hidden, parts)


def _by_day(parts: Sequence[Figure]) -> dict[str, dict[str, Figure]]:
    found: dict[str, dict[str, Figure]] = {}
    for one in parts:
        outcome, _, day = one.part.rpartition(BY_DAY)
        found.setdefault(day, {})[outcome] = one
    return found


def _open_with_company(own: Mapping[str, Figure], hidden: set[str]) -> set[str]:
    """What to hide on one day so that the cases still open are none or many, or not all that is kept back.

    They are all cases less those that ended, whose total is told elsewhere, and those handed over; and where the total
    is not told, all cases less those of each outcome.
    """
    counted = {name: one for name, one in own.items() if one.numerator}
    cases = max((one.denominator or 0 for one in own.values()), default=0)
    still_open = cases - sum(one.numerator or 0 for one in counted.values())
    found = {own[_NOT_ENDED].part} if still_open in FEW and _NOT_ENDED in counted else set()
    shown = [one for one in counted.values() if one.part not in hidden | found]
    rest = sorted(shown, key=lambda one: one.numerator or 0)
    left = cases - sum(one.numerator or 0 for one in shown)
    while left in FEW and rest:
        found.add(rest[0].part)
        left += rest.pop(0).numerator or 0
    return found


def _steps_of_a_few(parts: Sequence[Figure], hidden: set[str]) -> set[str]:
    """The later of each two shown days of an outcome between which it befell a few cases; parts stand by day."""
    last: dict[str, int] = {}
    found = set()
    for one in parts:
        outcome = one.part.rpartition(BY_DAY)[0]
        if one.part in hidden or one.numerator is None:
            continue
        if outcome in last and 0 < one.numerator - last[outcome] < LEAST:
            found.add(one.part)
        else:
            last[outcome] = one.numerator
    return found


def _steps_with_company(first: Mapping[str, Figure], second: Mapping[str, Figure], hidden: set[str]) -> set[str]:
    """What to hide on the later of two days so that the outcomes hidden on either befell none or many between them.

    The total of all less those shown on both days tells that step; and where no outcome is hidden on both days, that of
    the outcomes hidden on one. Where all outcomes befell a few, nothing is left to hide here: then the total is hidden
    (``metrics.disclosure``).
    """
    steps = {
        name: (second[name].numerator or 0) - (one.numerator or 0)
        for name, one in first.items()
        if name in second and name != _NOT_ENDED and one.value is not None and second[name].value is not None
    }
    before, after = ({name for name in steps if day[name].part in hidden} for day in (first, second))
    groups = [before | after] if before & after else [before, after]
    return {second[name].part for group in groups for name in _company_of_steps(group, steps)} - hidden


def _company_of_steps(group: set[str], steps: Mapping[str, int]) -> set[str]:
    """Outcomes to hide together, where those of the ``group`` befell a few: these, and the smallest others."""
    count = sum(steps[name] for name in group)
    if count not in FEW:
        return set()
    rest = sorted((name for name in steps if name not in group and steps[name]), key=lambda name: steps[name])
    chosen = set(group)
    while count in FEW and rest:
        chosen.add(rest[0])
        count += steps[rest.pop(0)]
    return chosen


RULES: dict[str, Callable[[Sequence[Figure]], list[Figure]]] = {
    "apart": _apart,
    "together": _together,
    "inside": _inside,
    "cumulative": _cumulative,
    "by_time": _by_time,
    "adding_up": _adding_up,
    "summed": _summed,
}
"""By the names in ``metrics.definitions.PARTS``."""
