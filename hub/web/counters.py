"""Operational numbers in Prometheus text form (version 0.0.4), written by hand because they are few.

Labels come from closed sets (route templates, status codes, problem codes), never from a request, so
that nobody can grow the table from outside.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

__all__ = ["Counters", "Gauge", "LabelledGauge"]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
Gauge = tuple[str, str, float]
"""Name, help and value of a number that is read when it is asked for."""

LabelledGauge = tuple[str, str, str, Mapping[str, float]]
"""Name, help, the label's name, and a number for each of the label's values."""


class Counters:
    """Counts of requests, refusals and durations since ``started`` (POSIX seconds)."""

    def __init__(self, started: int) -> None:
        self.started = started
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._refusals: Counter[str] = Counter()
        self._buckets: Counter[tuple[str, int]] = Counter()  # by place of the first bound that is not below
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._counts: Counter[str] = Counter()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered after ``seconds``."""
        self._requests[method, route, status] += 1
        self._counts[route] += 1
        self._seconds[route] += seconds
        self._buckets[route, bisect_left(BUCKETS, seconds)] += 1

    def refused(self, code: str) -> None:
        """One request was refused with a problem of this code."""
        self._refusals[code] += 1

    def text(self, gauges: Iterable[Gauge], labelled: Iterable[LabelledGauge] = ()) -> str:
        """The whole exposition; the gauges are appended as they are."""
        lines = [*self._request_lines(), *self._duration_lines(), *_gauge_lines(gauges), *_labelled_lines(labelled)]
        return "\n".join([*lines, ""])

    def _request_lines(self) -> Iterator[str]:
        yield from _head("odr_http_requests_total", "Requests answered.", "counter")
        for (method, route, status), count in sorted(self._requests.items()):
            yield f'odr_http_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
        yield from _head("odr_problems_total", "Refusals by problem code.", "counter")
        for code, count in sorted(self._refusals.items()):
            yield f'odr_problems_total{{code="{code}"}} {count}'

    def _duration_lines(self) -> Iterator[str]:
        name = "odr_http_request_seconds"
        yield from _head(name, "Time from the request's head to the response's.", "histogram")
        for route, count in sorted(self._counts.items()):
            counts = accumulate(self._buckets[route, place] for place in range(len(BUCKETS)))
            for bound, within in zip(BUCKETS, counts, strict=True):
                yield f'{name}_bucket{{route="{route}",le="{bound:g}"}} {within}'
            yield f'{name}_bucket{{route="{route}",le="+Inf"}} {count}'
            yield f'{name}_sum{{route="{route}"}} {self._seconds[route]:.6f}'
            yield f'{name}_count{{route="{route}"}} {count}'


def _gauge_lines(gauges: Iterable[Gauge]) -> Iterator[str]:
    for name, help_text, value in gauges:
        yield from _head(name, help_text, "gauge")
        yield f"{name} {value:g}" if abs(value) < 1e6 else f"{name} {value:.0f}"


def _labelled_lines(gauges: Iterable[LabelledGauge]) -> Iterator[str]:
    for name, help_text, label, values in gauges:
        yield from _head(name, help_text, "gauge")
        for value, number in sorted(values.items()):
            yield f'{name}{{{label}="{value}"}} {number:g}'


def _head(name: str, help_text: str, kind: str) -> tuple[str, str]:
    return f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"
