from metrics.facts import Appointment
from tests.metrics.stories import codes, days, fact


def test_a_neutral_is_in_office_until_the_case_ends() -> None:
    found = fact("filed 0", "appointed 2 neutral=ada panel=1", "settled 9 stage=mediation")
    assert found.appointments == (Appointment("ada", 1, days(2), "settled", days(9)),)


def test_a_neutral_of_a_case_handed_over_is_in_office_no_more() -> None:
    found = fact("filed 0", "appointed 2 neutral=ada", "transfer_out 5 transfer_id=t")
    assert [(one.ended_by, one.ended) for one in found.appointments] == [("transfer_out", days(5))]


def test_a_challenged_neutral_may_be_replaced() -> None:
    found = fact(
        "filed 0", "appointed 2 neutral=ada panel=1", "challenged 3 neutral=ada", "challenged 4",
        "replaced 5 neutral=ada", "appointed 6 neutral=ben panel=1",
    )  # fmt: skip
    assert found.appointments == (
        Appointment("ada", 1, days(2), "replaced", days(5), challenged=days(3)),
        Appointment("ben", 1, days(6)),
    )
    assert found.defects == ()


def test_of_a_panel_the_one_meant_must_be_named() -> None:
    panel = ("filed 0", *(f"appointed 2 neutral={name} panel=3" for name in ("ada", "ben", "eve")))
    assert codes(*panel) == {}
    assert codes(*panel, "replaced 3") == {"not_in_office": 1}
    found = fact(*panel, "replaced 3 neutral=ben")
    assert [one.neutral for one in found.appointments if one.ended is None] == ["ada", "eve"]


def test_a_neutral_of_whom_no_name_was_told_counts() -> None:
    assert fact("filed 0", "appointed 2", "appointed 2 panel=3").appointments == (
        Appointment(None, None, days(2)),
        Appointment(None, 3, days(2)),
    )
