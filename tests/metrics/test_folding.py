import random
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.amendments import ANNULLED
from metrics.columns import Columns
from metrics.defects import DEFECTS
from metrics.events import COURT_DECISIONS, DAY_SECONDS, PERFORMANCES, TYPES, Event, Slot
from metrics.facts import PERFORMED, Outcome, Spell, StageSpell, Stop, Transfer
from metrics.flows import flows
from metrics.folding import fold, fold_case
from metrics.money import Money
from metrics.samples import guangzhou_like
from tests.metrics.stories import FREEZE, PERIOD, codes, days, fact, story

WHOLE = (
    "filed 0 hs2=84",
    "commenced 0.5",
    "stage_started 1 stage=negotiation",
    "stage_ended 8 stage=negotiation",
    "stage_started 8 stage=mediation",
    "settled 12 stage=mediation",
    "closed 13",
)


def test_a_case_from_filing_to_closing() -> None:
    found = fact(*WHOLE)
    assert found.defects == ()
    assert (found.filed, found.commenced, found.closed_at) == (days(0), days(0.5), days(13))
    assert found.outcome == Outcome("settled", days(12), stage="mediation")
    assert found.spells == (Spell(days(0), "filed", days(12), "settled"),)
    assert found.stages == (StageSpell("negotiation", days(1), days(8)), StageSpell("mediation", days(8), days(12)))
    assert (found.attributes.hs2, found.events, found.amendments) == ("84", 7, 0)


def test_awards_tell_merits_from_default() -> None:
    assert fact("filed 0", "award_issued 9 outcome=claimant_part default=no").outcome == Outcome(
        "award", days(9), code="claimant_part"
    )
    found = fact("filed 0", "award_issued 9 outcome=claimant_full default=yes").outcome
    assert found
    assert found.kind == "default_award"


def test_a_case_refused_at_the_door_is_no_unknown_case() -> None:
    found = fact("refused 0 reason=a")
    assert (found.outcome, found.spells, found.defects) == (Outcome("refused", days(0), reason="a"), (), ())
    assert fact("refused 0 reason=a", "refused 1 reason=b").outcome == found.outcome


def test_a_case_that_is_handed_over_and_comes_back_has_two_spells() -> None:
    found = fact(
        "filed 0", "stage_started 1 stage=mediation", "transfer_out 3 transfer_id=t1 stage=mediation",
        "closed 4", "transfer_in 9 transfer_id=t2", "settled 12 stage=mediation",
    )  # fmt: skip
    assert found.spells == (
        Spell(days(0), "filed", days(3), "transfer_out"),
        Spell(days(9), "transfer_in", days(12), "settled"),
    )
    assert found.transfers == (Transfer("out", "t1", days(3), "mediation"), Transfer("in", "t2", days(9)))
    assert found.stages[0].left == days(3)


def test_days_are_calendar_days_less_those_on_which_the_clock_stood() -> None:
    found = fact("filed 0.9", "clock_stopped 3 reason=translation", "clock_resumed 7.5", "settled 12.1 stage=mediation")
    assert found.stops == (Stop("translation", days(3), days(7.5)),)
    assert found.days(days(0.9), days(1.1)) == 1
    assert found.days(days(0.9), days(12.1)) == 12 - 4
    assert found.days(days(0.9), days(5)) == 5 - 2, "a clock that still stands"


def test_a_clock_still_stopped_stands_to_the_end() -> None:
    found = fact("filed 0", "clock_stopped 3 reason=evidence", "discontinued 10 reason=withdrawn")
    assert found.stops == (Stop("evidence", days(3), days(10)),)
    assert fact("filed 0", "clock_stopped 3 reason=evidence").days(days(0), FREEZE) == 3


def test_what_is_recorded_after_the_freeze_is_not_known_yet() -> None:
    late = story("filed 0", "settled 5 stage=mediation recorded=95")
    assert fold_case(late, FREEZE).outcome is None
    assert fold_case(late, days(96)).outcome is not None
    assert fold([one._replace(recorded_at=FREEZE + 1) for one in late], FREEZE) == ()


def test_facts_are_sorted_and_kept_apart_by_provider_and_case() -> None:
    events = story("filed 0", provider="beta") + story("filed 1") + story("filed 2", case="zero")
    found = fold(events, FREEZE)
    assert [(one.provider, one.case) for one in found] == [("alpha", "one"), ("alpha", "zero"), ("beta", "one")]


