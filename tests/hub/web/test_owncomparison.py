"""A provider's own place among others without names: who they are is told by nothing."""

from dataclasses import replace
from typing import Any

from hub.web.owncomparison import own_comparison
from metrics.comparison.observed import Apart, Expected, MatureCohort, Observed, Rate
from metrics.comparison.policy import compare
from metrics.comparison.quarters import Quarters
from metrics.figures import Period

PERIOD = Period(1_759_276_800, 1_767_225_600)
COHORT = MatureCohort(PERIOD, PERIOD.end + 200 * 86_400, 90)


def quarters(sizes: dict[str, int], indicator: str = "resolved_in_time") -> Quarters:
    rows = [
        Observed(indicator=indicator, subject=name, cohort=COHORT, rate=Rate(n // 2, n),
                 basis=Expected(n / 2, ("procedure",)), quality=1.0)
        for name, n in sizes.items()
    ]  # fmt: skip
    return Quarters(PERIOD, COHORT.freeze, ((compare(rows),),), {}, ())


def shown_of(sizes: dict[str, int]) -> list[dict[str, Any]]:
    found: Any = own_comparison(quarters(sizes), "own")["indicators"]
    return list(found)


def test_two_others_are_not_shown_because_each_would_know_the_other() -> None:
    for sizes, shown in (({"own": 40, "a": 50, "b": 60}, False), ({"own": 40, "a": 50, "b": 60, "c": 45}, True)):
        (found,) = shown_of(sizes)
        assert (found["peers"] is not None) is shown
        told = [found["target"], *(found["own"][one] for one in ("expected", "adjusted", "limits"))]
        assert [one is not None for one in told] == [shown] * 4, "the others' results follow from these"
        assert (found["own"]["n"], found["own"]["numerator"]) == (40, 20)


def test_others_with_too_few_cases_are_not_among_them() -> None:
    sizes = {"own": 40, "a": 50, "b": 60, "c": 45, "small": 5}
    (found,) = shown_of(sizes)
    assert [one["n"] for one in found["peers"]] == [45, 50, 60]


def test_who_has_no_cases_sees_the_others_and_nothing_of_its_own() -> None:
    (found,) = shown_of({"a": 50, "b": 60, "c": 45})
    assert found["own"] is None


def test_who_has_cases_that_nobody_else_has_the_like_of_is_told_how_many() -> None:
    rows = quarters({"a": 50, "b": 60, "c": 45})
    one = replace(rows.newest[0], apart=(Apart("own", 100, 7),))
    (found,) = own_comparison(replace(rows, comparisons=((one,),)), "own")["indicators"]
    assert isinstance(found, dict)
    assert (found["own"], found["left_out"]) == (None, {"alone": 100, "unknown": 7})
    assert own_comparison(rows, "a")["indicators"][0]["left_out"] == {"alone": 0, "unknown": 0}


def test_a_provider_is_not_told_what_its_parties_answered() -> None:
    found = own_comparison(quarters({"own": 40, "a": 50, "b": 60, "c": 45}, "satisfaction"), "own")
    assert found["indicators"] == []
