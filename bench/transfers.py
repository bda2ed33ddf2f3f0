"""Row 4: whole transfers of small cases between two gateways, from the offer until both saw the completion."""

import asyncio
import os
import time

from bench import load
from bench.exchanging import exchanging, gateways
from bench.network import network
from bench.table import Row
from tests.fakes.exchangehouse import House

COUNT, CONCURRENT, WARM = 100, 16, 8
DOCUMENT = 16_384
"""Octets of its one document besides two consents: a package of about 20 kB."""

STATEMENTS = 6
"""Offer, answer, dispatch, evidence of delivery and retrieval, completion."""


def rows(count: int = COUNT, concurrent: int = CONCURRENT) -> list[Row]:
    """``count`` transfers, ``concurrent`` at a time."""
    with gateways() as one:
        seconds, latencies = asyncio.run(_moved(one, count, concurrent))
    rate = count / seconds
    middle, slowest = latencies[len(latencies) // 2], latencies[-1]
    figures = f"{rate:,.1f}/s, p50 {middle:.2f} s, slowest {slowest:.2f} s ({count} of them)"
    registered = _registrations(count * STATEMENTS)
    most = registered / STATEMENTS
    limit = f"the hub registers {registered:,.0f} awards/s: enough for {most:,.0f}/s"
    return [Row(f"transfer of a case of 20 kB, {concurrent} at a time", figures, limit, f"{rate / most:.3f} of it")]


async def _moved(one: House, count: int, concurrent: int) -> tuple[float, list[float]]:
    async with exchanging(one) as exchange:
        cases = [await exchange.add_case({"document.bin": os.urandom(DOCUMENT)}) for _ in range(WARM + count)]
        turn = asyncio.Semaphore(concurrent)

        async def moved(case_id: str) -> float:
            async with turn:
                seen = await exchange.hand_over(case_id)
                return seen["end"] - seen["offer"]

        await asyncio.gather(*map(moved, cases[:WARM]))
        began = time.perf_counter()
        latencies = await asyncio.gather(*map(moved, cases[WARM:]))
        return time.perf_counter() - began, sorted(latencies)


def _registrations(count: int) -> float:
    """Awards that a hub alone registers per second."""
    with network() as hub:
        return load.run(hub.port, [load.post("/v1/statements", one) for one in hub.awards(count)]).rate
