"""What the store of applications promises, on each database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hub.drafts.values import OPEN, WITHDRAWN, DeskDraft, Signer
from hub.storage.applications import Application, ApplicationStore, Met, seal_of
from hub.storage.drafts import DraftStore
from hub.storage.engine import Database
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables

FIRST = Application(
    id="0197b1a0-0000-7000-8000-000000000001", kid="k" * 43, http_key=b"h" * 32, actor="cora-centre", type="provider",
    state="received", received=1000, expires=2000, form="{}", challenge="{}",
)  # fmt: skip
SECOND = replace(FIRST, id="0197b1a0-0000-7000-8000-000000000002", kid="l" * 43, actor="dori-centre", expires=3000)


def _kept(one: Application, _: Met) -> Application:
    return one


@pytest.fixture(params=BACKENDS)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        await make_tables(opened)
        yield opened


@pytest.fixture
def store(database: Database) -> ApplicationStore:
    return ApplicationStore(database)


async def test_what_is_kept_is_found_again(store: ApplicationStore) -> None:
    met: list[Met] = []

    def check(found: Met) -> Application:
        met.append(found)
        return FIRST

    assert await store.add(FIRST, ["k" * 43], check) == FIRST
    assert met == [Met(None, 0, frozenset())]
    assert await store.application(FIRST.id) == FIRST
    assert await store.application("other") is None
    assert await store.open_of_actor("cora-centre", "", 9) == [FIRST]
    assert await store.sealed("", 10) == [(FIRST, seal_of(FIRST))]


async def test_one_of_a_key_is_open(store: ApplicationStore) -> None:
    await store.add(FIRST, [], lambda _: FIRST)
    again = replace(FIRST, id=SECOND.id)
    kept = await store.add(again, [], lambda met: met.same or again)
    assert kept == FIRST
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.add(again, [], lambda _: again)
    ended = replace(FIRST, state="withdrawn", ended=1500, form=None, challenge=None)
    assert await store.change(FIRST.id, lambda _: ended) == ended
    assert await store.add(again, [], lambda met: met.same or again) == again


async def test_what_raises_keeps_nothing(store: ApplicationStore) -> None:
    def refuse(_: object) -> Application:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await store.add(FIRST, [], refuse)
    assert await store.page(only_open=False, after="", limit=10) == []
    await store.add(FIRST, [], lambda _: FIRST)
    with pytest.raises(LookupError):
        await store.change(FIRST.id, refuse)
    assert await store.application(FIRST.id) == FIRST
    assert await store.change("other", refuse) is None


async def test_an_end_takes_the_draft_on_the_desk_with_it(store: ApplicationStore, database: Database) -> None:
    desk, issuer = DraftStore(database), FIRST.actor
    waiting = DeskDraft(
        "one", "officer-1", "member", issuer, OPEN, "ab" * 32, True, 1000, 2000,  # noqa: FBT003
        (Signer("o" * 43, "officer", "officer-1"),), "urn:odr", b"{}",
    )  # fmt: skip
    await store.add(FIRST, [], lambda _: FIRST)
    await desk.add(waiting, lambda _: None)
    met: list[DeskDraft | None] = []

    def decide(one: Application, found: DeskDraft | None) -> tuple[Application, DeskDraft | None]:
        met.append(found)
        ended = replace(one, state="withdrawn", ended=1500, form=None, challenge=None)
        return ended, None if found is None else replace(found, state=WITHDRAWN, payload=None, ended_at=1500)

    def refuse(_: object, found: object) -> tuple[Application, DeskDraft | None]:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await store.end(FIRST.id, "urn:odr", 1500, refuse)
    assert await store.application(FIRST.id) == FIRST
    assert await store.end("other", "urn:odr", 1500, decide) is None
    assert await store.end(FIRST.id, "urn:other", 1500, lambda one, found: (decide(one, found)[0], None)) is not None
    assert await desk.draft("one") == waiting
    ended = await store.end(FIRST.id, "urn:odr", 1500, decide)
    assert (met, ended) == ([None, waiting], await store.application(FIRST.id))
    left = await desk.draft("one")
    assert left is not None
    assert (left.state, left.payload) == (WITHDRAWN, None)


async def test_those_that_are_ready_come_first_in_the_queue(store: ApplicationStore) -> None:
    for number in range(4):
        new = replace(
            FIRST, id=f"{FIRST.id[:-1]}{number}", kid=f"{number}" * 43, state="ready" if number > 1 else "received"
        )
        await store.add(new, [], lambda _, new=new: new)  # type: ignore[misc]
    found, total = await store.queue(0, 3)
    assert ([one.id[-1] for one in found], total) == (["2", "3", "0"], 4)
    assert [one.id[-1] for one in (await store.queue(3, 3))[0]] == ["1"]


async def test_what_has_ended_is_found_by_its_statement_and_key(store: ApplicationStore) -> None:
    for one in (FIRST, SECOND):
        await store.add(one, [], partial(_kept, one))
    assert await store.open_of_keys({"k" * 43, "x" * 43}) == [FIRST]
    assert await store.ended_of("urn:odr", {"k" * 43}) == []
    ended = replace(FIRST, state="withdrawn", ended=1500, form=None, challenge=None, statement="urn:odr")
    await store.change(FIRST.id, lambda _: ended)
    assert await store.open_of_keys({"k" * 43}) == []
    assert await store.ended_of("urn:odr", {"k" * 43, "x" * 43}) == [ended]
    assert await store.ended_of("urn:odr", {"l" * 43}) == [], "another's key"
    assert await store.ended_of("urn:other", {"k" * 43}) == []


def test_a_row_without_the_id_of_a_statement_keeps_the_seal_that_it_had() -> None:
    assert seal_of(FIRST) == "08416b7fcaefdb4c56634e8e8b1d08cb1e75ce4a0ea3aa064a2dc88d9b00a232"
    assert seal_of(replace(FIRST, statement="urn:odr")) != seal_of(FIRST)


async def test_pages_deadlines_and_forgetting(store: ApplicationStore) -> None:
    for one in (FIRST, SECOND):
        await store.add(one, [], partial(_kept, one))
    assert await store.page(only_open=True, after="", limit=1) == [FIRST]
    assert await store.page(only_open=True, after=FIRST.id, limit=9) == [SECOND]
    assert await store.overdue(1999) == []
    assert await store.overdue(2000) == [FIRST]
    ended = replace(FIRST, state="expired", ended=2000, form=None, challenge=None)
    await store.change(FIRST.id, lambda _: ended)
    assert await store.page(only_open=True, after="", limit=9) == [SECOND]
    assert await store.page(only_open=False, after="", limit=9) == [ended, SECOND]
    assert await store.overdue(9000) == [SECOND]
    await store.forget(2000, 9999)
    assert await store.application(FIRST.id) == ended
    await store.forget(2001, 1000)
    assert len(await store.page(only_open=False, after="", limit=9)) == 2
    await store.forget(2001, 1001)
    assert await store.page(only_open=False, after="", limit=9) == [SECOND]


def test_a_seal_covers_every_column() -> None:
    changes: dict[str, Any] = {
        "id": "x", "kid": "x", "http_key": b"x", "actor": "x", "type": "court", "state": "ready", "received": 1,
        "expires": 1, "ended": 1, "ended_by": "x", "reason": "x", "form": "x", "challenge": "x", "outcomes": "x",
        "statement": "x",
    }  # fmt: skip
    assert set(Application.__slots__) == changes.keys()
    seals = {seal_of(FIRST)} | {seal_of(replace(FIRST, **{name: value})) for name, value in changes.items()}
    assert len(seals) == len(changes) + 1
