import pytest

from metrics.facts import AwardFact
from tests.metrics.stories import codes, days, fact

AWARD = ("filed 0", "award_issued 30 outcome=claimant_full award_digest=d1 obligation=yes due=60")


def test_an_award_its_notification_and_its_publication() -> None:
    found = fact(*AWARD, "notified 31 award_digest=d1", "corrected 33", "published 40")
    assert found.award == AwardFact(
        "d1", days(30), days(31), "claimant_full", default=False, obligation=True, due=days(60)
    )
    assert (found.published_at, found.award_digests, found.defects) == (days(40), ("d1",), ())


@pytest.mark.parametrize("event", ["notified 31", "corrected 31", "published 31", "court_challenge 31"])
def test_nothing_happens_to_an_award_that_was_never_made(event: str) -> None:
    found = fact("filed 0", "settled 30 stage=mediation", event)
    assert (found.award, found.published_at, found.court) == (None, None, ())
    assert "award_unknown" in {one.code for one in found.defects}


@pytest.mark.parametrize("event", ["notified 31", "corrected 31", "published 31", "court_decision 31 decision=upheld"])
def test_an_event_about_another_award_is_set_aside(event: str) -> None:
    assert codes(*AWARD, f"{event} award_digest=d2") == {"award_disagrees": 1}


def test_an_award_whose_digest_was_never_told_is_meant_by_any() -> None:
    found = fact("filed 0", "award_issued 30 outcome=respondent", "notified 31 award_digest=d1")
    assert (found.award and found.award.notified_at, found.award_digests) == (days(31), ())


@pytest.mark.parametrize("event", ["notified", "published"])
def test_what_happens_once_is_counted_once(event: str) -> None:
    assert codes(*AWARD, f"{event} 31", f"{event} 35") == {"repeated_event": 1}
    found = fact(*AWARD, f"{event} 31", f"{event} 35")
    assert (found.published_at or (found.award and found.award.notified_at)) == days(31)


def test_an_award_after_a_settlement_is_no_outcome_but_its_digest_is_known() -> None:
    found = fact("filed 0", "settled 20 stage=mediation", "award_issued 22 outcome=consent_award award_digest=d1")
    assert (found.award, found.award_digests) == (None, ("d1",))
