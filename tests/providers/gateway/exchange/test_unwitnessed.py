"""``accept_unwitnessed``: whether a gateway acts on what the log alone proves, in a network without witnesses."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.gateway.exchange.serving import Gateway
from tests.fakes.world import World
from tests.providers.gateway.exchange.house import ACCEPT, A, B, House, briefed, offered, state, transferred, until


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    """A house in a network whose policy names no quorum."""
    one = House(tmp_path, World(seed="no witnesses", quorum=None))
    with one.hub:
        yield one


async def tried(gateway: Gateway, transfer: str, times: int = 2) -> None:
    """Wait until the gateway has taken up the transfer's news so often, and failed."""
    async with asyncio.timeout(60):
        while gateway.engine._attempts.get(transfer, 0) < times:
            await asyncio.sleep(0.02)


async def registered(house: House, transfer: str, kind: str) -> None:
    async with asyncio.timeout(60):
        while (kind, transfer) not in [(one.kind, one.body.get("transfer_id")) for one in house.world.statements]:
            await asyncio.sleep(0.02)


async def assert_not_acted_on(house: House, ours: Gateway, theirs: Gateway, transfer: str) -> None:
    """The hub has registered the offer; neither side takes that for a fact."""
    await registered(house, transfer, "transfer-offer")
    seen = await until(ours, transfer, lambda one: one.problem is not None and one.problem.code == "not_witnessed_yet")
    assert seen.problem is not None
    assert (seen.state, seen.problem.retryable, seen.problem.actor) == ("preparing", True, "hub")
    await tried(theirs, transfer)
    store = theirs.service.context.store
    assert await store.do(lambda book: book.dossier(transfer)) is None
    assert await store.do(lambda book: book.news_of(transfer)) is not None, "it is kept, to be tried again"


async def finish(ours: Gateway, theirs: Gateway, transfer: str) -> None:
    """From the offer, which both know now, to the end."""
    await until(theirs, transfer, briefed)
    await theirs.service.accept(transfer, ACCEPT)
    await until(theirs, transfer, state("completed"))
    await until(ours, transfer, state("completed"))


@pytest.mark.parametrize("cosigners", [[], None], ids=["nobody-cosigns", "witnesses-that-no-quorum-asks-for"])
async def test_without_a_quorum_the_default_acts_on_nothing(alone: House, cosigners: list[str] | None) -> None:
    alone.hub.cosigners = cosigners
    async with alone.both() as (ours, theirs):
        assert not ours.service.context.settings.accept_unwitnessed
        transfer = await offered(ours, alone.world)
        await assert_not_acted_on(alone, ours, theirs, transfer)
    async with alone.gateway(A, accept_unwitnessed=True) as ours, alone.gateway(B, accept_unwitnessed=True) as theirs:
        await finish(ours, theirs, transfer)


async def test_without_a_quorum_the_setting_lets_a_case_change_hands(alone: House) -> None:
    alone.hub.cosigners = []
    async with alone.gateway(A, accept_unwitnessed=True) as ours, alone.gateway(B, accept_unwitnessed=True) as theirs:
        transfer = await transferred(alone, ours, theirs)
        case_id = (await theirs.service.dossier(transfer)).case_id
        assert (await theirs.service.case(case_id)).state == "held"
        assert (await ours.service.case(case_id)).state == "moved"


async def test_the_setting_of_one_side_does_not_bind_the_other(alone: House) -> None:
    alone.hub.cosigners = []
    async with alone.gateway(A, accept_unwitnessed=True) as ours, alone.gateway(B) as theirs:
        transfer = await offered(ours, alone.world)
        await until(ours, transfer, state("offered"))
        await tried(theirs, transfer)
        assert await theirs.service.context.store.do(lambda book: book.dossier(transfer)) is None


async def test_where_there_is_a_quorum_the_setting_changes_nothing(house: House) -> None:
    async with house.gateway(A, accept_unwitnessed=True) as ours, house.gateway(B, accept_unwitnessed=True) as theirs:
        await transferred(house, ours, theirs)  # so that each knows the other's keys
        house.hub.cosigners = ["witness-1"]  # of the two that the quorum asks for
        transfer = await offered(ours, house.world)
        await assert_not_acted_on(house, ours, theirs, transfer)
        house.hub.cosigners = None
        await finish(ours, theirs, transfer)
