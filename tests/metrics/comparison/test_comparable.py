"""Which cases are compared, and which of them count."""

from functools import partial

import numpy as np
import pytest

from metrics.columns import Columns
from metrics.comparison.casemix import Cases
from metrics.comparison.comparable import ALIKE, COMPARED, FOLLOWED_DAYS, books_of, cases_of, question_of
from metrics.comparison.observed import LOAD, MatureCohort
from metrics.context import Answer, Context, ExchangeRecord
from metrics.definitions import definition, definitions
from metrics.events import DAY_SECONDS, Event
from metrics.folding import fold
from tests.metrics.computed import figures
from tests.metrics.stories import PERIOD, START, fact, story

NOW = START + 400 * DAY_SECONDS
BY_NAME = {one.indicator: one for one in COMPARED}


def cases(name: str, *stories: list[Event], context: Context | None = None) -> Cases:
    """What enters the comparison of an indicator."""
    columns = Columns.of(fold([event for one in stories for event in one], NOW))
    cohort = MatureCohort(PERIOD, NOW, FOLLOWED_DAYS)
    found = cases_of(BY_NAME[name], books_of(columns, cohort, context or Context()), question_of(BY_NAME[name], cohort))
    assert found.provider.size == found.procedure.size == found.counts.size
    assert all(one.size == found.counts.size for one in found.kind)
    return found


def counted(name: str, *stories: list[Event], context: Context | None = None) -> tuple[int, int]:
    """How many count, of how many."""
    found = cases(name, *stories, context=context)
    return int(found.counts.sum()), found.counts.size


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("filed 0", "settled 90 stage=mediation"), (1, 1)),
        (("filed 0", "settled 91 stage=mediation"), (0, 1)),
        (("filed 0",), (0, 1)),
        (("filed 0", "transfer_out 10"), (0, 0)),
        (("filed 0", "transfer_out 95"), (0, 1)),
        (("filed 100", "settled 101 stage=mediation"), (0, 0)),
        (("filed 0", "clock_stopped 1 reason=translation"), (0, 0)),
    ],
    ids=["last day", "too late", "open", "handed over", "handed over later", "another quarter", "the clock stands"],
)
def test_resolved_in_time(lines: tuple[str, ...], expected: tuple[int, int]) -> None:
    assert counted("resolved_in_time", story(*lines)) == expected


@pytest.mark.parametrize("name", ["resolved_in_time", "outcome_by_time"])
@pytest.mark.parametrize(
    ("end", "unknown"),
    [((), 1), (("clock_resumed 340", "settled 341 stage=mediation"), 1), (("settled 50 stage=mediation",), 0)],
    ids=["open", "ended", "the clock stood less"],
)
def test_of_a_case_whose_clock_stood_too_long_nothing_is_known_however_it_ended(
    name: str, end: tuple[str, ...], unknown: int
) -> None:
    """The last day is 400. A clock that stood from day 10 to 340 leaves 70 days; one that stood to day 50, 360."""
    lines = ("filed 0", "commenced 1", "clock_stopped 10 reason=translation", *end)
    found = cases(name, story(*lines), story("filed 0", case="two"))
    assert (found.counts.size, found.unknown.tolist()) == (2 - unknown, [unknown])


def test_given_up_within_90_days() -> None:
    soon = story("filed 0", "discontinued 80 reason=withdrawn", case="soon")
    late = story("filed 0", "discontinued 100 reason=withdrawn", case="late")
    other = story("filed 0", "settled 5 stage=mediation", case="other")
    assert counted("discontinuation", soon, late, other) == (1, 3)


def test_without_a_due_day_neither_an_answer_nor_silence_is_known_to_be_in_time() -> None:
    answered = story("filed 0", "commenced 1", "response 5", case="answered")
    silent = story("filed 0", "commenced 1", "no_response 9", case="silent")
    nothing = story("filed 0", "commenced 1", case="nothing")
    refused = story("filed 0", "refused 1", case="refused")
    found = cases("respondent_participation", answered, silent, nothing, refused)
    assert (found.counts.size, found.unknown.tolist()) == (0, [3])


