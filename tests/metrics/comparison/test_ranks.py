"""Intervals of ranks: what is known of a rank, how often it is in its interval, and who may show it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.comparison.judgements import RankInterval
from metrics.comparison.policy import compare
from metrics.comparison.ranks import rank_intervals, ranked
from metrics.errors import BadComparisonError, BadDataError
from metrics.survival import Floats
from tests.metrics.comparison.observations import observed, plain

HUB = Path(__file__).parents[3] / "hub"
PROVIDERS = 50


def drawn(seed: int, mean: float, odd: float = 0.0) -> tuple[Floats, Floats, Floats]:
    """True shares (standard deviation 3 points, three of them lower by ``odd``), values and errors of 50 providers.

    They have 50 to 2,000 cases.
    """
    rng = np.random.default_rng(seed)
    n = np.exp(rng.uniform(np.log(50), np.log(2000), PROVIDERS)).astype(np.int64)
    shares = rng.normal(mean, 0.03, PROVIDERS) - np.where(np.arange(PROVIDERS) < 3, odd, 0)
    found = rng.binomial(n, shares) / n
    return shares, np.arcsin(np.sqrt(found)), 0.5 / np.sqrt(n)


def bounds(y: Floats, s: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    found = rank_intervals([str(place) for place in range(len(y))], y, s, seed=1)
    return np.array([one.low for one in found]), np.array([one.high for one in found])


def test_who_is_far_from_everybody_has_one_rank_and_who_is_like_everybody_has_many() -> None:
    found = rank_intervals(["A", "B", "C"], [0.5, 0.5, 0.9], [0.03, 0.03, 0.01], seed=1)
    assert [(one.low, one.high, one.of) for one in found] == [(1, 2, 3), (1, 2, 3), (3, 3, 3)]


@pytest.mark.parametrize("mean", [0.5, 0.7])
def test_among_fifty_like_providers_ranks_say_next_to_nothing(mean: float) -> None:
    """Published for these providers: half of the intervals span 37 places or more, most span more than half of all."""
    spans = []
    for seed in range(10):
        _, y, s = drawn(seed, mean)
        low, high = bounds(y, s)
        spans.append(high - low + 1)
    assert np.mean([np.median(one) for one in spans]) == pytest.approx(37, abs=2)
    assert 0.7 < np.mean([one > PROVIDERS / 2 for one in spans]) < 0.9


@pytest.mark.parametrize("odd", [0.0, 0.15])
def test_the_true_rank_is_in_its_interval_for_small_and_large_providers_and_odd_ones(odd: float) -> None:
    inside = []
    for seed in range(100, 130):
        shares, y, s = drawn(seed, 0.7, odd)
        low, high = bounds(y, s)
        true = shares.argsort().argsort() + 1
        held, by_size = (low <= true) & (true <= high), np.argsort(-s)
        inside.append([held[by_size[:17]].mean(), held[by_size[-17:]].mean(), held[:3].mean(), held.mean()])
    smallest, largest, odd_ones, every = np.mean(inside, axis=0)
    assert min(smallest, largest, odd_ones) >= 0.92
    assert 0.95 <= every <= 0.985, "an interval that held everything would say nothing"


def test_a_small_provider_is_not_at_an_end_because_chance_put_it_there() -> None:
    """One of ten cases ended so; of each of the 30 others about half of 1,000."""
    rng = np.random.default_rng(3)
    y = np.concatenate([[np.arcsin(np.sqrt(0.1))], np.pi / 4 + rng.normal(0, 0.03, 30)])
    s = np.concatenate([[0.5 / np.sqrt(10)], np.full(30, 0.5 / np.sqrt(1000))])
    low, high = bounds(y, s)
    assert y.argmin() == 0
    assert (low[0], high[0]) == (1, high[0])
    assert high[0] >= 20


def test_of_whom_nothing_is_known_may_be_anywhere() -> None:
    rng = np.random.default_rng(4)
    y, s = rng.normal(0.8, 0.1, 40), np.full(40, 0.01)
    y[7], s[7] = 1.5, np.inf
    low, high = bounds(y, s)
    assert (low[7], high[7]) == (pytest.approx(2, abs=1), pytest.approx(39, abs=1))
    low, high = bounds(y, np.full(40, np.inf))
    assert low.max() <= 3
    assert high.min() >= 38


def test_the_seed_decides_to_the_last_digit() -> None:
    _, y, s = drawn(1, 0.7)
    names = [str(place) for place in range(PROVIDERS)]
    found = rank_intervals(names, y, s, seed=1)
    assert rank_intervals(names, y, s, seed=1) == found
    assert rank_intervals(names, y, s, seed=2) != found
    again = rank_intervals(names, y, s, seed=2)
    assert max(abs(one.low - other.low) for one, other in zip(found, again, strict=True)) <= 2


def test_a_comparison_is_ordered_by_value_with_what_is_known_of_each_rank() -> None:
    one = compare([*plain(30, n=400), observed("few", 4, 12), observed("far", 396, 400)])
    rows = ranked(one)
    values = [float(each.judgement.value) for each in rows]
    assert values == sorted(values)
    assert {each.rank.of for each in rows} == {32}
    found = {each.judgement.subject: each.rank for each in rows}
    assert (found["far"].low, found["far"].high) == (32, 32)
    assert rows[0].judgement.subject == "few"
    assert found["few"].high > 10
    assert ranked(one) == rows


@pytest.mark.parametrize("why", ["strata_alone", "unknown_many"])
def test_whose_value_is_not_that_of_its_cases_is_drawn_like_one_of_whom_nothing_is_known(why: str) -> None:
    one = compare([*plain(30, n=400), observed("far", 396, 400)])
    doubted = tuple(
        replace(each, level="none", withheld=(why,)) if each.subject == "far" else each for each in one.judgements
    )
    rank = next(each.rank for each in ranked(replace(one, judgements=doubted)) if each.judgement.subject == "far")
    assert rank.low <= 3
    assert rank.high >= 29


def test_there_is_no_rank_without_its_interval() -> None:
    assert not hasattr(RankInterval("A", 1, 3, 5), "rank")
    with pytest.raises(BadComparisonError, match=r"Ranks go from 1 to the number of providers. \(A\)"):
        RankInterval("A", 3, 1, 5)
    for wrong in (0.0, -1.0, np.nan):
        with pytest.raises(BadDataError, match="Each provider needs a name, a value and a standard error above 0"):
            rank_intervals(["A"], [1.0], [wrong], seed=1)


def test_no_page_but_the_console_can_order_by_value() -> None:
    """Whoever has ranks has them from here, and whoever draws them does it there."""
    users = {
        word: {one.relative_to(HUB).as_posix() for one in HUB.rglob("*.py") if word in one.read_text()}
        for word in ("comparison.ranks", "by_value(rank", "COMPARING].by_value", "Ranked", "web.rankcharts")
    }
    assert users == {
        "comparison.ranks": {"oversight/comparing.py"},
        "by_value(rank": set(),
        "COMPARING].by_value": {"web/consoleoversight.py"},
        "Ranked": {"oversight/comparing.py", "web/rankcharts.py"},
        "web.rankcharts": {"web/consoleoversight.py"},
    }
