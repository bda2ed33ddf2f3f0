from dataclasses import replace

import pytest

from metrics import intervals
from metrics.columns import Columns
from metrics.definitions import definition
from metrics.facts import Appointment, AwardFact
from metrics.indicators.durations import waiting_for_appointment
from metrics.survival import kaplan_meier
from metrics.tasks import Books, Request, Task
from tests.metrics.computed import LATER, figures, limits, many, three
from tests.metrics.stories import FREEZE, PERIOD, days, fact

MEDIATION = ("filed 1", "stage_started 2 stage=mediation")


def test_mean_time_open_up_to_a_limit() -> None:
    """20 cases take 10 days, 20 take 100: within 90 days they are open (20 x 10 + 20 x 90) / 40 days."""
    facts = [*many(20, "filed 1", "refused 11"), *many(20, "filed 1", "refused 101", freeze=LATER)]
    found = figures("restricted_mean_time", facts, LATER)
    assert [one.value for one in found.values()] == [50.0, 55.0, 55.0]
    error = kaplan_meier([10] * 20 + [100] * 20, [1] * 40).restricted_mean(90)[1]
    low, high, method = limits(found["within_90_days"])
    assert [low, high] == pytest.approx([50 - 1.959964 * error, 50 + 1.959964 * error])
    assert method == "greenwood_integral"


def test_a_mean_over_days_that_nobody_has_lived_is_immature() -> None:
    facts = [*many(30, "filed 1", "refused 11"), *many(9, "filed 1")]
    found = figures("restricted_mean_time", facts, days(91))
    assert [one.status for one in found.values()] == ["value", "immature", "immature"]
    assert figures("restricted_mean_time", facts[:20])["within_90_days"].status == "too_few"
    assert figures("restricted_mean_time", many(30, "filed 1", "refused 11"))["within_90_days"].interval is None


def test_a_supervised_view_reads_curves_where_few_are_left_and_says_that_the_public_may_not() -> None:
    """30 cases end on day 10 and 9 are still open on day 90, so that fewer than ten were followed until then."""
    facts = [*many(30, "filed 1", "refused 11"), *many(9, "filed 1", first=30)]
    found = figures("restricted_mean_time", facts, days(91), minimum=1)
    assert [(one.status, one.in_public) for one in found.values()] == [
        ("value", "value"),  # nobody was lost before day 90
        ("immature", "value"),
        ("immature", "value"),
    ]
    lost = [*many(30, "filed 1", "refused 11"), *many(9, "filed 1", first=30), *many(5, "filed 50", first=39)]
    late = figures("resolved_in_time", lost, days(91), minimum=1)["within_90_days"]
    assert (late.status, late.small, late.in_public) == ("value", True, "immature")
    assert figures("resolved_in_time", lost, days(91))["within_90_days"].status == "immature"


def test_a_quantile_is_public_where_ten_were_left() -> None:
    facts = [fact("filed 1", f"refused {2 + number}", case=str(number)) for number in range(30)]
    found = figures("time_to_resolution", facts, LATER, minimum=1)
    assert [one.in_public for one in found.values()] == ["value", "value", "too_few"]
    assert figures("time_to_resolution", facts, LATER)["upper_quartile"].status == "too_few"


def test_the_age_of_pending_cases() -> None:
    """60 cases opened on days 0 to 59 wait on day 89, the last of the period: ages 89 to 30."""
    facts = [fact(f"filed {number}", case=str(number)) for number in range(60)]
    found = figures("age_of_pending", [*facts, *many(5, "filed 1", "refused 5")])
    assert (found["median"].value, found["ninth_decile"].value, found["median"].n) == (59.0, 83.0, 60)
    ages = list(range(30, 90))
    assert limits(found["median"]) == (*intervals.quantile_limits(ages, 0.5), "order_statistic")
    assert three(found["over_90_days"]) == (0.0, 0, 60)
    assert limits(found["over_90_days"]) == (*intervals.wilson(0, 60), "wilson")


def test_the_ninth_decile_needs_fifty_cases() -> None:
    found = figures("age_of_pending", many(40, "filed -200"), minimum=1)
    assert (found["median"].value, found["median"].small) == (289.0, False)
    assert found["ninth_decile"].small
    assert figures("age_of_pending", many(40, "filed 1"))["ninth_decile"].status == "too_few"
    assert three(found["over_180_days"]) == (1.0, 40, 40)


def test_days_with_a_stopped_clock_are_no_waiting() -> None:
    stopped = many(30, "filed 1", "clock_stopped 11 reason=translation")
    assert figures("age_of_pending", stopped)["median"].value == 10


def test_nobody_waits() -> None:
    found = figures("age_of_pending", many(30, "filed 1", "refused 5"))
    assert {one.status for one in found.values()} == {"too_few"}
    assert {one.status for one in figures("age_of_pending", []).values()} == {"not_reported"}


def test_time_to_the_appointment() -> None:
    """Neutrals come 1, 2, ..., 60 days after mediation began; 20 cases end without one on day 70 of it."""
    facts = [
        replace(one, appointments=(Appointment("n", 1, days(2 + number)),))
        for number, one in enumerate(many(60, *MEDIATION), 1)
    ]
    gone = many(20, *MEDIATION, "refused 72", first=100)
    found = figures("time_to_appointment", [*facts, *gone])
    assert {part: one.value for part, one in found.items()} == {"median": 40.0, "upper_quartile": 60.0}
    assert dict(found["median"].counts) == {"reached": 60, "ended_before": 20, "still_open": 0}


def test_waiting_ends_where_the_case_left_the_provider_that_had_it_then() -> None:
    """Away from day 5 to 40: what began before waits until day 5, what begins on day 42 until the end on day 50."""
    away, end = ("transfer_out 5 transfer_id=t", "transfer_in 40 transfer_id=u"), "settled 50 stage=mediation"
    came_back = many(30, "filed 0", *away, "stage_started 42 stage=mediation", end)
    gone = many(20, "filed 0", "stage_started 2 stage=mediation", *away, end, first=100)
    task = Task(
        definition("time_to_appointment"), Books("alpha", Columns.of([*came_back, *gone]), Request(PERIOD, FREEZE))
    )
    *_, cohort = waiting_for_appointment(task)
    assert cohort.days.tolist() == [8] * 30 + [3] * 20
    assert cohort.causes.tolist() == [2] * 50


def test_a_neutral_appointed_before_the_stage_comes_on_day_0() -> None:
    early = [replace(one, appointments=(Appointment("n", 1, days(1)),)) for one in many(30, *MEDIATION)]
    assert figures("time_to_appointment", early)["median"].value == 0
    assert figures("time_to_appointment", many(30, *MEDIATION))["median"].status == "immature"
    assert figures("time_to_appointment", many(30, "filed 1"))["median"].status == "too_few"


def test_an_appointment_after_the_freeze_is_not_known_yet() -> None:
    late = [replace(one, appointments=(Appointment("n", 1, days(95)),)) for one in many(30, *MEDIATION)]
    assert figures("time_to_appointment", late)["median"].status == "immature"
    assert figures("time_to_appointment", late, LATER)["median"].value == 93


def test_time_from_the_last_submission_to_the_award() -> None:
    facts = [
        replace(
            one,
            submissions_closed=days(10),
            award=AwardFact(None, days(10 + number)) if number <= 40 else None,
        )
        for number, one in enumerate(many(50, "filed 1", "refused 60"), 1)
    ]
    found = figures("time_to_award", facts)
    assert [one.value for one in found.values()] == [13.0, 25.0, 38.0]
    assert dict(found["median"].counts) == {"reached": 40, "ended_before": 10, "still_open": 0}
