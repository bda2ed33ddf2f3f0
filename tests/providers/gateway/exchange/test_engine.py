"""Transfers between two gateways, from offer to custody, and every way in which they end otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.gateway.exchange.house import ACCEPT, FILES, A, B, House, briefed, offered, state, until


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    one = House(tmp_path)
    with one.hub:
        yield one


async def test_a_case_changes_hands(house: House) -> None:
    async with house.both() as (sender, recipient):
        transfer = await offered(sender, house.world)
        seen = await until(recipient, transfer, briefed)
        assert seen.brief is not None
        assert seen.brief["claim_summary"] == "214 of 600 lamps are cracked."
        await recipient.service.accept(transfer, ACCEPT)
        got = await until(recipient, transfer, state("completed"))
        await until(sender, transfer, state("completed"))
        mine = await recipient.service.case(got.case_id)
        assert (mine.state, mine.origin) == ("held", "received")
        for name, data in FILES.items():
            assert (mine.folder / "documents" / name).read_bytes() == data
        assert recipient.service.context.cases.load(mine)["custodian"] == B
        theirs = await sender.service.case(got.case_id)
        assert theirs.state == "moved"
        assert house.hub.cases[got.case_id].custodian == B
        for gateway in (sender, recipient):
            assert list(gateway.service.context.transfers.iterdir()) == []
            sendings = await gateway.service.context.store.do(lambda book: book.sendings(transfer))
            assert {one.state for one in sendings} == {"done"}
    assert A != B