STORIES = [
    ("unknown_case", ("settled 3 stage=mediation",)),
    ("second_opening", ("filed 0", "filed 1")),
    ("second_opening", ("filed 0", "transfer_in 1 transfer_id=t")),
    ("second_opening", ("filed 0", "transfer_out 1 transfer_id=t", "filed 2")),
    ("closing_before_opening", ("settled 0 stage=mediation", "filed 3")),
    ("closing_before_opening", ("closed 0", "filed 3")),
    ("event_before_opening", ("commenced 0", "filed 3")),
    ("event_after_end", ("filed 0", "refused 3", "stage_started 4 stage=mediation")),
    ("event_after_end", ("filed 0", "refused 3", "closed 4", "closed 5")),
    ("second_outcome", ("filed 0", "refused 3", "award_issued 4")),
    ("second_outcome", ("refused 0 reason=frivolous", "refused 1 reason=too_late")),
    ("event_after_transfer", ("filed 0", "transfer_out 3 transfer_id=t", "settled 4 stage=mediation")),
    ("event_after_deletion", ("filed 0", "refused 3", "deleted 4", "complied 5")),
    ("closed_without_outcome", ("filed 0", "closed 3")),
    ("closed_without_outcome", ("filed 0", "deleted 3")),
    ("transfer_unnamed", ("filed 0", "transfer_out 3")),
    ("stage_missing", ("filed 0", "stage_started 1")),
    ("stage_missing", ("filed 0", "stage_started 1 stage=mediation", "settled 2")),
    ("stage_not_started", ("filed 0", "stage_ended 1 stage=mediation")),
    ("stage_not_started", ("filed 0", "stage_started 1 stage=negotiation", "stage_ended 2 stage=mediation")),
    ("stage_not_ended", ("filed 0", "stage_started 1 stage=negotiation", "stage_started 2 stage=mediation")),
    ("stage_order", (
        "filed 0", "stage_started 1 stage=mediation", "stage_ended 2", "stage_started 2 stage=negotiation",
    )),
    ("stage_disagrees", ("filed 0", "stage_started 1 stage=negotiation", "settled 2 stage=mediation")),
    ("stop_without_reason", ("filed 0", "clock_stopped 1 reason=holiday")),
    ("already_stopped", ("filed 0", "clock_stopped 1 reason=evidence", "clock_stopped 2 reason=evidence")),
    ("not_stopped", ("filed 0", "clock_resumed 1")),
    ("unknown_type", ("filed 0", "teleported 1")),
    ("event_in_future", ("filed 0", "refused 5 recorded=4")),
    ("negative_duration", ("filed 3 deadline=response due=2",)),
    ("deadline_unnamed", ("filed 0 due=2",)),
    ("deadline_unnamed", ("filed 0", "deadline_met 2")),
    ("deadline_unnamed", ("filed 0", "deadline_met 2 deadline=response")),
    ("deadline_unnamed", ("filed 0", "extended 2 agreed=yes")),
    ("due_changed", ("filed 0 deadline=response due=7", "commenced 1 deadline=response due=9")),
    ("extension_unknown", ("filed 0", "extended 2 deadline=response due=9 agreed=yes")),
    ("deadline_judged_twice", (
        "filed 0 deadline=response due=7", "deadline_met 1 deadline=response", "deadline_missed 2 deadline=response",
    )),
    ("deadline_lapsed", (
        "filed 0 deadline=award due=7", "transfer_out 5 transfer_id=t", "transfer_in 9 transfer_id=u",
        "deadline_met 10 deadline=award",
    )),
    ("met_after_due", ("filed 0 deadline=response due=7", "deadline_met 8 deadline=response")),
    ("duplicate_event", ("filed 0", "refused 3", "refused 3 sequence=1 recorded=4")),
    ("sequence_conflict", ("filed 0", "refused 3", "discontinued 3 sequence=1 recorded=4")),
    ("amends_unknown", ("filed 0", "amended 3 amends_sequence=9 sequence=10")),
    ("amends_unknown", ("filed 0", "amended 3")),
    ("amends_later", ("filed 0", "amended 3 amends_sequence=1")),
    ("amends_annulled", ("filed 0", "refused 3", "amended 4 amends_sequence=1 reason=annulled",
                         "amended 5 amends_sequence=1 reason=annulled")),
    ("repeated_event", ("filed 0", "commenced 1", "commenced 2")),
    ("answered_already", ("filed 0", "response 1", "no_response 2")),
    ("slot_refused", ("filed 0", "commenced 1 slots=claimant:aa,respondent:aa")),
    ("appointed_already", ("filed 0", "appointed 1 neutral=ada", "appointed 2 neutral=ada")),
    ("panel_exceeded", ("filed 0", "appointed 1 neutral=ada panel=1", "appointed 2 neutral=ben panel=1")),
    ("not_in_office", ("filed 0", "appointed 1 neutral=ada", "replaced 2 neutral=ben")),
    ("award_unknown", ("filed 0", "discontinued 3 reason=withdrawn", "notified 4")),
    ("award_disagrees", ("filed 0", "award_issued 3 award_digest=d1", "notified 4 award_digest=d2")),
    ("decision_missing", ("filed 0", "award_issued 3", "court_challenge 4", "court_decision 5")),
    ("challenge_unknown", ("filed 0", "award_issued 3", "court_decision 5 decision=upheld")),
    ("nothing_owed", ("filed 0", "refused 3", "complied 4")),
    ("performance_contradicts", ("filed 0", "award_issued 3", "complied 4 performance=none")),
    ("performed_already", ("filed 0", "award_issued 3", "complied 4", "not_complied 5")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "lines"), STORIES, ids=[f"{number}-{one[0]}" for number, one in enumerate(STORIES)])
