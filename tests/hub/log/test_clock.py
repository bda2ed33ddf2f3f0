"""A clock that is wrong by more than a little stops the log for as long, and says why; one that is right does not."""

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from hub.gate import Gate, ShutError
from hub.log.clock import (
    BACK_SECONDS,
    FORWARD_SECONDS,
    QUIET_SECONDS,
    SETTLING_SECONDS,
    ClockGuard,
    Reading,
    judge,
    quiet_doubt,
    steady_clock,
)
from hub.storage.audit import Audit
from hub.storage.engine import Database
from tests.fakes.loghouse import Sample, found, register, running

HOUR, DAY = 3600, 86_400
BEGIN = Reading(1_800_000_000, 50.0)


def after(seconds: float, *, clock: int | None = None) -> Reading:
    """So long after the start; the clock went on by ``clock`` seconds, which is the same if it is right."""
    return Reading(BEGIN.now + (round(seconds) if clock is None else clock), BEGIN.steady + seconds)


CASES = [
    ("right", after(60), BEGIN.now, None),
    ("right for years", after(1000 * DAY), BEGIN.now, None),
    ("slow by a little", after(HOUR, clock=HOUR - BACK_SECONDS), BEGIN.now, None),
    ("fast by a little", after(HOUR, clock=HOUR + FORWARD_SECONDS), BEGIN.now, None),
    ("just behind", after(0), BEGIN.now + BACK_SECONDS, None),
    ("behind the log", after(0), BEGIN.now + BACK_SECONDS + 1, "clock_behind"),
    ("set back", after(HOUR, clock=HOUR - BACK_SECONDS - 1), BEGIN.now, "clock_set"),
    ("set back behind the log", after(2 * HOUR, clock=0), BEGIN.now + 2 * HOUR, "clock_behind"),
    ("set forward", after(HOUR, clock=HOUR + FORWARD_SECONDS + 1), BEGIN.now, "clock_set"),
]


@pytest.mark.parametrize(("reading", "head_time", "code"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_the_rules(reading: Reading, head_time: int, code: str | None) -> None:
    wrong = judge(reading, head_time, BEGIN)
    assert (None if wrong is None else wrong[0]) == code


def test_the_sentences_say_by_how_much_and_who_must_act() -> None:
    said = [wrong[1] for one in CASES if (wrong := judge(one[1], one[2], BEGIN)) is not None]
    anew = "or start the hub anew if it is right now."
    assert said == [
        "The hub's clock is 5 min behind the newest entry of its log; its operator must set it right.",
        f"The hub's clock was set back by 5 min; its operator must set it right, {anew}",
        "The hub's clock is 120 min behind the newest entry of its log; its operator must set it right.",
        f"The hub's clock was set forward by 24 h; its operator must set it right, {anew}",
    ]


@drawn(st.lists(st.tuples(st.integers(0, DAY), st.integers(-2 * DAY, 2 * DAY)), max_size=40))
def test_entry_times_never_fall_and_never_leave_the_clock_for_long(steps: list[tuple[int, int]]) -> None:
    """Time goes on by the first of each step, and the clock is set by the second."""
    true, error, head_time = BEGIN.now, 0, BEGIN.now
    guard = ClockGuard(lambda: true + error, lambda: float(true), Gate())
    for passes, by in steps:
        true, error = true + passes, error + by
        if head_time - true - error > BACK_SECONDS or not -BACK_SECONDS <= error <= FORWARD_SECONDS:
            with pytest.raises(ShutError, match="its operator must set it right"):
                guard.entry_time(head_time)
            continue
        told = guard.entry_time(head_time)
        assert told >= head_time
        assert 0 <= told - (true + error) <= BACK_SECONDS
        head_time = told


@pytest.mark.parametrize(
    ("reading", "quiet", "hours"),
    [
        (after(0), QUIET_SECONDS, None),
        (after(0), QUIET_SECONDS + 1, "168 h"),
        (after(SETTLING_SECONDS - 1), 400 * DAY, "9600 h"),
        (after(SETTLING_SECONDS), 400 * DAY, None),
        (after(60, clock=400 * DAY), QUIET_SECONDS + 1, "168 h"),
        (after(60, clock=400 * DAY), -DAY, None),
    ],
)
def test_a_start_after_a_quiet_week_leaves_the_clock_in_doubt_for_a_while(
    reading: Reading, quiet: int, hours: str | None
) -> None:
    """The steady clock alone ends it: the other one is what is doubted."""
    doubt = quiet_doubt(reading, BEGIN.now - quiet, BEGIN)
    assert (doubt is None) == (hours is None)
    assert doubt is None or f"clock was {hours} ahead of" in doubt


def test_the_gate_hears_of_the_doubt_whatever_was_registered_meanwhile() -> None:
    passed, gate = [0], Gate()
    guard = ClockGuard(lambda: BEGIN.now + passed[0], lambda: float(passed[0]), gate)
    head_time = guard.entry_time(BEGIN.now - 400 * DAY)
    assert head_time == BEGIN.now, "registering goes on"
    gate.require_open()
    for passed[0] in (0, SETTLING_SECONDS - 1):
        guard.entry_time(head_time)
        assert gate.clock_doubt == (
            "At the start the hub's clock was 9600 h ahead of the newest entry of its log; should it be wrong, its "
            "operator must set it right within 360 min: nothing is deleted by age until then."
        )
    passed[0] = SETTLING_SECONDS
    guard.entry_time(head_time)
    assert gate.clock_doubt is None


def test_the_steady_clock_goes_on() -> None:
    assert steady_clock() <= steady_clock()


async def test_a_clock_set_back_stops_the_log_and_a_right_one_lets_it_go_on(
    database: Database, given: Sample, caplog: pytest.LogCaptureFixture
) -> None:
    await found(database, given)
    now = [given.world.now]
    gate = Gate()
    guard = ClockGuard(lambda: now[0], lambda: 7.0, gate)
    async with running(database, given, times=guard.entry_time) as log:
        await register(log, given.founding[1:])
        now[0] -= BACK_SECONDS + 1
        for statement in given.awards[:2]:
            with pytest.raises(ShutError, match="The hub's clock is 5 min behind the newest entry"):
                await log.sequencer.submit(statement)
        with pytest.raises(ShutError):
            await log.sequencer.dry_run(given.awards[0])
        assert log.sequencer.stopped is None
        assert log.sequencer.waiting == 0
        with pytest.raises(ShutError):
            gate.require_open()
        assert (await log.receipts.receipt(given.founding[1].digest)).index == 1, "reading goes on"
        now[0] += BACK_SECONDS
        await register(log, given.awards[:1])
        gate.require_open()
    times = [entry.time async for piece in Audit(database).entries() for entry in piece]
    assert times == sorted(times)
    assert [one.levelname for one in caplog.records if "[clock_behind]" in one.getMessage()] == ["ERROR", "WARNING"]
