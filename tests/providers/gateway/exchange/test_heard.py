"""What the inbox brought is kept until it is applied, and no longer than there is room."""

import asyncio

from providers.gateway.exchange import heard
from providers.gateway.exchange.heard import Heard
from providers.receipts import InboxEntry
from tests.providers.gateway.exchange.house import A, B, House, briefed, offered, state, until


def entry(index: int, transfer: str = "one") -> InboxEntry:
    return InboxEntry(transfer, index, f"{index:064x}")


async def test_entries_are_kept_in_the_logs_order_until_they_are_applied() -> None:
    kept = Heard()
    kept.add([entry(9), entry(4), entry(5, "other")])
    assert kept.of("one") == [entry(4), entry(9)]
    kept.applied(entry(4))
    assert kept.of("one") == [entry(9)]
    kept.applied(entry(9))
    kept.applied(entry(9))
    assert kept.of("one") == []
    kept.forget("other")
    assert kept.of("other") == []


async def test_waiting_ends_when_the_statement_comes() -> None:
    kept = Heard()
    waiting = asyncio.create_task(kept.wait("one", entry(4).digest, 60))
    await asyncio.sleep(0)
    kept.add([entry(3)])
    await asyncio.sleep(0)
    assert not waiting.done()
    kept.add([entry(4)])
    assert await waiting
    assert await kept.wait("one", entry(4).digest, 0)


async def test_waiting_ends_without_it_when_the_time_is_over() -> None:
    assert not await Heard().wait("one", entry(4).digest, 0.01)


async def test_the_oldest_is_forgotten_when_there_is_too_much() -> None:
    kept = Heard()
    kept.add([entry(n, f"transfer {n}") for n in range(heard._MOST + 1)])
    assert kept.of("transfer 0") == []
    assert kept.of("transfer 1") == [entry(1, "transfer 1")]


async def test_the_hub_is_told_what_was_heard_and_not_applied(house: House) -> None:
    """It deletes texts that both members have fetched; what only memory holds is not fetched yet."""
    fetched = house.hub.fetched
    async with house.both() as (ours, theirs):
        transfer = await offered(ours, house.world)
        await until(theirs, transfer, briefed)
        await until(ours, transfer, state("offered"))
        house.hub.patience = 10**9  # the witnesses are away
        await theirs.service.decline(transfer, "capacity")
        async with asyncio.timeout(20):
            while {
                await one.service.context.store.do(lambda book: book.news_of(transfer)) for one in (ours, theirs)
            } != {last := house.hub.transfers[transfer].index}:
                await asyncio.sleep(0.02)
        asked = len(house.hub.requests)
        async with asyncio.timeout(20):
            while sum(path == "/v1/inbox" for _, path, _ in house.hub.requests[asked:]) < 4:
                await asyncio.sleep(0.02)
        assert max(fetched.values()) < last
    house.hub.patience = 0
    async with house.both() as (ours, theirs):
        await until(ours, transfer, state("declined"))
        await until(theirs, transfer, state("declined"))
        async with asyncio.timeout(20):
            while min(fetched[A], fetched[B]) < last:
                await asyncio.sleep(0.02)
