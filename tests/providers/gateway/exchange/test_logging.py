"""What is logged, however much is logged, and whatever fails: never what the parties wrote."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from providers.gateway.exchange.serving import Gateway
from tests.providers.exchangehub import Fault
from tests.providers.gateway.exchange.house import (
    ACCEPT,
    FILES,
    House,
    add_case,
    briefed,
    sample_case,
    state,
    terms,
    until,
)

CANARY = "Zanzibar-canary-7f3c"
NO_PROBLEM = """
    CREATE TRIGGER no BEFORE UPDATE ON transfers WHEN NEW.body LIKE '%"problem": {%' BEGIN SELECT RAISE(ABORT, ''); END
"""


async def offered(house: House, gateway: Gateway) -> str:
    case, files = sample_case(house.world.now, files={**FILES, "letter.txt": CANARY.encode() * 100})
    case["claims"][0]["facts"] += f" {CANARY}"
    case_id = await add_case(gateway, case, files)
    return (await gateway.service.offer(case_id, terms(claim_summary=f"Cracked. {CANARY}"))).transfer_id


async def execute(gateway: Gateway, statement: str) -> None:
    """Change the gateway's store behind its back."""
    await gateway.service.context.store.do(lambda book: book._db.execute(text(statement)))


async def test_a_transfer_whose_steps_all_fail_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    house.hub.faults = [Fault("POST", "/v1/statements", "busy"), Fault("PATCH", "/v1/uploads", "cut")]
    async with house.both() as (ours, theirs):
        transfer = await offered(house, ours)
        seen = await until(theirs, transfer, briefed)
        assert CANARY in str(seen.brief)
        await theirs.service.accept(transfer, ACCEPT)
        await until(theirs, transfer, state("completed"))
        await until(ours, transfer, state("completed"))
    assert caplog.records
    assert CANARY not in caplog.text


async def test_a_store_that_takes_nothing_any_more(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """An error of the database must not carry the row that it refused, which holds the brief."""
    caplog.set_level(logging.DEBUG)
    house.hub.faults = [Fault("GET", "/v1/packages", "busy", skip=1, times=1000)]  # the brief comes, the package waits
    async with house.both() as (ours, theirs):
        transfer = await offered(house, ours)
        await until(theirs, transfer, briefed)
        trouble = """WHEN NEW.body LIKE '%"problem": {%'"""
        await execute(
            theirs, f"CREATE TRIGGER no BEFORE UPDATE ON transfers {trouble} BEGIN SELECT RAISE(ABORT, ''); END"
        )
        await theirs.service.accept(transfer, ACCEPT)
        await reached(lambda: "could not be stored" in caplog.text)
        await execute(theirs, "DROP TRIGGER no")
        house.hub.faults = []
        await until(theirs, transfer, state("completed"))
        await until(ours, transfer, state("completed"))
    assert "IntegrityError" in caplog.text
    assert "[parameters:" not in caplog.text
    assert CANARY not in caplog.text


async def reached(what: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not what():
            await asyncio.sleep(0.02)
