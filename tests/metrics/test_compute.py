from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from metrics import intervals
from metrics.compute import compute_all
from metrics.definitions import INTERVALS, definition, definitions
from metrics.disclosure import LEAST, public
from metrics.errors import BadPeriodError, IdentityBrokenError
from metrics.facts import CaseFact, Spell
from metrics.figures import Period
from metrics.folding import fold
from metrics.indicators.outcomes import HORIZONS
from metrics.pairing import FEDERATION
from metrics.samples import guangzhou_like
from metrics.survival import kaplan_meier
from metrics.tasks import Request
from tests.metrics.computed import LATER, figures, many
from tests.metrics.stories import FREEZE, PERIOD, days, fact

# 1 to 5: counts and loads


def test_counts_say_what_they_are_made_of() -> None:
    facts = [*many(30, "filed 1", "refused 5"), *many(10, "transfer_in 3 transfer_id=t"), *many(12, "filed -9")]
    incoming, resolved, pending = (figures(name, facts)[""] for name in ("incoming", "resolved", "pending"))
    assert (incoming.value, incoming.n, dict(incoming.counts)) == (40, 40, {"filed": 30, "received": 10})
    assert (resolved.value, dict(resolved.counts)) == (30, {"handed_over": 0})
    assert (pending.value, dict(pending.counts)) == (22, {"pending_before": 12})
    assert incoming.interval is None


def test_a_small_count_is_withheld_and_an_absent_provider_is_not_a_zero() -> None:
    assert figures("pending", many(9, "filed 1"))[""].status == "too_few"
    assert figures("pending", [])[""].status == "not_reported"
    supervised = figures("pending", many(9, "filed 1"), minimum=1)[""]
    assert (supervised.value, supervised.small) == (9, True)


def test_clearance_rate() -> None:
    found = figures("clearance_rate", [*many(36, "filed 1", "refused 5"), *many(4, "filed 1")])[""]
    assert (found.value, found.numerator, found.denominator, found.n) == (0.9, 36, 40, 40)
    assert found.interval
    assert (found.interval.low, found.interval.high) == intervals.clearance(36, 40)
    assert figures("clearance_rate", many(40, "filed -5"), minimum=1)[""].status == "too_few", "nothing came in"


def test_disposition_time() -> None:
    found = figures("disposition_time", [*many(30, "filed 1", "refused 5"), *many(10, "filed 1")])[""]
    assert found.value == pytest.approx(90 * 10 / 30)
    assert (found.numerator, found.denominator, found.n) == (10, 30, 30)
    assert found.interval
    assert found.interval.low == pytest.approx(90 * intervals.log_ratio(10, 30)[0])
    assert figures("disposition_time", many(30, "filed 1", "refused 5"))[""].interval is None
    assert figures("disposition_time", many(30, "filed 1"), minimum=1)[""].status == "too_few"


# 7 and 9: time to resolution


def test_quartiles_of_the_time_to_resolution() -> None:
    facts = [fact("filed 1", f"refused {1 + number}", case=str(number)) for number in range(1, 81)]
    found = figures("time_to_resolution", facts)
    assert [one.value for one in found.values()] == [20, 40, 60]
    median = kaplan_meier(range(1, 81), [1] * 80).quantile(0.5)
    assert found["median"].interval
    assert (found["median"].interval.low, found["median"].interval.high) == (median.low, median.high)
    assert dict(found["median"].counts) == {"resolved": 80, "handed_over": 0, "still_open": 0}


def test_a_quartile_with_few_cases_under_observation_is_withheld() -> None:
    facts = [fact("filed 1", f"refused {1 + number}", case=str(number)) for number in range(1, 31)]
    assert [one.status for one in figures("time_to_resolution", facts).values()] == ["value", "value", "too_few"]


def test_a_median_that_was_not_reached_is_immature() -> None:
    facts = [*many(20, "filed 1", "refused 5"), *many(30, "filed 1")]
    assert [one.status for one in figures("time_to_resolution", facts).values()] == ["value", "immature", "immature"]


def test_days_with_a_stopped_clock_do_not_count() -> None:
    facts = many(40, "filed 1", "clock_stopped 5 reason=translation", "clock_resumed 15", "refused 21")
    assert figures("time_to_resolution", facts)["median"].value == 10


def test_a_case_handed_over_is_censored_not_resolved() -> None:
    facts = [*many(40, "filed 1", "refused 11"), *many(40, "filed 1", "transfer_out 6 transfer_id=t")]
    found = figures("resolved_in_time", facts, LATER)["within_90_days"]
    assert (found.value, found.numerator, found.denominator) == (1.0, 40, 80)
    assert found.interval
    assert (found.interval.low, found.interval.high) == intervals.wilson(40, 40), "of those followed to their end"


def test_a_share_within_90_days_needs_cases_followed_that_long() -> None:
    facts = [*many(30, "filed 1", "refused 5"), *many(9, "filed 1")]
    assert figures("resolved_in_time", facts, FREEZE)["within_90_days"].status == "immature"
    found = figures("resolved_in_time", facts, days(91))["within_90_days"]
    assert found.value == pytest.approx(30 / 39)
    assert figures("resolved_in_time", facts, days(100))["within_180_days"].status == "immature"


