"""Alarms between releases, on outcomes that were put one a day, and on simulated federations that turn bad."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metrics.columns import Columns
from metrics.comparison.alarms import BAD, LEAST, RUN, Alarm, alarms
from metrics.comparison.comparable import COMPARED
from metrics.comparison.quarters import Quarters, mature_quarters
from metrics.context import Context
from metrics.errors import BadComparisonError
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from metrics.names import ABSENT, Names
from metrics.simulation.drawncolumns import columns_of
from metrics.simulation.draws import OUTCOMES, Draws
from metrics.simulation.setting import Setting
from metrics.simulation.turning import turned
from metrics.survival import Integers

BEGINS = date(2024, 10, 1)
PERIOD = Period.of(BEGINS, date(2026, 3, 29))
NOW = int(datetime(2026, 7, 5, tzinfo=UTC).timestamp())
NEWEST, SINCE, END = 365, 457, 545
"""The day on which the newest quarter begins, that on which outcomes are since it, and that of which nothing is known
yet; counted from ``BEGINS``."""
Some = Callable[[Integers], Any]
PROVIDERS = ("alpha", "beta", "delta", "gamma")


def usually(day: Integers) -> Any:
    """One of five, on the first of five days."""
    return day % 5 == 0


def never(day: Integers) -> Any:
    return day < 0


def from_day(turn: int, until: int = END, before: Some = usually) -> Some:
    return lambda day: before(day) | ((day >= turn) & (day < until))


def known(turned: dict[str, Some], kind: str = "missed", days: dict[str, range] | None = None) -> Columns:
    """A case a day at four providers; bad is a missed deadline, or instead that it is withdrawn or a neutral late."""
    withdrawn, late = kind == "withdrawn", kind == "late"
    names, parts = Names(), []
    for provider in PROVIDERS:
        day = np.array((days or {}).get(provider, range(END)))
        bad = np.asarray(turned.get(provider, usually)(day))
        n, yes = len(day), np.ones(len(day), dtype=bool)
        ends = np.where(bad & withdrawn, OUTCOMES.index("discontinued"), 0)
        band, procedure = np.zeros((2, n), dtype=np.int64)
        draws = Draws(
            filed=day, band=band, procedure=procedure, kept=~bad | withdrawn | late, answered=yes,
            length=np.full(n, 60), outcome=ends, names=np.zeros((n, 16), dtype=np.uint8), appointed=~(bad & late),
            awarded=yes, costly=~yes,
        )  # fmt: skip
        parts.append(columns_of(provider, PERIOD, draws, names))
    return Columns.joined(parts)


def raised(columns: Columns, now: int = NOW) -> tuple[Alarm, ...]:
    return alarms(columns, Context(), now)


def on(day: int) -> int:
    return int(datetime.combine(BEGINS + timedelta(days=day), datetime.min.time(), UTC).timestamp())


def test_the_days_here_are_those_of_the_calendar() -> None:
    newest = mature_quarters(NOW)[-1]
    assert (newest.start, newest.end, PERIOD.end) == (on(NEWEST), on(SINCE), on(END))


def test_a_change_is_found_with_its_day_and_its_numbers() -> None:
    turn = 500
    (alarm,) = raised(known({"alpha": from_day(turn)}))
    assert (alarm.provider, alarm.indicator, alarm.since) == ("alpha", "deadline_compliance", on(turn))
    assert (alarm.cases, alarm.bad) == (END - turn, END - turn)
    assert 0.2 * alarm.cases < alarm.expected < 0.3 * alarm.cases, "one of five, and what is not known for sure"
    assert on(turn + LEAST) < alarm.day < on(turn + 20)
    assert alarm.run_length > 5 * 365 * 10, "at ten indicators that are watched, once in five years at most"


def test_an_alarm_that_has_begun_in_the_newest_quarter_tells_it_and_one_that_ended_in_it_is_none() -> None:
    turn = SINCE - 5
    (alarm,) = raised(known({"alpha": from_day(turn)}))
    assert (alarm.since, alarm.day > on(SINCE)) == (on(turn - 2), True)
    assert raised(known({"alpha": from_day(NEWEST + 10, NEWEST + 60)})) == ()


def test_what_is_not_known_yet_raises_no_alarm() -> None:
    turn = 530
    columns = known({"alpha": from_day(turn)})
    (alarm,) = raised(columns)
    last = turn + LEAST + 97
    assert alarm.day >= on(turn + LEAST)
    assert raised(columns, on(last)) == (), "ten cases have been followed for 90 days, and reports have had a week"


def test_nothing_changed_is_no_alarm_nor_is_a_usually_bad_or_a_better_or_a_new_provider() -> None:
    assert raised(known({})) == ()
    assert raised(known({"alpha": lambda day: day % 5 < 3})) == ()
    assert raised(known({"alpha": lambda day: usually(day) & (day < SINCE)})) == ()
    assert raised(known({"alpha": lambda day: day >= 0}, days={"alpha": range(NEWEST, END)})) == ()
    assert raised(known({"alpha": from_day(500)}, days=dict.fromkeys(PROVIDERS[1:], range(NEWEST, END)))) == ()


@pytest.mark.parametrize(("kind", "indicator"), [("withdrawn", "discontinuation"), ("late", "time_to_appointment")])
def test_what_is_bad_says_the_definition(kind: str, indicator: str) -> None:
    found = raised(known({"alpha": from_day(500)}, kind))
    assert indicator in {one.indicator for one in found}
    assert {one.provider for one in found} == {"alpha"}
    fewer: dict[str, Some] = {name: lambda day: day % 5 < 3 for name in PROVIDERS}
    better = raised(known(fewer | {"alpha": lambda day: (day % 5 < 3) & (day < SINCE)}, kind))
    assert indicator not in {one.indicator for one in better}


def alone_with(columns: Columns, stages: dict[str, str]) -> Columns:
    """These providers conduct another stage than mediation, which the others conduct."""
    row, stage, outcome = columns.stages.row, columns.stages.stage, columns.outcome_stage
    for provider, name in stages.items():
        theirs, other = columns.provider == columns.names.add(provider), columns.names.add(name)
        stage = np.where(theirs[row], other, stage)
        outcome = np.where(theirs & (outcome != ABSENT), other, outcome)
    return replace(columns, stages=replace(columns.stages, stage=stage), outcome_stage=outcome)


def test_what_is_held_equal_is_so_even_where_nobody_else_has_such_cases() -> None:
    """Of two that are alone with their stages neither is expected to do as others do in mediation, nor as the other."""
    columns = known({"alpha": from_day(500)}, "withdrawn")
    assert {one.indicator for one in raised(columns)} == {"discontinuation", "settlement_by_stage"}
    alone = alone_with(columns, {"alpha": "arbitration", "beta": "negotiation"})
    assert {one.indicator for one in raised(alone)} == {"discontinuation"}
    together = alone_with(columns, {"alpha": "arbitration", "beta": "arbitration"})
    assert {one.indicator for one in raised(together)} == {"discontinuation", "settlement_by_stage"}


def test_which_side_is_worse_is_known_of_all_but_those_that_have_none() -> None:
    worse = {one.indicator: one.worse for one in COMPARED}
    assert {name for name, side in worse.items() if side == "above"} == {
        "default_share", "discontinuation", "fee_burden", "transfer_defects",
    }  # fmt: skip
    assert {name for name, side in worse.items() if side is None} == {
        "outcome_by_time", "refusal_rate", "stage_conversion",
    }  # fmt: skip


def test_ten_outcomes_at_least() -> None:
    rarely = {name: lambda day: day % 50 == 0 for name in PROVIDERS}
    for outcomes, expected in ((LEAST - 1, 0), (LEAST, 1)):
        days = {"alpha": range(500 + outcomes)}
        columns = known(rarely | {"alpha": from_day(500, before=lambda day: (day % 50 == 0) & (day < 450))}, days=days)
        found = raised(columns)
        assert len(found) == expected
        assert all((one.cases, one.bad) == (LEAST, LEAST) for one in found)


def test_what_never_happened_is_no_alarm_when_it_happens_twice() -> None:
    for times, expected in ((BAD - 1, 0), (8, 1)):
        at = [500 + 2 * place for place in range(times)]
        found = raised(known(dict.fromkeys(PROVIDERS, never) | {"alpha": lambda day: np.isin(day, at)}))  # noqa: B023
        assert [one.bad for one in found] == [times] * expected


def test_by_provider_and_then_by_indicator() -> None:
    turns = {name: from_day(470 + 5 * place) for place, name in enumerate(("delta", "alpha"))}
    found = raised(known(turns, "withdrawn"))
    assert [(one.provider, one.indicator) for one in found] == sorted((one.provider, one.indicator) for one in found)
    assert {one.provider for one in found} == {"alpha", "delta"}
    with pytest.raises(TypeError):
        sorted(found)  # type: ignore[type-var]


def test_with_nobody_or_nothing_there_is_no_alarm() -> None:
    assert raised(Columns.of([], Names())) == ()
    assert raised(known({"alpha": from_day(500)}).of_provider("alpha")) == ()


def test_an_alarm_rests_on_enough_and_is_rare() -> None:
    alarm = Alarm(
        provider="alpha", indicator="resolved_in_time", since=0, day=DAY_SECONDS, cases=LEAST, bad=8, expected=2.0,
        run_length=RUN,
    )  # fmt: skip
    for wrong in ({"cases": LEAST - 1}, {"bad": LEAST + 1}, {"bad": BAD - 1}, {"expected": 0.0}):
        with pytest.raises(BadComparisonError, match=r"An alarm rests on 10 outcomes, 3 of them bad. \(resolved_in"):
            replace(alarm, **wrong)
    for wrong in ({"since": 2 * DAY_SECONDS}, {"run_length": RUN - 1}):
        with pytest.raises(BadComparisonError, match="An alarm is rare, and began before it was raised"):
            replace(alarm, **wrong)  # type: ignore[arg-type]


def test_nothing_public_can_hold_an_alarm() -> None:
    """It has no share, no period and no word for the public; what is compared for everybody does not contain it."""
    assert not {"public", "rate", "value", "period", "judgement"} & {*dir(Alarm)}
    assert not any("Alarm" in str(one.type) for one in fields(Quarters))
    hub = Path(__file__).parents[3] / "hub"
    users = {one.relative_to(hub).as_posix() for one in hub.rglob("*.py") if "comparison.alarms" in one.read_text()}
    assert users == {"oversight/comparing.py", "web/consoleoversight.py"}
    asking = {one.relative_to(hub).as_posix() for one in hub.rglob("*.py") if "COMPARING].alarms" in one.read_text()}
    assert asking == {"web/consoleoversight.py"}


def test_who_turns_bad_is_found_and_who_was_bad_all_the_year_is_not() -> None:
    setting = Setting(providers=20, slow=2, padding=0, smallest=150, largest=250)
    federation = turned(1, setting)
    found = {(one.provider, one.indicator) for one in raised(federation.columns, federation.now)}
    assert len(federation.outliers) == 4
    assert federation.outliers <= found
    assert {name for name, _ in found} == {name for name, _ in federation.outliers}
    usual = turned(1, setting, always=True)
    assert raised(usual.columns, usual.now) == ()
