"""Comparisons quarter by quarter, of a small simulated federation with a slow and a hiding provider."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from metrics.columns import Columns
from metrics.comparison.comparable import FOLLOWED_DAYS
from metrics.comparison.flags import COMMENT_DAYS, Comment
from metrics.comparison.quarters import REPORTING_DAYS, Quarters, compared, mature_quarters
from metrics.context import Context
from metrics.crosschecks import cross_check
from metrics.events import DAY_SECONDS
from metrics.folding import fold
from metrics.names import Names
from metrics.simulation.roster import INDICATORS
from tests.fakes.federationscene import HIDING, NOW, SLOW, small


@pytest.fixture(scope="module")
def quarters() -> Quarters:
    federation = small()
    told = [federation.quarter(number) for number in range(4)]
    facts = fold([event for one in told for event in one.events], NOW)
    awards = [award for one in told for award in one.awards]
    found = compared(Columns.of(facts), Context(discrepancies=cross_check(facts, awards, (), NOW)), NOW)
    assert found is not None
    return found


def test_a_quarter_is_compared_once_its_cases_were_followed_and_reports_came_in() -> None:
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) + (FOLLOWED_DAYS + REPORTING_DAYS) * DAY_SECONDS
    assert str(mature_quarters(first)[-1]) == "2025-10-01 to 2025-12-31"
    assert str(mature_quarters(first - 1)[-1]) == "2025-07-01 to 2025-09-30"
    periods = mature_quarters(first)
    assert len(periods) == 8
    assert all(one.end == two.start for one, two in pairwise(periods))


def test_the_slow_provider_is_found_with_since_when(quarters: Quarters) -> None:
    found = {one.indicator: one for one in quarters.flags((), NOW)}
    assert sorted(found) == ["deadline_compliance", "resolved_in_time"]
    assert {one.subject for one in found.values()} == {SLOW}
    assert str(found["deadline_compliance"].since) == "2025-01-01 to 2025-03-31"
    assert found["deadline_compliance"].periods == 4
    assert {one.missing for one in found.values()} == {("comment_open",)}


def test_the_hiding_provider_is_found_by_the_register(quarters: Quarters) -> None:
    assert Counter(one.provider for one in quarters.discrepancies).keys() == {HIDING}
    scores = {name: one.score for name, one in quarters.qualities.items()}
    assert all(score is not None for score in scores.values())
    assert min(scores, key=lambda name: scores[name] or 0.0) == HIDING


def test_numbers_are_those_that_really_happened(quarters: Quarters) -> None:
    federation = small()
    compared_now = {one.indicator: one for one in quarters.newest}
    for place, provider in enumerate(federation.providers):
        if provider.name == HIDING:
            continue
        drawn = federation.drawn(place, 3)
        marks = (drawn.kept, drawn.length <= FOLLOWED_DAYS, drawn.answered)
        for indicator, counts in zip(INDICATORS, marks, strict=True):
            judged = compared_now[indicator].of(provider.name)
            assert judged is not None
            assert (judged.numerator, judged.n) == (int(counts.sum()), len(counts)), indicator


def test_a_comment_or_its_time_makes_a_flag_public(quarters: Quarters) -> None:
    asked = Comment("resolved_in_time", SLOW, quarters.period, NOW)
    said = Comment("resolved_in_time", SLOW, quarters.period, NOW, "We were ill.")
    for comment, now, public in (
        (asked, NOW, False), (asked, NOW + COMMENT_DAYS * DAY_SECONDS, True), (said, NOW, True),
    ):  # fmt: skip
        (flag,) = [one for one in quarters.flags([comment], now) if one.indicator == "resolved_in_time"]
        assert flag.public is public
        assert flag.comment == comment


def test_changes_have_both_rates_and_their_interval(quarters: Quarters) -> None:
    changes = quarters.changes()
    enough = {(one.indicator, each.subject) for one in quarters.newest for each in one.judgements if not each.withheld}
    assert {(one.indicator, one.subject) for one in changes} == enough
    for one in changes:
        assert one.periods[1] == quarters.period
        assert one.periods[0].end == quarters.period.start
    before = quarters.flagged_before(NOW)
    assert before == {("deadline_compliance", SLOW)}


def test_with_nobody_to_compare_with_there_is_nothing() -> None:
    assert compared(Columns.of([], Names()), Context(), NOW) is None
    events = [one for one in small().quarter(3).events if one.provider == SLOW]
    assert compared(Columns.of(fold(events, NOW)), Context(), NOW) is None


def test_a_provider_with_a_procedure_of_its_own_is_named_beside_every_comparison() -> None:
    events = [
        one._replace(procedure="of-its-own") if one.provider == SLOW and one.type == "filed" else one
        for one in small().quarter(3).events
    ]
    found = compared(Columns.of(fold(events, NOW)), Context(), NOW)
    assert found is not None
    one = next(each for each in found.newest if each.indicator == "resolved_in_time")
    cases = sum(one.type == "filed" and one.provider == SLOW for one in events)
    assert (one.of(SLOW), one.left_out(SLOW)) == (None, (cases, 0))
    assert all(SLOW in {each.subject for each in one.apart} for one in found.newest)


def test_one_quarter_alone_judges_nobody_and_has_no_changes() -> None:
    found = compared(Columns.of(fold(small().quarter(3).events, NOW)), Context(), NOW)
    assert found is not None
    assert (found.changes(), found.flagged_before(NOW), found.flags((), NOW)) == ((), frozenset(), ())
    unknown = {"history_short", "too_few_providers"}
    assert all(unknown & {*each.withheld} for one in found.newest for each in one.judgements)
