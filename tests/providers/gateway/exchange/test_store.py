"""What works that share a transaction leave when one of them raises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.errors import GatewayError
from providers.gateway.exchange.store import Book, Store
from providers.gateway.exchange.values import Dossier

NOW = 1_795_000_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    one = Store(tmp_path / "gateway.sqlite3", "00" * 32, "acme", lambda: NOW)
    yield one
    one.close()


def told(book: Book) -> list[str]:
    return [one.type for one in book.events(0, 100)]


async def test_one_that_raises_is_undone_and_told_and_the_others_stand(store: Store) -> None:
    def half(book: Book) -> None:
        book.tell("half")
        raise GatewayError("case_not_held", "Custody of this case has moved.", "one")

    def tells(name: str) -> asyncio.Future[None]:
        return asyncio.ensure_future(store.do(lambda book: book.tell(name)))

    first, failing, last = tells("first"), asyncio.ensure_future(store.do(half)), tells("last")
    found = await asyncio.gather(first, failing, last, return_exceptions=True)
    assert found[0] is found[2] is None
    assert isinstance(found[1], GatewayError)
    assert found[1].code == "case_not_held"
    assert await store.do(told) == ["first", "last"]


async def test_one_that_raises_alone_leaves_nothing(store: Store) -> None:
    def half(book: Book) -> None:
        book.tell("half")
        book.amend("urn:odr:acme:none", problem=None)

    with pytest.raises(GatewayError, match="No transfer of this id"):
        await store.do(half)
    assert await store.do(told) == []


async def test_a_fault_of_the_database_is_told_in_the_gateways_words_to_whose_work_met_it(store: Store) -> None:
    def broken(book: Book) -> None:
        book.tell("half")
        book._db.exec_driver_sql("SELECT * FROM nothing")

    found = await asyncio.gather(store.do(broken), store.do(lambda book: book.tell("other")), return_exceptions=True)
    assert isinstance(found[0], GatewayError)
    assert (found[0].code, found[1]) == ("storage_failed", None)
    assert await store.do(told) == ["other"]


async def test_columns_are_changed_by_name_and_others_stay(store: Store) -> None:
    transfer = "urn:odr:acme:one"

    def prepare(book: Book) -> None:
        book.save(Dossier(transfer, "sender", "urn:odr:acme:case", "zenith", NOW))
        book.queue(transfer, "offer", "statement", "ab" * 32, b"{}")
        (one,) = book.sendings(transfer)
        book.change_sending(one.id, location="/v1/uploads/1")
        book.change_sending(one.id, state="posted", problem=None)

    await store.do(prepare)
    (one,) = await store.do(lambda book: book.sendings(transfer))
    assert (one.location, one.state, one.document, one.attempts) == ("/v1/uploads/1", "posted", b"{}", 0)
