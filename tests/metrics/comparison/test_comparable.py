"""Which cases are compared, and which of them count."""

import numpy as np
import pytest

from metrics.columns import Columns
from metrics.comparison.comparable import COMPARED, FOLLOWED_DAYS, Comparable, cases_of, question_of
from metrics.comparison.observed import LOAD, MatureCohort
from metrics.definitions import definition
from metrics.events import DAY_SECONDS, Event
from metrics.folding import fold
from tests.metrics.stories import PERIOD, START, story

NOW = START + 400 * DAY_SECONDS
BY_NAME = {one.indicator: one for one in COMPARED}


def counted(name: str, *stories: list[Event], now: int = NOW) -> tuple[int, int]:
    """How many count, of how many, in the comparison of an indicator."""
    columns = Columns.of(fold([event for one in stories for event in one], now))
    question = question_of(BY_NAME[name], MatureCohort(PERIOD, now, FOLLOWED_DAYS))
    found = cases_of(BY_NAME[name], columns, question)
    assert found.provider.size == found.procedure.size == found.counts.size
    return int(found.counts.sum()), found.counts.size


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("filed 0", "settled 90 stage=mediation"), (1, 1)),
        (("filed 0", "settled 91 stage=mediation"), (0, 1)),
        (("filed 0",), (0, 1)),
        (("filed 0", "transfer_out 10"), (0, 0)),
        (("filed 0", "transfer_out 95"), (0, 1)),
        (("filed 100", "settled 101 stage=mediation"), (0, 0)),
        (("filed 0", "clock_stopped 1 reason=translation"), (0, 0)),
    ],
    ids=["last day", "too late", "open", "handed over", "handed over later", "another quarter", "the clock stands"],
)
def test_resolved_in_time(lines: tuple[str, ...], expected: tuple[int, int]) -> None:
    assert counted("resolved_in_time", story(*lines)) == expected


def test_given_up_within_90_days() -> None:
    soon = story("filed 0", "discontinued 80 reason=withdrawn", case="soon")
    late = story("filed 0", "discontinued 100 reason=withdrawn", case="late")
    other = story("filed 0", "settled 5 stage=mediation", case="other")
    assert counted("discontinuation", soon, late, other) == (1, 3)


def test_an_answer_counts_in_time_and_silence_is_known() -> None:
    answered = story("filed 0", "commenced 1", "response 5", case="answered")
    silent = story("filed 0", "commenced 1", "no_response 9", case="silent")
    unknown = story("filed 0", "commenced 1", case="unknown")
    assert counted("respondent_participation", answered, silent, unknown) == (1, 2)


def test_deadlines_that_lapsed_were_agreed_or_fell_due_later_are_not_counted() -> None:
    due = "stage_started 1 stage=mediation deadline=mediation due={}"
    kept = story("filed 0", due.format(30), "deadline_met 29 deadline=mediation due=30", case="kept")
    missed = story("filed 0", due.format(30), "deadline_missed 31 deadline=mediation due=30", case="missed")
    overdue = story("filed 0", due.format(30), case="overdue")
    later = story("filed 0", due.format(95), "deadline_met 94 deadline=mediation due=95", case="later")
    lapsed = story("filed 0", due.format(30), "settled 20 stage=mediation", case="lapsed")
    assert counted("deadline_compliance", kept, missed, overdue, later, lapsed) == (1, 3)


def test_what_is_compared_has_a_definition_and_is_no_load() -> None:
    assert [one.indicator for one in COMPARED] == sorted(BY_NAME)
    for one in COMPARED:
        assert definition(one.indicator).minimum <= 30
        assert one.indicator not in LOAD
        assert one.counts in ("cases", "deadlines")


def test_strata_are_those_of_the_definition_and_providers_keep_their_names() -> None:
    one: Comparable = BY_NAME["resolved_in_time"]
    question = question_of(one, MatureCohort(PERIOD, NOW, FOLLOWED_DAYS))
    assert "procedure" not in question.strata
    assert {*question.strata, "procedure"} == set(definition(one.indicator).strata)
    events = story("filed 0", provider="beta") + story("filed 0", provider="alpha")
    found = cases_of(one, Columns.of(fold(events, NOW)), question)
    assert sorted(found.subjects[place] for place in found.provider.tolist()) == ["alpha", "beta"]
    assert len(found.kind) == len(question.strata)
    assert found.provider.dtype == np.int64
