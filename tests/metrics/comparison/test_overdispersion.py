"""V8 and V12, to the printed digits; and what each estimator promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import norm
from statsmodels.stats.meta_analysis import combine_effects

from metrics.comparison import multiplicity, overdispersion, scales
from metrics.comparison.scales import Scaled
from metrics.errors import BadDataError
from metrics.survival import Floats
from tests.metrics.comparison.units import SIX, bcg, star98

INNER, OUTER = ndtri(0.975), ndtri(0.999)


def star() -> Scaled:
    return scales.shares(star98().r, star98().n, star98().target)


def beyond(z: object) -> tuple[int, int]:
    return int((np.abs(z) > INNER).sum()), int((np.abs(z) > OUTER).sum())  # type: ignore[call-overload]


def left_over(y: Floats, s: Floats, tau2: float) -> float:
    """What Paule and Mandel's equation leaves: 0 at its root."""
    w = 1 / (s**2 + tau2)
    return float(np.sum(w * (y - np.sum(w * y) / w.sum()) ** 2)) - (len(y) - 1)


# V8


def test_v8_without_overdispersion_most_units_stand_out() -> None:
    assert round(star98().target, 10) == 0.4051328234
    z = star().z
    assert (round(float(z.min()), 5), round(float(z.max()), 5)) == (-70.16854, 39.68676)
    assert beyond(z) == (238, 211)


def test_v8_winsorised_phi_and_tau() -> None:
    z = star().z
    cut = overdispersion.winsorised(z)
    # 13.560351 is what the data give; the reference prints 13.56033144
    assert (round(float(cut.min()), 8), round(float(cut.max()), 8)) == (-9.91100746, 13.56035144)
    factor, tau2 = overdispersion.standard(star())
    assert (round(factor, 8), round(tau2, 11)) == (54.67021482, 0.01561663133)
    assert beyond(star().adjusted(tau2)) == (66, 11)
    assert beyond(z / np.sqrt(factor)) == (42, 16)


def test_v8_with_the_variance_that_winsorising_took_away() -> None:
    factor = overdispersion.phi(overdispersion.winsorised(star().z)) / overdispersion.NORMAL_WINSORISED
    assert round(factor, 8) == 80.55676353
    tau2 = overdispersion.additive(factor, star().s)
    assert round(tau2, 9) == 0.023148478
    assert beyond(star().adjusted(tau2)) == (40, 6)


def test_v8_of_many_looks_fewer_count() -> None:
    _, tau2 = overdispersion.standard(star())
    p = 2 * norm.sf(np.abs(star().adjusted(tau2)))
    assert int((multiplicity.benjamini_hochberg(p) <= 0.05).sum()) == 11
    assert int((multiplicity.bonferroni(p) <= 0.05).sum()) == 6


def test_v8_moments_and_paule_mandel() -> None:
    one = star()
    assert round(overdispersion.dersimonian_laird(one.y, one.s), 10) == 0.0344832296
    # The printed .0385156129 is where statsmodels stops; the root itself is .0385156131.
    tau2 = overdispersion.paule_mandel(one.y, one.s)
    assert round(tau2, 9) == round(0.0385156129, 9)
    assert round(float(combine_effects(one.y, one.s**2, method_re="pm").tau2), 10) == 0.0385156129
    assert abs(left_over(one.y, one.s, tau2)) < 1e-9 < abs(left_over(one.y, one.s, 0.0385156129))


# V12


def test_v12_three_scales_of_six_units() -> None:
    log, root, counts = scales.log_ratios(*SIX), scales.ratios(*SIX), scales.counts(*SIX)
    kept = overdispersion.truncated(log.z)
    factor = overdispersion.phi(log.z[kept])
    assert (round(factor, 9), round(overdispersion.additive(factor, log.s[kept]), 11)) == (2.948033175, 0.01947753058)
    factor, tau2 = overdispersion.standard(root)
    assert (round(factor, 9), round(tau2, 12)) == (2.327178258, 0.003439780154)
    factor, tau2 = overdispersion.standard(counts)
    assert (round(factor, 10), round(tau2, 12)) == (0.9204353657, 0.001548674763)


