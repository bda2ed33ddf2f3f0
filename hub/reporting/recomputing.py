"""A quality report held against the events on the log.

Recomputed from the provider's own events, recorded until the instant that the report names, for its period, down to
one case; and from what oversight knows besides, as it is now: rates, neutrals, transfers, answers, discrepancies. So an
indicator has the value that officers see. What rests on answers is told to officers alone (``Recomputed.own``). The
report's source tells whether both counted the same statements; where they didn't, a difference of figures is explained
by that.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hub.oversight.earlier import Earlier
from hub.storage.reportedevents import ReportedEvents
from metrics.columns import Columns
from metrics.comparison.comparable import CONFIDENTIAL
from metrics.compute import compute
from metrics.context import Context
from metrics.definitions import definitions
from metrics.figures import Figure, Period
from metrics.recomputed import Compared, Stated, compare, without
from metrics.tasks import Request
from signing.encoding import JSON
from signing.statement import seconds

__all__ = ["Recomputed", "Recomputing", "source_root"]

_EPOCH = date(1970, 1, 1)


def source_root(digests: Sequence[str]) -> str:
    """SHA-256 (hex) of statement digests (hex), 32 bytes each, in log order."""
    return hashlib.sha256(b"".join(bytes.fromhex(one) for one in digests)).hexdigest()


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What came of it.

    Attributes:
        same_source: whether the report counts the statements that the log has.
        statements: how many these are; ``root`` is their ``source_root``.
        figures: stated and computed figures side by side.
    """

    same_source: bool
    statements: int
    root: str
    figures: tuple[Compared, ...]

    def own(self) -> "Recomputed":
        """What the provider itself may see: nothing that its parties' answers tell, of a period of its choice."""
        return replace(self, figures=without(self.figures, CONFIDENTIAL))


class Recomputing:
    """Recomputes reports from the facts that follow the log.

    Args:
        events: the statements that told of them.
        earlier: the facts as they were.
        context: tells what is known besides them.
    """

    def __init__(self, events: ReportedEvents, earlier: Earlier, context: Callable[[], Awaitable[Context]]) -> None:
        self._events = events
        self._earlier = earlier
        self._context = context

    async def counted(self, provider: str, until: int, size: int) -> list[str]:
        """Digests (hex) of the statements that a report with events until then (POSIX seconds) counts, in log order."""
        return await self._events.statements(provider, until, size)

    async def report(self, provider: str, body: Mapping[str, JSON], size: int) -> Recomputed:
        """The report of ``provider`` with this body, held against the log below ``size``.

        Raises:
            BadPeriodError: the report was not judged by the rule of its kind.
            FactsBehindError: facts are being folded anew.
        """
        source = body["source"]
        until = seconds(source["recorded_until"], "/body/source/recorded_until")
        digests = await self.counted(provider, until, size)
        root = source_root(digests)
        same = (source["statements"], source["root"]) == (len(digests), root)
        columns = await self._earlier.columns(provider, until)
        context = await self._context()
        figures = await asyncio.to_thread(_compared, provider, columns, body, until, context)
        return Recomputed(same, len(digests), root, figures)


def _compared(
    provider: str, columns: Columns, body: Mapping[str, JSON], until: int, context: Context
) -> tuple[Compared, ...]:
    # No case has a day before 1970, so what a report says of earlier days is held against none.
    first, last = (max(date.fromisoformat(body["period"][name]), _EPOCH) for name in ("from", "to"))
    request = Request(Period.of(first, last), until, minimum=1, context=context)
    figures: list[Figure] = []
    for one in definitions():
        figures += compute(one, provider, columns, request)
    return compare([_stated(one) for one in body["metrics"]], figures)


def _stated(told: Mapping[str, JSON]) -> Stated:
    return Stated(
        told["id"], told.get("part", ""), told["version"], Decimal(told["value"]), told.get("numerator"),
        told.get("denominator"), told["missing"],
    )  # fmt: skip
