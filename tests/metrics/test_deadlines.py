"""Deadlines of a case that another provider had for a while, and that came back."""

import pytest

from metrics.defects import count
from tests.metrics.computed import figures, three
from tests.metrics.stories import days, fact

AWAY = (
    "filed 0",
    "commenced 1 deadline=award due=20",
    "transfer_out 10 transfer_id=t",
    "transfer_in 30 transfer_id=u",
)
ANEW = "stage_started 31 stage=arbitration deadline=award due=60"


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ((), [(20, "none", "lapsed")]),
        ((ANEW,), [(20, "none", "lapsed"), (60, "none", "open")]),
        ((ANEW, "deadline_met 50 deadline=award"), [(20, "none", "lapsed"), (60, "none", "met")]),
        ((ANEW, "deadline_met 61 deadline=award due=60"), [(20, "none", "lapsed"), (60, "none", "missed")]),
        (("deadline_met 50 deadline=award due=60",), [(20, "none", "lapsed"), (60, "none", "met")]),
        (("extended 31 deadline=award due=60 agreed=yes",), [(20, "none", "lapsed"), (60, "agreed", "open")]),
        (("extended 31 deadline=award due=60 agreed=no",), [(20, "none", "lapsed"), (60, "other", "open")]),
    ],
    ids=["none", "set", "met", "too late", "set by its report", "extended by agreement", "extended alone"],
)  # fmt: skip
def test_what_lapsed_while_the_case_was_away_is_over_and_another_deadline_may_be_set(
    then: tuple[str, ...], expected: list[tuple[int, str, str]]
) -> None:
    found = fact(*AWAY, *then)
    told = [(one.judged_due, one.extension, one.result) for one in found.deadlines]
    assert told == [(days(due), extension, result) for due, extension, result in expected]
    assert set(count(found.defects)) <= {"met_after_due"}


def test_a_case_may_be_received_with_its_next_due_day() -> None:
    found = fact(*AWAY[:-1], f"{AWAY[-1]} deadline=award due=60")
    assert [(one.judged_due, one.result) for one in found.deadlines] == [(days(20), "lapsed"), (days(60), "open")]


@pytest.mark.parametrize("report", ["deadline_met 31 deadline=award", "deadline_missed 31 deadline=award due=20"])
def test_what_lapsed_is_neither_met_nor_missed_later(report: str) -> None:
    found = fact(*AWAY, report)
    assert ([one.result for one in found.deadlines], count(found.defects)) == (["lapsed"], {"deadline_lapsed": 1})


@pytest.mark.parametrize("back", [30, 70])
def test_what_lapsed_is_not_kept_or_missed_by_the_day_to_which_its_provider_moved_it(back: int) -> None:
    moved = "extended 8 deadline=award due=60 agreed=no"
    returned = (f"transfer_in {back} transfer_id=u", f"deadline_met {back + 5} deadline=award due=60")
    found = fact(*AWAY[:2], moved, AWAY[2], *returned)
    assert [(one.judged_due, one.result) for one in found.deadlines] == [(days(20), "lapsed")]
    assert count(found.defects) == {"deadline_lapsed": 1}


def test_what_was_reported_while_the_case_was_away_stands() -> None:
    found = fact(*AWAY[:-1], "deadline_met 15 deadline=award", AWAY[-1])
    assert [one.result for one in found.deadlines] == ["met"]


@pytest.mark.parametrize("due", [5, 10, 30, 40])
def test_a_deadline_runs_on_that_falls_due_while_the_provider_has_the_case(due: int) -> None:
    found = fact("filed 0", f"commenced 1 deadline=award due={due}", *AWAY[2:], ANEW)
    assert [(one.judged_due, one.result) for one in found.deadlines] == [(days(due), "open")]
    assert count(found.defects) == {"due_changed": 1}


def test_a_provider_is_not_charged_with_a_deadline_that_lapsed() -> None:
    story = (*AWAY, ANEW, "deadline_met 50 deadline=award due=60", "award_issued 50 outcome=claimant_full")
    found = figures("deadline_compliance", [fact(*story, case=str(number)) for number in range(40)])
    assert three(found["all"]) == (1.0, 40, 40)
    assert found["all"].counts["lapsed"] == 40
