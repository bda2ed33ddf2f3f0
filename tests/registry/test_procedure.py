"""The procedure around a concern: what each step must bring along."""

from typing import Any

import pytest

from registry import state as spaces
from registry.procedure import APPEALS, BASES
from signing.compose import timestamp
from tests.registry.network import DAY, START, Network, refuses
from tests.registry.test_accreditations import APPEAL, BOTH, CONSULTATION, reach, step

RECOMMENDED = CONSULTATION | {"recommends": "removal", "adjusted": False}
LATER = timestamp(START + 200 * DAY)


def decision(net: Network, status: str, **body: Any) -> Any:
    return net.accreditation("acme", status, BOTH, body=body)


def procedure(net: Network) -> Any:
    return net.state.get(spaces.accreditation("acme")).get("procedure")


def test_from_concern_to_remedy() -> None:
    net = reach("concern")
    assert procedure(net) == {"cure_deadline": timestamp(START + 90 * DAY)}
    step(net, "referred")
    step(net, "referred", consultation=CONSULTATION)
    assert procedure(net) == {"cure_deadline": timestamp(START + 90 * DAY), "consultation": CONSULTATION}
    step(net, "listed")
    assert procedure(net) is None


def test_from_concern_to_removal_and_back_by_appeal() -> None:
    net = reach("referred")
    step(net, "removed", removal_basis="recommendation", consultation=RECOMMENDED, appeal=APPEAL)
    step(net, "removed", appeal=APPEAL | {"state": "lodged"})
    step(net, "listed", appeal=APPEAL | {"state": "allowed"})
    assert procedure(net) is None


@pytest.mark.parametrize("status", ["listed", "conditional"])
def test_a_referral_ends_with_the_panels_consultation(status: str) -> None:
    net = reach("referred")
    refuses(net, decision(net, status), "consultation_missing", "/body/consultation")
    step(net, status, consultation=RECOMMENDED)  # the officers need not follow the panel


def test_a_removal_recommended_needs_the_recommendation() -> None:
    for consultation in ({}, {"consultation": CONSULTATION}):
        net = reach("referred")
        removal = decision(net, "removed", removal_basis="recommendation", **consultation)
        refuses(net, removal, "consultation_missing", "/body/consultation", "its recommendation")
    step(net, "referred", consultation=RECOMMENDED)
    step(net, "removed", removal_basis="recommendation")


def test_a_new_referral_starts_without_the_consultation_of_an_earlier_one() -> None:
    net = reach("referred")
    step(net, "referred", consultation=RECOMMENDED)
    step(net, "suspended")
    assert procedure(net)["consultation"] == RECOMMENDED
    step(net, "referred")
    assert "consultation" not in procedure(net)
    removal = decision(net, "removed", removal_basis="recommendation")
    refuses(net, removal, "consultation_missing", "/body/consultation")


@pytest.mark.parametrize("basis", BASES)
def test_each_basis_of_a_removal_fits_some_statuses(basis: str) -> None:
    fitting = {
        "rejected": {"applied"},
        "recommendation": {"referred"},
        "cure_failed": {"conditional", "concern", "suspended"},
        "own_request": {"applied", "listed", "conditional", "concern", "referred", "suspended", "expired"},
        "ceased": {"applied", "listed", "conditional", "concern", "referred", "suspended", "expired"},
    }[basis]
    for old in ("applied", "listed", "conditional", "concern", "referred", "suspended", "expired"):
        net = reach(old)
        if old == "suspended":
            step(net, "suspended", cure_deadline=timestamp(net.now + 1))
        consulted = {"consultation": RECOMMENDED} if old == "referred" else {}
        if old in fitting and basis == "cure_failed":
            net.now = START + 91 * DAY
        removal = decision(net, "removed", removal_basis=basis, **consulted)
        if old in fitting:
            net.submit(removal)
        else:
            refuses(net, removal, "removal_basis_unfit", "/body/removal_basis", f"{old} can't rest on this basis")


def test_a_cure_has_failed_once_its_deadline_has_passed() -> None:
    net = reach("concern")
    removal = {"removal_basis": "cure_failed"}
    net.now = START + 90 * DAY - 1
    refuses(net, decision(net, "removed", **removal), "cure_time_left", "/body/removal_basis", "2026-12-20T14:13:20Z")
    past = {"cure_deadline": timestamp(START)}
    refuses(net, decision(net, "removed", **removal, **past), "cure_deadline_past", "/body/cure_deadline")
    net.now += 1
    step(net, "removed", **removal)


def test_a_deadline_that_moved_counts() -> None:
    net = reach("concern")
    step(net, "concern", cure_deadline=LATER)
    net.now = START + 91 * DAY
    refuses(net, decision(net, "removed", removal_basis="cure_failed"), "cure_time_left", "/body/removal_basis")
    net.now = START + 200 * DAY
    refuses(net, decision(net, "suspended", cure_deadline=timestamp(net.now - 1)), "cure_deadline_past",
            "/body/cure_deadline")  # fmt: skip
    step(net, "suspended", cure_deadline=LATER)  # said again, not given anew
    step(net, "removed", removal_basis="cure_failed")


