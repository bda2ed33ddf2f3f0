import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.statistics import logrank_test, multivariate_logrank_test
from statsmodels.duration.survfunc import survdiff

from metrics.errors import BadDataError
from metrics.groups import GroupTest
from metrics.logrank import logrank
from tests.metrics import samples

Case = tuple[int, int, int]
"""Day, mark, group."""


def cases(groups: int) -> st.SearchStrategy[list[Case]]:
    """Lists in which every group has a case that ended and one that is still open on the last day of all."""
    one = st.tuples(st.integers(0, 30), st.integers(0, 1), st.integers(0, groups - 1))
    fixed = [(day, mark, group) for group in range(groups) for day, mark in ((3, 1), (31, 0))]
    return st.lists(one, max_size=60).map(lambda found: found + fixed)


def compared(found: list[Case]) -> GroupTest:
    return logrank(*zip(*found, strict=True))


def test_v2_remissions_with_and_without_6_mp() -> None:
    arms = samples.leukemia_arms()
    one = logrank(arms.days, arms.marks, arms.groups)
    assert (round(one.chi2, 8), f"{one.p:.6e}", one.df) == (16.79294099, "4.168809e-05", 1)
    assert one.groups == ("0", "1")
    assert one.observed == (9, 21)
    assert [round(value, 1) for value in one.expected] == [19.3, 10.7]


def test_v3_lung_by_sex() -> None:
    arms = samples.lung_by_sex()
    one = logrank(arms.days, arms.marks, arms.groups)
    # Exactly 10.326741954885639...; the reference prints 10.32674196, rounded twice.
    assert (round(one.chi2, 9), round(one.chi2, 8), one.df) == (10.326741955, 10.32674195, 1)
    assert round(one.p, 8) == 0.00131116
    assert sum(one.observed) == 165


@given(cases(2))
def test_two_groups_agree_with_lifelines(found: list[Case]) -> None:
    days, marks, groups = (np.array(column) for column in zip(*found, strict=True))
    first = groups == 0
    theirs = logrank_test(days[first], days[~first], marks[first], marks[~first])
    ours = logrank(days, marks, groups)
    assert ours.chi2 == pytest.approx(theirs.test_statistic, abs=1e-9)
    assert ours.p == pytest.approx(theirs.p_value, abs=1e-9)


@given(cases(4))
def test_four_groups_agree_with_lifelines_and_statsmodels(found: list[Case]) -> None:
    days, marks, groups = (np.array(column) for column in zip(*found, strict=True))
    ours = logrank(days, marks, groups)
    theirs = multivariate_logrank_test(days, groups, marks)
    assert ours.chi2 == pytest.approx(theirs.test_statistic, abs=1e-9)
    assert ours.df == 3
    assert ours.p == pytest.approx(theirs.p_value, abs=1e-9)
    assert (ours.chi2, ours.p) == pytest.approx(survdiff(days, marks, groups), abs=1e-9)


@given(cases(3))
def test_as_many_ends_are_expected_as_happened(found: list[Case]) -> None:
    one = compared(found)
    assert sum(one.expected) == pytest.approx(sum(one.observed))
    assert one.chi2 >= 0


@given(cases(3), st.permutations([0, 1, 2]))
def test_names_of_groups_do_not_matter(found: list[Case], names: list[int]) -> None:
    one, other = compared(found), compared([(day, mark, names[group]) for day, mark, group in found])
    assert other.chi2 == pytest.approx(one.chi2, abs=1e-9)
    assert [other.observed[names[group]] for group in range(3)] == list(one.observed)


@given(cases(1))
def test_equal_groups_do_not_differ(found: list[Case]) -> None:
    one = compared([(day, mark, group) for day, mark, _ in found for group in range(3)])
    assert (one.chi2, one.p) == pytest.approx((0, 1), abs=1e-9)
    assert one.df == 2


def test_groups_are_named_by_words_too() -> None:
    one = logrank([1, 2, 3, 4], [1, 1, 1, 1], ["beta", "alpha", "beta", "alpha"])
    assert (one.groups, one.observed) == (("alpha", "beta"), (2, 2))


def test_a_group_that_left_before_the_first_end_costs_no_degree_of_freedom() -> None:
    two = logrank([5, 6, 7, 8], [1, 1, 1, 0], [1, 2, 1, 2])
    three = logrank([5, 6, 7, 8, 1, 2], [1, 1, 1, 0, 0, 0], [1, 2, 1, 2, 3, 3])
    assert three.chi2 == pytest.approx(two.chi2)
    assert three.df == two.df
    assert (three.observed[2], three.expected[2]) == (0, 0)


def test_an_end_comes_before_a_censoring_of_the_same_day() -> None:
    assert logrank([3, 3], [1, 0], [0, 1]).expected == (0.5, 0.5)


@pytest.mark.parametrize(
    ("days", "ended", "groups", "code", "message"),
    [
        ([], [], [], "no_cases", "Nothing can be estimated from no cases."),
        ([-1, 1], [1, 1], [0, 1], "negative_duration", r"A duration is not below 0 days. \(-1\)"),
        ([1, 2], [1], [0, 1], "lengths_differ", "Each duration needs exactly one cause and one group."),
        ([1, 2], [1, 1], [0], "lengths_differ", "Each duration needs exactly one cause and one group."),
        ([1, 2], [1, 2], [0, 1], "unknown_cause", "A cause is not within 0 and 1."),
        ([1, 2], [1, -1], [0, 1], "unknown_cause", "A cause is not within 0 and 1."),
        ([1, 2], [1, float("nan")], [0, 1], "unknown_cause", "A cause is not within 0 and 1."),
        ([1, 2], [1, 1], [0.5, 1], "bad_group", "A group is named by a whole number or a word."),
        ([1, 2], [1, 1], [None, "a"], "bad_group", "A group is named by a whole number or a word."),
        ([1, 2], [1, 1], ["a", "a"], "one_group", r"A comparison needs at least two groups. \(a\)"),
        ([1, 2], [0, 0], [0, 1], "no_ends", "Groups are compared by ends, and no case has ended."),
        ([1, 2], [0, 1], [0, 1], "no_overlap", "No case ended while two groups were under observation."),
    ],
)
def test_bad_data_is_refused(
    days: list[int], ended: list[float], groups: list[object], code: str, message: str
) -> None:
    with pytest.raises(BadDataError, match=message) as caught:
        logrank(days, ended, np.asarray(groups))
    assert caught.value.code == code


def test_marks_may_be_truths() -> None:
    by_truth = logrank([1, 2, 3], [True, False, True], [0, 1, 1])
    assert by_truth == logrank([1, 2, 3], [1, 0, 1], [0, 1, 1])
