"""Clocks against worked examples, by hand and at random."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import ProvidersError
from providers.rules_profile.clock import Clock
from providers.rules_profile.profile import load

RULES = load("apec-odr")
DAY = 86_400
SINGAPORE = timezone(timedelta(hours=8))


def when(text: str, zone: tzinfo = UTC) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def started(name: str = "negotiation", at: str = "2026-03-02T10:00:00", zone: timezone = UTC) -> Clock:
    return Clock.start(RULES.clock(name), when(at, zone), zone)


def refuses(code: str, saying: str, act: Any, *arguments: Any) -> None:
    with pytest.raises(ProvidersError, match=saying) as caught:
        act(*arguments)
    assert caught.value.code == code


def test_the_first_day_does_not_count_and_the_last_one_does_whole() -> None:
    clock = started("response")
    assert clock.due == when("2026-03-09T23:59:59")
    assert clock.met(when("2026-03-09T23:59:59"))
    assert not clock.met(when("2026-03-10T00:00:00"))


def test_days_are_those_of_the_seat() -> None:
    late = when("2026-03-02T23:00:00")
    assert Clock.start(RULES.clock("response"), late, UTC).due == when("2026-03-09T23:59:59")
    assert Clock.start(RULES.clock("response"), late, SINGAPORE).due == when("2026-03-10T23:59:59", SINGAPORE)


def test_a_transfer_stops_the_clock_and_completion_resumes_it() -> None:
    """Three of ten days used, four days in transfer, seven days left."""
    stopped = started().stop(when("2026-03-05T09:00:00"))
    assert (stopped.used(when("2026-03-07T00:00:00")), stopped.due) == (3, None)
    assert stopped.met(when("2030-01-01T00:00:00"))
    running = stopped.resume(when("2026-03-09T20:00:00"))
    assert running.due == when("2026-03-16T23:59:59")
    assert running.used(when("2026-03-16T12:00:00")) == 10
    again = running.stop(when("2026-03-10T01:00:00")).resume(when("2026-03-10T02:00:00"))
    assert replace(again, resumed=running.resumed) == running, "less than a day is no pause"


def test_an_extension_of_negotiation() -> None:
    clock = started()
    assert clock.extend(10).due == when("2026-03-22T23:59:59")
    assert (clock.extend(4).days, clock.days) == (14, 10)
    refuses("extension_too_long", "1 to 10 days", clock.extend, 11)
    refuses("extension_too_long", "1 to 10 days", clock.extend, 0)
    refuses("extensions_used_up", "as often as it may", clock.extend(4).extend, 4)
    refuses("extension_not_foreseen", "foresee no extension", started("mediation").extend, 1)


def test_what_a_clock_refuses() -> None:
    clock = started()
    refuses("clock_running", "The clock runs", clock.resume, when("2026-03-05T09:00:00"))
    refuses("clock_over", "The period is over", clock.stop, when("2026-03-13T00:00:00"))
    refuses("clock_backwards", "before it ran", clock.stop, when("2026-03-01T00:00:00"))
    stopped = clock.stop(when("2026-03-05T09:00:00"))
    refuses("clock_stopped", "stands still already", stopped.stop, when("2026-03-05T10:00:00"))
    refuses("clock_backwards", "before it was stopped", stopped.resume, when("2026-03-04T10:00:00"))


def test_a_day_on_which_it_stood_still_is_not_counted_twice() -> None:
    paused = started().stop(when("2026-03-05T09:00:00")).resume(when("2026-03-08T09:00:00"))
    for day in ("2026-03-03T09:00:00", "2026-03-05T09:00:00", "2026-03-07T23:59:59"):
        refuses("clock_backwards", "before it ran", paused.stop, when(day))
    assert paused.stop(when("2026-03-08T00:00:00")).resume(when("2026-03-09T00:00:00")).paused == 4


def test_the_last_hour_counts_where_it_comes_twice() -> None:
    """In Chile summer time ends on Saturday 4 April 2026 at midnight, which becomes 23:00 of the same day."""
    santiago = ZoneInfo("America/Santiago")
    clock = Clock.start(RULES.clock("negotiation"), when("2026-03-25T12:00:00", santiago), santiago)
    second = int(datetime(2026, 4, 4, 23, 30, tzinfo=santiago).replace(fold=1).timestamp())
    assert clock.due == when("2026-04-05T00:00:00", santiago) - 1
    assert clock.met(second)
    assert clock.stop(second).used(second) == 10


@given(
    st.sampled_from(["America/Santiago", "America/Havana", "Atlantic/Azores", "Africa/Cairo", "Asia/Beirut", "UTC"]),
    st.integers(1_500_000_000, 1_900_000_000),
)
def test_the_due_second_is_the_last_of_its_day_at_the_seat(name: str, at: int) -> None:
    zone = ZoneInfo(name)
    clock = Clock.start(RULES.clock("negotiation"), at, zone)
    assert clock.due is not None
    last, after = (datetime.fromtimestamp(one, zone).date() for one in (clock.due, clock.due + 1))
    assert (last, after) == (clock.started + timedelta(days=10), clock.started + timedelta(days=11))


@pytest.mark.parametrize(
    ("extended", "correction", "days"), [(False, False, 47), (True, False, 57), (False, True, 54), (True, True, 64)]
)
def test_the_longest_case_day_by_day(extended: bool, correction: bool, days: int) -> None:  # noqa: FBT001
    at = begin = when("2026-01-30T15:00:00")
    for name in RULES.sequence + (RULES.corrections if correction else ()):
        clock = Clock.start(RULES.clock(name), at, UTC)
        if extended and clock.limit.extension:
            clock = clock.extend(clock.limit.extension.days)
        assert clock.due is not None
        at = clock.due
    assert (datetime.fromtimestamp(at, UTC).date() - datetime.fromtimestamp(begin, UTC).date()).days == days


@given(st.integers(0, 2 * 10**9), st.lists(st.tuples(st.integers(0, 2 * DAY), st.integers(0, 9 * DAY)), max_size=5))
def test_pauses_cost_nothing(start: int, pauses: list[tuple[int, int]]) -> None:
    """However often it stops, the days used and the days left add up to the limit."""
    clock, at = Clock.start(RULES.clock("negotiation"), start, UTC), start
    for run, pause in pauses:
        if not clock.met(at + run):
            break
        clock = clock.stop(at + run)
        used = clock.used(at + run)
        at += run + pause
        clock = clock.resume(at)
        assert clock.used(at) == used
    assert clock.due is not None
    assert clock.used(clock.due) == 10
    assert clock.due >= start + 10 * DAY
