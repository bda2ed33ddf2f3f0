"""Row 6: case events taken in: posted, registered, and in the follower's table."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count as counting
from itertools import islice
from typing import Any

from bench import limits, load
from bench.network import PROVIDER, Network, network
from bench.table import Row
from signing.encoding import b64u_encode
from tests.hub.world import Actor, Speaker

COUNT, TOGETHER, CLIENTS = 100_000, 500, 8
_PATIENCE_SECONDS = 120.0
_ROW_BYTES = 200
"""A row of the table, about: who, which case, what, when, and its attributes."""


def rows(count: int = COUNT) -> list[Row]:
    """``count`` events in statements of 500."""
    with network() as hub:
        reports = list(case_events(hub.speaker, PROVIDER, count))
        size = _number(hub, "SELECT count(*) FROM entries")
        began = time.perf_counter()
        run = load.run(hub.port, [load.post("/v1/statements", one) for one in reports], clients=CLIENTS)
        posted = time.perf_counter() - began
        _wait(hub, size + len(reports))
        seconds = time.perf_counter() - began
        stored = _number(hub, "SELECT count(*) FROM case_events")
    assert set(run.statuses) == {201}, run.statuses
    assert stored == count, (stored, count)
    rate, most = count / seconds, limits.grouped_commits(_ROW_BYTES, TOGETHER)
    figures = f"{rate:,.0f}/s ({count:,} in {seconds:.2f} s, the last answer after {posted:.2f} s)"
    limit = f"SQLite rows in commits of {TOGETHER} {most:,.0f}/s"
    name = f"case events, {TOGETHER} to a statement, until they are in the table"
    return [Row(name, figures, limit, f"{rate / most:.2f} of it")]


def case_events(speaker: Speaker, provider: Actor, count: int) -> Iterator[bytes]:
    """So many events of cases that were settled in ten days, in statements of ``TOGETHER``."""
    events = _events()
    for at in range(0, count, TOGETHER):
        yield speaker.case_events(provider, list(islice(events, min(TOGETHER, count - at))))


_FILED = {
    "cross_border": True,
    "economies": ["CL", "CN"],
    "respondent_type": "small",
    "amount_band": "b2",
    "language": "en",
    "dispute_type": "non_conformity",
}
_STORY: tuple[dict[str, Any], ...] = (
    {"type": "filed", **_FILED},
    {"type": "commenced"},
    {"type": "response"},
    {"type": "settled", "stage": "negotiation"},
    {"type": "closed"},
)
"""Five events: no case goes on in a second statement, which another client might post first."""


def _events() -> Iterator[dict[str, Any]]:
    for number in counting():
        pseudonym = b64u_encode(number.to_bytes(16, "big"))
        for sequence, one in enumerate(_STORY):
            yield {"case": pseudonym, "sequence": sequence, "at": f"2026-01-{2 + 5 * sequence:02}T08:00:00Z", **one}


def _wait(hub: Network, size: int) -> None:
    """Wait until the follower has taken in so many entries of the log; it writes that with their rows."""
    until = time.perf_counter() + _PATIENCE_SECONDS
    while _number(hub, "SELECT coalesce(max(size), 0) FROM cursors WHERE name = 'exchange'") < size:
        assert time.perf_counter() < until, "the follower does not follow"
        time.sleep(0.01)


def _number(hub: Network, query: str) -> int:
    with closing(sqlite3.connect(f"file:{hub.data}/hub.sqlite3?mode=ro", uri=True)) as base:
        return int(base.execute(query).fetchone()[0])