def test_ten_cases_still_under_observation_are_enough() -> None:
    facts = [*many(30, "filed 1", "refused 5"), *many(10, "filed 1"), *many(5, "filed 60")]
    found = figures("resolved_in_time", facts, days(95))["within_90_days"]
    assert (found.status, found.n) == ("value", 45)


# 10: outcomes


def test_outcomes_and_the_share_still_open_add_up_to_one() -> None:
    facts = [
        *many(20, "filed 1", "stage_started 2 stage=mediation", "settled 9 stage=mediation"),
        *many(10, "filed 1", "award_issued 40 outcome=claimant_full"),
        *many(5, "filed 1", "award_issued 20 outcome=claimant_full default=yes"),
        *many(5, "filed 1", "transfer_out 12 transfer_id=t"),
        *many(5, "filed 1", "closed 50"),
        *many(5, "filed 1"),
    ]
    found = figures("outcome_by_time", facts, LATER)
    assert len(found) == 7 * len(HORIZONS)
    assert found["settled_by_day_30"].value == pytest.approx(20 / 50)
    assert found["award_by_day_30"].value == 0
    assert found["handed_over_by_day_30"].value == pytest.approx(5 / 50)
    assert sum(one.value or 0 for part, one in found.items() if part.endswith("_180")) == pytest.approx(45 / 50)
    for name in ("settled", "award", "handed_over"):
        values = [found[f"{name}_by_day_{t}"].value or 0 for t in HORIZONS]
        assert all(earlier <= later for earlier, later in pairwise(values))


def test_an_outcome_that_never_came_about_is_not_certain_never_to() -> None:
    found = figures("outcome_by_time", many(40, "filed 1", "refused 5"), LATER)["settled_by_day_30"]
    assert found.interval
    assert (found.interval.low, found.interval.high, found.interval.method) == (*intervals.wilson(0, 40), "wilson")


# 11: settlement by stage

IN_MEDIATION = ("filed 1", "stage_started 2 stage=mediation")


def test_settled_of_those_that_entered_and_of_all_resolved() -> None:
    facts = [
        *many(30, *IN_MEDIATION, "settled 9 stage=mediation"),
        *many(10, *IN_MEDIATION, "discontinued 9 reason=withdrawn"),
        *many(20, "filed 1", "refused 5"),
    ]
    found = figures("settlement_by_stage", facts)
    of_entered, of_resolved = found["mediation"], found["mediation_of_resolved"]
    assert (of_entered.value, of_entered.numerator, of_entered.denominator) == (0.75, 30, 40)
    assert (of_resolved.value, of_resolved.numerator, of_resolved.denominator) == (0.5, 30, 60)
    assert of_entered.interval
    assert (of_entered.interval.low, of_entered.interval.high) == intervals.wilson(30, 40)
    assert found["arbitration"].status == "too_few"


def test_while_cases_are_in_the_stage_the_share_comes_from_its_curve() -> None:
    settled = [*many(150, *IN_MEDIATION, "settled 9 stage=mediation"), *many(50, *IN_MEDIATION, "refused 12")]
    found = figures("settlement_by_stage", [*settled, *many(10, "filed 80", "stage_started 81 stage=mediation")])
    assert found["mediation"].interval
    assert found["mediation"].interval.method == "aalen_johansen_loglog"
    # the ten were followed to day 9 of the stage: at risk when the others settled on day 7, gone on day 10
    assert found["mediation"].value == pytest.approx(150 / 210)


@pytest.mark.parametrize(("end", "x"), [("settled 9 stage=mediation", 299), ("refused 9", 0)])
def test_a_share_of_0_or_1_that_comes_from_a_curve_is_not_certain(end: str, x: int) -> None:
    waiting = many(1, "filed 80", "stage_started 86 stage=mediation")  # followed for 4 days, the others for 7
    found = figures("settlement_by_stage", [*many(299, *IN_MEDIATION, end, first=1), *waiting])["mediation"]
    assert found.value == (1 if x else 0)
    assert found.interval
    assert found.interval.method == "wilson"
    assert (found.interval.low, found.interval.high) == intervals.wilson(x, 299)


def test_a_stage_in_which_too_many_are_undecided_is_immature() -> None:
    facts = [*many(30, *IN_MEDIATION, "settled 9 stage=mediation"), *many(10, *IN_MEDIATION)]
    assert figures("settlement_by_stage", facts)["mediation"].status == "immature"


def test_stages_that_were_never_reported_are_not_reported() -> None:
    assert figures("settlement_by_stage", many(40, "filed 1", "refused 5"))["mediation"].status == "not_reported"


# 17: deadlines


