"""Answers of parties on the log: by weeks, several together, counted once, whatever is killed or folded anew."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import date
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from hub import maintenance
from hub.feedback.questions import Given, Relayed, Wanted
from hub.feedback.standing import DAY, GROUP, PARTY, Standing
from hub.feedback.statements import KIND, answers_of, body_of
from hub.feedback.tokens import hash_of
from hub.jobs.ownstatements import OwnStatements
from hub.jobs.registering import AT_ONCE, pieces, week_began
from hub.storage.feedback import FeedbackStore
from hub.storage.log_store import SqlLogStore
from hub.storage.values import Answered
from hub.web import appkeys as keys
from registry.errors import Refused
from signing.encoding import b64u_decode
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

ACME, BRIO = Actor("acme", "provider"), Actor("brio", "provider")
OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
ONE = Answered("acme", "C" * 22, "claimant", PARTY, "won", {"overall": 4}, 20_000)


def app(hub: Hub) -> Any:
    assert hub.client.app is not None
    return hub.client.app


def case(name: str) -> str:
    return name.ljust(22, "_")


async def admitted(hub: Hub) -> None:
    for one in (ACME, BRIO):
        await hub.registered(hub.speaker.member(one))


async def answers(hub: Hub, count: int, provider: Actor = ACME, name: str = "one") -> None:
    """So many claimants of a provider answer now."""
    desk = app(hub)[keys.FEEDBACK]
    for number in range(count):
        (slot,) = await desk.issue(provider.id, Wanted(case(f"{name}-{number}"), {"claimant": "en"}))
        await desk.answer(hash_of(slot.token), Given("won", {"overall": 1 + number % 5}))


async def run(hub: Hub) -> int:
    """Let the job run and its entries be followed; how long the log is then."""
    await app(hub)[keys.JOBS].run("registration")
    assert app(hub)[keys.JOBS].failed_in_a_row("registration") == 0
    await hub.followed()
    return int(app(hub)[keys.PUBLICATION].signed.size)


def to_monday(hub: Hub) -> None:
    """Set the clock to where a week has just begun."""
    hub.clock.now = (week_began(hub.clock.now // DAY) + 7) * DAY


async def registered(hub: Hub) -> list[tuple[int | None, str]]:
    """Index and case of every answer's row."""
    query = text('SELECT "index", "case" FROM feedback_answers ORDER BY provider, "case", role, source')
    return [tuple(row) for row in await app(hub)[keys.DATABASE].read(lambda one: one.execute(query).all())]


async def seen(hub: Hub) -> tuple[Standing, Standing, Any, Any]:
    """All that is made of answers: as the provider and as officers see it, and what figures read."""
    desk, reading = app(hub)[keys.FEEDBACK], app(hub)[keys.FEEDBACK_READING]
    own, all_ = [await desk.standing("acme", officer=officer) for officer in (False, True)]
    return own, all_, await reading.answers(), await reading.uses(hub.clock())


async def value(hub: Hub, query: str, index: int) -> Any:
    """What stands in the row of an entry."""
    at = text(f'{query} WHERE "index" = {index}')
    return await app(hub)[keys.DATABASE].read(lambda one: one.execute(at).scalar_one())


async def newest(hub: Hub) -> Any:
    """The statement of the last entry."""
    size = app(hub)[keys.PUBLICATION].signed.size
    document = await value(hub, "SELECT document FROM bodies", size - 1)
    return json.loads(b64u_decode(json.loads(document)["payload"]))


@pytest_asyncio.fixture
async def hub(start: Callable[..., Running]) -> AsyncIterator[Hub]:
    async with start() as running:
        await admitted(running)
        to_monday(running)
        yield running


async def test_a_week_that_is_over_becomes_one_entry_and_changes_no_figure(hub: Hub) -> None:
    before = await run(hub)
    await answers(hub, 3)
    hub.clock.now += 2 * DAY
    await answers(hub, 4, BRIO, "two")
    await app(hub)[keys.FEEDBACK].relay("acme", Relayed(case("one-0"), "claimant", Given("lost", {"overall": 1})))
    hub.clock.now += 5 * DAY - 1
    assert await run(hub) == before, "the week is not over"
    hub.clock.now += 1
    figures = await seen(hub)
    assert await run(hub) == before + 1
    assert await seen(hub) == figures
    found = await registered(hub)
    assert [index for index, _ in found] == [before, None, before, before, *[before] * 4], "the relayed one is not ours"
    payload = await newest(hub)
    assert (payload["kind"], payload["issuer"], payload["body"]["source"]) == ("feedback", "hub", "party")
    kept = [one for one in await FeedbackStore(app(hub)[keys.DATABASE]).answers() if one.source == PARTY]
    assert answers_of(payload["body"]) == kept
    assert payload["issued_at"].endswith("T00:00:00Z")
    await answers(hub, GROUP, name="three")
    assert await run(hub) == before + 1, "there is nothing of a week that is over"


