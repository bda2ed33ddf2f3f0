"""Enquiries in both kinds of database: one about each matter, comments, rows in order, what goes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.storage.enquiries import Enquiry, EnquiryStore
from hub.storage.seals import sealed_row
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables

ONE = Enquiry(
    "a" * 36, "acme", "flag", "resolved_in_time", 100, 200, "Why? 为什么?", {"n": 40}, "officer-1", 1000, 2000
)
OTHER = replace(ONE, id="b" * 36, provider="brio", asked_at=1500)


@pytest.fixture(params=BACKENDS)
async def store(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[EnquiryStore]:
    async with open_database(tmp_path, request.param) as database:
        await make_tables(database)
        yield EnquiryStore(database)


def said(before: Enquiry | None) -> Enquiry:
    assert before is not None
    return replace(before, comment="We were ill.", commented_at=1600)


def nothing(before: Enquiry | None) -> Enquiry:
    raise LookupError(str(before))


async def test_what_is_there_is_shown_before_a_row_is_added(store: EnquiryStore) -> None:
    met: list[Enquiry | None] = []
    await store.add(ONE, met.append)

    def refuse(before: Enquiry | None) -> None:
        assert before == ONE
        raise LookupError("asked already")

    with pytest.raises(LookupError, match="asked already"):
        await store.add(replace(ONE, id="c" * 36), refuse)
    await store.add(OTHER, met.append)
    assert met == [None, None]
    assert await store.all() == [OTHER, ONE]
    assert await store.all("acme") == [ONE]


async def test_a_comment_is_kept_and_a_refused_one_is_not(store: EnquiryStore) -> None:
    await store.add(ONE, lambda _: None)
    with pytest.raises(LookupError, match="None"):
        await store.change("c" * 36, nothing)
    assert (await store.change(ONE.id, said)).comment == "We were ill."
    assert await store.all() == [replace(ONE, comment="We were ill.", commented_at=1600)]


async def test_rows_are_sealed_and_old_ones_go(store: EnquiryStore) -> None:
    for one in (ONE, OTHER):
        await store.add(one, lambda _: None)
    await store.change(ONE.id, said)
    rows = await store.rows("", 10)
    assert [row["id"] for row in rows] == [ONE.id, OTHER.id]
    assert all(row == sealed_row(row) for row in rows)
    assert [row["id"] for row in await store.rows(ONE.id, 10)] == [OTHER.id]
    assert await store.forget(1001) == 1
    assert await store.all() == [OTHER]
