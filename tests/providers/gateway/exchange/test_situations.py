"""What a step's change leaves for the next step, and what a person changes meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from providers.gateway.exchange.situations import Situations
from providers.gateway.exchange.store import Book, Store
from providers.gateway.exchange.values import Dossier
from tests.providers.gateway.exchange.house import A, House, offered, until

ONE = "urn:odr:acme:0197b1a0-0000-7000-8000-000000000001"
BACK = {"withdraw": "other"}


class Counted(Store):
    """Counts what is asked of it."""

    asked = 0

    async def do(self, work: Callable[[Book], Any]) -> Any:
        self.asked += 1
        return await super().do(work)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Counted]:
    one = Counted(tmp_path / "gateway.sqlite3", "00" * 32, "acme", lambda: 1_795_000_000)
    await one.do(lambda book: book.save(Dossier(ONE, "sender", "a case", "other", 0)))
    one.asked = 0
    yield one
    one.close()


def queued(book: Book) -> None:
    book.queue(ONE, "offer", "statement", "0" * 64, b"text")


async def taken_back(situations: Situations, store: Store) -> None:
    """As a person's change is handed over."""
    situations.touch(ONE)
    await store.do(lambda book: book.amend(ONE, decision=BACK))


async def decision(situations: Situations) -> Any:
    dossier = (await situations.of(ONE)).dossier
    assert dossier is not None
    return dossier.decision


async def test_what_a_change_leaves_is_not_asked_for_again(store: Counted) -> None:
    situations = Situations(store)
    await situations.change(ONE, queued)
    assert (await situations.of(ONE)).sent == {"offer": "waiting"}
    assert store.asked == 1
    situations.forget(ONE)
    assert (await situations.of(ONE)).sent == {"offer": "waiting"}
    assert store.asked == 2


async def test_a_persons_change_after_it_is_seen(store: Counted) -> None:
    situations = Situations(store)
    await situations.change(ONE, queued)
    await taken_back(situations, store)
    assert await decision(situations) == BACK


@pytest.mark.parametrize("first", [lambda one: one.change(ONE, queued), lambda one: one.of(ONE)])
async def test_a_persons_change_in_the_same_transaction_is_seen(
    store: Counted, first: Callable[[Situations], Any]
) -> None:
    situations = Situations(store)
    await asyncio.gather(first(situations), taken_back(situations, store))
    assert await decision(situations) == BACK


async def test_after_a_persons_change_what_is_left_is_relied_on_again(store: Counted) -> None:
    situations = Situations(store)
    await taken_back(situations, store)
    await situations.change(ONE, queued)
    before = store.asked
    assert await decision(situations) == BACK
    assert store.asked == before


async def test_an_offer_that_is_taken_back_between_two_steps_is_not_posted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, asked = Situations.change, [0]

    async def changed(self: Situations, transfer_id: str, work: Callable[[Book], Any]) -> Any:
        found = await change(self, transfer_id, work)
        sendings = await self._store.do(lambda book: book.sendings(transfer_id))
        if "offer" in {one.purpose for one in sendings} and not asked[0]:
            asked[0] += 1
            await ours.service.withdraw(transfer_id, "consent_withdrawn")
        return found

    monkeypatch.setattr(Situations, "change", changed)
    async with house.gateway(A) as ours:
        transfer = await offered(ours, house.world)
        await until(ours, transfer, lambda one: one.closed or one.record is not None)
        assert (await ours.service.dossier(transfer)).state == "cancelled"
    assert (asked, house.hub.offered) == ([1], [])
