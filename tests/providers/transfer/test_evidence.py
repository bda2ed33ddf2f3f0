"""Evidence: priority, finality, and what is due."""

from dataclasses import replace
from itertools import permutations

import pytest

from providers.errors import TransferRefused
from providers.transfer.evidence import EVENTS, TIMEOUTS, Due, about, due
from providers.transfer.machine import decide
from providers.transfer.values import FINAL, Blob, Transfer
from tests.providers.transfer.samples import (
    BRIO,
    CIPHERTEXT,
    DAY,
    HOUR,
    NOW,
    At,
    at_state,
    completion,
    evidence,
    refuses,
)


def test_priorities_are_those_of_the_reference() -> None:
    assert {name: (one.priority, one.positive) for name, one in EVENTS.items()} == {
        "submission_rejection": (2, False),
        "delivery": (6, True),
        "retrieval": (8, True),
        "non_retrieval": (9, False),
    }


@pytest.mark.parametrize(
    ("state", "events"),
    [
        ("delivered", ["submission_rejection", "delivery"]),
        ("retrieved", ["submission_rejection", "delivery", "retrieval", "non_retrieval"]),
        ("failed", list(EVENTS)),
        ("completed", list(EVENTS)),
    ],
)
def test_lower_evidence_after_higher_is_refused_with_a_code(state: str, events: list[str]) -> None:
    for event in events:
        refusal = refuses(at_state(state), evidence(event), "evidence_out_of_order", "/body/event", "higher priority")
        assert (refusal.actor, refusal.retryable) == ("nobody", False)


@pytest.mark.parametrize("event", ["submission_rejection", "non_retrieval"])
def test_a_negative_is_final_and_leaves_the_case_with_the_sender(event: str) -> None:
    before = at_state("dispatched")
    after = decide(before.transfer, before.case, evidence(event), At(9, NOW + 9))
    assert (after.transfer.state, after.case.custodian, after.case.transfer) == ("failed", "acme", None)
    refuses(after, completion(), "wrong_state", "/body/dispatch", "is failed")


def test_no_negative_follows_a_retrieval_but_completion_may_still_fail_to_come() -> None:
    before = at_state("retrieved")
    late = evidence("completion_expired", issuer="hub", parts=())
    refuses(before, late, "not_yet_due", "/body/event", "not passed yet")
    after = decide(before.transfer, before.case, late, At(9, NOW + 2 + 48 * HOUR))
    assert (after.transfer.state, after.case.custodian) == ("expired", "acme")
    assert decide(before.transfer, before.case, completion(), At(9, NOW + 9)).case.custodian == "brio"


def test_positive_evidence_names_the_octets_that_were_dispatched() -> None:
    before = at_state("dispatched")
    for event in ("delivery", "retrieval"):
        for parts in ((), (Blob("00" * 32, 5000),), (replace(CIPHERTEXT, size=4999),)):
            refused = evidence(event, parts=parts)
            refuses(before, refused, "manifest_differs", "/body/parts", "the ciphertext differs")
    decide(before.transfer, before.case, evidence("non_retrieval", parts=()), At(9, NOW + 9))


@pytest.mark.parametrize("events", [("delivery", "retrieval"), ("delivery", "non_retrieval"), ("delivery", "delivery"),
                                    ("retrieval", "retrieval", "delivery"), ("delivery", "non_retrieval", "delivery"),
                                    ("submission_rejection",)])  # fmt: skip
def test_evidence_of_one_story_ends_the_same_in_any_order(events: tuple[str, ...]) -> None:
    ends, codes = set(), set()
    for order in permutations(events):
        change = at_state("dispatched")
        for index, event in enumerate(order):
            try:
                change = decide(change.transfer, change.case, evidence(event), At(9 + index, NOW + 9))
            except TransferRefused as refusal:
                codes.add(refusal.code)
        ends.add((change.transfer.state, change.transfer.retrieved))
    assert len(ends) == 1
    assert codes <= {"evidence_out_of_order"}


@pytest.mark.parametrize(
    ("state", "event", "of"),
    [
        ("offered", "offer_expired", "offer"),
        ("accepted", "dispatch_expired", "answer"),
        ("dispatched", "completion_expired", "dispatch"),
        ("delivered", "completion_expired", "dispatch"),
        ("retrieved", "completion_expired", "dispatch"),
    ],
)
def test_what_is_late_is_due_from_its_deadline_on(state: str, event: str, of: str) -> None:
    before = at_state(state)
    deadline = before.transfer.deadline
    assert deadline is not None
    assert due(before.transfer, deadline - 1) is None
    for now in (deadline, deadline + 1, deadline + 900 * DAY):
        assert due(before.transfer, now) == Due(before.transfer.transfer_id, event, of, deadline)
    late = evidence(event, of, issuer="hub", parts=())
    refuses(before, late, "not_yet_due", "/body/event", "not passed yet", at=At(9, deadline - 1))
    after = decide(before.transfer, before.case, late, At(9, deadline))
    assert after.transfer.state == "expired"
    assert due(after.transfer, deadline) is None
    refuses(after, late, "wrong_state", "/body/event", "is expired", at=At(10, deadline))


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_is_due_of_what_has_ended(state: str) -> None:
    assert due(at_state(state).transfer, NOW + 900 * DAY) is None


def test_every_open_state_has_one_time_out() -> None:
    for state, event in TIMEOUTS.items():
        change = at_state(state)
        wrong = {name for name in TIMEOUTS.values() if name != event}
        for other in wrong:
            late = evidence(other, about(change.transfer, state), issuer="hub")
            refuses(change, late, "wrong_state", "/body/event", f"is {state}", at=At(9, NOW + 90 * DAY))


def test_before_dispatch_there_is_nothing_to_attest() -> None:
    for state in ("offered", "accepted", "declined"):
        refuses(at_state(state), evidence("delivery"), "wrong_state", "/body/event", "needs one that is dispatched")


def test_late_evidence_counts_until_the_hub_has_spoken() -> None:
    """The log has one order; only what the two sides promise each other is cut off by the clock."""
    before = at_state("dispatched")
    after: Transfer = decide(before.transfer, before.case, evidence("retrieval"), At(9, NOW + 90 * DAY), BRIO).transfer
    assert (after.state, after.retrieved) == ("dispatched", True)
