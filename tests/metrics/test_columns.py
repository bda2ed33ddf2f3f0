from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.cohorts import entered, filed
from metrics.columns import Columns
from metrics.deadlines import tally
from metrics.events import STAGES, Event
from metrics.facts import CaseFact
from metrics.federation import whole_cases
from metrics.flows import flows
from metrics.folding import fold
from metrics.names import Names
from metrics.pairing import link
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


@settings(max_examples=300)
@given(stories())
def test_every_number_is_that_of_the_facts(facts: list[CaseFact]) -> None:
    columns = Columns.of(facts)
    assert [objects.fact_of(columns, row) for row in range(len(columns))] == [
        one if _keeps_transfers(one) else _without_transfers(one) for one in facts
    ]


@settings(max_examples=300)
@given(stories())
def test_counts_on_columns_are_those_of_the_facts(facts: list[CaseFact]) -> None:
    columns = Columns.of(facts)
    assert flows("alpha", columns, PERIOD) == objects.flows_of(facts, PERIOD)
    for freeze in (FREEZE, days(40)):
        cohort = filed(columns, PERIOD, freeze)
        assert list(zip(cohort.days, cohort.causes, strict=True)) == objects.filed_of(facts, PERIOD, freeze)
        for stage in STAGES:
            cohort = entered(columns, stage, PERIOD, freeze)
            expected = objects.entered_of(facts, stage, PERIOD, freeze)
            assert list(zip(cohort.days, cohort.causes, strict=True)) == expected
    counted = {kind: {name: n for name, n in counts.items() if n} for kind, counts in tally(columns, PERIOD).items()}
    assert counted == objects.tally_of(facts, PERIOD)


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


@given(stories())
def test_the_federation_counts_each_case_once(facts: list[CaseFact]) -> None:
    linkage, whole = link(facts), whole_cases(Columns.of(facts))
    assert whole.unlinked == len(linkage.unlinked)
    expected = {(one.provider, one.case): one for one in linkage.cases}
    assert {(one.provider, one.case): one for one in _facts(whole.columns)} == {
        name: one if _keeps_transfers(one) else _without_transfers(one) for name, one in expected.items()
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


def _keeps_transfers(one: CaseFact) -> bool:
    return bool(one.spells) and (bool(one.transfers) or one.spells[-1].ended_by == "transfer_out")


def _without_transfers(one: CaseFact) -> CaseFact:
    return replace(one, transfers=())
