import pytest

from metrics.facts import Performance
from tests.metrics.stories import codes, days, fact

AWARD = ("filed 0", "award_issued 30 outcome=claimant_full obligation=yes due=60")


def owed(*lines: str) -> Performance | None:
    return fact(*lines).performance


def test_what_is_owed_and_nobody_has_reported_on() -> None:
    assert owed(*AWARD) == Performance("award", days(60))
    assert owed("filed 0", "settled 5 stage=mediation due=20") == Performance("settlement", days(20))


@pytest.mark.parametrize(
    "stated",
    ["claimant_full", "claimant_part", "consent_award", "respondent obligation=yes", "no_order obligation=yes"],
)
def test_an_award_obliges_as_stated_or_as_it_decided(stated: str) -> None:
    assert owed("filed 0", f"award_issued 30 outcome={stated}") == Performance("award", None)


@pytest.mark.parametrize("stated", ["respondent", "no_order", "claimant_part obligation=no"])
def test_an_award_that_orders_nothing_obliges_nobody(stated: str) -> None:
    assert owed("filed 0", f"award_issued 30 outcome={stated}") is None


@pytest.mark.parametrize(
    ("reports", "result", "at"),
    [
        (("complied 50",), "full", 50),
        (("complied 50 performance=part",), "part", 50),
        (("not_complied 61",), "none", 61),
        (("not_complied 61 performance=part",), "part", 61),
        (("not_complied 61", "complied 80"), "full", 80),
        (("not_complied 61", "complied 80 enforced=yes"), "enforced", 80),
        (("not_complied 61 enforced=yes",), "none", 61),
        (("complied 50 performance=part", "not_complied 61 performance=part"), "part", 61),
        (("complied 50", "not_complied 61"), "full", 50),
        (("complied 50 enforced=yes", "complied 61"), "enforced", 50),
    ],
)
def test_what_became_of_it(reports: tuple[str, ...], result: str, at: int) -> None:
    found = owed(*AWARD, *reports)
    assert found == Performance("award", days(60), result, days(at))


def test_a_report_after_it_was_done_is_counted() -> None:
    assert codes(*AWARD, "complied 50", "not_complied 61") == {"performed_already": 1}


@pytest.mark.parametrize("report", ["complied 50 performance=none", "not_complied 50 performance=full"])
def test_a_report_that_contradicts_itself_is_set_aside(report: str) -> None:
    assert codes(*AWARD, report) == {"performance_contradicts": 1}
    assert owed(*AWARD, report) == Performance("award", days(60))


@pytest.mark.parametrize(
    "lines",
    [
        ("filed 0", "refused 3 reason=too_late", "complied 50"),
        ("filed 0", "complied 3"),
        ("filed 0", "settled 5 stage=mediation obligation=no", "not_complied 50"),
    ],
)
def test_nothing_is_performed_where_nothing_is_owed(lines: tuple[str, ...]) -> None:
    assert codes(*lines).get("nothing_owed") == 1
    assert owed(*lines) is None


def test_costs_may_be_owed_in_an_award_for_the_respondent() -> None:
    found = owed("filed 0", "award_issued 30 outcome=respondent", "complied 40")
    assert found == Performance("award", None, "full", days(40))


def test_a_date_before_the_award_is_no_date() -> None:
    lines = ("filed 0", "award_issued 30 outcome=claimant_full due=20")
    assert owed(*lines) == Performance("award", None)
    assert codes(*lines) == {"negative_duration": 1}


def test_a_due_date_of_a_deadline_is_not_the_one_of_the_obligation() -> None:
    found = fact("filed 0", "settled 5 stage=mediation deadline=mediation due=9")
    assert found.performance == Performance("settlement", None)
    assert [one.kind for one in found.deadlines] == ["mediation"]


def test_a_stay_does_not_undo_what_was_done() -> None:
    stay = ("court_challenge 65", "court_decision 70 decision=stayed")
    done, undone = owed(*AWARD, "complied 50", *stay), owed(*AWARD, "not_complied 61", *stay)
    assert done == Performance("award", days(60), "full", days(50))
    assert undone == Performance("award", days(60), "stayed", days(70))
