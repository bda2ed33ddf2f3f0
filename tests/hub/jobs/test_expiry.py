"""Nothing expires without evidence, and evidence comes in time: after a moved clock, a restart, a repeat."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from hub.jobs.expiry import evidence_id
from hub.storage.log_store import SqlLogStore
from hub.web.appkeys import DATABASE, FOLLOWER, JOBS, SEQUENCER
from providers.transfer.evidence import Due
from signing.statement import parse_statement
from tests.hub.exchange.providers import ACME, BRIO, DAY, Exchange
from tests.hub.running import Hub, Running

HOUR = 3600


async def exchange_at(hub: Hub, state: str) -> Exchange:
    exchange = Exchange(hub)
    await exchange.admit()
    await exchange.come_to(state)
    await hub.client.app[FOLLOWER].catch_up()
    return exchange


async def transfer(exchange: Exchange) -> dict[str, Any]:
    await exchange.hub.client.app[FOLLOWER].catch_up()
    found: dict[str, Any] = await exchange.view(ACME)
    return found


async def statement(exchange: Exchange, digest: str, actor: Any) -> Any:
    response = await exchange.read(f"/v1/statements/{digest}", actor)
    answer = await response.json(content_type=None)
    assert response.status == 200, answer
    import orjson

    return parse_statement(orjson.dumps(answer["statement"], option=orjson.OPT_SORT_KEYS))


@pytest.mark.parametrize(
    ("state", "lasts", "event", "about"),
    [
        ("offered", 5 * DAY, "offer_expired", "transfer-offer"),
        ("accepted", 24 * HOUR, "dispatch_expired", "transfer-answer"),
        ("dispatched", 48 * HOUR, "completion_expired", "transfer-dispatch"),
    ],
)
async def test_what_is_late_expires(hub: Hub, state: str, lasts: int, event: str, about: str) -> None:
    exchange = await exchange_at(hub, state)
    hub.clock.now += lasts - 1
    await hub.client.app[JOBS].run("evidence")
    assert (await transfer(exchange))["transfer"]["state"] == state, "not a second too early"
    hub.clock.now += 1
    await hub.client.app[JOBS].run("evidence")
    found = await transfer(exchange)
    assert (found["transfer"]["state"], found["transfer"]["deadline"]) == ("expired", None)
    told = found["statements"][-1]
    assert (told["kind"], told["event"]) == ("evidence", event)
    for actor in (ACME, BRIO):
        feed = await exchange.inbox(actor)
        assert feed["entries"][-1]["digest"] == told["digest"]
        assert feed["entries"][-1]["issuer"] == "hub"
    registered = await statement(exchange, told["digest"], hub.speaker.officers[0])
    assert registered.body["of"] == exchange.said[about]
    assert registered.roles == {hub.speaker.hub.statement.kid: "hub"}


async def test_the_timer_finds_it_without_being_asked(start: Callable[..., Running]) -> None:
    """Within a minute of the deadline, whatever the clock did: here it jumps."""
    async with start(settings="[jobs]\nevidence_seconds = 1\n") as hub:
        exchange = await exchange_at(hub, "offered")
        hub.clock.now += 6 * DAY
        async with asyncio.timeout(60):
            while (await transfer(exchange))["transfer"]["state"] != "expired":
                await asyncio.sleep(0.1)


async def test_a_hub_that_was_down_finds_it_when_it_comes_up(start: Callable[..., Running]) -> None:
    running = start()
    async with running as hub:
        exchange = await exchange_at(hub, "dispatched")
        hub.clock.now += 30 * DAY
        exchange.hub = await running.restart(hub)
        async with asyncio.timeout(60):
            while (await transfer(exchange))["transfer"]["state"] != "expired":
                await asyncio.sleep(0.1)


async def test_a_clock_set_back_does_not_undo_time(hub: Hub) -> None:
    """Entry time never falls, so what the log has passed is late even when the clock says otherwise."""
    exchange = await exchange_at(hub, "offered")
    hub.clock.now += 6 * DAY
    await exchange.admit(ACME.__class__("cora-odr", "provider"))
    hub.clock.now -= 6 * DAY
    await hub.client.app[JOBS].run("evidence")
    assert (await transfer(exchange))["transfer"]["state"] == "expired"


async def test_a_repeat_is_harmless(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    exchange = await exchange_at(hub, "offered")
    hub.clock.now += 6 * DAY
    jobs, store = hub.client.app[JOBS], SqlLogStore(hub.client.app[DATABASE])
    await asyncio.gather(*(jobs.run("evidence") for _ in range(3)))
    head = await store.head()
    await transfer(exchange)
    await jobs.run("evidence")
    assert await store.head() == head
    found = await transfer(exchange)
    assert [one.get("event") for one in found["statements"]] == [None, "offer_expired"]
    assert jobs.failures == 0
    refusals = set(re.findall(r"evidence of expiry was not registered: (\w+)", caplog.text))
    assert refusals <= {"id_conflict", "wrong_state"}


async def test_while_the_log_takes_nothing_it_waits(start: Callable[..., Running]) -> None:
    running = start()
    async with running as hub:
        exchange = await exchange_at(hub, "offered")
        hub.clock.now += 6 * DAY
        sequencer, jobs = hub.client.app[SEQUENCER], hub.client.app[JOBS]
        sequencer.refuse("A witness knows more.")
        await jobs.run("evidence")
        assert jobs.failures >= 1
        assert (await transfer(exchange))["transfer"]["state"] == "offered"
        exchange.hub = await running.restart(hub)  # nothing else makes a refused log go on
        await exchange.hub.client.app[JOBS].run("evidence")
        assert (await transfer(exchange))["transfer"]["state"] == "expired"


async def test_many_at_once(hub: Hub) -> None:
    exchange = await exchange_at(hub, "offered")
    for number in range(10, 22):
        exchange.transfer = exchange.transfer[:-4] + f"{number:04x}"
        exchange.case = exchange.case[:-4] + f"{number + 100:04x}"
        await exchange.upload(exchange.brief, "brief")
        await hub.registered(exchange.offer())
    await hub.client.app[FOLLOWER].catch_up()
    hub.clock.now += 6 * DAY
    await hub.client.app[JOBS].run("evidence")
    await hub.client.app[FOLLOWER].catch_up()
    feed = await exchange.inbox(BRIO)
    assert [one["kind"] for one in feed["entries"]].count("evidence") == 13


def test_an_id_follows_from_what_it_is_about() -> None:
    one = Due("urn:odr:a-b:01890000-0000-7000-8000-000000000001", "offer_expired", "ab" * 32, 1_795_000_000)
    urn = re.compile(r"urn:odr:hub:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    name = evidence_id("hub", "n", one)
    assert urn.fullmatch(name)
    assert int(name[12:20] + name[21:25], 16) == 1_795_000_000_000
    assert evidence_id("hub", "n", one) == name
    others = {
        evidence_id("hub", "m", one),
        evidence_id("hub", "n", Due(one.transfer_id, "dispatch_expired", one.of, one.deadline)),
        evidence_id("hub", "n", Due(one.transfer_id, one.event, "cd" * 32, one.deadline)),
    }
    assert name not in others
    assert len(others) == 3
