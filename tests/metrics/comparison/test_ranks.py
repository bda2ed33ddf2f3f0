import numpy as np
import pytest

from metrics.comparison.judgements import RankInterval
from metrics.comparison.ranks import rank_intervals
from metrics.errors import BadComparisonError, BadDataError


def test_who_is_far_from_everybody_has_one_rank_and_who_is_like_everybody_has_many() -> None:
    found = rank_intervals(["A", "B", "C"], [0.0, 0.0, 9.0], [1.0, 1.0, 0.1], seed=1)
    assert [(one.low, one.high, one.of) for one in found] == [(1, 2, 3), (1, 2, 3), (3, 3, 3)]


def test_among_fifty_like_providers_ranks_say_next_to_nothing() -> None:
    """True standard deviation 3 points, n from 50 to 2,000: half of the intervals span more than 30 of 50 places."""
    rng = np.random.default_rng(5)
    n = np.exp(rng.uniform(np.log(50), np.log(2000), 50))
    s = np.sqrt(0.5 * 0.5 / n)
    y = rng.normal(rng.normal(0.5, 0.03, 50), s)
    found = rank_intervals([str(place) for place in range(50)], y, s, seed=1)
    assert 25 <= np.median([one.high - one.low + 1 for one in found]) <= 45


def test_the_seed_decides() -> None:
    names, y, s = ["A", "B", "C"], [0.1, 0.2, 0.3], [0.1, 0.1, 0.1]
    assert rank_intervals(names, y, s, seed=1) == rank_intervals(names, y, s, seed=1)


def test_there_is_no_rank_without_its_interval() -> None:
    assert not hasattr(RankInterval("A", 1, 3, 5), "rank")
    with pytest.raises(BadComparisonError, match=r"Ranks go from 1 to the number of providers. \(A\)"):
        RankInterval("A", 3, 1, 5)
    with pytest.raises(BadDataError, match="Each provider needs a name, a value and a standard error above 0"):
        rank_intervals(["A"], [1.0], [0.0], seed=1)
