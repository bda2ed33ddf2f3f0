from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.cohorts import entered, filed
from metrics.columns import Columns
from metrics.deadlines import tally
from metrics.events import STAGES, Event, Slot
from metrics.facts import Appointment, AwardFact, CaseFact, CourtStep, Money, Performance, Record
from metrics.federation import whole_cases
from metrics.flows import flows
from metrics.folding import fold
from metrics.names import Names
from metrics.pairing import disagreements, link
from tests.metrics import objects
from tests.metrics.stories import FREEZE, PERIOD, days, fact, story
from tests.metrics.test_folding import ANY_EVENT

OPENINGS = [one for case in ("one", "two") for one in story("filed 0", case=case)]
ATTRIBUTES = story(
    "commenced 1 procedure=arbitration language=es dispute_type=goods hs2=84 amount_band=b1",
    "response 2 respondent_type=consumer",
    case="one",
)


@st.composite
def stories(draw: st.DrawFn) -> list[CaseFact]:
    """Facts of which many are of cases that were opened, some with attributes."""
    events: list[Event] = draw(st.lists(ANY_EVENT, max_size=40))
    events += draw(st.sampled_from([[], OPENINGS, [*OPENINGS, *ATTRIBUTES]]))
    return list(fold(events, FREEZE))


TIMES = st.integers(0, 2**40)
SAID = st.none() | st.sampled_from(["one", "two", "three"])
FLAGS = st.none() | st.booleans()
MONEY = st.none() | st.builds(
    Money, st.integers(0, 10**15).map(lambda one: Decimal(one) / 100), st.sampled_from(["EUR", "CNY"])
)
LATER_PART = st.fixed_dictionaries({
    **dict.fromkeys(
        ("responded_at", "silent_at", "response_due", "submissions_closed", "published_at"), st.none() | TIMES
    ),
    "award": st.none() | st.builds(AwardFact, SAID, TIMES, st.none() | TIMES, SAID, st.booleans(), FLAGS, TIMES),
    "performance": st.none() | st.builds(Performance, st.just("award"), st.none() | TIMES, at=st.none() | TIMES),
    "appointments": st.lists(
        st.builds(Appointment, SAID, st.sampled_from([None, 1, 3]), TIMES, SAID, TIMES, st.none() | TIMES), max_size=3
    ).map(tuple),
    "court": st.lists(st.builds(CourtStep, st.just("challenge"), SAID, TIMES), max_size=2).map(tuple),
    "fee": MONEY, "claim": MONEY, "fee_final": st.booleans(), "respondent": SAID,
    "declared_languages": st.lists(st.sampled_from(["en", "es", "zh"]), unique=True).map(tuple),
    "slots": st.lists(st.builds(Slot, st.just("claimant"), st.just("")), max_size=2).map(tuple),
    "lateness": st.lists(st.integers(-300, 10**6), max_size=4).map(tuple),
    "records": st.lists(
        st.builds(Record, st.sampled_from(["alpha", "beta"]), st.text(), st.none() | TIMES), max_size=2
    ).map(tuple),
})  # fmt: skip
"""What a fact knows beside spells, stages, stops and deadlines."""


@settings(max_examples=60)
@given(st.lists(LATER_PART, max_size=5))
def test_what_else_is_known_stands_in_columns_too(parts: list[dict[str, Any]]) -> None:
    facts = [replace(fact("filed 1", case=str(number)), **part) for number, part in enumerate(parts)]
    columns = Columns.of(facts)
    assert _facts(columns) == facts
    assert _facts(columns.take(np.arange(len(facts))[::-1])) == facts[::-1]


def test_amounts_are_rounded_to_hundredths_and_absurd_ones_are_cut() -> None:
    amounts = [Money(Decimal(text), "EUR") for text in ("0.125", "0.135", "1E+40")]
    columns = Columns.of([replace(fact("filed 1"), fee=one, claim=None) for one in amounts])
    assert (columns.fee.tolist(), columns.claim.tolist()) == ([12, 14, 2**62], [-1, -1, -1])


@settings(max_examples=100)
@given(stories())
def test_every_number_is_that_of_the_facts(facts: list[CaseFact]) -> None:
    columns = Columns.of(facts)
    assert [objects.fact_of(columns, row) for row in range(len(columns))] == [_in_columns(one) for one in facts]


@settings(max_examples=100)
@given(stories())
def test_counts_on_columns_are_those_of_the_facts(facts: list[CaseFact]) -> None:
    columns = Columns.of(facts)
    assert flows("alpha", columns, PERIOD) == objects.flows_of(facts, PERIOD)
    for freeze in (FREEZE, days(40)):
        cohort = filed(columns, PERIOD, freeze)
        assert list(zip(cohort.days, cohort.causes, strict=True)) == objects.filed_of(facts, PERIOD, freeze)
        for stage in STAGES:
            *_, cohort = entered(columns, stage, PERIOD, freeze)
            expected = objects.entered_of(facts, stage, PERIOD, freeze)
            assert list(zip(cohort.days, cohort.causes, strict=True)) == expected
    assert columns.counted(columns.defects.code) == Counter(one.code for fact in facts for one in fact.defects)
    assert columns.counted(columns.outcome) == Counter(one.outcome.kind for one in facts if one.outcome)
    counted = {kind: {name: n for name, n in counts.items() if n} for kind, counts in tally(columns, PERIOD).items()}
    assert counted == objects.tally_of(facts, PERIOD)


