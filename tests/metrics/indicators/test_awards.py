from collections.abc import Sequence
from dataclasses import replace

import pytest

from metrics import intervals
from metrics.facts import AwardFact, CaseFact, CourtStep, Performance
from metrics.indicators.awards import GRACE_DAYS
from tests.metrics.computed import LATER, figures, limits, many, three
from tests.metrics.stories import days

DUE = days(10)
IN_TIME = days(10 + GRACE_DAYS)


def performed(count: int, first: int, result: str, at: int | None = IN_TIME, of: str = "award") -> list[CaseFact]:
    return [replace(one, performance=Performance(of, DUE, result, at)) for one in many(count, "filed -30", first=first)]


def awarded(count: int, first: int, notified: float = 1, steps: Sequence[CourtStep] = ()) -> list[CaseFact]:
    award = AwardFact(None, days(notified - 1), days(notified))
    return [replace(one, award=award, court=tuple(steps)) for one in many(count, "filed -30", first=first)]


# 21 and 22


def test_what_is_known_of_performance_and_what_it_may_be() -> None:
    """50 of 100 performed in time, 10 late, 10 not, 10 enforced; of 20 nobody knows, 5 are stayed."""
    facts = [
        *performed(50, 0, "full"),
        *performed(10, 100, "full", IN_TIME + 1),
        *performed(10, 200, "none"),
        *performed(10, 300, "enforced"),
        *performed(20, 400, "unknown", None),
        *performed(5, 500, "stayed"),
    ]
    found = figures("award_compliance", facts)
    assert {part: three(one) for part, one in found.items()} == {
        "at_least": (0.5, 50, 100),
        "at_most": (0.7, 70, 100),
        "of_known": (0.625, 50, 80),
        "known": (0.8, 80, 100),
    }
    assert (found["at_least"].value, found["at_most"].value) == intervals.manski(50, 80, 20)
    assert limits(found["of_known"]) == (*intervals.wilson(50, 80), "wilson")
    assert [found[part].interval for part in ("at_least", "at_most", "known")] == [None, None, None]
    assert dict(found["at_least"].counts) == {"unknown": 20, "stayed": 5, "due_not_stated": 0}
    assert {one.status for one in figures("settlement_compliance", facts).values()} == {"not_reported"}


def test_the_known_ones_speak_for_all_only_if_they_are_most() -> None:
    facts = [*performed(59, 0, "full"), *performed(41, 100, "unknown", None)]
    assert figures("award_compliance", facts)["of_known"].status == "too_few"
    supervised = figures("award_compliance", facts, minimum=1)["of_known"]
    assert (supervised.value, supervised.small, supervised.minimum) == (1.0, True, 60)
    assert three(figures("award_compliance", [*facts, *performed(3, 200, "full")])["of_known"]) == (1.0, 62, 62)


def test_only_what_fell_due_with_its_days_of_grace_is_judged() -> None:
    facts = performed(40, 0, "full", of="settlement")
    later = [replace(one, performance=Performance("settlement", days(61), "none", days(65))) for one in facts]
    assert figures("settlement_compliance", later)["at_least"].status == "too_few"
    no_due = [replace(one, performance=Performance("settlement", None, "full", days(9))) for one in facts]
    found = figures("settlement_compliance", no_due, minimum=1)["at_least"]
    assert (found.status, found.n, found.counts["due_not_stated"]) == ("too_few", 0, 40)


# 23


def test_challenges_compete_with_performance() -> None:
    challenged = [CourtStep("challenge", None, days(31))]
    facts = [
        *awarded(20, 0, steps=challenged),
        *[replace(one, performance=Performance("award", DUE, "full", days(11))) for one in awarded(50, 100)],
        *awarded(30, 200),
    ]
    found = figures("challenge_rate", facts, LATER)
    assert [three(one) for one in found.values()] == [(pytest.approx(0.2), 20, 100)] * 2
    assert dict(found["within_90_days"].counts) == {"challenged": 20, "performed": 50}
    assert [one.status for one in figures("challenge_rate", facts, days(90)).values()] == ["immature", "immature"]


def test_a_challenge_that_nobody_has_heard_of_yet_is_none() -> None:
    facts = awarded(60, 0, steps=[CourtStep("challenge", None, days(300))])
    before = figures("challenge_rate", facts, days(200))["within_90_days"]
    assert (three(before), limits(before)) == ((0.0, 0, 60), (*intervals.wilson(0, 60), "wilson"))
    assert three(figures("challenge_rate", facts, LATER)["within_365_days"]) == (1.0, 60, 60)


# 24


def test_awards_set_aside_are_looked_for_two_years_later() -> None:
    old = 90 - 2 * 365 - 1  # notified on the last day that counts
    facts = [
        *awarded(12, 0, old, [CourtStep("challenge", None, days(-500)), CourtStep("decision", "set_aside", days(-99))]),
        *awarded(88, 100, old, [CourtStep("decision", "upheld", days(-99))]),
        *awarded(20, 300, old, [CourtStep("challenge", None, days(-99)), CourtStep("decision", "stayed", days(-9))]),
        *awarded(50, 400, old + 1, [CourtStep("decision", "set_aside", days(-9))]),
        *awarded(50, 500, old - 3 * 365, [CourtStep("decision", "set_aside", days(-99))]),
    ]
    found = figures("set_aside_rate", facts)
    assert three(found["of_awards"]) == (0.1, 12, 120)
    assert three(found["of_decided"]) == (0.12, 12, 100)
    assert limits(found["of_awards"]) == (*intervals.clopper_pearson(12, 120), "clopper_pearson")


def test_an_award_whose_notification_was_not_reported_counts_from_its_issue() -> None:
    facts = [replace(one, award=AwardFact(None, days(-900))) for one in many(100, "filed -990")]
    assert three(figures("set_aside_rate", facts)["of_awards"]) == (0.0, 0, 100)
    assert figures("set_aside_rate", facts)["of_decided"].status == "too_few"