def test_deadlines_kept() -> None:
    award = "filed 1 deadline=award due=9"
    facts = [
        *many(30, award, "deadline_met 9 deadline=award"),
        *many(6, award, "deadline_missed 10 deadline=award"),
        *many(4, award),
        *many(5, award, "extended 5 deadline=award due=20 agreed=yes", "deadline_met 12 deadline=award"),
        *many(2, award, "extended 5 deadline=award due=20 agreed=yes", "deadline_missed 21 deadline=award"),
        *many(3, award, "refused 5"),
        *many(9, "filed 1 deadline=award due=95"),
        *many(9, "filed 1 deadline=response due=5"),
    ]
    found = figures("deadline_compliance", facts)
    one = found["award"]
    assert (one.value, one.numerator, one.denominator, one.n) == (0.75, 30, 40, 40)
    assert dict(one.counts) == {
        "met": 30, "missed": 6, "overdue": 4, "agreed_kept": 5, "agreed_not_kept": 2, "lapsed": 3,
    }  # fmt: skip
    assert (found["all"].denominator, found["response"].status) == (49, "too_few")


def test_without_any_deadline_nothing_was_reported() -> None:
    assert figures("deadline_compliance", many(40, "filed 1"))["all"].status == "not_reported"


# all together


def sample() -> tuple[tuple[CaseFact, ...], Request]:
    events = [
        *guangzhou_like(1, 169, date(2026, 1, 1), "alpha"),
        *guangzhou_like(2, 60, date(2026, 1, 1), "beta"),
    ]
    period = Period.of(date(2026, 1, 1), date(2026, 6, 30))
    freeze = period.end + 30 * 86_400
    return fold(events, freeze), Request(period, freeze)


OTHER_UNITS = {
    "age_of_pending": {"share"},
    "appointments": {"neutrals", "share"},
    "repeat_respondents": {"share"},
    "fee_burden": {"share"},
    "reporting_quality": {"days", "index"},
}


def test_all_figures_of_all_subjects_by_indicator() -> None:
    facts, request = sample()
    found = compute_all(facts, request, providers=["gamma"])
    assert [one.indicator for one in found] == sorted(
        (one.indicator for one in found), key=[one.id for one in definitions()].index
    )
    subjects = [one.subject for one in found if one.indicator == "incoming"]
    assert subjects == [FEDERATION, "alpha", "beta", "gamma"]
    assert {one.status for one in found if one.subject == "gamma"} == {"not_reported"}


def test_intervals_are_made_as_the_definition_says() -> None:
    facts, request = sample()
    for one in compute_all(facts, request):
        defined = definition(one.indicator)
        assert one.unit in {defined.unit, *OTHER_UNITS.get(one.indicator, ())}
        if one.interval:
            assert one.interval.method in INTERVALS
            at_bound = one.unit == "share" and one.value in {0, 1}
            others = {"wilson"} if one.unit != defined.unit else set()  # shares beside values of another unit
            others |= {"aalen_johansen_loglog"} if one.indicator == "settlement_by_stage" else set()
            assert one.interval.method in {"wilson" if at_bound else defined.interval, *others}


def test_without_transfers_the_federation_is_the_sum_of_its_providers() -> None:
    facts, request = sample()
    found = compute_all(facts, request)
    for name in ("incoming", "resolved", "pending"):
        values = {one.subject: one.n for one in found if one.indicator == name}
        assert values[FEDERATION] == values["alpha"] + values["beta"]


def test_one_provider_whose_books_do_not_balance_stops_all_figures() -> None:
    facts, request = sample()
    broken = CaseFact("delta", "x", days(5), spells=(Spell(days(5), "filed", days(-9), "settled"),))
    with pytest.raises(IdentityBrokenError, match=r"\(delta\)"):
        compute_all([*facts, broken], request)


def test_a_period_that_is_not_over_has_no_figures() -> None:
    with pytest.raises(BadPeriodError, match=r"The period ends after the freeze. \(2026-01-01 to 2026-03-31\)"):
        Request(PERIOD, FREEZE - 1)


def test_filings_that_grow_do_not_move_the_median() -> None:
    """metrics.md: the same durations, filings growing or shrinking; only the cohort with censoring stays put."""
    rng = np.random.default_rng(4)
    medians = []
    for growth in (0.0, 0.08):
        months = rng.choice(12, 1500, p=np.exp(growth * np.arange(12)) / np.exp(growth * np.arange(12)).sum())
        lasted = np.minimum((rng.weibull(1.2, 1500) * 90).astype(int), 600)
        facts = [
            fact(f"filed {month * 7.5}", f"refused {month * 7.5 + length}", case=str(number), freeze=FREEZE + 1)
            for number, (month, length) in enumerate(zip(months, lasted, strict=True))
        ]
        medians.append(figures("time_to_resolution", facts, days(91))["median"].value)
    assert medians[0] is not None
    assert medians[1] == pytest.approx(medians[0], rel=0.12)


def test_what_the_public_sees_rests_on_many_and_leaves_no_part_to_be_found() -> None:
    facts, request = sample()
    for minimum in (None, 1):
        asked = Request(request.period, request.freeze, minimum)
        shown = public(one for one in compute_all(facts, asked) if one.subject == FEDERATION)
        assert {definition(one.indicator).view for one in shown} == {"public", "federation"}
        for one in shown:
            assert not one.counts
            if one.value is not None:
                assert one.n >= max(LEAST, one.minimum)
                assert one.unit != "share" or one.numerator not in range(1, LEAST)