@settings(max_examples=50)
@given(stories(), st.data())
def test_days_are_those_of_the_facts(facts: list[CaseFact], data: st.DataObject) -> None:
    columns = Columns.of(facts)
    instants = st.integers(-5, 100).map(days)
    start, end = data.draw(instants), data.draw(instants)
    assert columns.days(start, end).tolist() == [one.days(start, end) for one in facts]
    if facts:
        rows = data.draw(st.lists(st.integers(0, len(facts) - 1), max_size=9))
        ends = data.draw(st.lists(instants, min_size=len(rows), max_size=len(rows)))
        found = columns.days(start, np.array(ends, dtype=np.int64), np.array(rows, dtype=np.int64))
        assert found.tolist() == [facts[row].days(start, end) for row, end in zip(rows, ends, strict=True)]


@settings(max_examples=50)
@given(stories(), st.data())
def test_rows_can_be_chosen_and_joined(facts: list[CaseFact], data: st.DataObject) -> None:
    columns = Columns.of(facts)
    marks = np.array(data.draw(st.lists(st.booleans(), min_size=len(facts), max_size=len(facts))), dtype=bool)
    chosen, rest = columns.select(marks), columns.select(~marks)
    assert _facts(chosen) == [one for one, mark in zip(_facts(columns), marks, strict=True) if mark]
    order = data.draw(st.permutations(range(len(facts))))
    turned = columns.take(np.array(order, dtype=np.int64))
    assert _facts(turned) == [_facts(columns)[place] for place in order]
    for provider in ("alpha", "beta", "gamma"):
        expected = [one for one in _facts(columns) if one.provider == provider]
        assert _facts(columns.of_provider(provider)) == expected
        assert {one.case: one for one in _facts(turned.of_provider(provider))} == {one.case: one for one in expected}
    assert _facts(Columns.joined([chosen, rest])) == _facts(chosen) + _facts(rest)


@settings(max_examples=60)
@given(st.lists(stories(), min_size=2, max_size=4))
def test_cases_are_replaced_one_by_one(steps: list[list[CaseFact]]) -> None:
    names = Names()
    first, *later = [Columns.of(facts, names) for facts in steps]
    expected = {(one.provider, one.case): one for columns in (first, *later) for one in _facts(columns)}
    found = _facts(first.with_changed(later))
    assert len(found) == len(expected)
    assert {(one.provider, one.case): one for one in found} == expected
    assert [one.provider for one in found] == sorted(one.provider for one in found)


@settings(max_examples=60)
@given(stories())
def test_the_federation_counts_each_case_once(facts: list[CaseFact]) -> None:
    linkage, whole = link(facts), whole_cases(Columns.of(facts))
    assert whole.unlinked == len(linkage.unlinked)
    assert whole.disagreements == disagreements(linkage.disagreeing)
    expected = {(one.provider, one.case): one for one in linkage.cases}
    assert {(one.provider, one.case): one for one in _facts(whole.columns)} == {
        name: _in_columns(one) for name, one in expected.items()
    }


def test_columns_that_do_not_share_their_names_are_not_joined() -> None:
    with pytest.raises(ValueError, match=r"Columns are joined that share their names\."):
        Columns.joined([Columns.of([fact("filed 1")]), Columns.of([fact("filed 1")])])
    with pytest.raises(ValueError, match="Columns are joined"):
        Columns.joined([])


def test_columns_made_before_keep_their_meaning_when_names_are_added() -> None:
    names = Names()
    first = Columns.of([fact("filed 1", provider="alpha")], names)
    second = Columns.of([fact("filed 1", provider="beta")], names)
    both = Columns.joined([first, second])
    assert (first.providers, both.providers) == (("alpha",), ("alpha", "beta"))
    assert names[: len(first.names)] == list(names)
    assert names.name(-1) is None
    assert names.code("gamma") not in both.provider


def _facts(columns: Columns) -> list[CaseFact]:
    return [objects.fact_of(columns, row) for row in range(len(columns))]


def _in_columns(one: CaseFact) -> CaseFact:
    """The fact without what columns leave out: tokens of slots, and transfers of a case that is open nowhere."""
    moved = bool(one.spells) and (bool(one.transfers) or one.spells[-1].ended_by == "transfer_out")
    slots = tuple(Slot(slot.role, "") for slot in one.slots)
    return replace(one, transfers=one.transfers if moved else (), slots=slots)
