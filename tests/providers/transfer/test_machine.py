"""The transfer machine: every transition, every refusal."""

from dataclasses import replace

import pytest

from providers.transfer.commands import Command
from providers.transfer.machine import Change, decide
from providers.transfer.values import FINAL, OPEN, TRANSITIONS, Case, Facts, Standing, Transfer
from tests.providers.transfer.samples import (
    BRIO,
    CASE,
    CIPHERTEXT,
    DAY,
    HOUR,
    NOW,
    PATHS,
    TRANSFER,
    At,
    accept,
    at_state,
    completion,
    decline,
    dispatch,
    evidence,
    offer,
    offer_expired,
    refuses,
    withdrawal,
)

FRESH = Case.first(CASE)


def test_the_machine_is_the_protocols() -> None:
    assert {"offered", "accepted", "dispatched"} == OPEN
    assert {"declined", "withdrawn", "expired", "completed", "failed"} == FINAL
    assert {state: after for state, after in TRANSITIONS.items() if after} == {
        "offered": {"accepted", "declined", "withdrawn", "expired"},
        "accepted": {"dispatched", "withdrawn", "expired"},
        "dispatched": {"completed", "failed", "expired"},
    }


def test_a_case_is_first_held_by_the_member_in_its_id() -> None:
    assert Case("urn:odr:acme:01890000-0000-7000-8000-000000000002", "acme", None, 0) == FRESH


def test_an_offer_opens_a_transfer() -> None:
    change = decide(None, FRESH, offer(), At(7), BRIO)
    assert change.case == replace(FRESH, transfer=TRANSFER)
    assert change.transfer == Transfer(
        transfer_id=TRANSFER, state="offered", case=CASE, sender="acme", recipient="brio", stage="mediation",
        offer="offer", expires=NOW + 5 * DAY, dispatch_hours=24, completion_hours=48, brief=offer().brief, moves=0,
        index=7, deadline=NOW + 5 * DAY,
    )  # fmt: skip


def test_deadlines_run_from_the_entry_before() -> None:
    accepted = at_state("accepted").transfer
    assert (accepted.deadline, accepted.key, accepted.answer) == (NOW + 1 + 24 * HOUR, "key", "answer")
    sent = at_state("dispatched").transfer
    assert (sent.deadline, sent.manifest_root, sent.ciphertext) == (NOW + 2 + 48 * HOUR, "root", CIPHERTEXT)
    assert sent.dispatch == "dispatch"
    assert at_state("delivered").transfer.deadline == sent.deadline
    assert all(at_state(state).transfer.deadline is None for state in FINAL)


@pytest.mark.parametrize("name", PATHS)
def test_custody_moves_at_completion_alone(name: str) -> None:
    change = at_state(name)
    moved = change.transfer.state == "completed"
    assert change.case.custodian == ("brio" if moved else "acme")
    assert change.case.moves == moved
    assert change.case.transfer == (TRANSFER if change.transfer.open else None)
    if change.transfer.open:
        assert change.transfer.held == change.case
    assert change.transfer.index == len(PATHS[name]) - 1


@pytest.mark.parametrize("name", PATHS)
def test_a_transfer_is_stored_and_read_again(name: str) -> None:
    transfer = at_state(name).transfer
    assert Transfer.from_json(transfer.to_json()) == transfer


COMMANDS: dict[str, tuple[Command, set[str]]] = {
    "accept": (accept(digest="new"), {"offered"}),
    "decline": (decline(digest="new"), {"offered"}),
    "dispatch": (dispatch(digest="new"), {"accepted"}),
    "completion": (completion(digest="new"), {"dispatched", "delivered", "retrieved"}),
    "withdrawal": (withdrawal(digest="new"), {"offered", "accepted"}),
    "delivery": (evidence("delivery", digest="new"), {"dispatched"}),
    "retrieval": (evidence("retrieval", digest="new"), {"dispatched", "delivered"}),
    "non_retrieval": (evidence("non_retrieval", digest="new"), {"dispatched", "delivered"}),
    "submission_rejection": (evidence("submission_rejection", digest="new"), {"dispatched"}),
}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_every_state(command: str, name: str) -> None:
    given, states = COMMANDS[command]
    before = at_state(name)
    if name in states:
        after = decide(before.transfer, before.case, given, At(9, NOW + 9), BRIO).transfer
        assert after.state in TRANSITIONS[before.transfer.state] | {"dispatched"}
        return
    settled = command in ("delivery", "retrieval", "non_retrieval", "submission_rejection")
    if settled and before.transfer.dispatch is not None:
        refuses(before, given, "evidence_out_of_order", "/body/event", "higher priority")
    elif name == "expired" and command in ("accept", "decline"):
        refuses(before, given, "offer_expired", "/body/offer", "may offer the case again")
    else:
        where = "/body/event" if settled else f"/body/{_names(given)}"
        refuses(before, given, "wrong_state", where, f"The transfer is {before.transfer.state}; this needs one that is")