def test_a_defect_is_counted_once_by_its_code(code: str, lines: tuple[str, ...]) -> None:
    assert codes(*lines) == {code: 1}


def test_every_defect_has_a_story() -> None:
    assert {code for code, _ in STORIES} == set(DEFECTS)


def test_a_closing_that_can_not_be_right_leaves_the_case_open() -> None:
    found = fact("settled 0 stage=mediation", "filed 3")
    assert (found.outcome, found.spells) == (None, (Spell(days(3), "filed"),))


def test_an_unexplained_closing_ends_the_case_with_an_unknown_outcome() -> None:
    found = fact("filed 0", "closed 3")
    assert (found.outcome, found.spells[0].ended_by) == (Outcome("unknown", days(3)), "unknown")


def test_the_first_outcome_stands() -> None:
    found = fact("filed 0", "settled 3 stage=mediation", "award_issued 9 outcome=claimant_full")
    assert found.outcome == Outcome("settled", days(3), stage="mediation")


def test_saying_the_same_again_at_the_end_is_no_defect() -> None:
    lines = (
        "filed 0", "stage_started 1 stage=mediation", "clock_stopped 2 reason=evidence",
        "settled 5 stage=mediation", "stage_ended 5 stage=mediation", "clock_resumed 5", "closed 5", "complied 20",
        "deleted 60",
    )  # fmt: skip
    assert codes(*lines) == {}


def test_a_stage_that_ends_as_the_settlement_is_made_is_the_stage_of_the_settlement() -> None:
    lines = ("filed 0", "stage_started 1 stage=mediation", "stage_ended 5 stage=mediation", "settled 5 stage=mediation")
    assert codes(*lines) == {}
    found = fact(*lines[:-1], "settled 5").outcome
    assert found
    assert found.stage == "mediation", "not named, so the stage the case was in"


# deadlines

MET_ON_DAY_8 = "deadline_met 8 deadline=award"


@pytest.mark.parametrize(
    ("lines", "due", "extension", "result"),
    [
        (("filed 0 deadline=award due=7", "deadline_met 7 deadline=award"), 7, "none", "met"),
        (("filed 0 deadline=award due=7", "deadline_met 8 deadline=award"), 7, "none", "missed"),
        (("filed 0 deadline=award due=7", "deadline_missed 8 deadline=award"), 7, "none", "missed"),
        (("filed 0 deadline=award due=7",), 7, "none", "open"),
        (("filed 0 deadline=award due=7", "refused 5"), 7, "none", "lapsed"),
        (("filed 0 deadline=award due=7", "refused 8"), 7, "none", "open"),
        (("filed 0 deadline=award due=7", "refused 5", "deadline_met 5 deadline=award"), 7, "none", "met"),
        (
            ("filed 0 deadline=award due=7", "extended 5 deadline=award due=9 agreed=yes", MET_ON_DAY_8),
            9, "agreed", "met",
        ),
        (
            ("filed 0 deadline=award due=7", "extended 5 deadline=award due=9 agreed=no", MET_ON_DAY_8),
            7, "other", "missed",
        ),
        (
            (
                "filed 0 deadline=award due=7", "extended 5 deadline=award due=9 agreed=yes",
                "extended 6 deadline=award due=20 agreed=no", "deadline_met 15 deadline=award",
            ),
            9, "agreed", "missed",
        ),
        (("filed 0", "deadline_met 5 deadline=award due=7"), 7, "none", "met"),
    ],
)  # fmt: skip
def test_what_became_of_a_deadline(lines: tuple[str, ...], due: int, extension: str, result: str) -> None:
    found = fact(*lines).deadlines
    assert [(one.judged_due, one.extension, one.result) for one in found] == [(days(due), extension, result)]


