from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.crosschecks import DISCREPANCIES, MISSING, CourtOutcome, Discrepancy, RegisteredAward, cross_check
from metrics.facts import CaseFact
from tests.metrics.stories import FREEZE, days, fact


def decided(number: int, *more: str, provider: str = "alpha", outcome: str = "respondent") -> CaseFact:
    """A case with an award of digest ``d<number>``, made on day 30."""
    award = f"award_issued 30 outcome={outcome} award_digest=d{number}"
    return fact("filed 0", award, *more, provider=provider, case=f"case-{number}")


def registered(number: int, on: float = 30, provider: str = "alpha", **more: object) -> RegisteredAward:
    return replace(RegisteredAward(provider, f"d{number}", days(on)), **more)  # type: ignore[arg-type]


def codes(facts: list[CaseFact], awards: list[RegisteredAward], *courts: CourtOutcome) -> list[str]:
    return [one.code for one in cross_check(facts, awards, courts, freeze=FREEZE)]


def test_records_that_agree_are_no_discrepancy() -> None:
    facts = [decided(1), decided(2, provider="beta"), fact("filed 0", "settled 5 stage=mediation", case="other")]
    assert codes(facts, [registered(1), registered(2, provider="beta")]) == []


def test_a_registered_award_that_nobody_reports_is_found() -> None:
    found = cross_check([decided(1)], [registered(1), registered(2, on=40)], (), freeze=FREEZE)
    assert found == (Discrepancy("alpha", "award_not_reported", "d2", days(40)),)


def test_nobody_is_asked_before_the_grace_is_over() -> None:
    late = registered(2, on=80)
    assert cross_check([], [late], (), freeze=days(93.9)) == ()
    assert [one.code for one in cross_check([], [late], (), freeze=days(94))] == ["award_not_reported"]
    assert cross_check([], [late], (), freeze=days(94), grace_days=15) == ()
    assert cross_check([], [late], (), freeze=days(79), grace_days=0) == (), "not known yet"


def test_texts_of_one_award_count_once() -> None:
    texts = [registered(1, case_id="c"), registered(2, on=35, case_id="c"), registered(3, on=36, case_id="other")]
    assert [one.about for one in cross_check([decided(2)], texts, (), freeze=FREEZE)] == ["d3"]


def test_awards_that_end_no_case_and_rejected_ones_are_not_expected() -> None:
    assert codes([], [registered(1, type="partial"), registered(2, type="costs"), registered(3, rejected=True)]) == []


CASES: list[tuple[str, list[CaseFact], list[RegisteredAward], tuple[CourtOutcome, ...]]] = [
    ("award_not_reported", [fact("filed 0")], [registered(1)], ()),
    ("award_set_aside", [fact("filed 0", "settled 5 stage=mediation", "award_issued 6 award_digest=d1")],
     [registered(1, on=6)], ()),
    ("award_not_registered", [decided(1)], [], ()),
    ("award_elsewhere", [decided(1)], [registered(1, provider="beta")], ()),
    ("award_not_final", [decided(1)], [registered(1, type="partial")], ()),
    ("award_unnamed", [fact("filed 0", "award_issued 30 outcome=respondent")], [], ()),
    ("award_reported_twice", [decided(1), replace(decided(1), case="zero")], [registered(1)], ()),
    ("award_rejected", [decided(1)], [registered(1, rejected=True)], ()),
    ("award_after_registration", [decided(1)], [registered(1, on=28)], ()),
    ("court_not_reported", [decided(1)], [registered(1)], (CourtOutcome("d1", "set_aside", days(60)),)),
    ("court_disagrees", [decided(1, "court_challenge 40", "court_decision 50 decision=upheld")], [registered(1)],
     (CourtOutcome("d1", "set_aside", days(60)),)),
    ("slot_reused", [fact("filed 0", f"commenced 1 slots={role}:t", case=role) for role in ("claimant", "respondent")],
     [], ()),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "awards", "courts"), CASES, ids=[one[0] for one in CASES])
def test_each_discrepancy_is_found_by_its_code(
    code: str, facts: list[CaseFact], awards: list[RegisteredAward], courts: tuple[CourtOutcome, ...]
) -> None:
    assert codes(facts, awards, *courts) == [code]


def test_every_discrepancy_has_a_case_and_a_sentence() -> None:
    assert {one[0] for one in CASES} == set(DISCREPANCIES)
    assert set(DISCREPANCIES) >= MISSING
    assert all(text.endswith(".") for text in DISCREPANCIES.values())


def test_a_court_that_is_reported_as_registered_agrees() -> None:
    told = decided(1, "court_challenge 40", "court_decision 50 decision=stayed", "court_decision 60 decision=upheld")
    courts = [CourtOutcome("d1", "stayed", days(51)), CourtOutcome("d1", "upheld", days(61))]
    assert codes([told], [registered(1)], *courts) == []
    assert codes([told], [registered(1)], CourtOutcome("d1", "set_aside", days(89))) == [], "within the grace"
    assert codes([], [], CourtOutcome("d9", "upheld", days(50))) == [], "nobody knows the award"


def test_the_discrepancy_ends_when_the_provider_reports_after_all() -> None:
    award = registered(1)
    assert codes([], [award]) == ["award_not_reported"]
    late = fact("filed 0", "award_issued 30 award_digest=d1 recorded=85", case="case-1")
    assert codes([late], [award]) == []


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_whoever_hides_lost_cases_is_always_found(cases: list[tuple[bool, bool]]) -> None:
    """Each case: whether the respondent won, and whether the closing is hidden if so."""
    facts, awards, hidden = [], [], set()
    for number, (lost, hide) in enumerate(cases):
        awards.append(registered(number, case_id=f"urn:{number}"))
        if lost and hide:
            hidden.add(f"d{number}")
            if number % 2:
                facts.append(fact("filed 0", case=f"case-{number}"))  # the case is known and seems to be open
        else:
            facts.append(decided(number, outcome="respondent" if lost else "claimant_full"))
    found = cross_check(facts, awards, (), freeze=FREEZE)
    assert {one.about for one in found} == hidden
    assert {one.code for one in found} <= {"award_not_reported"}
