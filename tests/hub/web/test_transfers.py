"""A member's feed and its transfers: own ones only, never beyond the signed size, woken by what arrives."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import pytest

from hub.web import transfers
from hub.web.appkeys import ARRIVALS, FOLLOWER, JOBS
from tests.hub.exchange.providers import ACME, BRIO, CORA, COURT, Exchange, problem, sha256
from tests.hub.running import Hub, Running
from tests.hub.web.described import fits


@pytest.fixture
async def exchange(hub: Hub) -> Exchange:
    found = Exchange(hub)
    await found.admit(ACME, BRIO, CORA, COURT)
    return found


async def test_a_whole_transfer_shows_in_both_feeds(exchange: Exchange) -> None:
    await exchange.come_to("completed")
    await exchange.hub.client.app[FOLLOWER].catch_up()
    steps = ["transfer-offer", "transfer-answer", "transfer-dispatch", "retrieval", "transfer-completion"]
    for actor in (ACME, BRIO):
        feed = await exchange.inbox(actor)
        fits("/v1/inbox", feed)
        assert [one["digest"] for one in feed["entries"]] == [exchange.said[step] for step in steps]
        assert [one["issuer"] for one in feed["entries"]] == [ACME.id, BRIO.id, ACME.id, BRIO.id, BRIO.id]
        assert {one["transfer_id"] for one in feed["entries"]} == {exchange.transfer}
        assert feed["next"] == feed["entries"][-1]["index"]
    for actor in (CORA, COURT, exchange.hub.speaker.officers[0]):
        assert await exchange.inbox(actor) == {"entries": [], "next": None}


async def test_a_feed_brings_texts_and_receipts_if_asked_to(exchange: Exchange) -> None:
    await exchange.come_to("completed")
    await exchange.hub.client.app[FOLLOWER].catch_up()
    feed = await exchange.inbox(BRIO, "?statements=true")
    fits("/v1/inbox", feed)
    for one in feed["entries"]:
        _, found = await exchange.hub.get(f"/v1/statements/{one['digest']}", BRIO.http)
        assert one["registration"] == found
    assert await exchange.inbox(CORA, "?statements=true") == {"entries": [], "next": None}
    response = await exchange.read("/v1/inbox?statements=1", BRIO)
    assert await problem(response) == (400, "bad_parameter")


async def test_a_feed_with_texts_is_cut_where_it_becomes_long(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "MOST_OCTETS", 1)
    await exchange.come_to("completed")
    await exchange.hub.client.app[FOLLOWER].catch_up()
    seen, after = [], ""
    while (page := await exchange.inbox(BRIO, f"?statements=true{after}"))["entries"]:
        assert len(page["entries"]) == 1
        seen.append(page["next"])
        after = f"&after={page['next']}"
    assert len(seen) == 5


async def test_a_feed_is_read_in_pages(exchange: Exchange) -> None:
    await exchange.come_to("completed")
    await exchange.hub.client.app[FOLLOWER].catch_up()
    seen, after = [], ""
    while True:
        page = await exchange.inbox(BRIO, f"?limit=2{after}")
        seen += [one["index"] for one in page["entries"]]
        if not page["entries"]:
            assert page["next"] == seen[-1]
            break
        after = f"&after={page['next']}"
    assert seen == sorted(set(seen))
    assert len(seen) == 5


async def test_parameters_are_numbers_in_their_range(exchange: Exchange) -> None:
    wrong = ("?after=-1", "?after=x", "?applied=-1", "?wait=61", "?wait=01", "?limit=0", "?limit=1001")
    for query in (*wrong, "?after=9" + "9" * 16):
        response = await exchange.read(f"/v1/inbox{query}", BRIO)
        assert await problem(response) == (400, "bad_parameter"), query
    assert await problem(await exchange.read("/v1/inbox", None)) == (401, "signature_needed")


async def test_a_long_poll_is_answered_when_something_arrives(exchange: Exchange) -> None:
    await exchange.upload(exchange.brief, "brief")
    waiting = asyncio.create_task(exchange.inbox(BRIO, "?wait=30"))
    others = asyncio.create_task(exchange.inbox(CORA, "?wait=30"))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await exchange.hub.registered(exchange.offer())
    feed = await asyncio.wait_for(waiting, 5)
    assert [one["digest"] for one in feed["entries"]] == [exchange.said["transfer-offer"]]
    await asyncio.sleep(0.1)
    assert not others.done(), "it is nothing to them"
    others.cancel()
    with suppress(asyncio.CancelledError):
        await others


async def test_a_long_poll_ends_with_its_time_and_with_the_process(start: Callable[..., Running]) -> None:
    running = start()
    async with running as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        feed = await asyncio.wait_for(exchange.inbox(BRIO, "?wait=1&after=7"), 5)
        assert feed == {"entries": [], "next": 7}
        waiting = asyncio.create_task(exchange.inbox(BRIO, "?wait=60"))
        await asyncio.sleep(0.2)
        hub.client.app[ARRIVALS].close()
        assert await asyncio.wait_for(waiting, 5) == {"entries": [], "next": None}


async def test_a_member_may_wait_a_few_times_only(start: Callable[..., Running]) -> None:
    async with start(settings="[limits]\nwaiting_reads = 1\n") as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        waiting = asyncio.create_task(exchange.inbox(BRIO, "?wait=2"))
        await asyncio.sleep(0.2)
        response = await exchange.read("/v1/inbox?wait=1", BRIO)
        assert (await problem(response), response.headers["Retry-After"]) == ((429, "too_many_reads"), "1")
        assert (await exchange.inbox(BRIO))["entries"] == [], "reading without waiting goes on"
        await waiting


async def test_a_transfer_as_both_members_and_officers_see_it(exchange: Exchange) -> None:
    await exchange.come_to("dispatched")
    await exchange.hub.registered(exchange.evidence("delivery"))
    await exchange.hub.client.app[FOLLOWER].catch_up()
    views = [await exchange.view(actor) for actor in (ACME, BRIO, exchange.hub.speaker.officers[0])]
    assert views[0] == views[1] == views[2]
    fits("/v1/transfers/{id}", views[0])
    transfer = views[0]["transfer"]
    assert (transfer["id"], transfer["state"], transfer["delivered"]) == (exchange.transfer, "dispatched", True)
    assert transfer["ciphertext"] == {"sha256": sha256(exchange.package), "size": len(exchange.package)}
    told = [(one["kind"], one["digest"], one.get("event")) for one in views[0]["statements"]]
    steps = ("transfer-offer", "transfer-answer", "transfer-dispatch")
    assert told == [
        *((step, exchange.said[step], None) for step in steps),
        ("evidence", exchange.said["delivery"], "delivery"),
    ]


async def test_for_others_a_transfer_does_not_exist(exchange: Exchange) -> None:
    await exchange.come_to("offered")
    await exchange.hub.client.app[FOLLOWER].catch_up()
    for actor in (CORA, COURT):
        response = await exchange.read(f"/v1/transfers/{exchange.transfer}", actor)
        there = await response.json(content_type=None)
        response = await exchange.read("/v1/transfers/urn:odr:acme-odr:nothing", actor)
        absent = await response.json(content_type=None)
        assert (there["code"], there["detail"]) == ("not_found", absent["detail"])
    assert await problem(await exchange.read(f"/v1/transfers/{exchange.transfer}", None)) == (401, "signature_needed")


async def test_both_members_read_what_is_said_and_nobody_else(exchange: Exchange) -> None:
    await exchange.come_to("dispatched")
    await exchange.hub.client.app[FOLLOWER].catch_up()
    for digest in exchange.said.values():
        for actor in (ACME, BRIO, exchange.hub.speaker.officers[0]):
            assert (await exchange.read(f"/v1/statements/{digest}", actor)).status == 200
        for reader in (CORA, COURT, None):
            found = await problem(await exchange.read(f"/v1/statements/{digest}", reader))
            assert found == (404, "unknown_statement")


async def test_an_offer_needs_its_brief_and_a_dispatch_its_package(exchange: Exchange) -> None:
    offer = exchange.offer()
    status, answer = await exchange.hub.post(offer)
    assert (status, answer["code"], answer["where"]) == (422, "brief_missing", "/body/brief")
    response = await exchange.hub.client.post(
        "/v1/statements?dry_run=true", data=offer, headers={"Content-Type": "application/jose+json"}
    )
    assert await problem(response) == (422, "brief_missing")
    await exchange.upload(exchange.brief, "brief")
    await exchange.hub.registered(offer)
    await exchange.hub.registered(exchange.accept())
    dispatch = exchange.dispatch()
    status, answer = await exchange.hub.post(dispatch)
    assert (status, answer["code"], answer["where"]) == (422, "package_missing", "/body/ciphertext")
    await exchange.upload(exchange.package)
    await exchange.hub.registered(dispatch)


async def test_logs_and_metrics_name_no_sealed_statement(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever can name a sealed statement learns of it, so its digest is a secret; so are hashes of packages."""
    caplog.set_level(logging.DEBUG)
    await exchange.come_to("completed")
    await exchange.hub.client.app[FOLLOWER].catch_up()
    await exchange.inbox(BRIO)
    await exchange.view(ACME)
    await exchange.read(f"/v1/packages/{sha256(exchange.package)}", BRIO)
    exchange.hub.clock.now += 200 * 86_400
    for job in ("evidence", "retention", "housekeeping"):
        await exchange.hub.client.app[FOLLOWER].catch_up()
        await exchange.hub.client.app[JOBS].run(job)
    _, metrics = await exchange.hub.get("/metrics")
    told = caplog.text + metrics.decode()
    assert "odr_entries_not_followed 0" in told
    for secret in (*exchange.said.values(), sha256(exchange.brief), sha256(exchange.package), exchange.transfer):
        assert secret not in told
