"""What a reader can work out from everything that is public of one period, over all definitions, on random small data.

The reader knows the definitions: which parts contain each other (``parts``) and which numbers of different indicators
are the same (``tied``). Not tried: two periods, what is known from elsewhere, and combinations of three numbers or
more, which ``test_partrules`` tries on outcomes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.compute import compute_all
from metrics.definitions import Tie, definitions
from metrics.disclosure import public
from metrics.facts import OUTCOMES
from metrics.fewcases import FEW
from metrics.figures import Figure
from metrics.pairing import FEDERATION
from metrics.tasks import Request
from tests.metrics.computed import LATER
from tests.metrics.stories import PERIOD, days, fact

_RESPONSE = "commenced 0 deadline=response due=10"
_STORIES = (
    ("filed 0", "settled 20"),
    ("filed 0", "settled 50"),
    ("filed 0", "settled 120"),
    ("filed 0", "settled 300"),
    ("filed 0", "discontinued 20 reason=withdrawn"),
    ("filed 0", "discontinued 120 reason=fee_unpaid"),
    ("filed 0", "refused 20 reason=out_of_scope"),
    ("filed 0", "refused 120 reason=frivolous"),
    ("filed 0", _RESPONSE, "deadline_met 5 deadline=response", "award_issued 40"),
    ("filed 0", _RESPONSE, "deadline_missed 15 deadline=response", "award_issued 150 default=yes"),
    ("filed 0", "commenced 0 deadline=award due=10", "deadline_met 9 deadline=award"),
    ("filed 0", "commenced 0 deadline=award due=10", "deadline_missed 11 deadline=award"),
    ("filed 0", "commenced 0 deadline=payment due=10", "deadline_met 9 deadline=payment", "settled 100"),
    ("filed -300",),
    ("filed -30", "settled 80"),
    ("filed 80", "commenced 81"),
)
_FACTS = tuple(fact(*lines, freeze=LATER) for lines in _STORIES)
_EXACT = {"clearance_rate", "disposition_time", "resolved_in_time", "discontinuation"}
"""Ties of numbers that are always the same; the others are as a rule (see ``indicators.toml``)."""

Told = Mapping[str, Mapping[str, Figure]]


def computed(counts: Iterable[int], freeze: int = LATER, minimum: int | None = 1) -> list[Figure]:
    """As oversight computes them: for officers, down to one case."""
    facts = _FACTS if freeze == LATER else [fact(*lines, freeze=freeze) for lines in _STORIES]
    cases = [
        replace(one, case=f"{place}-{number}")
        for place, (one, count) in enumerate(zip(facts, counts, strict=True))
        for number in range(count)
    ]
    found = compute_all(cases, Request(PERIOD, freeze, minimum=minimum))
    return [one for one in found if one.subject == FEDERATION]


def by_part(figures: Iterable[Figure]) -> Told:
    found: dict[str, dict[str, Figure]] = {}
    for one in figures:
        found.setdefault(one.indicator, {})[one.part] = one
    return found


def numbers(one: Figure) -> tuple[int | None, int | None]:
    return one.numerator, one.denominator


def number_of(tie: Tie, one: Figure) -> int | None:
    return one.numerator if tie.number == "numerator" else one.denominator


def counted(one: Figure) -> int:
    """What a part that something is tied to tells."""
    assert one.value is not None
    return int(one.value) if one.numerator is None else one.numerator


def shown(parts: Mapping[str, Figure]) -> list[Figure]:
    return [one for one in parts.values() if one.value is not None]


def differences(kind: str, parts: Mapping[str, Figure]) -> Iterator[int]:
    """What subtracting one number of an indicator from another tells about cases."""
    told = shown(parts)
    for one in told:
        if one.unit == "share" and one.numerator is not None and one.denominator is not None:
            yield from (one.numerator, one.denominator, one.denominator - one.numerator)
        if one.unit == "ratio":
            yield from (each for each in numbers(one) if each is not None)
    for first, second in combinations(told, 2):
        if kind == "inside":
            yield (first.denominator or 0) - (second.denominator or 0)
        if kind == "cumulative":
            yield from (a - b for a in numbers(first) for b in numbers(second) if a is not None and b is not None)


def hidden_sums(kind: str, parts: Mapping[str, Figure], every: Mapping[str, Figure]) -> Iterator[int]:
    """What the first part less all others that are shown tells; a part without cases is none that is hidden."""
    first, *rest = parts.values()
    hidden = [one for one in rest if one.value is None and any(numbers(every[one.part]))]
    if kind not in {"adding_up", "summed"} or first.value is None or not hidden:
        return
    assert len(hidden) > 1, f"{hidden[0].part} is all that is hidden of {first.indicator}"
    sums = [sum(numbers(one)[place] or 0 for one in rest) for place in (0, 1)]
    left = [(whole or 0) - known for whole, known in zip(numbers(first), sums, strict=True)]
    yield left[0]
    if kind == "summed":
        yield from (left[1], left[1] - left[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 1, 3, 9, 10, 12, 31, 45]), min_size=len(_FACTS), max_size=len(_FACTS)))
def test_nobody_finds_a_few_cases_by_subtracting_what_is_public(counts: list[int]) -> None:
    figures = computed(counts)
    every, told = by_part(figures), by_part(public(figures))
    for one in definitions():
        parts = told.get(one.id, {})
        for found in differences(one.parts, parts):
            assert abs(found) not in FEW, f"{one.id} tells of {found}"
        for found in hidden_sums(one.parts, parts, every.get(one.id, {})) if parts else ():
            assert found not in FEW, f"{one.id} hides {found} that can be found"
        for tie in one.tied:
            _tells_nothing_hidden(tie, one.id, told)
            _is_the_same_number(tie, one.id, every)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0, 0, 1, 3, 9, 10, 12, 31, 45]), min_size=len(_FACTS), max_size=len(_FACTS)),
    st.sampled_from([90, 100, 150, 200, 400]),
)
def test_what_was_computed_for_officers_shows_the_public_no_value_that_the_definition_withholds(
    counts: list[int], day: int
) -> None:
    """Too few cases, or too few of them left under observation where a value is read off a curve."""
    by_definition = by_part(computed(counts, days(day), minimum=None))
    for one in public(computed(counts, days(day))):
        if one.value is not None:
            assert by_definition[one.indicator][one.part].value == one.value, f"{one.indicator} {one.part}"


def _tells_nothing_hidden(tie: Tie, name: str, told: Told) -> None:
    figure = told[name].get(tie.part)
    owned = [told[tie.to][part] for part in tie.parts if part in told[tie.to]]
    hidden = [one for one in owned if one.status == "too_few"]
    if figure is None or figure.value is None or not hidden:
        return
    left = (number_of(tie, figure) or 0) - sum(counted(one) for one in owned if one.value is not None)
    assert len(hidden) > 1, f"{name} tells what is hidden of {tie.to}"
    assert left not in FEW, f"{name} tells that {left} are hidden of {tie.to}"


def _is_the_same_number(tie: Tie, name: str, every: Told) -> None:
    figure = every[name].get(tie.part)
    owned = [every[tie.to][part] for part in tie.parts if part in every[tie.to]]
    if name not in _EXACT or figure is None or any(one.value is None for one in (figure, *owned)):
        return
    assert number_of(tie, figure) == sum(map(counted, owned)), f"{name} is not what its tie says"


def test_the_steps_of_what_is_cumulative_are_shown_where_they_are_many() -> None:
    """So that the property above isn't kept by hiding everything."""
    counts = [40, 30, 30, 20, 30, 30, 30, 30, 40, 40, 20, 20, 40, 40, 20, 40]
    told = by_part(public(computed(counts)))
    for name in ("resolved_in_time", "outcome_by_time", "discontinuation", "refusal_rate", "deadline_compliance",
                 "clearance_rate", "age_of_pending", "disposition_time"):  # fmt: skip
        assert all(one.value is not None for one in told[name].values()), name
    for first, second in pairwise(shown(told["resolved_in_time"])):
        assert (second.numerator or 0) - (first.numerator or 0) > 10


def test_what_is_tied_is_computed() -> None:
    every = by_part(computed([40] * len(_FACTS)))
    for one in definitions():
        for tie in one.tied:
            assert tie.part in every[one.id]
            assert set(tie.parts) <= set(every[tie.to])
    total = next(one for one in definitions() if one.id == "resolved_in_time").tied
    assert all({part.partition("_by_day_")[0] for part in tie.parts} == set(OUTCOMES) for tie in total)