@pytest.mark.parametrize(("due", "result"), [(5, "open"), (20, "lapsed"), (40, "open"), (50, "open"), (61, "lapsed")])
def test_a_deadline_lapses_where_it_falls_due_while_the_provider_does_not_have_the_case(due: int, result: str) -> None:
    away = ("transfer_out 5 transfer_id=t", "transfer_in 40 transfer_id=u", "discontinued 60 reason=withdrawn")
    [found] = fact("filed 0", f"commenced 1 deadline=response due={due}", *away).deadlines
    assert found.result == result


def test_a_deadline_kept_under_an_extension_of_ones_own_is_missed_but_no_defect() -> None:
    lines = ("filed 0 deadline=award due=7", "extended 5 deadline=award due=9", "deadline_met 8 deadline=award")
    assert codes(*lines) == {}


def test_a_kind_of_deadline_may_be_set_again_once_it_was_judged() -> None:
    found = fact(
        "filed 0 deadline=submissions due=7", "deadline_met 5 deadline=submissions",
        "commenced 6 deadline=submissions due=9", "deadline_missed 10 deadline=submissions",
    )  # fmt: skip
    assert [one.result for one in found.deadlines] == ["met", "missed"]


# amendments


def test_an_amendment_replaces_what_it_states() -> None:
    found = fact("filed 0 hs2=84 language=zh", "refused 9 reason=a", "amended 1 amends_sequence=0 hs2=85")
    assert (found.filed, found.attributes.hs2, found.attributes.language) == (days(1), "85", "zh")
    assert (found.events, found.amendments) == (2, 1)


def test_an_event_with_a_type_replaces_the_amended_one_altogether() -> None:
    found = fact("filed 0", "refused 9 reason=a", "settled 8 stage=mediation amends_sequence=1")
    assert found.outcome == Outcome("settled", days(8), stage="mediation")


def test_an_amendment_of_an_amendment_amends_the_root_and_the_last_counts() -> None:
    found = fact("filed 0 hs2=84", "amended 0 amends_sequence=0 hs2=85", "amended 0 amends_sequence=1 hs2=86")
    assert found.attributes.hs2 == "86"


def test_an_event_may_be_taken_back() -> None:
    found = fact("filed 0", "refused 9 reason=a", "amended 10 amends_sequence=1 reason=annulled")
    assert (found.outcome, found.spells[0].ended) == (None, None)
    again = fact(
        "filed 0", "refused 9 reason=a", "amended 10 amends_sequence=1 reason=annulled",
        "amended 11 amends_sequence=1 language=en",
    )  # fmt: skip
    assert again.outcome is None, "what was taken back can't be amended, only reported anew"


def test_an_amendment_counts_from_its_own_recording() -> None:
    lines = ("filed 0 hs2=84", "amended 0 amends_sequence=0 hs2=85 recorded=50")
    assert fact(*lines, freeze=days(49)).attributes.hs2 == "84"
    assert fact(*lines, freeze=days(50)).attributes.hs2 == "85"


# properties

ANY_EVENT = st.builds(
    lambda **told: Event(**told),  # noqa: PLW0108  # of a named tuple itself every member would be made up
    provider=st.sampled_from(["alpha", "beta"]),
    case=st.sampled_from(["one", "two"]),
    sequence=st.integers(0, 12),
    type=st.sampled_from(sorted({*TYPES, "teleported"})),
    at=st.integers(0, 60).map(days),
    recorded_at=st.integers(0, 100).map(days),
    stage=st.sampled_from([None, "negotiation", "mediation", "arbitration"]),
    reason=st.sampled_from([None, "evidence", "annulled", "withdrawn"]),
    deadline=st.sampled_from([None, "response", "award"]),
    due=st.none() | st.integers(0, 80).map(days),
    agreed=st.sampled_from([None, True, False]),
    transfer_id=st.sampled_from([None, "t1", "t2"]),
    amends_sequence=st.none() | st.integers(0, 12),
    award_digest=st.sampled_from([None, None, "d1", "d2"]),
    neutral=st.sampled_from([None, "ada", "ben"]),
    panel=st.sampled_from([None, 1, 3]),
    performance=st.sampled_from([None, *PERFORMANCES]),
    enforced=st.sampled_from([None, True, False]),
    obligation=st.sampled_from([None, True, False]),
    decision=st.sampled_from([None, *COURT_DECISIONS]),
    fee=st.sampled_from([None, Money(Decimal(120), "USD")]),
    slots=st.sampled_from([None, (Slot("claimant", "aa"), Slot("respondent", "bb"))]),
)
SET_ASIDE = {"amends_unknown", "amends_later", "amends_annulled", "unknown_type", "event_in_future"}
AGAIN = {"duplicate_event", "sequence_conflict"}


