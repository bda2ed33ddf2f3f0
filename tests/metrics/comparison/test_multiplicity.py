"""V16."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from metrics.comparison import multiplicity
from metrics.errors import BadDataError

P = (0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1)
"""Benjamini and Hochberg (1995)."""
METHODS: dict[multiplicity.Correction, tuple[str, int]] = {
    multiplicity.benjamini_hochberg: ("fdr_bh", 4),
    multiplicity.bonferroni: ("bonferroni", 3),
    multiplicity.holm: ("holm", 3),
    multiplicity.benjamini_yekutieli: ("fdr_by", 3),
}


@pytest.mark.parametrize("method", METHODS)
def test_v16_how_many_of_fifteen_count(method: multiplicity.Correction) -> None:
    assert int((method(P) <= 0.05).sum()) == METHODS[method][1]


@settings(max_examples=10)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_they_agree_with_statsmodels(p: list[float]) -> None:
    for method, (name, _) in METHODS.items():
        np.testing.assert_allclose(method(p), multipletests(p, method=name)[1], atol=1e-12)


def test_groups_are_corrected_apart() -> None:
    chosen = [place % 3 == 0 for place in range(len(P))]
    found = multiplicity.within(chosen, P, multiplicity.benjamini_hochberg)
    for group in (True, False):
        own = [p for p, each in zip(P, chosen, strict=True) if each is group]
        expected = multipletests(own, method="fdr_bh")[1]
        np.testing.assert_allclose([q for q, each in zip(found, chosen, strict=True) if each is group], expected)


def test_a_group_for_each_or_none_at_all() -> None:
    assert len(multiplicity.within([], [], multiplicity.holm)) == 0
    with pytest.raises(BadDataError, match="Each p-value belongs to a group"):
        multiplicity.within([True], [0.5, 0.5], multiplicity.holm)


def test_of_no_comparison_none_counts() -> None:
    assert [len(method([])) for method in METHODS] == [0, 0, 0, 0]


def test_what_is_no_probability_is_refused() -> None:
    for p in ([1.2], [float("nan")], [[0.5]]):
        with pytest.raises(BadDataError, match="p-values are one list of numbers between 0 and 1"):
            multiplicity.holm(p)
