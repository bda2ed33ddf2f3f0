import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import pearsonr, rankdata

from metrics.comparison.association import association
from metrics.errors import BadDataError

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=40)


@given(PAIRS)
def test_it_agrees_with_scipy(pairs: list[tuple[int, int]]) -> None:
    first, second = zip(*pairs, strict=True)
    assume(len(set(first)) > 1 and len(set(second)) > 1)
    theirs = pearsonr(first, rankdata(second))
    ours = association(first, second)
    assert ours.rho == pytest.approx(theirs.statistic, abs=1e-12)
    if abs(ours.rho) < 1 - 1e-12:
        assert ours.p == pytest.approx(theirs.pvalue, abs=1e-12)


def test_what_rises_together_warns_and_what_does_not_vary_tells_nothing() -> None:
    assert association(range(20), range(20)).warns
    assert association(range(20), [2**one for one in range(20)]) == association(range(20), range(20)), "by its ranks"
    assert association(range(20), [5] * 20) == association([5] * 20, range(20))
    assert not association(range(20), [5] * 20).warns
    assert not association([1, 2, 3], [1, 2, 3]).warns
    with pytest.raises(BadDataError, match="Each provider needs two values"):
        association([1], [1, 2])
