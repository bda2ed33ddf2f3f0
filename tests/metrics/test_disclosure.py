"""What anybody may see of a figure."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.definitions import definitions
from metrics.disclosure import disclosable, disclosed, public
from metrics.figures import Figure, Interval, Period

PERIOD = Period.of(date(2026, 1, 1), date(2026, 3, 31))


def figure(**changes: Any) -> Figure:
    members: dict[str, Any] = {
        "indicator": "settlement_by_stage", "subject": "federation", "period": PERIOD, "freeze": PERIOD.end,
        "unit": "share", "status": "value", "n": 100, "minimum": 10, "value": 0.5, "numerator": 50,
        "denominator": 100, "interval": Interval(0.4, 0.6, "wilson"), "counts": {"settled": 50},
    }  # fmt: skip
    return Figure(**members | changes)


@pytest.mark.parametrize(
    ("numerator", "shown"),
    [(0, True), (1, False), (9, False), (10, True), (90, True), (91, False), (99, False), (100, True)],
)
def test_a_share_is_shown_when_neither_side_is_a_few(numerator: int, *, shown: bool) -> None:
    interval = Interval(0.0, 1.0, "wilson")
    assert disclosable(figure(numerator=numerator, value=numerator / 100, interval=interval)) is shown


def test_too_few_cases_are_not_shown_whatever_the_unit() -> None:
    days: dict[str, Any] = {"unit": "days", "value": 20, "numerator": None, "denominator": None, "interval": None}
    assert disclosable(figure(**days, n=10))
    assert not disclosable(figure(**days, n=9, minimum=1))
    assert not disclosable(figure(**days, n=29, minimum=30))


def test_what_is_withheld_keeps_nothing_that_tells_it() -> None:
    withheld = disclosed(figure(numerator=3, value=0.03, interval=Interval(0.0, 0.1, "wilson")))
    assert (withheld.status, withheld.value, withheld.interval) == ("too_few", None, None)
    assert (withheld.numerator, withheld.denominator, dict(withheld.counts)) == (None, None, {})


def test_what_is_shown_loses_its_counts_alone() -> None:
    shown = disclosed(figure())
    assert (shown.value, shown.numerator, dict(shown.counts)) == (0.5, 50, {})
    immature = figure(status="immature", value=None, numerator=None, denominator=None, interval=None)
    assert disclosed(immature).status == "immature"


@pytest.mark.parametrize("why", ["immature", "too_few"])
def test_what_was_read_off_a_curve_where_few_were_left_is_shown_to_supervision_alone(why: Any) -> None:
    few = figure(indicator="resolved_in_time", part="within_180_days", in_public=why)
    assert few.small
    [shown] = public([few])
    assert (shown.status, shown.value, shown.numerator, dict(shown.counts)) == (why, None, None, {})


@pytest.mark.parametrize(("numerator", "denominator", "shown"), [(3, 50, False), (50, 3, False), (12, 50, True)])
def test_a_ratio_is_shown_when_neither_of_what_it_compares_is_a_few(
    numerator: int, denominator: int, *, shown: bool
) -> None:
    ratio: dict[str, Any] = {"unit": "ratio", "interval": None}
    assert disclosable(figure(numerator=numerator, denominator=denominator, **ratio)) is shown
    assert disclosable(figure(numerator=98, denominator=100, **ratio)), "the one is no part of the other"


@pytest.mark.parametrize(("resolved", "shown"), [(0, False), (9, False), (10, True)])
def test_clearance_goes_with_the_resolved_cases(resolved: int, *, shown: bool) -> None:
    plain: dict[str, Any] = {"numerator": None, "denominator": None, "interval": None}
    ended = figure(indicator="resolved", unit="cases", value=float(resolved), n=resolved, **plain)
    came = figure(indicator="incoming", unit="cases", value=50.0, n=50, **plain)
    rate = figure(
        indicator="clearance_rate", unit="ratio", value=resolved / 50, n=50, numerator=resolved, denominator=50,
        interval=None,
    )  # fmt: skip
    found = {one.indicator: one.value is not None for one in public([rate, ended, came])}
    assert found == {"clearance_rate": shown, "resolved": shown, "incoming": True}
    assert public([rate])[0].numerator == (resolved if resolved in {0, 10} else None), "judged by what is given"


@pytest.mark.parametrize(("name", "outcome"), [("discontinuation", "discontinued"), ("refusal_rate", "refused")])
def test_what_protects_an_outcome_is_shown_nowhere_else(name: str, outcome: str) -> None:
    """Hidden beside three others, it would tell of them with all that ended."""
    reasons = parts(name, in_all=12, stated=12)
    ended = parts("outcome_by_time", settled_by_day_180=40, unknown_by_day_180=3, **{f"{outcome}_by_day_180": 12})
    within = parts("resolved_in_time", within_180_days=55)
    assert shown([*reasons, *ended, *within]) == ["settled_by_day_180", "within_180_days"]
    many = parts("outcome_by_time", settled_by_day_180=40, unknown_by_day_180=0, **{f"{outcome}_by_day_180": 12})
    assert len(shown([*reasons, *many, *parts("resolved_in_time", within_180_days=52)])) == 6


def test_how_many_ended_does_not_give_back_what_is_hidden_of_outcomes() -> None:
    by_day = parts("outcome_by_time", settled_by_day_30=35, settled_by_day_90=40, settled_by_day_180=60)
    within = parts("resolved_in_time", within_90_days=40, within_180_days=60)
    assert shown([*by_day, *within]) == ["settled_by_day_30", "settled_by_day_180", "within_180_days"]


def test_how_many_ended_does_not_tell_that_a_few_did_between_two_days() -> None:
    """Both outcomes of day 90 are hidden, but not how many had ended by day 30."""
    steps = parts("outcome_by_time", settled_by_day_30=20, settled_by_day_90=22, award_by_day_30=20, award_by_day_90=23)
    assert shown([*steps, *parts("resolved_in_time", within_90_days=45)]) == ["settled_by_day_30", "award_by_day_30"]


def test_cases_handed_over_hide_no_outcome() -> None:
    """How many ended is told, and they are not among these."""
    by_day = parts("outcome_by_time", settled_by_day_180=40, refused_by_day_180=3, handed_over_by_day_180=15)
    within = parts("resolved_in_time", within_180_days=43)
    assert shown([*by_day, *within]) == ["handed_over_by_day_180", "within_180_days"]


def test_a_step_that_others_cover_hides_no_more() -> None:
    """Unknown and refused are hidden on day 30, unknown and awards on day 90: only the step of all three is told."""
    first = parts("outcome_by_time", settled_by_day_30=30, award_by_day_30=13, refused_by_day_30=9, unknown_by_day_30=3)
    second = parts(
        "outcome_by_time", settled_by_day_90=40, award_by_day_90=18, refused_by_day_90=16, unknown_by_day_90=3
    )
    expected = ["settled_by_day_30", "award_by_day_30", "settled_by_day_90", "refused_by_day_90"]
    assert shown([*first, *second]) == expected


def test_respondents_who_answer_do_not_tell_of_deadlines() -> None:
    kinds = [
        figure(indicator="deadline_compliance", part=part, n=n, numerator=x, denominator=n, value=x / n, interval=None)
        for part, x, n in (("all", 62, 105), ("award", 2, 5), ("response", 60, 100))
    ]
    answers = figure(indicator="respondent_participation", numerator=60, value=0.6, interval=None)
    assert shown([*kinds, answers]) == ["all"]


@pytest.mark.parametrize(("pending", "shown"), [(0, False), (9, False), (10, True)])
def test_disposition_time_goes_with_the_pending_cases(pending: int, *, shown: bool) -> None:
    plain: dict[str, Any] = {"numerator": None, "denominator": None, "interval": None}
    waiting = figure(indicator="pending", unit="cases", value=float(pending), n=pending, **plain)
    time = figure(indicator="disposition_time", unit="days", value=3.0, **plain)
    found = {one.indicator: one.value is not None for one in public([waiting, time])}
    assert found == {"pending": shown, "disposition_time": shown}


def parts(indicator: str, **numerators: int) -> list[Figure]:
    return [
        figure(indicator=indicator, part=part, numerator=count, value=count / 100, interval=None)
        for part, count in numerators.items()
    ]


def shown(figures: list[Figure]) -> list[str]:
    return [one.part for one in public(figures) if one.value is not None]


def test_what_only_supervision_may_see_is_in_no_public_view() -> None:
    of_provider = figure(indicator="challenge_rate", subject="alpha")
    known = [figure(indicator="case_turnover"), figure(indicator="challenge_rate"), of_provider]
    assert [(one.indicator, one.subject) for one in public(known)] == [("challenge_rate", "federation")]


def test_a_part_about_a_few_takes_those_with_it_that_would_tell_it() -> None:
    """Of 100 cases 80 are known and 78 of them performed: known less performed would tell of the two others."""
    told = parts("award_compliance", at_least=78, at_most=98, known=80)
    assert (
        shown([*told, figure(indicator="award_compliance", part="of_known", n=80, numerator=78, denominator=80)]) == []
    )
    enough = parts("award_compliance", at_least=60, at_most=80, known=80)
    of_known = figure(indicator="award_compliance", part="of_known", n=80, minimum=90, numerator=60, denominator=80)
    assert shown([*enough, of_known]) == ["at_least", "at_most", "known"], "too few to speak for all hides nobody"


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ({"a": 20, "b": 15, "c": 12}, ["in_all", "a", "b", "c"]),
        ({"a": 20, "b": 15, "c": 3}, ["in_all", "a"]),
        ({"a": 20, "b": 6, "c": 5}, ["in_all", "a"]),
        ({"a": 20, "b": 15, "c": 3, "d": 3}, ["in_all", "a"]),
        ({"a": 20, "b": 0, "c": 3}, ["in_all", "b"]),
        ({"a": 5, "b": 6}, ["in_all"]),
        ({"a": 3, "b": 4}, []),
    ],
)
def test_what_is_hidden_can_not_be_found_by_subtracting(reasons: dict[str, int], expected: list[str]) -> None:
    figures = parts("refusal_rate", in_all=sum(reasons.values()), **reasons)
    assert shown(figures) == expected
    hidden = [count for reason, count in reasons.items() if reason not in expected]
    assert not hidden or not expected or (len(hidden) > 1 and sum(hidden) >= 10)


def test_every_indicator_can_be_cut_for_the_public() -> None:
    for one in definitions():
        few = figure(indicator=one.id, part="in_all", numerator=3, value=0.03, interval=None)
        found = public([few])
        assert all(each.value is None and each.numerator is None for each in found)


OUTCOMES_BY_DAY = st.dictionaries(
    st.sampled_from(["settled", "award", "refused", "unknown"]),
    st.tuples(*[st.sampled_from([0, 1, 3, 9, 10, 12, 40])] * 3),
    min_size=1,
)


@given(OUTCOMES_BY_DAY)
def test_no_outcome_of_a_few_is_told_by_its_day_by_subtraction_or_by_the_step_between_days(
    steps: dict[str, tuple[int, ...]],
) -> None:
    counts = {
        f"{name}_by_day_{day}": sum(own[: place + 1])
        for name, own in steps.items()
        for place, day in enumerate((30, 90, 180))
    }
    figures = [
        figure(indicator="outcome_by_time", part=part, n=1000, denominator=1000, numerator=count, value=count / 1000,
               interval=None)
        for part, count in counts.items()
    ]  # fmt: skip
    told = {one.part: one.numerator for one in public(figures) if one.value is not None}
    for day in (30, 90, 180):
        hidden = [counts[part] for part in counts if part.endswith(f"_{day}") and part not in told]
        rest = [part for part in told if part.endswith(f"_{day}") and told[part]]
        assert not hidden or (len(hidden) > 1 and sum(hidden) >= 10) or not rest
    for name in steps:
        known = [told[part] for day in (30, 90, 180) if (part := f"{name}_by_day_{day}") in told]
        assert all(count is not None and count not in range(1, 10) for count in known)
        for first, second in pairwise(one for one in known if one is not None):
            assert second - first not in range(1, 10)


def test_outcomes_of_many_stay() -> None:
    figures = parts(
        "outcome_by_time", settled_by_day_30=20, award_by_day_30=15, settled_by_day_90=40, award_by_day_90=30
    )
    assert len(shown(figures)) == 4
    few = parts("outcome_by_time", settled_by_day_90=40, award_by_day_90=30, refused_by_day_90=4)
    assert shown(few) == ["settled_by_day_90"], "with awards hidden too, all that ended tells nothing of the refused"
