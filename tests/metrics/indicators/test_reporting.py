from dataclasses import replace

import pytest

from metrics.events import DAY_SECONDS
from metrics.indicators.reporting import FIELDS, IN_TIME_DAYS
from tests.metrics.computed import LATER, figures, many, three
from tests.metrics.stories import fact


def test_lateness_amendments_and_what_is_not_known() -> None:
    late = (0, 0, 0, IN_TIME_DAYS * DAY_SECONDS, IN_TIME_DAYS * DAY_SECONDS + 1)
    facts = [
        replace(one, lateness=late, events=4, amendments=1)
        for one in [
            *many(30, "filed 1", "commenced 2 procedure=arbitration"),
            *many(10, "filed 1", first=100),
            *many(50, "filed 95", first=200, freeze=LATER),
        ]
    ]
    found = figures("reporting_quality", facts, LATER)
    assert three(found["on_time"]) == (0.8, 160, 200)
    assert (found["lag"].value, found["lag"].unit, found["lag"].n) == (pytest.approx(7 + 1 / 86400), "days", 200)
    assert three(found["amended"]) == (0.2, 40, 200)
    assert three(found["procedure_unknown"]) == (0.25, 10, 40)
    assert three(found["language_unknown"]) == (1.0, 40, 40)
    assert {f"{field}_unknown" for field in FIELDS} < set(found)


def test_cases_that_were_over_before_the_period_are_not_in_it() -> None:
    facts = [fact("filed -20", "refused -9", case="old"), fact("filed -20", "refused 3", case="new")]
    assert figures("reporting_quality", facts)["procedure_unknown"].n == 1
    assert {one.status for one in figures("reporting_quality", []).values()} == {"not_reported"}
