"""What a comparison may not be: it can't be built, and the type checker refuses it too."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metrics.comparison.judgements import Change, Comparison, Judgement, Limits, Ranked, RankInterval
from metrics.comparison.observed import LOAD, Expected, MatureCohort, Observed, OneProcedure, Rate
from metrics.comparison.policy import compare
from metrics.comparison.quantity import Quantity
from metrics.errors import BadComparisonError, BadFigureError, MetricsError
from metrics.events import DAY_SECONDS
from tests.metrics.comparison.observations import FIRST, SECOND, cohort, observed, plain

ROOT = Path(__file__).parents[3]


def found() -> Comparison:
    return compare(plain(12))


def judgement() -> Judgement:
    return found().judgements[0]


def intervals(of: int = 12) -> tuple[RankInterval, ...]:
    return tuple(RankInterval(each.subject, 1, of, of) for each in found().judgements)


def untyped(**told: Any) -> Observed:
    sound: dict[str, Any] = {
        "indicator": "resolved_in_time",
        "subject": "A",
        "cohort": cohort(),
        "rate": Rate(5, 50),
        "basis": OneProcedure("apec-odr"),
        "quality": 1.0,
    }
    return Observed(**sound | told)


def leagued() -> object:
    one = found()
    return Comparison(**{name: getattr(one, name) for name in one.__slots__} | {"judgements": one.judgements[::-1]})


FORBIDDEN: list[tuple[str, Callable[[], object], type[Exception], str]] = [
    ("a league table", leagued, BadComparisonError, "Providers are listed by name, each once"),
    ("a sort by value", lambda: sorted(found().judgements, key=lambda one: one.value), TypeError, "'<' not supported"),  # type: ignore[arg-type,return-value]
    ("a sort by z", lambda: sorted(found().judgements, key=lambda one: one.z), TypeError, "'<' not supported"),  # type: ignore[arg-type,return-value]
    ("the best of all", lambda: max(found().judgements), TypeError, "'>' not supported"),  # type: ignore[type-var]
    ("a sort of shares", lambda: sorted([Rate(1, 3), Rate(2, 3)]), TypeError, "'<' not supported"),  # type: ignore[type-var]
    ("an order by value without ranks", lambda: found().by_value(), TypeError, "missing 1 required"),  # type: ignore[call-arg]
    ("a composite score", lambda: sum([judgement().value, judgement().value]), TypeError, "unsupported operand"),  # type: ignore[list-item]
    ("a weighted score", lambda: judgement().value * 0.3, TypeError, "unsupported operand"),  # type: ignore[operator]
    ("a rank without its interval", lambda: RankInterval("A", 3), TypeError, "missing 2 required"),  # type: ignore[call-arg]
    ("ranks without intervals", lambda: found().by_value(()), BadComparisonError, "Every provider needs"),
    ("ranks of a part", lambda: found().by_value(intervals()[1:]), BadComparisonError, "Every provider needs"),
    ("ranks among others", lambda: found().by_value(intervals(13)), BadComparisonError, "Every provider needs"),
    ("a rank twice", lambda: found().by_value(intervals() * 2), BadComparisonError, "Every provider needs"),
    ("a row without its rank", lambda: Ranked(judgement()), TypeError, "missing 1 required"),  # type: ignore[call-arg]
    ("a row with a bare rank", lambda: Ranked(judgement(), 3), BadComparisonError, "the interval of its own rank"),  # type: ignore[arg-type]
    ("a row with another's rank", lambda: Ranked(judgement(), intervals()[1]), BadComparisonError, "of its own rank"),
    ("procedures mixed", lambda: untyped(basis=None), BadComparisonError, "Say what makes the provider's cases"),
    (
        "strata without procedure",
        lambda: Expected(3.0, ("amount_band",)),
        BadComparisonError,
        "only with the procedure",
    ),
    ("a procedure without name", lambda: OneProcedure(""), BadComparisonError, "The procedure that all cases are of"),
    ("a share of none", lambda: Rate(0, 0), BadFigureError, "A rate counts some of n cases, and n is above 0"),
    ("more than all", lambda: Rate(4, 3), BadFigureError, r"n is above 0. \(4/3\)"),
    ("a share without n", lambda: Rate(1), TypeError, "missing 1 required"),  # type: ignore[call-arg]
    ("a bare percentage", lambda: untyped(rate=0.1), BadComparisonError, "A comparison needs rates with their n"),
    ("a judgement without n", lambda: Judgement(subject="A"), TypeError, "missing 13 required"),  # type: ignore[call-arg]
    (
        "an arrow without interval",
        lambda: Change("x", "A", (FIRST, SECOND), (Rate(1, 9), Rate(2, 9))),  # type: ignore[call-arg]
        TypeError,
        "missing 1 required",
    ),
    (
        "an arrow over overlapping periods",
        lambda: Change("x", "A", (FIRST, FIRST), (Rate(1, 9), Rate(2, 9)), Limits(-1, 1)),
        BadComparisonError,
        "between periods that don't overlap",
    ),
    (
        "an interval of something else",
        lambda: Change("x", "A", (FIRST, SECOND), (Rate(1, 9), Rate(2, 9)), Limits(0.5, 0.6)),
        BadComparisonError,
        "The interval of a change lies around it",
    ),
    (
        "an immature cohort",
        lambda: MatureCohort(FIRST, FIRST.end + 90 * DAY_SECONDS - 1, 90),
        BadComparisonError,
        "Not every case of the period was followed for 90 days by the freeze",
    ),
    ("a cohort unheard of", lambda: untyped(cohort=FIRST), BadComparisonError, "A comparison needs a cohort that is"),
    ("no number", lambda: Quantity(float("nan")), BadFigureError, "What is shown is a number"),
    ("limits reversed", lambda: Limits(2, 1), BadComparisonError, "A lower limit lies below the upper one"),
    ("quality out of bounds", lambda: untyped(quality=1.1), BadComparisonError, "Quality lies between 0 and 1"),
    (
        "more expected than there are",
        lambda: untyped(basis=Expected(51.0, ("procedure",))),
        BadComparisonError,
        "No more can be expected than there are cases",
    ),
    ("less than none expected", lambda: Expected(-1.0, ("procedure",)), BadComparisonError, "are not below 0"),
]


@pytest.mark.parametrize(
    ("build", "error", "message"), [one[1:] for one in FORBIDDEN], ids=[one[0] for one in FORBIDDEN]
)
def test_it_can_not_be_built(build: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        build()


@pytest.mark.parametrize("indicator", sorted(LOAD))
def test_an_indicator_of_load_is_no_duration_and_not_compared(indicator: str) -> None:
    with pytest.raises(MetricsError, match=r"An indicator of load is not compared between providers. \(.* A\)"):
        observed("A", 5, 50, indicator=indicator)


def test_who_is_not_judged_has_no_level() -> None:
    one = judgement()
    told = {name: getattr(one, name) for name in one.__slots__}
    with pytest.raises(BadComparisonError, match=r"Who is not judged has no level, and the reason is known. \(p00\)"):
        Judgement(**told | {"level": "enquiry", "withheld": ("too_few",)})
    with pytest.raises(BadComparisonError, match="the reason is known"):
        Judgement(**told | {"withheld": ("dull",)})


def test_supervision_may_list_by_value_with_an_interval_for_each_rank() -> None:
    one = found()
    rows = one.by_value(intervals())
    assert sorted(each.judgement.subject for each in rows) == [each.subject for each in one.judgements]
    shown = [float(each.judgement.value) for each in rows]
    assert shown == sorted(shown)
    assert shown != [float(each.value) for each in one.judgements], "the order by name is another"
    assert all(each.rank.subject == each.judgement.subject for each in rows)


TYPED = """
from metrics.comparison.judgements import Change, Comparison, Judgement, Ranked, RankInterval
from metrics.comparison.observed import MatureCohort, Observed, OneProcedure, Rate
from metrics.figures import Period