def test_a_time_that_ran_out_is_known_whether_or_not_silence_is_told() -> None:
    due = "commenced 1 deadline=response due={}"
    silent = story("filed 0", due.format(20), case="silent")
    told = story("filed 0", due.format(20), "no_response 21", case="told")
    late = story("filed 0", due.format(20), "response 25", case="late")
    answered = story("filed 0", due.format(20), "response 20", case="answered")
    ended = story("filed 0", due.format(20), "settled 10 stage=negotiation", case="ended")
    ended_later = story("filed 0", due.format(20), "settled 30 stage=negotiation", case="ended later")
    later = story("filed 0", due.format(95), case="later")
    counted_of = partial(counted, "respondent_participation")
    assert [counted_of(one) for one in (silent, told, late, ended_later)] == [(0, 1)] * 4
    assert counted_of(answered) == (1, 1)
    assert [counted_of(one) for one in (ended, later)] == [(0, 0)] * 2


def test_who_ended_before_the_due_day_is_left_out_also_where_silence_was_told_before() -> None:
    """As the provider's own figure leaves it out; silence that was told before a time that then ran out counts."""
    asked = ("filed 0", "commenced 1 deadline=response due=20", "no_response 9")
    ended, open_still = (*asked, "discontinued 10 reason=withdrawn"), asked
    for lines, (n, ended_before) in ((ended, (0, 1)), (open_still, (1, 0))):
        [own] = figures("respondent_participation", [fact(*lines)], minimum=1).values()
        assert (own.n, own.counts["ended_before"]) == (n, ended_before)
        assert counted("respondent_participation", story(*lines)) == (0, n)


def test_deadlines_that_lapsed_were_agreed_or_fell_due_later_are_not_counted() -> None:
    due = "stage_started 1 stage=mediation deadline=mediation due={}"
    kept = story("filed 0", due.format(30), "deadline_met 29 deadline=mediation due=30", case="kept")
    missed = story("filed 0", due.format(30), "deadline_missed 31 deadline=mediation due=30", case="missed")
    overdue = story("filed 0", due.format(30), case="overdue")
    later = story("filed 0", due.format(95), "deadline_met 94 deadline=mediation due=95", case="later")
    lapsed = story("filed 0", due.format(30), "settled 20 stage=mediation", case="lapsed")
    assert counted("deadline_compliance", kept, missed, overdue, later, lapsed) == (1, 3)


def test_settled_given_up_and_refused_are_of_the_cases_filed() -> None:
    settled = story("filed 0", "commenced 1", "settled 80 stage=mediation", case="settled")
    late = story("filed 0", "commenced 1", "settled 95 stage=mediation", case="late")
    refused = story("filed 0", "refused 2 reason=no_competence", case="refused")
    waits = story("filed 0", case="waits")
    every = (settled, late, refused, waits)
    assert counted("outcome_by_time", *every) == (1, 4)
    assert counted("refusal_rate", *every) == (1, 3)


def test_stages_are_counted_where_they_were_entered_and_held_equal() -> None:
    both = story("filed 0", "commenced 1", "stage_started 2 stage=negotiation", "stage_started 20 stage=mediation",
                 "settled 40 stage=mediation", case="both")  # fmt: skip
    late = story("filed 0", "stage_started 2 stage=mediation", "settled 95 stage=mediation", case="late")
    assert counted("settlement_by_stage", both, late) == (1, 3)
    found = cases("settlement_by_stage", both, late)
    assert sorted(found.kind[0].tolist()) == [0, 1, 1]
    # of the four steps filed, filed, negotiation, mediation, mediation those that go on: commenced, to mediation
    assert counted("stage_conversion", both, late) == (2, 5)


MEDIATED = ("filed 0", "commenced 1", "stage_started 2 stage=mediation")


def handed_over(*then: str, at: int = 21) -> tuple[int, int, int]:
    """Of a case that alpha hands over after its mediation, and of what beta says then: gone on, steps, not known.

    Of alpha alone; two steps are its own, filing and mediation, and the first of them was taken.
    """
    stories = [story(*MEDIATED, f"transfer_out {at} transfer_id=t1")]
    stories += [story(*then, provider="beta")] if then else []
    found = cases("stage_conversion", *stories)
    own = found.provider == found.subjects.index("alpha")
    unknown = int(found.unknown[found.subjects.index("alpha")])
    return int(found.counts[own].sum()), int(own.sum()), unknown


