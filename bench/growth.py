"""Rows 1 and 5 again: how much slower a long log is than a short one, at start, at appending and at proving.

Everything is measured twice and the better run counts, because the machine may change its speed. Receipts of both logs
are asked for in turn, a few of one and then a few of the other. The first time what they need is on the disk: the
system is told to forget what it holds of files, which root alone may tell it. The second time it is in memory. Awards
are appended before that, with what the system holds of files by then.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bench import load
from bench.lengthening import lengthen
from bench.network import Network, network, serve
from bench.processes import wait_for_port
from bench.table import Row

SHORT, LONG = 100_000, 10_000_000
APPENDED, PROVEN, IN_TURN, RUNS = 3000, 2000, 50, 2
SETTLED = 5.0
"""Seconds in which a hub has read what it reads beside its first requests."""
_FORGET = Path("/proc/sys/vm/drop_caches")


@dataclass
class _Log:
    size: int
    hub: Network
    starts: list[float] = field(default_factory=list)
    appended: list[load.Load] = field(default_factory=list)
    proven: list[load.Load] = field(default_factory=list)
    proven_again: list[load.Load] = field(default_factory=list)

    def rate(self) -> float:
        """Awards registered per second."""
        return max(one.rate for one in self.appended)


def rows(entries: int = LONG) -> list[Row]:
    """Start-up, registration and receipts of a log of ``entries``, beside those of a short one."""
    with ExitStack() as stack:
        logs = [_Log(size, stack.enter_context(network())) for size in (SHORT, entries)]
        for log in logs:
            _lengthen(log)
        for turn in range(RUNS):
            for log in logs:
                _append(log, turn)
        for turn in range(RUNS):
            _prove(logs, turn)
        short, long = logs
        return [
            Row(f"start-up, {entries:,} entries", f"{max(long.starts):.2f} s", "5 s at most", ""),
            Row(
                f"award registered, {entries:,} entries",
                f"{long.rate():,.0f}/s",
                f"{short.rate():,.0f}/s with {SHORT:,}",
                f"{short.rate() / long.rate():.2f} times slower (1.5 at most)",
            ),
            _receipts(f"receipt of any statement, {entries:,} entries{_where()}", short.proven, long.proven),
            _receipts(f"the same receipts again, {entries:,} entries", short.proven_again, long.proven_again),
        ]


def _receipts(what: str, short: list[load.Load], long: list[load.Load]) -> Row:
    middle, slow, of, slow_of = (
        min(one.quantile(share) for one in runs) for runs in (long, short) for share in (0.5, 0.99)
    )
    return Row(
        what,
        f"p50 {middle:.1f} ms, p99 {slow:.1f} ms",
        f"p50 {of:.1f} ms, p99 {slow_of:.1f} ms with {SHORT:,}",
        f"{slow / slow_of:.2f} times slower (1.5 at most)",
    )


def _lengthen(log: _Log) -> None:
    log.hub.post(log.hub.awards(1, 10**9)[0])
    _stop(log)
    lengthen(log.hub.data, log.size)


def _append(log: _Log, turn: int) -> None:
    """From a start to the first award registered, then many awards."""
    awards = log.hub.awards(APPENDED + 1, turn * 10_000)
    began = time.perf_counter()
    log.hub.process = serve(log.hub.data, log.hub.port)
    wait_for_port(log.hub.port, 60.0)
    log.hub.post(awards[0])
    log.starts.append(time.perf_counter() - began)
    log.appended.append(load.run(log.hub.port, [load.post("/v1/statements", one) for one in awards[1:]]))
    _stop(log)


def _prove(logs: list[_Log], turn: int) -> None:
    """Receipts one after another, in turn from each log, of hubs that have just started; then the same ones again."""
    asked = [[load.get(f"/v1/statements/{digest}/receipt") for digest in _digests(log, turn)] for log in logs]
    for log in logs:
        log.hub.process = serve(log.hub.data, log.hub.port)
        wait_for_port(log.hub.port, 60.0)
    time.sleep(SETTLED)
    _forget()
    for runs in ([log.proven for log in logs], [log.proven_again for log in logs]):
        parts: list[list[load.Load]] = [[] for _ in logs]
        for start in range(0, PROVEN, IN_TURN):
            for log, requests, part in zip(logs, asked, parts, strict=True):
                part.append(load.run(log.hub.port, requests[start : start + IN_TURN], clients=1))
        for run, part in zip(runs, parts, strict=True):
            run.append(load.joined(part))
    for log in logs:
        _stop(log)


def _forget() -> None:
    """Let the system forget what it holds of files, if it lets us."""
    os.sync()
    if os.access(_FORGET, os.W_OK):
        _FORGET.write_text("1", encoding="ascii")


def _where() -> str:
    return ", from the disk" if os.access(_FORGET, os.W_OK) else ""


def _digests(log: _Log, turn: int) -> list[str]:
    """Digests of statements anywhere in the log."""
    base = sqlite3.connect(log.hub.data / "hub.sqlite3")
    chosen = Random(turn).sample(range(log.size), PROVEN)
    query = 'SELECT lower(hex(digest)) FROM statements WHERE "index" = ?'
    found = [base.execute(query, (index,)).fetchone()[0] for index in chosen]
    base.close()
    return found


def _stop(log: _Log) -> None:
    log.hub.process.terminate()
    log.hub.process.wait(60)
