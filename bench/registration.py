"""Row 1: awards registered over HTTP, each with two signatures, durable before it is answered."""

from __future__ import annotations

from bench import limits, load
from bench.network import network
from bench.table import Row

COUNT, WARM = 8000, 1000


def rows() -> list[Row]:
    """The hub alone, with three witnesses of which two must cosign, and on PostgreSQL without a standby."""
    found = []
    for witnesses, database in ((0, "SQLite"), (3, "SQLite"), (0, "PostgreSQL")):
        with network(witnesses, postgresql=database == "PostgreSQL") as hub:
            at_rest = hub.memory()
            requests = [load.post("/v1/statements", one) for one in hub.awards(WARM + COUNT)]
            load.run(hub.port, requests[:WARM])
            run = load.run(hub.port, requests[WARM:])
            size = len(requests[-1])
        answered = ", ".join(f"{count} x {status}" for status, count in sorted(run.statuses.items()))
        figures = f"{run.rate:,.0f}/s, p50 {run.quantile(0.5):.0f} ms, p99 {run.quantile(0.99):.0f} ms ({answered})"
        limit, of = _limits(size)
        name = f"award registered, 64 clients, {witnesses} witnesses, {database}"
        found.append(Row(name, figures, limit, f"{run.rate / of:.2f} of the smallest"))
        found.append(Row("hub process at rest", f"{at_rest:.0f} MB", "", ""))
    return found


def _limits(size: int) -> tuple[str, float]:
    verified = limits.verifications(size) / 2
    echoed = limits.echoes(b"x" * size).rate
    committed = limits.grouped_commits(size, 64)
    text = f"2 verifications {verified:,.0f}/s, echo {echoed:,.0f}/s, grouped commits {committed:,.0f}/s"
    return text, min(verified, echoed, committed)
