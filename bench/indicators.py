"""Indicators: the whole set for a large federation, and the estimators that take most of it.

The facts are folded from the seeded sample of events, some for each provider, and repeated as columns until they are
as many as asked for; one case in a hundred moves to the next provider.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.table import Row
from metrics.columns import Columns
from metrics.competing import aalen_johansen
from metrics.compute import compute_all
from metrics.definitions import definitions
from metrics.events import DAY_SECONDS, Event
from metrics.figures import Period
from metrics.folding import fold
from metrics.names import Names
from metrics.samples import guangzhou_like
from metrics.survival import kaplan_meier
from metrics.tasks import Request

if TYPE_CHECKING:
    from collections.abc import Callable

CASES, PROVIDERS = 1_000_000, 60
_PERIOD = Period.of(date(2025, 1, 1), date(2025, 12, 31))
_FREEZE = _PERIOD.end + 30 * DAY_SECONDS
_SAMPLE = 1690
_CHANGED = 1000


def rows(cases: int = CASES, providers: int = PROVIDERS) -> list[Row]:
    """Figures of every subject; estimators over as many durations; and facts of which some changed."""
    columns = _columns(cases, providers)
    request = Request(_PERIOD, _FREEZE, minimum=1)
    began, worked = time.perf_counter(), time.process_time()
    figures = compute_all(columns, request)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    octets = sum(one.nbytes for one in _arrays(columns))
    name = f"{len(definitions())} indicators, {providers} providers and the federation, {len(columns):,} cases"
    return [
        Row(name, f"{seconds:.2f} s ({worked:.2f} s of processor) for {len(figures):,} figures", "", ""),
        Row("these cases as columns", f"{octets / 1e6:.0f} MB", "", ""),
        *_estimators(cases),
        _changed(columns),
    ]


def _columns(cases: int, providers: int) -> Columns:
    """Facts of all providers, each with the same cases but for those that moved."""
    names = Names()
    each = cases // providers
    whole = Columns.of(fold(_events(min(each, _SAMPLE)), _FREEZE), names)
    own = Columns.joined([whole] * -(-each // len(whole)))
    own = own.between(0, each)
    parts = []
    for number in range(providers):
        moved = _moved(number, providers, each // 100)
        staying = own.between(0, each - each // 100)
        code = names.add(_provider(number))
        parts += [replace(staying, provider=np.full(len(staying), code)), Columns.of(fold(moved, _FREEZE), names)]
    return Columns.joined(parts)


def _events(count: int) -> list[Event]:
    """As the sample has them, filed all through the period."""
    samples = range(-(-count // 169))
    first = [date(2025, 1, 1) + timedelta(days=30 * (number % 12) - 60) for number in samples]
    return [
        one._replace(case=f"{number}-{one.case}")
        for number in samples
        for one in guangzhou_like(number, 169, first[number])
    ]


def _moved(number: int, providers: int, count: int) -> list[Event]:
    """Half of them were received from the provider before, half go to the next."""
    events = []
    for place in range(count):
        at = _PERIOD.start + (place % 300) * DAY_SECONDS
        received = place % 2
        sender = (number - received) % providers
        transfer = f"{sender}-{place // 2}"
        case, later = f"moved-{place}", at + 9 * DAY_SECONDS
        own, moved_at = _provider(number), later - (at % DAY_SECONDS) - (place % 2) * DAY_SECONDS
        if received:
            events.append(
                Event(own, case, 0, "transfer_in", moved_at + DAY_SECONDS, moved_at + DAY_SECONDS, transfer_id=transfer)
            )
            events.append(
                Event(own, case, 1, "settled", later + 9 * DAY_SECONDS, later + 9 * DAY_SECONDS, stage="mediation")
            )
        else:
            events.append(Event(own, case, 0, "filed", at, at))
            events.append(Event(own, case, 1, "transfer_out", moved_at, moved_at, transfer_id=transfer))
    return events


def _provider(number: int) -> str:
    return f"provider-{number:03}"


def _estimators(count: int) -> list[Row]:
    """Each beside counting the same durations once, day by day."""
    chance = np.random.default_rng(1)
    days = np.minimum((chance.weibull(1.2, count) * 90).astype(np.int64), 1500)
    ended, causes = chance.random(count) < 0.8, chance.integers(0, 8, count)
    raw = _milliseconds(lambda: np.bincount(days))
    made: dict[str, Callable[[], Any]] = {
        "Kaplan-Meier": lambda: kaplan_meier(days, ended),
        "Aalen-Johansen, 7 causes": lambda: aalen_johansen(days, causes, 7),
    }
    found = {name: _milliseconds(estimate) for name, estimate in made.items()}
    limit = f"numpy.bincount {raw:.1f} ms"
    return [
        Row(f"{name} over {count:,} durations", f"{took:.1f} ms", limit, f"{took / raw:.1f} times")
        for name, took in found.items()
    ]


def _changed(columns: Columns) -> Row:
    """Some cases of one provider are told anew."""
    new = columns.of_provider(_provider(0)).between(0, _CHANGED)
    took = _milliseconds(lambda: columns.with_changed([new]), times=3)
    return Row(f"{_CHANGED:,} of these cases replaced", f"{took:,.0f} ms", "", "")


def _milliseconds(work: Callable[[], Any], times: int = 9) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[times // 2] * 1e3


def _arrays(columns: Columns) -> list[np.ndarray[Any, Any]]:
    tables = [vars(one) for one in vars(columns).values() if hasattr(one, "row")]
    return [one for some in (vars(columns), *tables) for one in some.values() if isinstance(one, np.ndarray)]
