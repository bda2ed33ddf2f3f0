from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.events import day
from metrics.folding import fold
from metrics.samples import GUANGZHOU, guangzhou_like, observed

FIRST = date(2025, 1, 1)


def test_the_sample_has_exactly_the_figures_it_is_shaped_after() -> None:
    events = guangzhou_like(1, GUANGZHOU.cases, FIRST)
    facts = fold(events, max(one.recorded_at for one in events))
    found = observed(facts)
    assert (found.cases, found.closed, found.settled_in_mediation) == (169, 169, 106)
    assert found.mean_days == GUANGZHOU.mean_days
    assert round(100 * found.settled_in_mediation / found.cases) == GUANGZHOU.settled_in_mediation_percent
    assert abs(106 / 169 - 0.63) < abs(107 / 169 - 0.63)


def test_the_sample_is_varied() -> None:
    events = guangzhou_like(1, 169, FIRST)
    facts = fold(events, max(one.recorded_at for one in events))
    assert {one.outcome.kind for one in facts if one.outcome} == {"settled", "award", "default_award", "discontinued"}
    assert {one.attributes.cross_border for one in facts} == {True, False}
    assert len({one.attributes.hs2 for one in facts}) > 5
    assert len({one.attributes.economies for one in facts}) > 20
    assert {deadline.result for one in facts for deadline in one.deadlines} >= {"met", "missed", "lapsed"}


def test_every_case_is_over_within_the_year() -> None:
    events = guangzhou_like(1, 169, FIRST)
    assert max(day(one.at) for one in events) - day(min(one.at for one in events)) < 365


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 80))
def test_any_sample_is_free_of_defects_and_keeps_the_mean(seed: int, count: int) -> None:
    events = guangzhou_like(seed, count, FIRST)
    assert events == guangzhou_like(seed, count, FIRST)
    facts = fold(events, max(one.recorded_at for one in events))
    assert [one.defects for one in facts] == [()] * count
    assert observed(facts).mean_days == 23


def test_events_come_in_the_order_in_which_they_were_recorded() -> None:
    events = guangzhou_like(1, 20, FIRST)
    assert [one.recorded_at for one in events] == sorted(one.recorded_at for one in events)
    assert all(len(one.case) == 22 for one in events)
    assert {one.provider for one in guangzhou_like(1, 2, FIRST, "alpha")} == {"alpha"}


def test_an_empty_sample_is_empty() -> None:
    assert guangzhou_like(1, 0, FIRST) == []
    with pytest.raises(ZeroDivisionError):
        _ = observed([]).mean_days
