"""What anybody may see of a figure."""

from datetime import date
from typing import Any

import pytest

from metrics.disclosure import disclosable, disclosed, public
from metrics.figures import Figure, Interval, Period

PERIOD = Period.of(date(2026, 1, 1), date(2026, 3, 31))


def figure(**changes: Any) -> Figure:
    members: dict[str, Any] = {
        "indicator": "settlement_by_stage", "subject": "federation", "period": PERIOD, "freeze": PERIOD.end,
        "unit": "share", "status": "value", "n": 100, "minimum": 10, "value": 0.5, "numerator": 50,
        "denominator": 100, "interval": Interval(0.4, 0.6, "wilson"), "counts": {"settled": 50},
    }  # fmt: skip
    return Figure(**members | changes)


@pytest.mark.parametrize(
    ("numerator", "shown"),
    [(0, True), (1, False), (9, False), (10, True), (90, True), (91, False), (99, False), (100, True)],
)
def test_a_share_is_shown_when_neither_side_is_a_few(numerator: int, *, shown: bool) -> None:
    interval = Interval(0.0, 1.0, "wilson")
    assert disclosable(figure(numerator=numerator, value=numerator / 100, interval=interval)) is shown


def test_too_few_cases_are_not_shown_whatever_the_unit() -> None:
    days: dict[str, Any] = {"unit": "days", "value": 20, "numerator": None, "denominator": None, "interval": None}
    assert disclosable(figure(**days, n=10))
    assert not disclosable(figure(**days, n=9, minimum=1))
    assert not disclosable(figure(**days, n=29, minimum=30))


def test_what_is_withheld_keeps_nothing_that_tells_it() -> None:
    withheld = disclosed(figure(numerator=3, value=0.03, interval=Interval(0.0, 0.1, "wilson")))
    assert (withheld.status, withheld.value, withheld.interval) == ("too_few", None, None)
    assert (withheld.numerator, withheld.denominator, dict(withheld.counts)) == (None, None, {})


def test_what_is_shown_loses_its_counts_alone() -> None:
    shown = disclosed(figure())
    assert (shown.value, shown.numerator, dict(shown.counts)) == (0.5, 50, {})
    immature = figure(status="immature", value=None, numerator=None, denominator=None, interval=None)
    assert disclosed(immature).status == "immature"


@pytest.mark.parametrize(("pending", "shown"), [(0, False), (9, False), (10, True)])
def test_disposition_time_goes_with_the_pending_cases(pending: int, *, shown: bool) -> None:
    plain: dict[str, Any] = {"numerator": None, "denominator": None, "interval": None}
    waiting = figure(indicator="pending", unit="cases", value=float(pending), n=pending, **plain)
    time = figure(indicator="disposition_time", unit="days", value=3.0, **plain)
    found = {one.indicator: one.value is not None for one in public([waiting, time])}
    assert found == {"pending": shown, "disposition_time": shown}