async def test_fewer_than_a_group_wait_for_others_however_long(hub: Hub) -> None:
    size = await run(hub)
    await answers(hub, GROUP - 1)
    hub.clock.now += 70 * DAY
    assert await run(hub) == size
    await answers(hub, 1, BRIO, "two")
    assert await run(hub) == size
    to_monday(hub)
    assert await run(hub) == size + 1
    assert {index for index, _ in await registered(hub)} == {size}


async def test_the_entry_tells_neither_kind_nor_number_and_nobody_reads_the_statement(hub: Hub) -> None:
    await answers(hub, GROUP + 1)
    to_monday(hub)
    size = await run(hub)
    members = json.loads(await value(hub, "SELECT octets FROM entries", size - 1))
    assert set(members) == {"v", "kind", "commitment", "sigs", "tag", "time"}
    assert members["kind"] == "sealed"
    digest = await value(hub, "SELECT digest FROM statements", size - 1)
    for reader in (None, ACME.http, BRIO.http, OFFICERS[0].http):
        status, problem = await hub.get(f"/v1/statements/{digest.hex()}", reader)
        assert (status, problem["code"]) == (404, "unknown_statement")


async def test_killed_between_entry_and_rows_it_neither_loses_nor_doubles(start: Callable[..., Running]) -> None:
    running = start()
    async with running as hub:
        await admitted(hub)
        await answers(hub, GROUP)
        to_monday(hub)
        size = app(hub)[keys.PUBLICATION].signed.size
        await app(hub)[keys.FOLLOWER].close()
        waiting = await FeedbackStore(app(hub)[keys.DATABASE]).waiting(PARTY, hub.clock() // DAY)
        await own(hub).register(KIND, body_of(PARTY, waiting), hub.clock())
        assert {index for index, _ in await registered(hub)} == {None}, "nobody followed it"
        with pytest.raises(Refused) as caught:  # what a run does that knows nothing of the first
            await own(hub).register(KIND, body_of(PARTY, waiting), hub.clock())
        assert caught.value.code == "feedback_registered"
        again = await running.restart(hub)
        assert await run(again) == size + 1
        assert [index for index, _ in await registered(again)] == [size] * GROUP


async def test_what_is_folded_anew_comes_out_as_it_was(start: Callable[..., Running]) -> None:
    """Rows that were lost, changed or invented are what the log gives again; what waits goes on waiting."""
    running = start()
    async with running as hub:
        await admitted(hub)
        await answers(hub, GROUP)
        to_monday(hub)
        await run(hub)
        await answers(hub, 1, name="waits")
        before, kept = await registered(hub), await FeedbackStore(app(hub)[keys.DATABASE]).answers()
        await running.client.close()
        with closing(sqlite3.connect(hub.data / "hub.sqlite3", isolation_level=None)) as stored:
            stored.execute("DELETE FROM feedback_answers WHERE \"case\" LIKE 'one-0%'")
            stored.execute("UPDATE feedback_answers SET scores = '{\"overall\":5}' WHERE \"case\" LIKE 'one-1%'")
        report = await maintenance.check(hub.data, quiet=True)
        assert {one.code for one in report.findings} == {"row_differs", "row_count"}
        await maintenance.fold_again(hub.data, quiet=True)
        again = await running.restart(hub)
        await again.followed()
        assert await registered(again) == before
        assert await FeedbackStore(app(again)[keys.DATABASE]).answers() == kept
        assert (await maintenance.check(hub.data, quiet=True)).sound


def own(hub: Hub) -> OwnStatements:
    held = app(hub)
    return OwnStatements(
        SqlLogStore(held[keys.DATABASE]), held[keys.INTAKE], held[keys.SEQUENCER],
        hub=("hub", held[keys.SECRETS].statement), network=hub.speaker.network, clock=hub.clock,
    )  # fmt: skip


@given(st.integers(0, 80_000))
def test_weeks_begin_on_mondays(day: int) -> None:
    began = week_began(day)
    assert 0 <= day - began < 7
    assert date.fromordinal(date(1970, 1, 1).toordinal() + began).isoweekday() == 1 if began >= 0 else day < 4


@given(st.integers(0, 5 * AT_ONCE))
def test_pieces_hold_everything_and_none_is_small(count: int) -> None:
    found = pieces([ONE] * count)
    assert sum(map(len, found)) == (count if count >= GROUP else 0)
    assert all(GROUP <= len(one) <= AT_ONCE for one in found)
    assert len(found) <= 1 or max(map(len, found)) - min(map(len, found)) <= 1
