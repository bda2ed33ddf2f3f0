"""An admission gives way to the same one for another officer, and nothing else gives way to anything."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.drafts.alternatives import gives_way, officers_who_signed
from hub.drafts.values import COMPLETE, INVITED, OPEN, DeskDraft, Signer
from signing.compose import payload
from signing.secretkeys import SigningKey
from tests.hub.world import signing_key

NOW = 1_795_000_000
NEW, FIRST, SECOND, THIRD = (signing_key(name) for name in ("cora", "officer-1", "officer-2", "officer-3"))
OWNERS = {one.kid: f"officer-{number}" for number, one in enumerate((FIRST, SECOND, THIRD), 1)}


def draft(*officers: SigningKey, poster: str, name: str = "Cora", kind: str = "member", role: str = "") -> DeskDraft:
    """An admission that the applicant has signed, for these officers."""
    roles = [(NEW.kid, role or "introduced"), *((one.kid, "officer") for one in officers)]
    statement_id = "urn:odr:cora-centre:0197b1a0-0000-7000-8000-000000000001"
    octets = payload(
        kind, "cora-centre", {"name": name}, roles, network="ab" * 32, now=NOW, statement_id=statement_id
    )  # fmt: skip
    signers = tuple(Signer(kid, one, OWNERS.get(kid), kid == NEW.kid) for kid, one in roles)
    return DeskDraft(
        "id", poster, kind, "cora-centre", OPEN, "cd" * 32, True, NOW, NOW + 100, signers, statement_id, octets  # noqa: FBT003
    )  # fmt: skip


WAITING = draft(FIRST, poster="officer-1")
OWN = draft(SECOND, poster="officer-2")


def test_an_officer_goes_on_with_their_own_alternative() -> None:
    assert gives_way(WAITING, OWN)


def test_whoever_put_it_there_may_choose_another_officer_or_make_new_links() -> None:
    assert gives_way(WAITING, draft(SECOND, poster="officer-1"))
    assert gives_way(WAITING, WAITING)


def test_who_is_to_sign_what_another_put_there_can_put_it_there_anew() -> None:
    assert gives_way(draft(SECOND, poster="officer-1"), OWN)
    assert gives_way(draft(FIRST, SECOND, poster="officer-1"), draft(FIRST, SECOND, poster="officer-2"))


def signed_by(one: DeskDraft, *keys: SigningKey) -> DeskDraft:
    kids = {key.kid for key in keys}
    return replace(one, signers=tuple(replace(each, signed=each.signed or each.kid in kids) for each in one.signers))


def unsigned(one: DeskDraft) -> DeskDraft:
    return replace(one, signers=tuple(replace(each, signed=False) for each in one.signers))


REFUSED: dict[str, Callable[[], tuple[DeskDraft, DeskDraft]]] = {
    "an officer has signed": lambda: (
        signed_by(draft(FIRST, THIRD, poster="officer-1"), THIRD),
        draft(FIRST, SECOND, poster="officer-2"),
    ),
    "everybody has signed": lambda: (replace(WAITING, state=COMPLETE), OWN),
    "somebody is invited": lambda: (replace(WAITING, state=INVITED), OWN),
    "another text": lambda: (WAITING, draft(SECOND, poster="officer-2", name="Other")),
    "another annex": lambda: (WAITING, replace(OWN, annex=b"{}")),
    "more officers": lambda: (WAITING, draft(FIRST, SECOND, poster="officer-2")),
    "the applicant has not signed for this officer": lambda: (WAITING, unsigned(OWN)),
    "an officer who has no part in it": lambda: (WAITING, draft(SECOND, poster="officer-3")),
    "a member who has the role of nobody": lambda: (WAITING, draft(SECOND, poster="acme-odr")),
    "another kind": lambda: (
        draft(FIRST, poster="officer-1", kind="neutral"),
        draft(SECOND, poster="officer-2", kind="neutral"),
    ),
    "an update of a member": lambda: (
        draft(FIRST, poster="cora-centre", role="provider"),
        draft(SECOND, poster="officer-2", role="provider"),
    ),
}


@pytest.mark.parametrize("pair", REFUSED.values(), ids=REFUSED)
def test_nothing_else_gives_way(pair: Callable[[], tuple[DeskDraft, DeskDraft]]) -> None:
    waiting, made = pair()
    assert not gives_way(waiting, made)


def test_who_has_signed_is_told_of_officers_alone() -> None:
    assert officers_who_signed(WAITING) == []
    assert officers_who_signed(signed_by(draft(FIRST, THIRD, poster="officer-1"), THIRD)) == [THIRD.kid]
