"""What the inbox brought is kept until it is applied, and no longer than there is room."""

import asyncio

from providers.gateway.exchange import heard
from providers.gateway.exchange.heard import Heard
from providers.receipts import InboxEntry


def entry(index: int, transfer: str = "one") -> InboxEntry:
    return InboxEntry(transfer, index, f"{index:064x}")


async def test_entries_are_kept_in_the_logs_order_until_they_are_applied() -> None:
    kept = Heard()
    await kept.add([entry(9), entry(4), entry(5, "other")])
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
    await kept.add([entry(3)])
    await asyncio.sleep(0)
    assert not waiting.done()
    await kept.add([entry(4)])
    assert await waiting
    assert await kept.wait("one", entry(4).digest, 0)


async def test_waiting_ends_without_it_when_the_time_is_over() -> None:
    assert not await Heard().wait("one", entry(4).digest, 0.01)


async def test_the_oldest_is_forgotten_when_there_is_too_much() -> None:
    kept = Heard()
    await kept.add([entry(n, f"transfer {n}") for n in range(heard._MOST + 1)])
    assert kept.of("transfer 0") == []
    assert kept.of("transfer 1") == [entry(1, "transfer 1")]