def test_a_case_that_is_handed_over_goes_on_where_it_was_received() -> None:
    received = "transfer_in 21 transfer_id=t1"
    assert handed_over(received, "stage_started 21 stage=arbitration") == (2, 2, 0)
    assert handed_over(received, "stage_started 93 stage=arbitration") == (1, 2, 0)
    stood = (received, "clock_stopped 30 reason=translation", "clock_resumed 60", "stage_started 93 stage=arbitration")
    assert handed_over(*stood) == (2, 2, 0)
    assert handed_over(received, "settled 40 stage=mediation") == (1, 2, 0)
    assert handed_over(received, "stage_started 22 stage=negotiation") == (1, 2, 0), "not the next step"


def test_whether_a_case_went_on_that_nobody_says_to_have_received_is_not_known() -> None:
    assert handed_over() == (1, 1, 1)
    assert handed_over(at=93) == (1, 2, 0), "in its 90 days it had not gone on"
    other = story("transfer_in 21 transfer_id=t1", "stage_started 21 stage=arbitration", provider="gamma")
    twice = cases("stage_conversion", story(*MEDIATED, "transfer_out 21 transfer_id=t1"), other,
                  [one._replace(provider="delta") for one in other])  # fmt: skip
    assert int(twice.unknown[twice.subjects.index("alpha")]) == 1, "two say that they received it"
    assert handed_over("transfer_in 21 transfer_id=t1", "transfer_out 22 transfer_id=t2") == (1, 1, 1)


def test_a_case_goes_on_by_several_hands_and_may_come_back() -> None:
    sent = story(*MEDIATED, "transfer_out 21 transfer_id=t1")
    between = story("transfer_in 21 transfer_id=t1", "transfer_out 22 transfer_id=t2", provider="beta")
    taken = story("transfer_in 22 transfer_id=t2", "stage_started 23 stage=arbitration", provider="gamma")
    found = cases("stage_conversion", sent, between, taken)
    assert (int(found.counts.sum()), found.counts.size, found.unknown.sum()) == (2, 3, 0)
    back = story("transfer_in 21 transfer_id=t1", "transfer_out 22 transfer_id=t2", provider="beta")
    again = story(*MEDIATED, "transfer_out 21 transfer_id=t1", "transfer_in 22 transfer_id=t2",
                  "settled 30 stage=mediation")  # fmt: skip
    returned = cases("stage_conversion", again, back)
    assert (int(returned.counts.sum()), returned.counts.size, returned.unknown.sum()) == (1, 2, 0)


def of_alpha(lines: tuple[str, ...], *others: list[Event]) -> tuple[int, int, int]:
    """Of a case of alpha that was mediated there: gone on to arbitration, of how many, not known."""
    found = cases("stage_conversion", story(*MEDIATED, *lines), *others)
    place = found.subjects.index("alpha")
    mediated = (found.provider == place) & (found.kind[0] == 2)
    return int(found.counts[mediated].sum()), int(mediated.sum()), int(found.unknown[place])


AWAY, BACK = "transfer_out 21 transfer_id=t1", "transfer_in 120 transfer_id=t2"


@pytest.mark.parametrize(
    ("then", "beta", "expected"),
    [
        (("stage_started 121 stage=arbitration",), ("stage_started 23 stage=arbitration",), (1, 1, 0)),
        (("award_issued 130",), ("stage_started 23 stage=arbitration",), (1, 1, 0)),
        (("stage_started 121 stage=arbitration",), (), (0, 1, 0)),
        (
            ("stage_started 121 stage=arbitration",),
            ("clock_stopped 30 reason=translation", "clock_resumed 70"),
            (1, 1, 0),
        ),
    ],
    ids=["elsewhere first", "elsewhere alone", "too late", "the clock stood elsewhere"],
)
def test_a_case_that_came_back_went_on_where_it_first_did(
    then: tuple[str, ...], beta: tuple[str, ...], expected: tuple[int, int, int]
) -> None:
    had = story("transfer_in 21 transfer_id=t1", *beta, "transfer_out 120 transfer_id=t2", provider="beta")
    assert of_alpha((AWAY, BACK, *then), had) == expected


