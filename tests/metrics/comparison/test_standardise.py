from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.comparison.standardise import LEAST, Standardised, coarser, elsewhere, standardise, strata
from metrics.errors import BadDataError


def cases(*rows: tuple[int, int, int, int]) -> tuple[list[int], list[int], list[int]]:
    """Rows of provider, stratum, how many cases, how many of them count -> strata, hits, provider."""
    strata, hits, provider = [], [], []
    for place, stratum, n, counted in rows:
        strata += [stratum] * n
        hits += [1] * counted + [0] * (n - counted)
        provider += [place] * n
    return strata, hits, provider


def test_what_is_expected_comes_from_the_others_alone() -> None:
    found = standardise(["A", "B", "C"], *cases((0, 1, 20, 20), (1, 1, 20, 10), (2, 1, 20, 6)))
    assert found == (
        Standardised("A", 20, 20, 20 * 16 / 40, 0),
        Standardised("B", 10, 20, 20 * 26 / 40, 0),
        Standardised("C", 6, 20, 20 * 30 / 40, 0),
    )


def test_who_takes_hard_cases_is_not_below_expectation() -> None:
    """A wins 40 % and B 60 %, but in each stratum they do alike."""
    easy, hard = 1, 2
    found = standardise(["A", "B"], *cases((0, easy, 20, 16), (0, hard, 80, 24), (1, easy, 60, 48), (1, hard, 40, 12)))
    assert [one.numerator / one.n for one in found] == [0.4, 0.6]
    assert [one.expected for one in found] == [pytest.approx(40), pytest.approx(60)]


def test_elsewhere_is_the_share_of_others_among_the_cases_learnt_from() -> None:
    groups, hits, provider = cases((0, 1, 20, 20), (1, 1, 20, 10), (1, 2, 5, 5), (0, 2, 5, 0))
    learnt = np.arange(len(groups)) != 20
    share = elsewhere(groups, hits, provider, learnt)
    assert share[0] == pytest.approx(9.5 / 20), "of B's cases, without the one that is not learnt from"
    assert share[20] == pytest.approx(20.5 / 21), "also of a case that is not learnt from itself"
    assert np.isnan(share[40:]).all(), "others have fewer than ten there"
    assert 0 < share[:40].min() <= share[:40].max() < 1


def test_cases_that_nobody_else_has_are_taken_out_and_counted() -> None:
    (first, second) = standardise(["A", "B"], *cases((0, 1, 10, 5), (0, 7, 30, 30), (1, 1, 10, 4)))
    assert first == Standardised("A", 5, 10, 4.0, 30)
    assert second == Standardised("B", 4, 10, 5.0, 0)


def test_a_stratum_with_a_handful_of_others_says_nothing() -> None:
    (first, _) = standardise(["A", "B"], *cases((0, 1, 30, 5), (1, 1, 9, 4)))
    assert (first.n, first.alone) == (0, 30)


def test_rows_are_by_name_and_who_has_no_case_has_no_row() -> None:
    found = standardise(["Z", "M", "A"], *cases((0, 1, 10, 5), (2, 1, 10, 4)))
    assert [one.subject for one in found] == ["A", "Z"]
    assert standardise(["A"], [], [], []) == ()


def test_expected_numbers_are_what_a_loop_finds() -> None:
    rng = np.random.default_rng(1)
    strata, provider = rng.integers(0, 5, 600), rng.integers(0, 4, 600)
    hits = (rng.random(600) < 0.2 + 0.1 * strata).astype(int)
    for place, one in enumerate(standardise(["A", "B", "C", "D"], strata, hits, provider)):
        own = provider == place
        expected = sum(hits[~own & (strata == s)].mean() * np.sum(own & (strata == s)) for s in range(5))
        assert one.expected == pytest.approx(expected)
        assert (one.numerator, one.n) == (hits[own].sum(), own.sum())


def test_strata_are_as_fine_as_leaves_enough_others() -> None:
    """Of procedure x band: (x, b1) has others enough, (x, b2) and (x, b3) only together, y has nobody else."""
    rows = [("x", "b1", 0)] * 12 + [("x", "b1", 1)] * 12
    rows += [("x", "b2", 0)] * 6 + [("x", "b3", 1)] * 11 + [("x", "b2", 1)] * 5 + [("x", "b3", 0)] * 5
    rows += [("y", "b1", 0)] * 40
    procedures, bands, provider = zip(*rows, strict=True)
    found = strata([procedures, bands], provider)
    names = {name: set(found[[row[:2] == name for row in rows]].tolist()) for name in {row[:2] for row in rows}}
    assert names["x", "b2"] == names["x", "b3"]
    assert all(len(codes) == 1 for codes in names.values())
    assert len({min(codes) for codes in names.values()}) == 3