@given(st.lists(ANY_EVENT, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(events: list[Event], chance: random.Random) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert fold(shuffled, FREEZE) == fold(events, FREEZE)


@settings(max_examples=300)
@given(st.lists(ANY_EVENT, max_size=30))
def test_any_events_give_facts_that_are_possible(events: list[Event]) -> None:
    facts = fold(events, FREEZE)
    for provider in ("alpha", "beta"):
        flows(provider, Columns.of([one for one in facts if one.provider == provider]), PERIOD)
    for one in facts:
        instants = [at for spell in one.spells for at in (spell.opened, spell.ended) if at is not None]
        assert instants == sorted(instants)
        assert all(spell.ended is not None for spell in one.spells[:-1])
        assert all(stage.left is None or stage.left >= stage.entered for stage in one.stages)
        stops = [at for stop in one.stops for at in (stop.began, stop.ended) if at is not None]
        assert stops == sorted(stops)
        assert all(each.ended is None or each.ended >= each.at for each in one.appointments)
        assert all(each.ended is not None for each in one.appointments) or (one.spells and one.spells[-1].ended is None)
        assert one.award is None or (one.outcome and one.outcome.at == one.award.at)
        assert one.performance is None or one.performance.result in PERFORMED
        assert min(one.lateness, default=0) >= 0
        if one.spells:
            opened = one.spells[0].opened
            assert one.days(opened, max(opened, FREEZE)) >= 0
        assert {defect.code for defect in one.defects} <= set(DEFECTS)


@given(st.lists(ANY_EVENT.map(lambda one: one._replace(provider="alpha", case="one")), min_size=1, max_size=20))
def test_every_event_counts_or_amends_or_is_a_counted_defect(events: list[Event]) -> None:
    reported = [one for one in events if one.recorded_at <= FREEZE]
    for found in fold(events, FREEZE):
        sequences = {one.sequence for one in reported}
        counted = Counter(one.code for one in found.defects)
        assert len(reported) - len(sequences) == sum(counted[code] for code in AGAIN)
        first = {number: min((one for one in reported if one.sequence == number), key=_arrived) for number in sequences}
        aside = {one.sequence for one in found.defects if one.code in SET_ASIDE}
        amending = {number for number, one in first.items() if one.amends_sequence is not None} - aside
        annulled = sum(first[number].reason == ANNULLED and first[number].type == "amended" for number in amending)
        revived = found.events + len(amending) + len(aside) - len(sequences)
        assert -annulled <= revived <= 0, "whatever is neither counted nor set aside was taken back by an amendment"


def _arrived(event: Event) -> tuple[int, str]:
    return event.recorded_at, repr(event)


@given(st.lists(ANY_EVENT, max_size=20))
def test_events_about_another_providers_case_never_change_it(events: list[Event]) -> None:
    own = [one for one in fold(events, FREEZE) if one.provider == "alpha"]
    foreign = [one._replace(provider="beta") for one in events]
    together = fold([*(one for one in events if one.provider == "alpha"), *foreign], FREEZE)
    assert [one for one in together if one.provider == "alpha"] == own


@pytest.mark.parametrize("name", sorted(TYPES - {"filed", "transfer_in", "refused", "amended"}))
def test_an_event_of_a_case_that_the_provider_never_had_is_counted(name: str) -> None:
    assert codes(f"{name} 3 transfer_id=t stage=mediation award_digest=d1") == {"unknown_case": 1}


def test_lateness_is_that_of_the_first_report() -> None:
    events = story("filed 0 recorded=2", "commenced 1 recorded=1", "refused 5 recorded=4.999", "amended 0 recorded=9")
    events[3] = events[3]._replace(amends_sequence=0)
    again = events[0]._replace(recorded_at=days(30))
    assert fold_case([again, *events], FREEZE).lateness == (2 * DAY_SECONDS, 0, 0)


def test_sending_everything_twice_changes_nothing_but_the_count_of_duplicates() -> None:
    events = guangzhou_like(3, 20, date(2026, 1, 1))
    freeze = max(one.recorded_at for one in events) + 10
    once = fold(events, freeze)
    twice = fold([*events, *(one._replace(recorded_at=one.recorded_at + 5) for one in events)], freeze)
    assert [replace(one, defects=()) for one in twice] == list(once)
    assert sum(len(one.defects) for one in twice) == len(events)
