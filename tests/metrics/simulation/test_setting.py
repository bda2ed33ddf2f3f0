from datetime import date
from itertools import pairwise

import pytest

from metrics.errors import BadDataError
from metrics.figures import Period
from metrics.simulation.setting import BEHAVIOURS, Setting


def test_behaviours_are_of_providers_and_the_rest_is_honest() -> None:
    behaviours = Setting(providers=9, slow=2, padding=1, hiding=1, late=1).behaviours
    assert {name: behaviours.count(name) for name in BEHAVIOURS} == {
        "honest": 4,
        "slow": 2,
        "padding": 1,
        "hiding": 1,
        "late": 1,
    }


def test_quarters_are_whole_and_follow_each_other() -> None:
    quarters = Setting(year=2027).quarters
    assert quarters[0] == Period.of(date(2027, 1, 1), date(2027, 3, 31))
    assert [one.days for one in quarters] == [90, 91, 92, 92]
    assert all(one.end == after.start for one, after in pairwise(quarters))


def test_what_can_not_be_is_refused() -> None:
    for told in ({"slow": 70}, {"late": -1}, {"smallest": 0}, {"smallest": 9, "largest": 8}):
        with pytest.raises(BadDataError, match="Behaviours are of providers, and sizes go from small to large"):
            Setting(**told)
    with pytest.raises(BadDataError, match="Differences and shares are not below 0"):
        Setting(tau=-0.1)
