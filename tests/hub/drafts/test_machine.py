"""Whatever happens to a draft, in whatever order: the end is the end, and texts go with it."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.drafts import machine
from hub.drafts.errors import DraftStateError
from hub.drafts.limits import RESULT_SECONDS
from hub.drafts.values import COMPLETE, FINAL, INVITED, OPEN, REGISTERED, STATES, UNFINISHED, DeskDraft, Signer
from signing.compose import payload, sign_all
from signing.statement import parse_statement
from tests.hub.world import signing_key

NOW, END = 1_795_000_000, 1_795_000_100
KEYS = [signing_key("first"), signing_key("second")]
BODY = {"any": "body"}
OCTETS = payload("neutral", "neutral-a", BODY, [(one.kid, "introduced") for one in KEYS], network="ab" * 32, now=NOW)
STATEMENT = parse_statement(sign_all(OCTETS, [(one, "introduced") for one in KEYS], NOW))
COMPLETED = (Signer(KEYS[0].kid, "introduced", None, True, "p", "s"), Signer(KEYS[1].kid, "officer", "officer-1"))  # noqa: FBT003

EVENTS = {
    "completed": lambda one: machine.completed(one, STATEMENT, None, COMPLETED),
    "signed": lambda one: machine.signed(one, KEYS[1].kid, "p", "s"),
    "declined": lambda one: machine.declined(one, one.signers[0].kid, "no", NOW),
    "withdrawn": lambda one: machine.withdrawn(one, NOW),
    "expired": lambda one: machine.expired(one, END),
    "registered": lambda one: machine.registered(one, 5, NOW),
    "refused": lambda one: machine.refused(one, {"code": "x"}, NOW),
    "waiting": lambda one: machine.waiting(one, {"code": "y"}),
}
MOVES = {
    ("completed", "invited"): "open", ("signed", "open"): "complete",
    ("declined", "invited"): "declined", ("declined", "open"): "declined",
    ("withdrawn", "invited"): "withdrawn", ("withdrawn", "open"): "withdrawn",
    ("expired", "invited"): "expired", ("expired", "open"): "expired", ("expired", "complete"): "expired",
    ("registered", "complete"): "registered", ("registered", "expired"): "registered",
    ("refused", "complete"): "refused", ("waiting", "complete"): "complete",
}  # fmt: skip


def invited(*, register: bool = True) -> DeskDraft:
    signers = (Signer("", "introduced", None, secret_hash="aa" * 32), Signer(KEYS[1].kid, "officer", "officer-1"))
    return DeskDraft(
        "id", "acme-odr", "neutral", "neutral-a", INVITED, "cd" * 32, register, NOW, END, signers, invitation={"a": 1}
    )


def in_state(state: str) -> DeskDraft:
    if state == INVITED:
        return invited()
    one = EVENTS["completed"](invited())
    if state == OPEN:
        return one
    if state in ("declined", "withdrawn"):
        return EVENTS[state](one)
    one = EVENTS["signed"](one)
    return one if state == COMPLETE else EVENTS[state](one)


@pytest.mark.parametrize(("event", "state"), list(product(EVENTS, STATES)))
def test_every_move_and_no_other(event: str, state: str) -> None:
    before = in_state(state)
    assert before.state == state
    if (event, state) in MOVES:
        assert EVENTS[event](before).state == MOVES[event, state]
    elif (event, state) in {
        ("completed", "open"),
        ("completed", "complete"),
        ("signed", "complete"),
        ("signed", "registered"),
    }:
        assert EVENTS[event](before) == before  # the same again
    else:
        with pytest.raises(DraftStateError) as caught:
            EVENTS[event](before)
        assert caught.value.code in ("wrong_draft_state", "already_signed")


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=8))
def test_whatever_happens_texts_go_at_the_end(events: list[str]) -> None:
    one = invited()
    for event in events:
        before = one
        try:
            one = EVENTS[event](one)
        except DraftStateError:
            one = before
        assert before.payload in (None, one.payload) or one.state in FINAL, "a text changed under its id"
        assert (one.state in FINAL) == (one.ended_at is not None)
        if one.state in FINAL and one.state != REGISTERED:
            assert (one.payload, one.annex, one.invitation, one.statement) == (None,) * 4
            assert all(each.signature is None and each.protected is None for each in one.signers)
        assert one.problem is None or one.problem == {"code": "x" if one.state == "refused" else "y"}
        assert one.problem is None or one.state in (COMPLETE, "refused"), "what it waited for is over"
        assert machine.cleared(one).draft is None
        assert all(each.secret_hash is None for each in machine.cleared(one).signers)


def test_the_link_of_who_was_invited_becomes_that_of_the_new_key() -> None:
    one = in_state(OPEN)
    assert [each.secret_hash for each in one.signers] == ["aa" * 32, None]


def test_a_complete_draft_is_withdrawn_only_where_the_hub_does_not_register_it() -> None:
    one = EVENTS["signed"](EVENTS["completed"](invited(register=False)))
    assert EVENTS["withdrawn"](one).state == "withdrawn"


@pytest.mark.parametrize("state", STATES)
def test_time_ends_what_waits_for_people(state: str) -> None:
    one = in_state(state)
    assert machine.at(one, END - 1) == one
    assert machine.at(one, END).state == ("expired" if state in (INVITED, OPEN) else state)
    left = replace(one, register=False)
    assert machine.at(left, END).state == ("expired" if state in UNFINISHED else state)


@pytest.mark.parametrize("state", STATES)
def test_links_open_until_a_day_after_the_end_and_never_after_expiry(state: str) -> None:
    one = in_state(state)
    assert machine.link_opens(one, END - 1) == (state != "expired")
    late = {INVITED: False, OPEN: False, COMPLETE: True, "expired": False}
    assert machine.link_opens(one, END) == late.get(state, True)
    if state in FINAL:
        assert not machine.link_opens(one, NOW + RESULT_SECONDS)


def test_another_signature_of_the_same_key_is_refused() -> None:
    one = in_state(OPEN)
    with pytest.raises(DraftStateError) as caught:
        machine.signed(one, KEYS[0].kid, "other", "s")
    assert caught.value.code == "already_signed"
    with pytest.raises(DraftStateError):
        machine.signed(one, "stranger", "p", "s")
