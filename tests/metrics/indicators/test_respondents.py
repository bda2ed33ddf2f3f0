from dataclasses import replace

import pytest

from metrics import intervals
from metrics.facts import CaseFact
from tests.metrics.computed import figures, limits, many, three


def against(respondent: str, count: int, first: int, outcome: str) -> list[CaseFact]:
    lines = ("filed 1", f"award_issued 9 outcome={outcome}")
    return [replace(one, respondent=respondent) for one in many(count, *lines, first=first)]


def once_each(count: int, first: int, outcome: str) -> list[CaseFact]:
    return [replace(one, respondent=f"once-{one.case}") for one in against("", count, first, outcome)]


def test_how_claimants_fare_against_those_who_come_often() -> None:
    facts = [
        *against("big", 20, 0, "claimant_full"),
        *against("big", 40, 100, "respondent"),
        *once_each(30, 200, "claimant_part"),
        *once_each(20, 300, "respondent"),
        *once_each(10, 400, "consent_award"),
        *many(7, "filed 1", "refused 5", first=500),
    ]
    found = figures("repeat_respondents", facts)
    assert three(found["share"]) == (0.5, 60, 120)
    assert limits(found["share"]) == (*intervals.wilson(60, 120), "wilson")
    difference = found["difference"]
    assert difference.value == pytest.approx(20 / 60 - 30 / 50)
    assert difference.n == 50
    assert limits(difference) == (*intervals.newcombe((20, 60), (30, 50)), "newcombe")
    assert dict(difference.counts) == {"often_won": 20, "often": 60, "others_won": 30, "others": 50}


def test_five_cases_make_often_and_fifty_on_each_side_a_figure() -> None:
    facts = [*against("five", 5, 0, "respondent"), *against("four", 4, 100, "respondent")]
    found = figures("repeat_respondents", facts, minimum=1)
    assert three(found["share"]) == (pytest.approx(5 / 9), 5, 9)
    assert (found["difference"].value, found["difference"].small) == (0.0, True)
    assert figures("repeat_respondents", [*facts, *once_each(60, 200, "respondent")])["difference"].status == "too_few"
    assert figures("repeat_respondents", many(60, "filed 1", "refused 5"))["share"].status == "not_reported"


def test_a_pseudonym_means_somebody_at_its_provider_alone() -> None:
    both = [*against("same", 4, 0, "respondent"), *against("same", 4, 100, "respondent")]
    facts = [*both[:4], *(replace(one, provider="beta") for one in both[4:])]
    assert three(figures("repeat_respondents", facts, minimum=1, subject="federation")["share"]) == (0.0, 0, 8)
