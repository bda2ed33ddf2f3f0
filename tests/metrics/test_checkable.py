"""Discrepancies found out of columns are those found out of facts."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.checkable import checkable, sharing_slots
from metrics.columns import Columns
from metrics.crosschecks import CourtOutcome, Discrepancy, RegisteredAward, cross_check
from metrics.events import Slot
from metrics.facts import AwardFact, CaseFact, CourtStep
from tests.metrics.stories import FREEZE, days, fact
from tests.metrics.test_crosschecks import CASES

DIGESTS = [f"d{number}" for number in range(4)]
PROVIDERS = ["alpha", "beta"]
TIMES = st.integers(0, 90).map(days)
STEPS = st.builds(CourtStep, st.just("decision"), st.just("upheld"), TIMES)


def out_of_columns(
    facts: Sequence[CaseFact], awards: Sequence[RegisteredAward], courts: Sequence[CourtOutcome]
) -> tuple[Discrepancy, ...]:
    columns, by_case = Columns.of(facts), {(one.provider, one.case): one for one in facts}
    slots = {case: by_case[case].slots for case in sharing_slots(columns)}
    return cross_check(checkable(columns, slots), awards, courts, FREEZE)


@pytest.mark.parametrize(("code", "facts", "awards", "courts"), CASES, ids=[one[0] for one in CASES])
def test_each_discrepancy_is_found_out_of_columns_too(
    code: str, facts: list[CaseFact], awards: list[RegisteredAward], courts: tuple[CourtOutcome, ...]
) -> None:
    assert [one.code for one in out_of_columns(facts, awards, courts)] == [code]


@st.composite
def federations(draw: st.DrawFn) -> list[CaseFact]:
    return [
        CaseFact(
            provider,
            f"case-{number}",
            commenced=draw(st.none() | TIMES),
            award=draw(st.none() | st.builds(AwardFact, st.none() | st.sampled_from(DIGESTS), TIMES)),
            award_digests=tuple(draw(st.lists(st.sampled_from(DIGESTS), unique=True, max_size=2))),
            court=tuple(draw(st.lists(STEPS, max_size=1))),
            slots=tuple(draw(st.lists(st.builds(Slot, st.just("claimant"), st.sampled_from("stuvw")), max_size=2))),
        )
        for number, provider in enumerate(draw(st.lists(st.sampled_from(PROVIDERS), max_size=6)))
    ]  # fmt: skip


AWARDS = st.lists(
    st.builds(
        RegisteredAward, st.sampled_from(PROVIDERS), st.sampled_from(DIGESTS), TIMES,
        type=st.sampled_from(["final", "partial"]), rejected=st.booleans(),
    ),
    max_size=4, unique_by=lambda one: one.digest,
)  # fmt: skip
COURTS = st.lists(st.builds(CourtOutcome, st.sampled_from(DIGESTS), st.just("set_aside"), TIMES), max_size=2)


@settings(max_examples=200)
@given(federations(), AWARDS, COURTS)
def test_the_discrepancies_are_those_of_the_facts(
    facts: list[CaseFact], awards: list[RegisteredAward], courts: list[CourtOutcome]
) -> None:
    assert out_of_columns(facts, awards, courts) == cross_check(facts, awards, courts, FREEZE)


def test_only_cases_whose_token_stands_twice_are_asked_for() -> None:
    cases = [fact("filed 0", f"commenced 1 slots=claimant:{token}", case=f"case-{token}") for token in "abc"]
    again = replace(cases[1], provider="beta")
    assert sharing_slots(Columns.of([*cases, again])) == [("alpha", "case-b"), ("beta", "case-b")]
    assert checkable(Columns.of(cases), {}) == [], "no award, nothing to compare"
