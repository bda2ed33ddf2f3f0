import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from metrics.errors import BadDataError
from metrics.gray import gray
from metrics.groups import GroupTest
from metrics.logrank import logrank
from tests.metrics import samples

Case = tuple[int, int, int]
"""Day, cause, group."""


def cases(groups: int, last: int = 30) -> st.SearchStrategy[list[Case]]:
    """Lists in which every group has a case of each end, and one that is still open on the last day of all."""
    one = st.tuples(st.integers(0, last), st.integers(0, 3), st.integers(0, groups - 1))
    ends = ((1, 1), (2, 2), (3, 3), (last + 1, 0))
    fixed = [(day, cause, group) for group in range(groups) for day, cause in ends]
    return st.lists(one, max_size=60).map(lambda found: found + fixed)


def compared(found: list[Case], cause: int = 1) -> GroupTest:
    days, causes, groups = zip(*found, strict=True)
    return gray(days, causes, groups, cause, 3)


def test_v5_relapse_and_death_by_disease() -> None:
    arms = samples.competing_by_disease()
    relapse, death = (gray(arms.days, arms.marks, arms.groups, cause, 2) for cause in (1, 2))
    assert (round(relapse.chi2, 6), round(relapse.p, 9), relapse.df) == (1.301635, 0.253914871, 1)
    assert (round(death.chi2, 6), round(death.p, 9), death.df) == (7.082278, 0.007784998, 1)
    assert (relapse.groups, relapse.observed, death.observed) == (("0", "1"), (3, 6), (12, 3))


@given(cases(3), st.permutations([0, 1, 2]), st.sampled_from([1, 2, 3]))
def test_names_of_groups_do_not_matter(found: list[Case], names: list[int], cause: int) -> None:
    one = compared(found, cause)
    other = compared([(day, end, names[group]) for day, end, group in found], cause)
    assert other.chi2 == pytest.approx(one.chi2, rel=1e-6, abs=1e-9)
    assert [other.expected[names[group]] for group in range(3)] == pytest.approx(one.expected)


@given(cases(3), st.permutations([2, 3]))
def test_the_other_outcomes_are_all_alike(found: list[Case], names: list[int]) -> None:
    other = compared([(day, names[end - 2] if end > 1 else end, group) for day, end, group in found])
    assert other.chi2 == pytest.approx(compared(found).chi2, rel=1e-6, abs=1e-9)
    assert other.df == 2


@given(cases(2))
def test_order_of_cases_does_not_matter(found: list[Case]) -> None:
    assert compared(found[::-1]) == compared(found)


@given(cases(1))
def test_equal_groups_do_not_differ(found: list[Case]) -> None:
    one = compared([(day, cause, group) for day, cause, _ in found for group in range(3)])
    assert (one.chi2, one.p) == pytest.approx((0, 1), abs=1e-9)
    assert one.df == 2


@given(cases(4))
def test_as_many_ends_are_expected_as_happened(found: list[Case]) -> None:
    one = compared(found)
    assert sum(one.expected) == pytest.approx(sum(one.observed))
    assert np.isfinite(one.chi2)
    assert one.chi2 >= 0


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=4, max_size=40))
def test_when_all_end_on_one_day_the_shares_are_compared(found: list[tuple[int, int]]) -> None:
    """Then expected ends are by share, as in a table of outcome by group."""
    outcomes, groups = (np.array(column) for column in zip(*found, strict=True))
    assume(len(set(outcomes)) == len(set(groups)) == 2)
    one = gray([0] * len(found), 2 - outcomes, groups, 1, 2)
    sizes = np.bincount(groups)
    assert one.expected == pytest.approx(sizes * outcomes.mean())


def test_it_holds_its_level_and_finds_a_difference() -> None:
    """Of samples without a difference 5 % are to lie below p = .05; of 400, between 9 and 33 in 99.9 of 100 runs."""
    rng = np.random.default_rng(20)
    false, found = 0, 0
    for _ in range(400):
        groups, causes = rng.integers(0, 2, 120), rng.choice([0, 1, 2], 120, p=[0.2, 0.4, 0.4])
        days = rng.geometric(0.03, 120)
        false += gray(days, causes, groups, 1, 2).p < 0.05
        causes = np.where((groups == 1) & (causes == 2) & (rng.random(120) < 0.8), 1, causes)
        found += gray(days, causes, groups, 1, 2).p < 0.05
    assert 9 <= false <= 33
    assert found > 320


def test_cases_lost_to_another_outcome_cannot_have_this_one() -> None:
    """Group 1 loses half of its cases to cause 2 at once; the log-rank test of cause 1 alone doesn't see it."""
    days = np.array([*range(1, 41), *[0] * 20, *range(1, 41, 2)])
    causes = np.array([1] * 40 + [2] * 20 + [1] * 20)
    groups = np.array([0] * 40 + [1] * 40)
    assert logrank(days, causes == 1, groups).p > 0.5
    assert gray(days, causes, groups, 1, 2).p < 0.001


def test_very_unlike_groups_leave_no_negative_variance() -> None:
    """Without the floor of its correction for ties the variance would be below 0 here."""
    days, causes = [0] * 38 + [1] * 42, [2] * 38 + [1, 0] + [1] * 30 + [0] * 10
    one = gray(days, causes, [0] * 40 + [1] * 40, 1, 2)
    assert one.observed == (1, 30)
    assert one.expected == pytest.approx((15.5, 15.5))
    assert one.chi2 == pytest.approx(6.639886274)


@pytest.mark.parametrize(
    ("days", "causes", "groups", "cause", "code", "message"),
    [
        ([1, 2], [1, 3], [0, 1], 1, "unknown_cause", "A cause is not within 0 and 2."),
        ([1, 2], [1, 2], [0, 1], 3, "unknown_cause", r"No cause has this number. \(3\)"),
        ([1, 2], [1, 2], [0, 1], 0, "unknown_cause", r"No cause has this number. \(0\)"),
        ([1, 2], [1, 2], [0], 1, "lengths_differ", "Each duration needs exactly one cause and one group."),
        ([1, 2], [1, 2], [1, 1], 1, "one_group", r"A comparison needs at least two groups. \(1\)"),
        ([1, 2], [2, 2], [0, 1], 1, "no_ends", "Groups are compared by ends, and no case has ended."),
        ([1, 2], [0, 1], [0, 1], 1, "no_overlap", "No case ended while two groups were under observation."),
    ],
)
def test_bad_data_is_refused(
    days: list[int], causes: list[int], groups: list[int], cause: int, code: str, message: str
) -> None:
    with pytest.raises(BadDataError, match=message) as caught:
        gray(days, causes, groups, cause, 2)
    assert caught.value.code == code
