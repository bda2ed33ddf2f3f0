import numpy as np
import pytest

from metrics.comparison import scales
from metrics.errors import BadDataError


def test_each_scale_leads_back_to_what_readers_know() -> None:
    for scaled, known in (
        (scales.shares([3, 7], [10, 20], 0.4), [0.3, 0.35]),
        (scales.ratios([3, 8], [4, 4]), [0.75, 2]),
        (scales.log_ratios([3, 8], [4, 4]), [0.75, 2]),
        (scales.counts([3, 8], [4, 4]), [3.5 / 4.5, 8.5 / 4.5]),
        (scales.curves([0.3, 0.7], [0.01, 0.02], 0.5), [0.3, 0.7]),
    ):
        np.testing.assert_allclose(scaled.back(scaled.y), known)


def test_limits_of_the_root_scale_are_squared() -> None:
    """FunnelPlotR 0.6.0 draws them unsquared: of O = 150, E = 112 it flags what z does not."""
    scaled = scales.ratios([100, 150, 180, 80, 120, 225], [108, 112, 165, 95, 100, 220])
    tau2 = 0.003439780154
    assert float(scaled.adjusted(tau2)[1]) == pytest.approx(2.09, abs=0.01)
    assert float(scaled.limit(0.999, tau2)[1]) == pytest.approx(1.5196, abs=1e-4)
    assert np.sqrt(scaled.limit(0.999, tau2)[1]) == pytest.approx(1.2327, abs=1e-4)


def test_the_limits_of_a_curve_are_in_order_although_its_scale_falls() -> None:
    scaled = scales.curves([0.3], [0.01], 0.5)
    low, high = (float(scaled.limit(p)[0]) for p in (0.025, 0.975))
    assert low < 0.5 < high


def test_what_lies_at_a_limit_has_its_z() -> None:
    scaled = scales.against_expected([30], [100], [20.0])
    upper = float(scaled.limit(0.975, 0.002)[0])
    there = scales.against_expected([100 * upper], [100], [20.0])
    assert float(there.adjusted(0.002)[0]) == pytest.approx(1.959964, abs=1e-6)


def test_a_factor_below_one_narrows_nothing() -> None:
    scaled = scales.ratios([10], [10])
    assert float(scaled.limit(0.975, phi=0.5)[0]) == float(scaled.limit(0.975)[0])
    assert float(scaled.limit(0.975, phi=4)[0]) > float(scaled.limit(0.975)[0])


def test_what_has_no_place_on_a_scale_is_refused() -> None:
    with pytest.raises(BadDataError, match="A share needs 0 <= x <= n and n above 0, and so does what is expected"):
        scales.shares([3], [2], 0.5)
    with pytest.raises(BadDataError, match="A share needs 0 <= x <= n and n above 0, and so does what is expected"):
        scales.against_expected([1], [2], [3])
    with pytest.raises(BadDataError, match="O is at least 1 here"):
        scales.log_ratios([0], [2])
    with pytest.raises(BadDataError, match="O is at least 0 here, and what is expected is above 0"):
        scales.ratios([1], [0])
    with pytest.raises(BadDataError, match="On this scale S and the target lie between 0 and 1, with some variance"):
        scales.curves([1.0], [0.1], 0.5)
    with pytest.raises(BadDataError, match="A ratio of two counts of 0 tells nothing"):
        scales.counts([0, 5], [0, 5])
    with pytest.raises(BadDataError, match="Counts are not below 0, and their sums are above 0"):
        scales.counts([0], [5])
    with pytest.raises(BadDataError, match="Each result needs its size; there is one at least"):
        scales.ratios([1, 2], [1])
    with pytest.raises(BadDataError, match="Results and sizes are numbers"):
        scales.ratios([np.nan], [1])