def test_of_a_case_that_came_back_from_who_reports_nothing_a_late_step_is_not_known_to_be_the_first() -> None:
    arbitration = "stage_started {} stage=arbitration"
    assert of_alpha((AWAY, BACK, arbitration.format(121))) == (0, 0, 1)
    assert of_alpha((AWAY, "transfer_in 60 transfer_id=t2", arbitration.format(61))) == (1, 1, 0)
    assert of_alpha((arbitration.format(20), AWAY, BACK)) == (1, 1, 1), "whether there is an award is not known"
    assert of_alpha(("transfer_out 93 transfer_id=t1", BACK, arbitration.format(121))) == (0, 1, 0)


def test_what_was_in_known_hands_for_its_days_is_known_though_it_was_lost_afterwards() -> None:
    had = story("transfer_in 21 transfer_id=t1", "transfer_out 120 transfer_id=t2", provider="beta")
    assert of_alpha((AWAY,), had) == (0, 1, 0)


def test_where_a_stage_is_promised_to_be_held_equal_it_never_gives_way() -> None:
    cohort = MatureCohort(PERIOD, NOW, FOLLOWED_DAYS)
    asked = {one.indicator: question_of(one, cohort) for one in COMPARED}
    promised = {name for name in asked if " is held equal" in definition(name).compared}
    assert promised == {name for name, question in asked.items() if question.held > 1}
    assert promised == {"settlement_by_stage", "stage_conversion"}
    assert {asked[name].strata[: asked[name].held - 1] for name in promised} == {("stage",)}


def test_waiting_counts_by_its_day_and_who_needed_nothing_is_left_out() -> None:
    begins = "stage_started 2 stage=mediation"
    soon = story("filed 0", begins, "appointed 16 neutral=n", case="soon")
    late = story("filed 0", begins, "appointed 17 neutral=n", case="late")
    never = story("filed 0", begins, case="never")
    gone = story("filed 0", begins, "settled 10 stage=mediation", case="gone")
    assert counted("time_to_appointment", soon, late, never, gone) == (1, 3)
    closes = "submissions_closed 20"
    awarded = story("filed 0", closes, "award_issued 30 outcome=claimant_full", case="awarded")
    slow = story("filed 0", closes, "award_issued 31 outcome=claimant_full", case="slow")
    assert counted("time_to_award", awarded, slow) == (1, 2)
    assert counted("default_share", awarded, slow) == (0, 2)


def test_a_clock_that_nobody_starts_again_is_no_neutral_in_time() -> None:
    begins = ("filed 0", "stage_started 1 stage=mediation")
    stopped = (*begins, "clock_stopped 2 reason=neutral_unavailable")
    late = story(*stopped, "appointed 61 neutral=n", case="late")
    never, soon = story(*stopped, case="never"), story(*begins, "appointed 8 neutral=n", case="soon")
    found = cases("time_to_appointment", late, never, soon)
    assert (int(found.counts.sum()), found.counts.size, found.unknown.tolist()) == (1, 1, [2])
    steps = cases("stage_conversion", never)
    assert (steps.counts.size, steps.unknown.tolist()) == (0, [2])  # filed, mediation
    assert cases("settlement_by_stage", never).unknown.tolist() == [1]


def test_what_goes_by_the_calendar_is_known_though_the_clock_stands() -> None:
    told = ("filed 0", "commenced 1 deadline=response due=20", "clock_stopped 2 reason=translation")
    stands = story(*told, "response 15", "deadline_met 15 deadline=response due=20")
    assert counted("deadline_compliance", stands) == counted("respondent_participation", stands) == (1, 1)
    assert counted("refusal_rate", stands) == (0, 1)


@pytest.mark.parametrize("name", ["deadline_compliance", "respondent_participation", "refusal_rate"])
def test_what_goes_by_the_calendar_is_left_out_by_it_too(name: str) -> None:
    missed = ("filed 0", "commenced 1 deadline=response due=20", "deadline_missed 25 deadline=response")
    stood = ("clock_stopped 26 reason=translation", "clock_resumed 80")
    assert counted(name, story(*missed, "transfer_out 90")) == (0, 1)
    assert counted(name, story(*missed, *stood, "transfer_out 90")) == (0, 1), "the clock was at day 36"
    assert counted(name, story(*missed, *stood, "transfer_out 89")) == (0, 0)
    assert counted("resolved_in_time", story(*missed, *stood, "transfer_out 90")) == (0, 0)