def _names(command: Command) -> str:
    return next(name for name in ("offer", "answer", "dispatch") if hasattr(command, name))


# offers


def test_who_may_offer_which_transfer() -> None:
    refuses(FRESH, offer(transfer_id="urn:odr:brio:x"), "transfer_id_of_other_issuer", "/body/transfer_id", "odr:acme:")
    refuses(at_state("declined"), offer(), "transfer_id_taken", "/body/transfer_id", "registered under this id")
    refuses(Case(CASE, "cargo"), offer(), "not_custodian", "/body/case_id", "acme is not the custodian")
    other = replace(FRESH, transfer="urn:odr:acme:other")
    refuses(other, offer(), "transfer_open", "/body/case_id", "must end before another begins")


@pytest.mark.parametrize(
    ("facts", "code", "saying"),
    [
        (Facts(None), "recipient_unknown", "No active actor has the id brio"),
        (Facts(Standing("provider", active=False, accreditation="listed")), "recipient_unknown", "brio"),
        (Facts(Standing("court", active=True, accreditation="none")), "recipient_not_provider", "brio is not a"),
        (Facts(Standing("provider", active=True, accreditation="suspended")), "recipient_not_active", "is suspended"),
        (Facts(Standing("provider", active=True, accreditation="removed")), "recipient_not_active", "is removed"),
    ],
)
def test_the_recipient_is_a_provider_in_office(facts: Facts, code: str, saying: str) -> None:
    refuses(FRESH, offer(), code, "/body/recipient", saying, facts=facts)
    refuses(at_state("offered"), accept(), code, "/issuer", saying, facts=facts)
    decide(at_state("offered").transfer, FRESH, decline(), At(9, NOW + 9), facts)


def test_nobody_offers_to_itself() -> None:
    refuses(FRESH, offer(recipient="acme"), "recipient_is_sender", "/body/recipient", "own custodian")


@pytest.mark.parametrize("status", ["none", "pending", "expired", "applied", "concern", "referred", "conditional"])
def test_other_accreditations_are_no_bar(status: str) -> None:
    decide(None, FRESH, offer(), At(7), Facts(Standing("provider", active=True, accreditation=status)))


@pytest.mark.parametrize("status", ["suspended", "removed"])
def test_who_is_out_of_office_hands_over_and_says_why(status: str) -> None:
    facts = replace(BRIO, sender=status)
    decide(None, FRESH, offer(reason="provider_exit"), At(7), facts)
    for reason in ("capacity", "party_request", "conflict_of_interest"):
        refuses(
            FRESH, offer(reason=reason), "sender_must_exit", "/body/reason", f"acme is {status} and hands", facts=facts
        )
    other = Case(CASE, "brio")  # what it does not hold it can't hand over, whatever it says
    refuses(other, offer(), "not_custodian", "/body/case_id", "acme", facts=facts)


@pytest.mark.parametrize("status", ["none", "pending", "expired", "applied", "concern", "referred", "conditional"])
def test_any_other_sender_names_its_own_reason(status: str) -> None:
    for reason in ("capacity", "provider_exit"):
        decide(None, FRESH, offer(reason=reason), At(7), replace(BRIO, sender=status))


def test_an_offer_ends_in_time() -> None:
    refuses(FRESH, offer(expires=NOW + 9), "expiry_in_past", "/body/expires_at", "before it is registered")
    refuses(FRESH, offer(expires=NOW + 10 + 30 * DAY), "expiry_too_far", "/body/expires_at", "within 30 days")
    for expires in (NOW + 10, NOW + 9 + 30 * DAY):
        decide(None, FRESH, offer(expires=expires), At(9, NOW + 9), BRIO)


def test_in_negotiation_the_clock_stands_still_for_five_days_at_most() -> None:
    given = offer(stage="negotiation", expires=NOW + 2 * DAY, dispatch_hours=24, completion_hours=48)
    decide(None, FRESH, given, At(7), BRIO)
    late = replace(given, expires=NOW + 2 * DAY + 1)
    for longer in (late, replace(given, dispatch_hours=25), replace(given, completion_hours=49)):
        refuses(FRESH, longer, "pause_too_long", "/body/expires_at", "stands still for 5 days at most", at=At(7))
        decide(None, FRESH, longer, At(7, NOW + HOUR), BRIO)


def test_arbitration_is_the_highest_gate() -> None:
    given = offer(stage="arbitration", legal_basis="submission_agreement")
    decide(None, FRESH, given, At(7), BRIO)
    decide(None, FRESH, replace(given, legal_basis="successor_clause"), At(7), BRIO)
    refuses(FRESH, replace(given, seat_unchanged=False), "seat_changed", "/body/seat_unchanged", "seat unchanged")
    for basis in ("party_agreement", "rules", "legal_duty"):
        refused = replace(given, legal_basis=basis)
        refuses(FRESH, refused, "submission_agreement_missing", "/body/legal_basis", "submission agreement")


