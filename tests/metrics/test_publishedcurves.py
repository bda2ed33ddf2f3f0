"""Published curves give no single case away and stay near the curves that they are made from."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.cohorts import CAUSES, ENDS, HANDED_OVER, OPEN, Cohort
from metrics.competing import aalen_johansen
from metrics.publishedcurves import DIFFERENCE, OTHERS, PublishedCurves, grid, midpoint, outcomes, time
from metrics.survival import kaplan_meier

SETTLED, AWARD, REFUSED = CAUSES["settled"], CAUSES["award"], CAUSES["refused"]


def cohort(*rows: tuple[int, int]) -> Cohort:
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return Cohort(table[:, 0], table[:, 1])


def sample(n: int, seed: int = 1) -> Cohort:
    chance = np.random.default_rng(seed)
    causes = chance.choice([OPEN, SETTLED, AWARD, CAUSES[HANDED_OVER]], n, p=[0.2, 0.5, 0.2, 0.1])
    return Cohort(chance.integers(0, 300, n), causes)


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, 3), (6, 3), (7, 9), (12, 9), (13, 15), (100, 99), (171, 171)])
def test_counts_are_the_middle_of_their_six(count: int, shown: int) -> None:
    assert midpoint(np.array([count])).tolist() == [shown]


def test_days_are_weeks_and_then_months() -> None:
    assert grid(200) == (0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 90, 120, 150, 180)
    assert grid(13) == (0, 7)
    assert grid(85) == (0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84)


def test_few_cases_are_no_curve() -> None:
    rows = [(day, SETTLED) for day in range(1, 30)]
    assert PublishedCurves.of(cohort(*rows)) == PublishedCurves(None, None)
    assert time(cohort(*rows, (31, SETTLED))) is not None
    assert time(cohort(*[(40, OPEN)] * 31, *[(9, SETTLED)] * 9)) is None
    assert outcomes(cohort(*[(40, OPEN)] * 31, *[(9, SETTLED)] * 9)) is None


def test_a_curve_stops_where_fewer_than_ten_are_followed() -> None:
    found = time(cohort(*[(10, SETTLED)] * 30, *[(25, SETTLED)] * 10, *[(60, OPEN)] * 9))
    assert found is not None
    assert found.days == (0, 7, 14, 21)
    assert found.at_risk[0] == found.n == 49


def test_outcomes_of_few_cases_are_shown_together() -> None:
    rows = [(day, SETTLED) for day in range(1, 41)] + [(day, AWARD) for day in range(1, 21)] + [(5, REFUSED)] * 4
    found = outcomes(cohort(*rows, *[(30, OPEN)] * 20))
    assert found is not None
    assert list(found.shares) == ["settled", OTHERS]
    alone = outcomes(cohort(*rows, *[(5, REFUSED)] * 6, *[(30, OPEN)] * 20))
    assert alone is not None
    assert list(alone.shares) == ["settled", "award", "refused"]


def test_one_case_more_mostly_changes_nothing_but_the_number_of_cases() -> None:
    """Within a group of six a case can't be told from its absence."""
    base = [(20, SETTLED)] * 13 + [(60, OPEN)] * 80
    shown = {time(cohort(*base, *[(20, SETTLED)] * more, *[(60, OPEN)] * (5 - more))) for more in range(6)}
    assert len(shown) == 1


@pytest.mark.parametrize("seed", range(5))
def test_rounding_moves_large_cohorts_little(seed: int) -> None:
    rows = sample(5000, seed)
    curves = PublishedCurves.of(rows)
    assert curves.time is not None
    assert curves.outcomes is not None
    ended = rows.ended_by(*(CAUSES[name] for name in ENDS if name != HANDED_OVER))
    exact = kaplan_meier(rows.days, ended)
    assert max(abs(exact.at(day) - s) for day, s in zip(curves.time.days, curves.time.share, strict=True)) < 0.01
    told = aalen_johansen(rows.days, rows.causes, len(ENDS))
    for name, shares in curves.outcomes.shares.items():
        places = zip(curves.outcomes.days, shares, strict=True)
        assert max(abs(told.at(CAUSES[name], day) - s) for day, s in places if day) < 0.01


@pytest.mark.parametrize("n", DIFFERENCE)
def test_curves_differ_from_the_figures_by_no_more_than_the_page_says(n: int) -> None:
    chance, gaps = np.random.default_rng(n), [0.0]
    for _ in range(100):
        ends, followed = chance.geometric(1 / 90, n), chance.integers(60, 366, n)  # filed through a year
        causes = np.where(ends <= followed, chance.choice([SETTLED, AWARD], n), OPEN)
        rows = Cohort(np.minimum(ends, followed), causes)
        curves, told = PublishedCurves.of(rows), aalen_johansen(rows.days, rows.causes, len(ENDS))
        exact = kaplan_meier(rows.days, causes != OPEN)
        if curves.time is not None:
            gaps += [abs(exact.at(day) - s) for day, s in zip(curves.time.days, curves.time.share, strict=True)]
        if curves.outcomes is not None and "settled" in curves.outcomes.shares:
            shares = zip(curves.outcomes.days, curves.outcomes.shares["settled"], strict=True)
            gaps += [abs(told.at(SETTLED, day) - s) for day, s in shares if day]
    assert DIFFERENCE[n] / 2 < max(gaps) <= DIFFERENCE[n]


def test_the_page_says_by_how_much() -> None:
    page = Path("hub/web/templates/kept/oversight.html").read_text(encoding="utf-8")
    (few, most), *more = DIFFERENCE.items()
    told = [f"{100 * most:.0f} percentage points with {few} cases", *(f"{100 * one:.0f} with {n:,}" for n, one in more)]
    assert ", ".join(told) in page


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, len(ENDS))), max_size=150),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2)), min_size=20, max_size=60),
)
def test_shares_are_shares_whatever_the_cases(some: list[tuple[int, int]], more: list[tuple[int, int]]) -> None:
    rows = cohort(*some, *more)
    curves = PublishedCurves.of(rows)
    if curves.time is not None:
        one = curves.time
        assert one.share[0] == 1
        assert all(later <= earlier for earlier, later in zip(one.share, one.share[1:], strict=False))
        assert all(
            0 <= low <= s + 1e-9 and s <= high + 1e-9 <= 1 + 1e-8
            for low, s, high in zip(one.low, one.share, one.high, strict=True)
        )
        assert all(int((rows.days >= day).sum()) >= 10 for day in one.days)
    if curves.outcomes is not None:
        for shares in curves.outcomes.shares.values():
            assert all(later >= earlier for earlier, later in itertools.pairwise(shares))
        assert all(sum(each) <= 1 + 1e-9 for each in zip(*curves.outcomes.shares.values(), strict=True))
