from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from metrics.errors import BadFigureError, BadPeriodError
from metrics.figures import Figure, Interval, Period
from metrics.names import ABSENT
from tests.metrics.stories import FREEZE, PERIOD, days

SHARE = Figure(
    indicator="settlement_by_stage", subject="alpha", part="mediation", period=PERIOD, freeze=FREEZE, unit="share",
    status="value", n=40, minimum=30, value=0.5, numerator=20, denominator=40, interval=Interval(0.3, 0.7, "wilson"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"denominator": None}, r"A rate has a numerator, a denominator and an n above 0."),
        ({"numerator": None}, r"A rate has a numerator, a denominator and an n above 0."),
        ({"n": 0}, r"A rate has a numerator, a denominator and an n above 0."),
        ({"value": None}, r"A value stands exactly where the status says so."),
        ({"status": "too_few"}, r"A value stands exactly where the status says so."),
        ({"status": "immature", "value": None}, r"What is withheld has no interval and no parts."),
        ({"status": "secret"}, r"A figure has a known status and unit and an n not below 0."),
        ({"unit": "stars"}, r"A figure has a known status and unit and an n not below 0."),
        ({"n": -1}, r"A figure has a known status and unit and an n not below 0."),
        ({"value": 1.5, "interval": None}, r"A share lies between 0 and 1."),
        ({"interval": Interval(0.6, 0.7, "wilson")}, r"An interval lies around its value."),
        ({"interval": Interval(0.1, 0.4, "wilson")}, r"An interval lies around its value."),
    ],
)
def test_a_figure_that_would_mislead_can_not_be_made(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadFigureError, match=message + r" \(settlement_by_stage mediation alpha\)"):
        replace(SHARE, **changes)


def test_a_figure_without_n_can_not_be_written() -> None:
    with pytest.raises(TypeError, match="'n'"):
        Figure(  # type: ignore[call-arg]
            indicator="x", subject="a", period=PERIOD, freeze=FREEZE, unit="cases", status="value", minimum=1, value=1
        )


def test_a_value_below_the_public_minimum_is_small() -> None:
    assert not SHARE.small
    assert replace(SHARE, n=29).small


def test_a_period_is_whole_days_with_its_last_day_in_it() -> None:
    one = Period.of(date(2024, 2, 1), date(2024, 2, 29))
    assert (one.days, str(one)) == (29, "2024-02-01 to 2024-02-29")
    assert days(0) in PERIOD
    assert days(90) not in PERIOD
    assert PERIOD.end - 1 in PERIOD


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(BadPeriodError, match="A period ends after it begins"):
        Period(days(3), days(3))
    with pytest.raises(BadPeriodError, match="A period is made of whole days"):
        Period(days(3), days(3.5))
    with pytest.raises(BadPeriodError, match=r"A period begins on 1970-01-01 or later\."):
        Period.of(date(1969, 12, 31), date(2026, 3, 31))


def test_what_is_absent_is_in_no_period() -> None:
    since_ever = Period.of(date(1970, 1, 1), date(2026, 3, 31))
    assert since_ever.holds(np.array([ABSENT, 0, days(0), since_ever.end])).tolist() == [False, True, True, False]