def test_what_is_not_known_of_performance_is_counted_beside_the_share() -> None:
    award = "award_issued 2 outcome=claimant_full obligation=yes due=20"
    full = story("filed 0", award, "complied 15", case="full")
    part = story("filed 0", award, "complied 15 performance=part", case="part")
    unknown = story("filed 0", award, case="unknown")
    found = cases("award_compliance", full, part, unknown)
    assert (int(found.counts.sum()), found.counts.size, found.unknown.tolist()) == (1, 2, [1])
    assert counted("settlement_compliance", full, part, unknown) == (0, 0)


def test_a_fee_above_a_tenth_counts_where_there_is_a_rate() -> None:
    told = [
        story(f"filed 0 fee={fee}USD claim={claim}", case=f"{fee}-{claim}")
        for fee, claim in ((10, "100USD"), (11, "100USD"), (90, "100EUR"))
    ]
    assert counted("fee_burden", *told) == (1, 2)


def test_answers_count_that_came_in_time_and_parties_who_did_not_answer_are_known() -> None:
    lost = story("filed 0", "commenced 1 slots=claimant:t1,respondent:t2", "award_issued 10 outcome=respondent")
    day = PERIOD.start // DAY_SECONDS + 10
    for late, expected in ((90, (1, 1, 1)), (91, (0, 0, 2))):
        context = Context(
            answers=(Answer("alpha", "one", "claimant", "lost", {"overall": 4, "fairness": 2}, day + late),)
        )
        found = cases("satisfaction", lost, context=context)
        assert (int(found.counts.sum()), found.counts.size, int(found.unknown.sum())) == expected
    context = Context(answers=(Answer("alpha", "one", "claimant", "lost", {"overall": 4, "fairness": 2}, day),))
    found = cases("fairness_to_losing_side", lost, context=context)
    assert (int(found.counts.sum()), found.counts.size, int(found.unknown.sum())) == (0, 1, 0)


def test_packages_are_their_senders() -> None:
    ended = PERIOD.start + 5
    told = [
        ExchangeRecord("1", "alpha", "beta", PERIOD.start, "accepted", ended, "completed", ended),
        ExchangeRecord("2", "alpha", "beta", PERIOD.start, "accepted", ended, "failed", ended, "package"),
        ExchangeRecord("3", "alpha", "beta", PERIOD.start, "declined", ended, "declined", ended, "consent"),
        ExchangeRecord("4", "unheard-of", "beta", PERIOD.start, "accepted", ended, "completed", ended),
    ]
    assert counted("transfer_defects", story("filed 0"), context=Context(exchange=tuple(told))) == (1, 2)


def test_each_indicator_says_how_it_is_compared_or_why_not() -> None:
    assert [one.indicator for one in COMPARED] == sorted(BY_NAME)
    for one in definitions():
        assert (one.comparison == "share") is (one.id in BY_NAME), one.id
        assert one.compared.endswith((".", "?")), one.id
        assert one.comparison == "none" or "?" in one.compared, one.id
    assert not LOAD & set(BY_NAME)
    assert {one.id for one in definitions() if "measure of load" in one.compared} == LOAD


def test_held_equal_is_what_the_definition_names_or_what_the_comparison_says_instead() -> None:
    for name, one in BY_NAME.items():
        strata = question_of(one, MatureCohort(PERIOD, NOW, FOLLOWED_DAYS)).strata
        assert "procedure" not in strata
        named = tuple(stratum for stratum in definition(name).strata if stratum not in ("procedure", "panel"))
        assert name == "transfer_defects" or {*ALIKE, *named} - {"procedure"} <= set(strata), name
        assert strata[: len(named)] == named or strata[0] == "stage", "what the definition names goes first"
        assert len(cases(name, story("filed 0")).kind) == len(strata)


def test_providers_keep_their_names() -> None:
    found = cases("resolved_in_time", story("filed 0", provider="beta"), story("filed 0", provider="alpha"))
    assert sorted(found.subjects[place] for place in found.provider.tolist()) == ["alpha", "beta"]
    assert found.provider.dtype == np.int64
