"""Drafts in both kinds of database: what goes in comes out, a change is whole or nothing, lists and times."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.drafts import machine
from hub.drafts.errors import DraftStateError
from hub.drafts.values import COMPLETE, INVITED, OPEN, DeskDraft, Signer
from hub.storage import drafts
from hub.storage.drafts import Crowd, DraftStore
from signing.encoding import canonical
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables

KIDS = ["A" * 43, "B" * 43]
NOW = 1_795_000_000


def draft(number: int, **changes: Any) -> DeskDraft:
    text = canonical({"signers": [{"kid": KIDS[1]}, {"kid": KIDS[0]}], "number": number})
    made = DeskDraft(
        f"0197b1a0-0000-7000-8000-{number:012x}", "acme-odr", "award", "acme-odr", OPEN, f"{number:064x}",
        bool(number), NOW,
        NOW + 100, (Signer(KIDS[1], "neutral", "neutral-a", secret_hash="cd" * 32), Signer(KIDS[0], "provider", None)),
        f"urn:odr:acme-odr:{number}", text, b"annex",
    )  # fmt: skip
    return replace(made, **changes)


@pytest.fixture(params=BACKENDS)
async def store(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[DraftStore]:
    async with open_database(tmp_path, request.param) as database:
        await make_tables(database)
        yield DraftStore(database)


def anyway(_: Crowd) -> None:
    """Nobody minds."""


async def test_what_goes_in_comes_out(store: DraftStore) -> None:
    invited = draft(
        2, state=INVITED, payload=None, statement=None, annex=None, invitation={"signers": []},
        signers=(Signer("", "introduced", None, secret_hash="ef" * 32),),
    )  # fmt: skip
    for one in (draft(1), invited):
        assert await store.add(one, anyway) == one
        assert await store.draft(one.id) == one
    assert await store.draft("nothing") is None


async def test_a_change_is_whole_or_nothing(store: DraftStore) -> None:
    one = await store.add(draft(1), anyway)
    signed = await store.change(one.id, lambda found: machine.signed(found, KIDS[0], "p", "s"))
    assert signed is not None
    assert [each.kid for each in signed.missing] == [KIDS[1]]
    complete = await store.change(one.id, lambda found: machine.signed(found, KIDS[1], "p", "s"))
    assert complete is not None
    assert (complete.state, await store.draft(one.id)) == (COMPLETE, complete)
    with pytest.raises(DraftStateError, match="The draft is complete"):
        await store.change(one.id, lambda found: machine.declined(found, KIDS[0], "no", NOW))
    assert await store.draft(one.id) == complete
    ended = await store.change(one.id, lambda found: machine.refused(found, {"code": "x"}, NOW))
    assert ended is not None
    assert (ended.payload, ended.annex, ended.problem) == (None, None, {"code": "x"})
    assert all(each.signed and each.signature is None for each in ended.signers)
    assert await store.change("nothing", lambda found: found) is None


async def test_who_posts_is_told_what_is_there(store: DraftStore) -> None:
    seen: list[Crowd] = []

    def note(crowd: Crowd) -> DeskDraft | None:
        seen.append(crowd)
        return crowd.same

    first = await store.add(draft(1), note)
    again = draft(2, statement=first.statement)
    assert await store.add(again, note) == first
    assert await store.draft(again.id) is None
    assert await store.add(draft(3), note) == draft(3)
    assert [(one.unfinished, one.same) for one in seen] == [(0, None), (1, first), (1, None)]

    def replace_it(crowd: Crowd) -> DeskDraft | None:
        return crowd.same and machine.withdrawn(crowd.same, NOW)

    assert first.statement is not None
    assert await store.waiting(first.issuer, first.statement, NOW) == first
    assert await store.add(again, replace_it) == again
    ended = await store.draft(first.id)
    assert ended is not None
    assert (ended.state, ended.payload) == ("withdrawn", None)
    assert await store.waiting(first.issuer, first.statement, NOW) == again
    assert await store.waiting("brio-odr", first.statement, NOW) is None
    assert await store.waiting(first.issuer, first.statement, again.expires_at) is None

    def refuse(_: Crowd) -> None:
        raise DraftStateError("draft_exists", "no")

    with pytest.raises(DraftStateError):
        await store.add(draft(4), refuse)
    assert await store.draft(draft(4).id) is None


async def test_lists_are_by_owner_and_state(store: DraftStore) -> None:
    for number in (1, 2, 3):
        await store.add(draft(number), anyway)
    await store.change(draft(2).id, lambda found: machine.signed(found, KIDS[1], "p", "s"))

    async def listed(owner: str, state: str = OPEN, after: str = "", limit: int = 9, now: int = NOW) -> list[int]:
        found = await store.of_owner(owner, state, after, limit, now)
        return [int(one.id[-1]) for one in found]

    assert await listed("acme-odr") == [1, 2, 3]
    assert await listed("neutral-a") == [1, 3]
    assert await listed("neutral-a", after=draft(1).id) == [3]
    assert await listed("acme-odr", limit=2) == [1, 2]
    assert (
        await listed("brio-odr") == await listed("acme-odr", now=NOW + 100) == await listed("acme-odr", COMPLETE) == []
    )


async def test_what_officers_posted_comes_first_whoever_names_them(store: DraftStore) -> None:
    named = (Signer(KIDS[1], "officer", "officer-1"),)
    for number in (1, 2, 3):
        await store.add(draft(number, signers=named), anyway)
    await store.add(draft(4, signers=named, poster="officer-2", kind="member"), anyway)
    await store.add(draft(5, signers=named, kind="accreditation"), anyway)
    await store.add(draft(6, signers=named, poster="officer-2", kind="accreditation"), anyway)

    async def listed(start: int, limit: int, now: int = NOW) -> tuple[list[int], int]:
        found, total = await store.of_officer("officer-1", ["officer-1", "officer-2"], OPEN, start, limit, now)
        return [int(one.id[-1]) for one in found], total

    assert await listed(0, 9) == ([6, 4, 5, 1, 2, 3], 6)
    assert await listed(0, 2) == ([6, 4], 6)
    assert await listed(4, 2) == ([2, 3], 6)
    assert await listed(0, 9, NOW + 100) == ([], 0)


async def test_what_the_officer_has_still_to_sign_comes_before_what_waits_for_others(store: DraftStore) -> None:
    mine, other = Signer(KIDS[1], "officer", "officer-1"), Signer(KIDS[0], "officer", "officer-2")
    done = (replace(mine, signed=True), other)
    await store.add(draft(1, signers=done, poster="officer-1", kind="accreditation"), anyway)
    await store.add(draft(2, signers=(mine, other), poster="acme-odr", kind="accreditation"), anyway)
    await store.add(draft(3, signers=(mine, other), poster="officer-2", kind="member"), anyway)
    await store.add(draft(4, signers=(mine, other), poster="officer-2", kind="key"), anyway)
    await store.add(draft(5, signers=(mine, other), poster="officer-2", kind="award-review"), anyway)
    found, total = await store.of_officer("officer-1", ["officer-1", "officer-2"], OPEN, 0, 9, NOW)
    assert ([int(one.id[-1]) for one in found], total) == ([4, 5, 3, 1, 2], 5)


async def test_complete_ones_come_in_pieces(store: DraftStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "_AT_ONCE", 2)
    for number in (1, 2, 3):
        await store.add(draft(number, state=COMPLETE), anyway)
    assert await store.to_register() == [draft(1).id, draft(2).id]
    assert await store.to_register(draft(2).id) == [draft(3).id]
    assert await store.to_register(draft(3).id) == []


async def test_what_is_due_is_found_and_forgotten(store: DraftStore) -> None:
    for number in (1, 2, 3, 4):
        await store.add(draft(number), anyway)
    await store.change(draft(1).id, lambda found: replace(found, state=COMPLETE))
    await store.change(draft(2).id, lambda found: replace(found, state=COMPLETE, register=False))
    await store.change(draft(3).id, lambda found: machine.withdrawn(found, NOW + 5))
    assert await store.to_register() == [draft(1).id]
    assert await store.late(NOW + 99) == []
    assert await store.late(NOW + 100) == [draft(1).id, draft(2).id, draft(4).id]
    assert await store.to_clear(NOW + 4) == []
    assert await store.to_clear(NOW + 5) == [draft(3).id]  # its link still opens it
    await store.change(draft(3).id, machine.cleared)
    assert await store.to_clear(NOW + 5) == []
    await store.change(draft(1).id, lambda found: machine.registered(found, 7, NOW + 5))
    assert await store.to_clear(NOW + 5) == [draft(1).id]
    assert await store.forget(NOW + 4) == 0
    assert await store.forget(NOW + 5) == 2
    assert await store.draft(draft(1).id) is None
    assert await store.draft(draft(2).id) is not None
