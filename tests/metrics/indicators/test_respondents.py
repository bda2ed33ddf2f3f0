from dataclasses import replace

import pytest

from metrics import intervals
from metrics.facts import Attributes, CaseFact
from metrics.pairing import link
from tests.metrics.computed import figures, limits, many, three
from tests.metrics.stories import fact


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
    assert dict(difference.counts) == {"often_won": 20, "often": 60, "others_won": 30, "others": 50, "without_like": 0}


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


def test_a_respondent_is_the_same_in_a_case_that_moved() -> None:
    """Four cases at alpha and a fifth that alpha handed over are five; beta's own R is somebody else."""
    sent = fact("filed 0 respondent=R", "transfer_out 5 transfer_id=t", case="sent")
    came = fact("transfer_in 6 transfer_id=t respondent=R", "award_issued 20 outcome=respondent", provider="beta")
    stayed = against("R", 4, 0, "respondent")
    others = [replace(one, provider="beta") for one in against("R", 4, 100, "respondent")]
    whole = link([*stayed, sent, came, *others]).cases
    assert three(figures("repeat_respondents", whole, minimum=1, subject="federation")["share"]) == (5 / 9, 5, 9)


def test_the_difference_is_within_cases_that_are_alike() -> None:
    """Claimants win 8 of 10 small cases and 2 of 10 large ones, whoever is against them; big has the large ones."""

    def of(facts: list[CaseFact], band: str, procedure: str = "p") -> list[CaseFact]:
        return [replace(one, attributes=Attributes(amount_band=band, procedure=procedure)) for one in facts]

    facts = [
        *of(against("big", 16, 0, "claimant_full") + against("big", 4, 100, "respondent"), "b1"),
        *of(against("big", 16, 200, "claimant_full") + against("big", 64, 300, "respondent"), "b5"),
        *of(once_each(64, 400, "claimant_full") + once_each(16, 500, "respondent"), "b1"),
        *of(once_each(4, 600, "claimant_full") + once_each(16, 700, "respondent"), "b5"),
        *of(once_each(3, 800, "claimant_full"), "b1", procedure="another"),
    ]
    found = figures("repeat_respondents", facts)["difference"]
    assert found.value == pytest.approx(0.0)
    assert dict(found.counts) == {"often_won": 32, "often": 100, "others_won": 68, "others": 100, "without_like": 3}
    low, high, method = limits(found)
    assert low is not None
    assert high is not None
    assert low == pytest.approx(-high)
    assert (0.1 < high < 0.3, method) == (True, "newcombe")