def test_without_a_deadline_no_cure_has_failed() -> None:
    net = reach("suspended")
    removal = decision(net, "removed", removal_basis="cure_failed")
    refuses(net, removal, "cure_deadline_missing", "/body/removal_basis")
    first_given_here = decision(net, "removed", removal_basis="cure_failed", cure_deadline=LATER)
    refuses(net, first_given_here, "cure_deadline_missing", "/body/removal_basis")


def test_a_renewed_listing_clears_what_was_pending() -> None:
    net = reach("conditional")
    assert procedure(net) == {"cure_deadline": timestamp(START + 90 * DAY)}
    step(net, "listed", cure_deadline=LATER)
    assert procedure(net) is None
    step(net, "suspended")
    assert procedure(net) is None


@pytest.mark.parametrize("status", ["concern", "referred", "suspended", "removed"])
def test_a_status_is_repeated_to_record_something(status: str) -> None:
    net = reach(status)
    same = {"cure_deadline": timestamp(START + 90 * DAY)} if status in {"concern", "referred"} else {}
    refuses(net, decision(net, status, **same), "procedure_unchanged", "/body/status", f"is {status} already")
    net = reach(status)
    step(net, status, cure_deadline=LATER)
    refuses(net, decision(net, status, cure_deadline=LATER), "procedure_unchanged", "/body/status")


def test_the_course_of_an_appeal() -> None:
    assert {
        "none": {"open", "lodged"}, "open": {"open", "lodged"}, "lodged": {"dismissed"}, "dismissed": set(),
    } == APPEALS  # fmt: skip
    courses: dict[str, tuple[str, ...]] = {
        "none": (), "open": ("open",), "lodged": ("lodged",), "dismissed": ("lodged", "dismissed"),
    }  # fmt: skip
    for against in ("suspended", "removed"):
        for was, course in courses.items():
            for new in ("open", "lodged", "allowed", "dismissed"):
                net = reach(against)
                for one in course:
                    step(net, against, appeal=APPEAL | {"state": one})
                said = {"until": LATER, "state": new}
                if new in APPEALS[was]:
                    step(net, against, appeal=said)
                else:
                    statement = decision(net, against, appeal=said)
                    refuses(net, statement, "appeal_out_of_order", "/body/appeal/state", f"is {was} can't become {new}")


def test_an_appeal_stays_when_something_else_is_recorded() -> None:
    net = reach("suspended")
    step(net, "suspended", appeal=APPEAL | {"state": "lodged"})
    step(net, "suspended", appeal=APPEAL | {"state": "lodged"}, cure_deadline=LATER)
    step(net, "suspended", appeal=APPEAL | {"state": "dismissed"})


def test_an_appeal_ends_with_what_it_is_against() -> None:
    net = reach("suspended")
    step(net, "suspended", appeal=APPEAL | {"state": "lodged"})
    step(net, "removed", appeal=APPEAL)
    assert procedure(net) == {"appeal": APPEAL}
    net = reach("suspended")
    step(net, "suspended", appeal=APPEAL | {"state": "lodged"})
    step(net, "removed")
    assert procedure(net) is None


def test_nobody_appeals_against_nothing() -> None:
    for old, new in (("listed", "listed"), ("listed", "concern"), ("concern", "referred"), ("listed", "conditional")):
        for state in ("open", "lodged", "allowed"):
            net = reach(old)
            statement = decision(net, new, appeal=APPEAL | {"state": state})
            refuses(net, statement, "appeal_out_of_order", "/body/appeal/state")


def test_a_suspension_is_lifted_with_or_without_an_appeal() -> None:
    net = reach("suspended")
    step(net, "suspended", appeal=APPEAL | {"state": "lodged"})
    refuses(net, decision(net, "listed", appeal=APPEAL | {"state": "lodged"}), "appeal_out_of_order",
            "/body/appeal/state")  # fmt: skip
    step(net, "listed", appeal=APPEAL | {"state": "allowed"})
    net = reach("suspended")
    refuses(net, decision(net, "listed", appeal=APPEAL | {"state": "allowed"}), "appeal_out_of_order",
            "/body/appeal/state", "is none")  # fmt: skip
    step(net, "listed")


@pytest.mark.parametrize("status", ["listed", "conditional"])
def test_who_was_removed_returns_by_appeal_or_applies_anew(status: str) -> None:
    net = reach("removed")
    allowed = {"appeal": APPEAL | {"state": "allowed"}}
    refuses(net, decision(net, status), "appeal_missing", "/body/appeal", "or applies anew")
    refuses(net, decision(net, status, **allowed), "appeal_missing", "/body/appeal")
    step(net, "removed", appeal=APPEAL | {"state": "lodged"})
    refuses(net, decision(net, status), "appeal_missing", "/body/appeal")
    refuses(net, decision(net, status, appeal=APPEAL), "appeal_missing", "/body/appeal")
    step(net, status, **allowed)
    net = reach("removed")
    step(net, "applied")
    step(net, status)