@pytest.mark.parametrize("stage", ["before_commencement", "negotiation", "mediation"])
def test_lower_gates_ask_for_neither(stage: str) -> None:
    decide(None, FRESH, offer(stage=stage, seat_unchanged=False, expires=NOW + DAY), At(7), BRIO)


# after the offer


def test_nobody_speaks_for_the_other() -> None:
    offered, accepted, sent = at_state("offered"), at_state("accepted"), at_state("dispatched")
    for issuer in ("acme", "cargo"):
        refuses(offered, accept(issuer=issuer), "not_recipient", "/issuer", f"{issuer} is not the recipient")
        refuses(offered, decline(issuer=issuer), "not_recipient", "/issuer")
        refuses(sent, completion(issuer=issuer), "not_recipient", "/issuer")
        for event in ("delivery", "retrieval", "non_retrieval"):
            refuses(sent, evidence(event, issuer=issuer), "not_recipient", "/issuer")
    for issuer in ("brio", "cargo"):
        refuses(accepted, dispatch(issuer=issuer), "not_sender", "/issuer", f"{issuer} is not the sender")
        refuses(offered, withdrawal(issuer=issuer), "not_sender", "/issuer")


@pytest.mark.parametrize(
    "command",
    [accept(), decline(), dispatch(), completion(), withdrawal(), evidence("delivery"), offer_expired()],
    ids=lambda one: type(one).__name__,
)
def test_what_nobody_offered_is_unknown(command: Command) -> None:
    refuses(FRESH, command, "unknown_transfer", "/body/transfer_id", "No transfer is registered")


@pytest.mark.parametrize(
    ("state", "command", "where"),
    [
        ("offered", accept(offer="old"), "/body/offer"),
        ("offered", decline(offer="old"), "/body/offer"),
        ("accepted", dispatch(answer="old"), "/body/answer"),
        ("dispatched", completion(dispatch="old"), "/body/dispatch"),
        ("offered", withdrawal(offer="old"), "/body/offer"),
        ("dispatched", evidence("delivery", "old"), "/body/of"),
        ("dispatched", evidence("delivery", "answer"), "/body/of"),
        ("offered", replace(offer_expired(), of="old"), "/body/of"),
    ],
)
def test_everything_names_what_counts_now(state: str, command: Command, where: str) -> None:
    refuses(at_state(state), command, "stale_transfer", where, "another statement", at=At(9, NOW + 9 * DAY))


LIMITS = [
    ("offered", accept(), "offer_expired", NOW + 5 * DAY),
    ("offered", decline(), "offer_expired", NOW + 5 * DAY),
    ("accepted", dispatch(), "dispatch_expired", NOW + 1 + 24 * HOUR),
    ("dispatched", completion(), "completion_expired", NOW + 2 + 48 * HOUR),
]


@pytest.mark.parametrize(("state", "command", "code", "limit"), LIMITS)
def test_the_deadline_itself_is_too_late(state: str, command: Command, code: str, limit: int) -> None:
    before = at_state(state)
    decide(before.transfer, before.case, command, At(9, limit - 1), BRIO)
    refuses(before, command, code, "", "may offer the case again", at=At(9, limit))
    over = evidence(code, {"offered": "offer", "accepted": "answer"}.get(state, "dispatch"), issuer="hub")
    after = decide(before.transfer, before.case, over, At(9, limit))
    assert after == Change(replace(before.transfer, state="expired", deadline=None, index=9), FRESH)
    refuses(after, command, code, f"/body/{_names(command)}", "may offer the case again")


def test_a_withdrawal_is_never_too_late_for_an_open_transfer() -> None:
    for state in ("offered", "accepted"):
        before = at_state(state)
        after = decide(before.transfer, before.case, withdrawal(), At(9, NOW + 90 * DAY))
        assert (after.transfer.state, after.case) == ("withdrawn", FRESH)


def test_a_key_serves_one_transfer() -> None:
    facts = replace(BRIO, key_known=True)
    refuses(at_state("offered"), accept(), "transfer_key_reused", "/body/key", "used or registered before", facts=facts)


def test_completion_repeats_what_was_dispatched() -> None:
    sent = at_state("dispatched")
    refused = completion(manifest_root="other")
    refuses(sent, refused, "manifest_differs", "/body/manifest_root", "the manifest root differs")
    refuses(sent, completion(custodian_from="brio"), "not_custodian", "/body/custodian_from", "brio is not the cust")
    refuses(sent, completion(custodian_to="acme"), "not_recipient", "/body/custodian_to", "acme is not the recipient")
