"""Parts of one indicator, and those of four that tell of the same outcomes."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from metrics.definitions import PARTS, definition
from metrics.disclosure import public
from metrics.facts import OUTCOMES
from metrics.fewcases import FEW
from metrics.figures import Figure
from metrics.partrules import RULES
from tests.metrics.test_disclosure import figure

Table = NDArray[np.int64]


def share(indicator: str, part: str, x: int, n: int, **changes: Any) -> Figure:
    return figure(
        indicator=indicator, part=part, n=n, numerator=x, denominator=n, value=x / n, interval=None, **changes
    )


def shown(figures: list[Figure]) -> list[str]:
    return [one.part for one in public(figures) if one.value is not None]


def test_each_way_in_which_parts_can_be_derived_has_a_rule() -> None:
    assert set(RULES) == set(PARTS)


@pytest.mark.parametrize(
    "indicator", ["resolved_in_time", "age_of_pending", "challenge_rate", "offer_to_completion", "set_aside_rate"]
)
def test_what_grows_with_its_limit_has_a_rule_for_steps(indicator: str) -> None:
    assert definition(indicator).parts == "cumulative"
    assert shown([share(indicator, "first", 40, 100), share(indicator, "second", 42, 100)]) == ["first"]
    assert shown([share(indicator, "first", 42, 100), share(indicator, "second", 40, 100)]) == ["first"]
    assert len(shown([share(indicator, "first", 40, 100), share(indicator, "second", 40, 100)])) == 2
    assert len(shown([share(indicator, "first", 40, 100), share(indicator, "second", 50, 100)])) == 2


def test_a_step_is_measured_from_what_is_shown() -> None:
    steps = [share("resolved_in_time", part, x, 100) for part, x in (("a", 20), ("b", 25), ("c", 30), ("d", 34))]
    assert shown(steps) == ["a", "c"]


def test_the_cases_that_only_one_part_knows_are_not_a_few() -> None:
    """Of 102 cases with a language 98 say which ones both parties speak: of the other four the difference tells."""
    offered = share("language_coverage", "offered", 60, 102)
    assert shown([offered, share("language_coverage", "shared", 50, 98)]) == ["offered"]
    assert shown([offered, share("language_coverage", "shared", 58, 80)]) == ["offered", "shared"]
    judged = [share("transfer_defects", "package", 10, 100), share("transfer_defects", "consent", 12, 104)]
    assert shown(judged) == ["package"]
    awards = [share("set_aside_rate", "of_awards", 20, 124), share("set_aside_rate", "of_decided", 20, 120)]
    assert shown(awards) == ["of_awards"], "four awards were challenged and not decided upon"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"a": (60, 100), "b": (30, 60)}, ["all", "a", "b"]),
        ({"a": (60, 100), "b": (2, 5)}, ["all"]),
        ({"a": (60, 100), "b": (30, 60), "c": (2, 5)}, ["all", "a"]),
        ({"a": (60, 100), "b": (5, 14), "c": (9, 14)}, ["all", "a"]),
        ({"a": (60, 100), "b": (30, 31), "c": (30, 31)}, ["all"]),
        ({"a": (60, 100), "b": (5, 5), "c": (6, 6)}, ["all", "a"]),
        ({"a": (60, 60), "b": (5, 12)}, ["a"]),
        ({"a": (60, 100), "b": (30, 60), "c": (0, 0)}, ["all", "a", "b"]),
    ],
)
def test_neither_number_of_a_hidden_kind_can_be_found_by_subtracting(
    kinds: dict[str, tuple[int, int]], expected: list[str]
) -> None:
    total = [sum(one[place] for one in kinds.values()) for place in (0, 1)]
    parts = [
        share("deadline_compliance", kind, x, n)
        if n
        else figure(indicator="deadline_compliance", part=kind, n=0, status="too_few", value=None, numerator=None,
                    denominator=None, interval=None)
        for kind, (x, n) in kinds.items()
    ]  # fmt: skip
    found = shown([share("deadline_compliance", "all", total[0], total[1]), *parts])
    assert [part for part in found if part == "all" or kinds[part][1]] == expected


def test_a_hidden_kind_that_has_no_company_hides_the_total() -> None:
    """Only where kinds are missing from what was computed: all together are never fewer than their total."""
    parts = [share("deadline_compliance", "all", 50, 100), share("deadline_compliance", "award", 2, 5)]
    assert shown(parts) == []


def test_a_kind_that_was_too_few_to_compute_is_hidden_too() -> None:
    unknown = figure(
        indicator="deadline_compliance", part="b", n=12, status="too_few", value=None, numerator=None, denominator=None,
        interval=None,
    )  # fmt: skip
    known = [share("deadline_compliance", "all", 60, 112), share("deadline_compliance", "a", 55, 100)]
    assert shown([*known, unknown]) == ["all"]


_ENDS = (*OUTCOMES, "handed_over")
_DAYS = (30, 90, 180)
_COUNTS = st.sampled_from([0, 0, 0, 1, 3, 4, 9, 10, 12, 15, 20, 40])
_STEPS = st.lists(st.tuples(_COUNTS, _COUNTS, _COUNTS), min_size=len(_ENDS), max_size=len(_ENDS))
_SUBSETS = [one for size in range(1, len(_ENDS) + 1) for one in combinations(range(len(_ENDS)), size)]


def _row(ends: Iterable[int], first: int, last: int) -> Table:
    """Cases that ended so from one day to another; the row below holds those that are open after the last."""
    found = np.zeros((len(_ENDS) + 1, len(_DAYS)), dtype=np.int64)
    found[list(ends), first:last] = 1
    return found.reshape(-1)


def _all_but(ends: Iterable[int], last: int) -> Table:
    found = _row(range(len(_ENDS)), 0, len(_DAYS)) - _row(ends, 0, last)
    found[len(_ENDS) * len(_DAYS)] = 1
    return found


def _wanted() -> Iterator[Table]:
    """What nobody may find to be a few: who ended by any outcomes between two days, and who did not by a day."""
    for ends in _SUBSETS:
        yield from (_row(ends, first, last) for first, last in combinations(range(len(_DAYS) + 1), 2))
    for last in range(1, len(_DAYS) + 1):
        yield from (_all_but([one], last) for one in range(len(_ENDS)))
        yield from (_all_but(range(size), last) for size in (len(OUTCOMES), len(_ENDS)))


_WANTED = np.array(list(_wanted()))


def _figures(steps: Table, cases: int) -> list[Figure]:
    ended = steps.cumsum(axis=1)
    by_time = [
        share("outcome_by_time", f"{name}_by_day_{day}", int(ended[end, place]), cases)
        for place, day in enumerate(_DAYS)
        for end, name in enumerate(_ENDS)
    ]
    within = [
        share("resolved_in_time", f"within_{day}_days", int(ended[: len(OUTCOMES), place].sum()), cases)
        for place, day in enumerate(_DAYS)
        if day > 30
    ]
    in_all = [
        share(name, "in_all", int(ended[_ENDS.index(outcome), -1]), cases)
        for name, outcome in (("discontinuation", "discontinued"), ("refusal_rate", "refused"))
    ]
    return by_time + within + in_all


def _known(told: Iterable[Figure]) -> Iterator[Table]:
    yield _all_but([], 0)
    for one in told:
        name, _, day = one.part.rpartition("_by_day_")
        if one.indicator == "outcome_by_time":
            yield _row([_ENDS.index(name)], 0, 1 + _DAYS.index(int(day)))
        elif one.indicator == "resolved_in_time":
            yield _row(range(len(OUTCOMES)), 0, 1 + _DAYS.index(int(one.part.split("_")[1])))
        else:
            outcome = "discontinued" if one.indicator == "discontinuation" else "refused"
            yield _row([_ENDS.index(outcome)], 0, len(_DAYS))


@settings(max_examples=150, deadline=None)
@given(_STEPS, st.sampled_from([0, 3, 9, 10, 60, 200]))
def test_no_linear_combination_of_public_outcomes_tells_of_a_few(
    counts: list[tuple[int, int, int]], still_open: int
) -> None:
    """Each public number is a sum of cases; what these sums determine is about none or many."""
    steps = np.array(counts)
    cases = int(steps.sum()) + still_open
    if cases < 30:
        return
    told = [one for one in public(_figures(steps, cases)) if one.value is not None]
    _, sizes, rows = np.linalg.svd(np.array(list(_known(told)), dtype=np.float64))
    base = rows[: int((sizes > 1e-9).sum())]
    determined = np.abs(_WANTED - _WANTED @ base.T @ base).max(axis=1) < 1e-7
    truth = np.concatenate([steps.reshape(-1), [still_open, 0, 0]])
    few = [int(one) for one in _WANTED[determined] @ truth if int(one) in FEW]
    assert not few, f"{few} cases can be found from {[(one.part, one.numerator) for one in told]}"