# V14


def test_v14_three_estimates_of_the_variance_between_trials() -> None:
    y, s = bcg().y, bcg().s
    assert round(overdispersion.dersimonian_laird(y, s), 7) == 0.3087603
    assert round(overdispersion.restricted(y, s), 7) == 0.3132433
    # The printed .3180937 leaves 7e-4 of what must be 0; statsmodels has .3180685, as we do.
    tau2 = overdispersion.paule_mandel(y, s)
    assert (round(tau2, 4), round(tau2, 7)) == (0.3181, 0.3180685)
    assert abs(left_over(y, s, tau2)) < 1e-9
    assert abs(left_over(y, s, 0.3180937)) > 1e-4


# agreement with other programs, and properties

EFFECTS = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=3, max_size=30)


@settings(max_examples=25)
@given(EFFECTS)
def test_moments_and_paule_mandel_agree_with_statsmodels(effects: list[tuple[float, float]]) -> None:
    y, s = np.array(effects).T
    for ours, name in ((overdispersion.dersimonian_laird(y, s), "dl"), (overdispersion.paule_mandel(y, s), "pm")):
        if ours > 0:  # otherwise theirs is below 0
            theirs = float(combine_effects(y, s**2, method_re=name).tau2)
            assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-5)


@given(EFFECTS)
def test_the_median_of_z_is_that_of_a_normal_variable(effects: list[tuple[float, float]]) -> None:
    y, s = np.array(effects).T
    tau2 = overdispersion.mad(y, s)
    median = float(np.median(np.abs(y) / np.sqrt(s**2 + tau2)))
    assert median == pytest.approx(ndtri(0.75), rel=1e-6) if tau2 > 0 else median <= ndtri(0.75) + 1e-9


def test_two_outliers_move_the_median_estimate_little_and_the_others_much() -> None:
    rng = np.random.default_rng(3)
    s = np.full(40, 0.05)
    y = rng.normal(0, np.sqrt(0.05**2 + 0.05**2), 40)
    bad = y.copy()
    bad[:2] += 0.4
    assert overdispersion.mad(bad, s) < 1.5 * overdispersion.mad(y, s)
    assert overdispersion.paule_mandel(bad, s) > 2 * overdispersion.paule_mandel(y, s)


def test_what_winsorising_takes_from_a_normal_variance() -> None:
    c = norm.ppf(0.9)
    left = 0.8 - 2 * c * norm.pdf(c) + 2 * 0.1 * c * c
    assert left == pytest.approx(overdispersion.NORMAL_WINSORISED, abs=1e-12)


def test_where_chance_explains_everything_there_is_no_tau() -> None:
    s = np.ones(10)
    y = np.tile([-0.5, 0.5], 5)
    assert overdispersion.mad(y, s) == 0
    assert overdispersion.additive(0.25, s) == 0
    assert overdispersion.dersimonian_laird(y, s) == overdispersion.paule_mandel(y, s) == 0
    assert overdispersion.restricted(y, s) == 0


def test_pooling_is_the_mean_of_releases() -> None:
    assert overdispersion.pooled([0.0, 0.02, 0.04]) == pytest.approx(0.02)
    for values in ([], [0.1, -0.1]):
        with pytest.raises(BadDataError, match="Pooling needs a release, and no variance is below 0"):
            overdispersion.pooled(values)


def test_what_tells_nothing_is_refused() -> None:
    with pytest.raises(BadDataError, match="How providers differ can't be told from one"):
        overdispersion.dersimonian_laird([1.0], [0.1])
    with pytest.raises(BadDataError, match="Nothing can be estimated from no providers"):
        overdispersion.phi([])