def table(found: Comparison, one: Judgement, period: Period, rate: Rate, mature: MatureCohort) -> None:
    one_procedure = OneProcedure("p")
    sorted(found.judgements, key=lambda each: each.value)
    max(found.judgements)
    sorted([rate, rate])
    found.by_value()
    found.by_value([3, 1, 2])
    Ranked(one)
    sum([one.value, one.z])
    one.value + one.value
    one.value > one.value
    RankInterval("A", 3)
    Rate(3)
    Change("x", "A", (period, period), (rate, rate))
    Observed(indicator="x", subject="A", cohort=period, rate=rate, basis=one_procedure, quality=1.0)
    Observed(indicator="x", subject="A", cohort=mature, rate=0.5, basis=one_procedure, quality=1.0)
    Observed(indicator="x", subject="A", cohort=mature, rate=rate, basis=None, quality=1.0)
    one.level = "none"
"""
SOUND = 7
"""Lines of it that are right: imports, and the head of the function."""


def test_the_type_checker_refuses_them_too(tmp_path: Path) -> None:
    written = tmp_path / "table.py"
    written.write_text(TYPED.lstrip(), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--hide-error-context",
        "--cache-dir",
        "/dev/null",
    ]
    run = subprocess.run(
        [*command, "--follow-imports", "silent", str(written)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = written.read_text(encoding="utf-8").splitlines()
    wrong = {int(one.split(":")[1]) for one in run.stdout.splitlines() if ": error: " in one}
    assert [lines[number - 1] for number in range(1, len(lines) + 1) if number not in wrong] == lines[: SOUND - 1], (
        run.stdout
    )
    assert len(wrong) == len(lines) - SOUND + 1
