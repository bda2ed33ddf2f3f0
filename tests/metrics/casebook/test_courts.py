import pytest

from metrics.facts import CourtStep
from tests.metrics.stories import codes, days, fact

AWARD = ("filed 0", "award_issued 30 outcome=claimant_full award_digest=d1")


def test_a_challenge_and_its_decision() -> None:
    found = fact(*AWARD, "court_challenge 40", "court_decision 70 decision=partly_set_aside")
    assert found.court == (
        CourtStep("challenge", None, days(40)), CourtStep("decision", "partly_set_aside", days(70)),
    )  # fmt: skip
    assert found.defects == ()


def test_a_decision_counts_although_nobody_reported_the_challenge() -> None:
    found = fact(*AWARD, "court_decision 70 decision=set_aside")
    assert [one.decision for one in found.court] == ["set_aside"]
    assert codes(*AWARD, "court_decision 70 decision=set_aside") == {"challenge_unknown": 1}


def test_a_decision_that_says_nothing_is_set_aside() -> None:
    found = fact(*AWARD, "court_challenge 40", "court_decision 70")
    assert [one.kind for one in found.court] == ["challenge"]
    assert codes(*AWARD, "court_challenge 40", "court_decision 70") == {"decision_missing": 1}


@pytest.mark.parametrize(
    ("decisions", "result"),
    [
        (("stayed",), "stayed"),
        (("set_aside",), "stayed"),
        (("partly_set_aside",), "unknown"),
        (("stayed", "upheld"), "unknown"),
        (("stayed", "withdrawn"), "unknown"),
        (("stayed", "partly_set_aside"), "stayed"),
        (("upheld", "set_aside"), "stayed"),
    ],
)
def test_a_court_may_stop_what_is_owed(decisions: tuple[str, ...], result: str) -> None:
    steps = [f"court_decision {50 + number} decision={one}" for number, one in enumerate(decisions)]
    found = fact(*AWARD, "court_challenge 40", *steps).performance
    assert found
    assert found.result == result
