"""An invitation and what completes it: exactly one key is added, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import InvitationError
from providers.invitations import Invitation
from signing.drafts import Draft
from signing.encoding import canonical
from signing.secretkeys import SigningKey

NETWORK = "ab" * 32
KEY = SigningKey(bytes(range(32)))
BODY: dict[str, Any] = {
    "status": "active",
    "profile": {"languages": ["en"], "accepts": True},
    "nominated_by": "acme-odr",
}
INVITATION = Invitation("neutral", "neutral-a", NETWORK, BODY, (("k" * 43, "provider"), ("o" * 43, "officer")))


def completed() -> Draft:
    return Draft(INVITATION.payload(KEY.public, 1_795_000_000))


def test_it_comes_over_the_wire_as_it_was() -> None:
    assert Invitation.from_json(INVITATION.to_json(), NETWORK) == INVITATION
    with_annex = Invitation("neutral", "neutral-a", NETWORK, BODY, INVITATION.signers, b"annex")
    assert Invitation.from_json(with_annex.to_json(), NETWORK) == with_annex
    short = {name: value for name, value in INVITATION.to_json().items() if name != "network"}
    assert Invitation.from_json(short, NETWORK) == INVITATION


def test_what_completes_it_is_accepted() -> None:
    assert INVITATION.require(completed()) == KEY.public


def test_who_signs_first_in_the_list_does_not_matter() -> None:
    payload = completed().payload
    payload["signers"].append(payload["signers"].pop(0))
    assert INVITATION.require(Draft(canonical(payload))) == KEY.public


def test_true_is_not_one() -> None:
    payload = completed().payload
    payload["body"]["profile"]["accepts"] = 1
    with pytest.raises(InvitationError) as caught:
        INVITATION.require(Draft(canonical(payload)))
    assert (caught.value.code, caught.value.where) == ("invitation_changed", "/body")


@given(st.data())
def test_any_other_leaf_is_noticed(data: st.DataObject) -> None:
    payload = completed().payload
    at: Any = payload
    path: list[Any] = []
    while isinstance(at, dict | list):
        name = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        path.append(name)
        parent, at = at, at[name]
    if path[0] in ("id", "issued_at"):  # these are the invited signer's to choose; the schema and the rules judge them
        return
    parent[path[-1]] = data.draw(st.one_of(st.integers(0, 9), st.text(max_size=3), st.booleans()).filter(
        lambda value: canonical(value) != canonical(at)))  # fmt: skip
    with pytest.raises(InvitationError, match=r"this was changed|new key"):
        INVITATION.require(Draft(canonical(payload)))


def test_members_may_be_neither_added_nor_left_out() -> None:
    for change in ({"salt": "x"}, {"annex": {"sha256": "ab" * 32, "size": 1}}):
        with pytest.raises(InvitationError, match="this was changed"):
            INVITATION.require(Draft(canonical(completed().payload | change)))
    for name in completed().payload.keys() - {"id", "issued_at"}:
        payload = completed().payload
        del payload[name]
        with pytest.raises(InvitationError, match="this was changed"):
            INVITATION.require(Draft(canonical(payload)))
