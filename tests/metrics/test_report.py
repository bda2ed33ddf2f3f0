import json
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

from metrics.compute import compute_all
from metrics.figures import Figure, Interval, Period
from metrics.folding import fold
from metrics.report import as_data, from_data, line, lines, value_text
from metrics.samples import guangzhou_like
from metrics.tasks import Request
from tests.metrics.stories import FREEZE, PERIOD
from tests.metrics.test_figures import SHARE

FEW = Figure(
    indicator="pending", subject="alpha", period=PERIOD, freeze=FREEZE, unit="cases", status="too_few", n=4, minimum=10,
    counts=MappingProxyType({"pending_before": 3}),
)  # fmt: skip
MEDIAN = Figure(
    indicator="time_to_resolution", subject="alpha", part="median", period=PERIOD, freeze=FREEZE, unit="days",
    status="value", n=80, minimum=30, value=21.0, interval=Interval(18, None, "brookmeyer_crowley"),
)  # fmt: skip

YEAR = Period.of(date(2026, 1, 1), date(2026, 12, 31))
NEW_YEAR = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())


def test_figures_in_words() -> None:
    assert line(SHARE) == "Settlement by stage, mediation: 50.0 %, 95 % interval 30.0 to 70.0 (n = 40)"
    assert line(MEDIAN) == "Time to resolution, median: 21 days, 95 % interval from 18 without upper limit (n = 80)"
    assert line(FEW) == "Pending cases: too few cases (fewer than 10)"
    assert line(replace(FEW, status="not_reported")) == "Pending cases: not reported"
    immature = replace(MEDIAN, status="immature", value=None, interval=None)
    assert line(immature) == (
        "Time to resolution, median: too early to say, the cases have not been followed long enough"
    )
    few_left = replace(MEDIAN, status="too_few", value=None, interval=None)
    assert line(few_left) == "Time to resolution, median: too few cases to show"


def test_a_heading_for_each_subject() -> None:
    assert lines([FEW, replace(FEW, subject="beta")])[::2] == [
        "alpha, 2026-01-01 to 2026-03-31",
        "beta, 2026-01-01 to 2026-03-31",
    ]


def test_the_public_view_never_shows_a_small_value_or_its_n() -> None:
    small = replace(SHARE, n=7, numerator=3, denominator=7, value=3 / 7)
    assert line(small) == "Settlement by stage, mediation: too few cases (fewer than 30)"
    for one in (small, FEW):
        [data] = as_data([one])
        assert data["status"] == "too_few"
        assert not {"value", "n", "numerator", "denominator", "interval", "counts", "small"} & set(data)


def test_the_supervised_view_shows_it_with_a_warning() -> None:
    small = replace(SHARE, n=7, numerator=3, denominator=7, value=3 / 7)
    assert line(small, supervised=True).endswith("42.9 %, 95 % interval 30.0 to 70.0 (n = 7, small)")
    assert line(FEW, supervised=True) == (
        "Pending cases: too few cases (fewer than 10) (n = 4, small; pending before 3)"
    )
    [data] = as_data([small], supervised=True)
    assert (data["status"], data["n"], data["small"], data["numerator"]) == ("value", 7, True, 3)


def test_figures_as_json() -> None:
    [share, median] = json.loads(json.dumps(as_data([SHARE, MEDIAN])))
    assert share == {
        "indicator": "settlement_by_stage", "version": 1, "part": "mediation", "subject": "alpha",
        "period": {"start": "2026-01-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}, "freeze": "2026-04-01T00:00:00Z",
        "unit": "share", "status": "value", "minimum": 30, "value": "0.5", "n": 40, "numerator": 20, "denominator": 40,
        "interval": {"low": "0.3", "high": "0.7", "level": "0.95", "method": "wilson"},
    }  # fmt: skip
    assert median["interval"]["high"] is None
    assert "numerator" not in median


def test_figures_are_read_back_from_json() -> None:
    figures = compute_all(fold(guangzhou_like(1, 169, date(2026, 1, 1)), NEW_YEAR), Request(YEAR, NEW_YEAR, minimum=1))
    again = from_data(json.loads(json.dumps(as_data(figures, supervised=True))))
    assert lines(again, supervised=True) == lines(figures, supervised=True)
    public = from_data(as_data(figures))
    assert lines(public) == lines(figures)


def test_a_value_of_which_too_few_were_left_is_small_also_when_read_back() -> None:
    few = replace(MEDIAN, in_public="too_few")
    assert value_text(few) == "too few cases to show"
    assert "small" in line(few, supervised=True)
    [again] = from_data(as_data([few], supervised=True))
    assert again.small
    [public] = as_data([few])
    assert (public["status"], "value" in public) == ("too_few", False)
