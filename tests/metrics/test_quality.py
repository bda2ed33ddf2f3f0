from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.columns import Columns
from metrics.crosschecks import Discrepancy
from metrics.events import DAY_SECONDS
from metrics.facts import CaseFact
from metrics.folding import fold
from metrics.quality import FIELDS, LATE_DAYS, WEIGHTS, Counts, Quality, assess
from metrics.qualitycounts import quality
from metrics.tasks import Request
from tests.metrics.qualityoracle import counted
from tests.metrics.stories import FREEZE, PERIOD, days, fact
from tests.metrics.test_folding import ANY_EVENT

REQUEST = Request(PERIOD, FREEZE)
EVERYTHING = (
    "filed 0 procedure=p cross_border=yes respondent_type=small represented=no economies=SG,CL amount_band=b2 "
    "language=en dispute_type=quantity claim=900USD fee=40USD respondent=R declared_languages=en"
)
WHOLE = (
    EVERYTHING, "appointed 1 neutral=ada panel=1",
    "award_issued 30 outcome=claimant_full award_digest=d1 due=60", "notified 31",
)  # fmt: skip


def judged(*facts: CaseFact, discrepancies: tuple[Discrepancy, ...] = ()) -> Quality:
    return quality("alpha", Columns.of(facts), discrepancies, REQUEST)


def test_whoever_tells_everything_at_once_has_a_score_of_one() -> None:
    found = judged(fact(*WHOLE))
    assert found.score == pytest.approx(1)
    assert dict(found.parts) == dict.fromkeys(WEIGHTS, 1.0)
    assert set(found.counts.unknown) == set(FIELDS)
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_of_whom_nothing_is_known_there_is_no_score() -> None:
    found = judged()
    assert (found.score, set(found.parts.values())) == (None, {None})


def test_who_reports_nothing_of_registered_awards_has_the_lowest_score() -> None:
    hidden = tuple(Discrepancy("alpha", "award_not_reported", f"d{one}", days(40)) for one in range(3))
    found = judged(discrepancies=hidden)
    assert (found.score, found.counts.missing, found.counts.awards) == (0, 3, 3)


def test_late_events_and_those_missing_are_not_on_time() -> None:
    late = fact("filed 0 recorded=2", "commenced 1 recorded=3.5", "discontinued 5 reason=withdrawn recorded=5")
    counts = judged(late).counts
    assert (counts.events, counts.on_time, counts.lag_p95) == (3, 2, round(2.5 * DAY_SECONDS))
    found = judged(late, discrepancies=(Discrepancy("alpha", "award_not_reported", "d1", days(40)),))
    assert found.parts["on_time"] == pytest.approx(2 / 4)


def test_a_deadline_of_which_nobody_says_whether_it_was_kept_is_missing() -> None:
    assert judged(fact("filed 0 deadline=response due=7")).counts.missing == 1
    assert judged(fact("filed 0 deadline=response due=89")).counts.missing == 0, "it may still be reported in time"
    assert judged(fact("filed 0 deadline=response due=7", "deadline_missed 8 deadline=response")).counts.missing == 0


@pytest.mark.parametrize(
    ("counts", "part", "expected"),
    [
        (Counts(events=20, on_time=20, lag_p95=2 * DAY_SECONDS), "prompt", 1),
        (Counts(events=20, on_time=20, lag_p95=16 * DAY_SECONDS), "prompt", 0.5),
        (Counts(events=20, on_time=20, lag_p95=LATE_DAYS * DAY_SECONDS), "prompt", 0),
        (Counts(events=100, amendments=5), "steady", 0.8),
        (Counts(events=100, amendments=90), "steady", 0),
        (Counts(unknown={"claim": (1, 2), "fee": (0, 9)}), "complete", 0.75),
        (Counts(cases=10, faulty=1), "consistent", 0.9),
        (Counts(awards=10, disputed=2), "matching", 0.8),
        (Counts(awards=1, disputed=3), "matching", 0),
        (Counts(disputed=1), "matching", 0),
        (Counts(cases=1), "matching", None),
        (Counts(missing=2), "on_time", 0),
    ],
)
def test_how_each_part_falls(counts: Counts, part: str, expected: float | None) -> None:
    assert assess("alpha", counts).parts[part] == (expected if expected is None else pytest.approx(expected))


def test_the_score_is_the_weighted_mean_of_the_parts_that_can_be_told() -> None:
    found = assess("alpha", Counts(cases=4, faulty=1, awards=2, disputed=1))
    assert found.score == pytest.approx((0.15 * 0.75 + 0.20 * 0.5) / (0.15 + 0.20))


def test_unknown_values_are_counted_by_field() -> None:
    plain = fact("filed 0 respondent_type=unknown", "appointed 1", "award_issued 30 outcome=claimant_full")
    refused = fact("filed 0", "refused 1 reason=too_late", case="two")
    unknown = judged(plain, refused).counts.unknown
    assert unknown == dict.fromkeys(FIELDS, (1, 1))


def test_cases_count_that_were_in_the_providers_hands_in_the_period() -> None:
    before = fact("filed -30", "settled -5 stage=mediation")
    across = fact("filed -30", "settled 5 stage=mediation", case="two")
    unopened = fact("settled 5 stage=mediation", case="three")
    at_once = fact("refused 5 reason=too_late", case="four")
    foreign = replace(across, provider="beta")
    assert judged(before).counts.cases == 0
    assert judged(before, across, unopened, at_once, foreign).counts.cases == 3
    assert judged(fact("filed 95", freeze=days(99))).counts.cases == 0


def test_only_own_discrepancies_that_began_in_time_count() -> None:
    others = Discrepancy("beta", "award_not_reported", "d1", days(3)), Discrepancy("alpha", "slot_reused", "t", FREEZE)
    assert judged(fact(*WHOLE), discrepancies=others).counts.discrepancies == {}


@settings(max_examples=100)
@given(st.lists(ANY_EVENT, max_size=30), st.integers(0, 5))
def test_any_facts_give_a_score_between_nothing_and_one(events: list, hidden: int) -> None:  # type: ignore[type-arg]
    facts = fold(events, FREEZE)
    missing = [Discrepancy("alpha", "award_not_reported", f"d{one}", days(1)) for one in range(hidden)]
    found = quality("alpha", Columns.of(facts), missing, REQUEST)
    assert found.score is None or 0 <= found.score <= 1
    assert all(value is None or 0 <= value <= 1 for value in found.parts.values())
    counts = counted("alpha", facts, missing, REQUEST)
    assert counts == found.counts
    assert counts.on_time <= counts.events
    assert sum(counts.defects.values()) == sum(len(one.defects) for one in facts if one.provider == "alpha") - sum(
        len(one.defects) for one in facts if one.provider == "alpha" and one.spells and one.spells[0].opened >= FREEZE
    )