@given(st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("abc"), st.integers(0, 3)), min_size=1, max_size=150))
def test_a_stratum_mixes_procedures_never_and_kinds_only_where_others_are_few(
    cases: list[tuple[str, str, int]],
) -> None:
    procedures, kinds, provider = zip(*cases, strict=True)
    found = strata([procedures, kinds], provider)
    assert len(found) == len(cases)
    for code in set(found.tolist()):
        members = [case for case, here in zip(cases, found.tolist(), strict=True) if here == code]
        assert len({case[0] for case in members}) == 1
        if len({case[1] for case in members}) > 1:
            for kind in {case[1] for case in members}:
                owners = Counter(case[2] for case in members if case[1] == kind)
                assert sum(owners.values()) - max(owners.values()) < LEAST


def rare(*, own: int) -> tuple[list[list[int]], np.ndarray, np.ndarray]:
    """Columns, marks, providers: A has 40 cases, ``own`` of a kind of its own, B and C 100 each; a third counts.

    Of the third column each case has another value.
    """
    provider = np.repeat([0, 1, 2], [40, 100, 100])
    kinds = [9] * own + [1] * (240 - own)
    return [[0] * 240, kinds, [*range(240)]], (np.arange(240) % 3 == 0).astype(int), provider


@pytest.mark.parametrize("own", [0, 8, 39, 40])
def test_a_kind_that_nobody_else_has_is_compared_with_all_others_of_the_procedure(own: int) -> None:
    columns, marks, provider = rare(own=own)
    found = standardise(["A", "B", "C"], strata(columns, provider), marks, provider, coarser(columns))[0]
    assert (found.n, found.numerator, found.alone) == (40, 14, 0)
    assert found.expected == pytest.approx(40 * 66 / 200)
    usual = elsewhere(strata(columns, provider), marks, provider, [True] * 240, coarser(columns))
    assert usual[:40] == pytest.approx([66.5 / 201] * 40)


def test_what_is_wider_is_looked_at_from_the_finest_on_and_procedures_stay_apart() -> None:
    """A's cases of kind 9 have others by procedure and band, though not by kind; those of procedure 1 have none."""
    provider = np.repeat([0, 1, 0], [20, 60, 20])
    procedure, band = np.repeat([0, 0, 1], [20, 60, 20]), np.repeat([5, 5, 6, 5], [20, 30, 30, 20])
    columns = [procedure, band, np.repeat([9, 1, 2, 9], [20, 30, 30, 20])]
    marks = np.repeat([0, 1, 0, 0], [20, 30, 30, 20])
    found = standardise(["A", "B"], strata(columns, provider), marks, provider, coarser(columns))[0]
    assert (found.n, found.expected, found.alone) == (20, 20, 20)
    assert [one.tolist() for one in coarser([procedure])] == []


def test_columns_that_are_held_never_give_way() -> None:
    """A is alone with its kind: by procedure alone it would stand beside others of another kind."""
    columns, marks, provider = rare(own=40)
    cells, wider = strata(columns, provider, 2), coarser(columns, 2)
    assert [len(set(one.tolist())) for one in wider] == [2]
    found = standardise(["A", "B", "C"], cells, marks, provider, wider)
    assert [(one.subject, one.n, one.alone) for one in found] == [("A", 0, 40), ("B", 100, 0), ("C", 100, 0)]
    assert np.isnan(elsewhere(cells, marks, provider, [True] * 240, wider)[:40]).all()
    rest = [[0] * 8, [7] * 4 + [8] * 4, [*range(8)]]
    assert [len(set(strata(rest, [0] * 8, held).tolist())) for held in (1, 2, 3)] == [1, 2, 8]
    with pytest.raises(BadDataError, match="Strata need a column and a case"):
        strata(columns[:1], provider, 2)


def test_strata_need_a_column() -> None:
    with pytest.raises(BadDataError, match="Strata need a column and a case"):
        strata([], [0])
    with pytest.raises(BadDataError, match="Strata need a column and a case"):
        strata([[]], [])


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(BadDataError, match="Each case has one stratum, one mark and one provider"):
        standardise(["A"], [1, 2], [1], [0])
    for hits, provider in (([2], [0]), ([1], [1]), ([1], [-1])):
        with pytest.raises(BadDataError, match="A case counts"):
            standardise(["A"], [1], hits, provider)
