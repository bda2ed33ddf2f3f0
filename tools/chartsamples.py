"""Sample charts of invented providers: what the documentation shows and tests look at. Equal calls, equal values."""

import math
from random import Random

from hub.charts.caterpillar import Bar, Caterpillar, by_name
from hub.charts.figure import Chart
from hub.charts.funnel import Funnel, Limit, Point
from hub.charts.stacked import Layer, Stacked
from hub.charts.steps import Curve, Steps
from hub.charts.trend import Stretch, Trend

__all__ = ["NAMES", "caterpillar", "charts", "funnel", "own_funnel", "stacked", "steps", "trend"]

_PLACES = (
    "Andes", "Aurora", "Baltic", "Bay of Bengal", "Cascade", "Cordillera", "Delta", "Equinox", "Fjord", "Great Lakes",
    "Harbour", "Highland", "Istmo", "Jade River", "Karoo", "Lagoon", "Meridian", "Nile", "Orinoco", "Pacific",
)  # fmt: skip
_KINDS = ("Online Dispute Resolution Centre", "ODR", "Mediation and Arbitration Institute for Cross-Border Trade")
NAMES = (
    *(f"{place} {kind}" for place in _PLACES for kind in _KINDS[:2]),
    *(f"{place} {_KINDS[2]}" for place in _PLACES[:14]),
    "莲花网上争议解决中心", "广州互联网跨境商事纠纷在线调解与仲裁服务中心", "珠江调解院", "海棠在线仲裁院",
    "Ålesund Nettmekling", "Électronique & Médiation <Paris>",
)  # fmt: skip
"""Sixty names: long and short, Latin and Chinese."""
_TARGET = 0.72
_OWN = 41
_MEASURE = "Resolved within 90 days, share of the cases filed"


def _limits(target: float, sizes: list[int]) -> tuple[Limit, ...]:
    """Limits by the normal approximation: close enough for samples, never for judging."""
    found = []
    for n in sizes:
        error = math.sqrt(target * (1 - target) / n)
        low, high = ([max(0.0, target - z * error), min(1.0, target + z * error)] for z in (1.96, 3.09))
        found.append(Limit(n, low[0], low[1], high[0], high[1]))
    return tuple(found)


def _points() -> tuple[Point, ...]:
    chance, found = Random(7), []  # noqa: S311  # samples
    for number, name in enumerate(NAMES):
        n = round(30 * 60 ** chance.random())
        error = math.sqrt(_TARGET * (1 - _TARGET) / n)
        shift = {9: -5.2, 23: 4.4, 41: -3.7, 55: -2.6}.get(number, chance.gauss(0, 0.9))
        value = min(1.0, max(0.0, _TARGET + shift * error))
        z = abs(value - _TARGET) / error
        found.append(Point(name, n, value, "enquiry" if z > 3.09 else "note" if z > 1.96 else "none"))
    return tuple(found)


def funnel() -> Funnel:
    """Sixty providers, as officers see them."""
    points = _points()
    sizes = sorted({30, 35, 42, 50, 65, 90, 130, 200, 320, 500, 800, 1300, *(one.n for one in points)})
    return Funnel(
        "Resolved within 90 days, by provider and number of cases",
        "A funnel of 60 providers. Most lie within the limits of chance; some lie outside and are named.",
        _MEASURE, "share", _TARGET, points, _limits(_TARGET, sizes), logarithmic=True,
    )  # fmt: skip


def own_funnel() -> Funnel:
    """The same, as one provider sees it: the others have no names."""
    points = tuple(
        Point(one.label, one.n, round(one.value, 2), one.level, own=True)
        if number == _OWN
        else Point("", one.n, round(one.value, 2))
        for number, one in enumerate(_points())
    )
    return Funnel(
        "Your cases resolved within 90 days, and those of others",
        "A funnel of 60 providers without names, one of them marked as the reader's own.",
        _MEASURE, "share", _TARGET, points, _limits(_TARGET, [25, 30, 40, 60, 100, 200, 400, 800, 1800]),
        logarithmic=True,
    )  # fmt: skip


def caterpillar(count: int = 60) -> Caterpillar:
    """So many providers in order of name, with their intervals."""
    bars = []
    for one in _points()[:count] if count < len(NAMES) else _points():
        error = 1.96 * math.sqrt(max(one.value * (1 - one.value), 0.01) / one.n)
        low, high = max(0.0, one.value - error), min(1.0, one.value + error)
        bars.append(Bar(one.label, one.value, low, high, one.n, one.level))
    return Caterpillar(
        "Resolved within 90 days, providers in order of name",
        "Each provider with the interval that its share may truly lie in; the order is that of names.",
        _MEASURE, "share", by_name(bars), _TARGET,
    )  # fmt: skip


def steps(count: int = 2) -> Steps:
    """Cases still open, for so many groups."""
    days = [*range(0, 91, 7), *range(120, 361, 30)]
    groups = ("Cross-border", "Domestic", "Small claims", "Claims over 10,000 USD", "With a lawyer", "Without a lawyer")
    curves = []
    for number, label in enumerate(groups[:count]):
        n = (842, 1630, 390, 212, 268, 174)[number]
        points = [(day, 0.04 + 0.96 * math.exp(-((day / (55 + 28 * number)) ** 1.25))) for day in days]
        spread = [1.96 * math.sqrt(s * (1 - s) / (n * (1 - day / 500))) for day, s in points]
        band = tuple((day, max(0.0, s - e), min(1.0, s + e)) for (day, s), e in zip(points, spread, strict=True))
        risk = tuple(round(n * s * (1 - day / 600)) for day, s in points)
        curves.append(Curve(label, n, tuple(points), band, risk))
    return Steps(
        "Cases still open after so many days",
        "Curves that fall from 100 %: the share of cases still open, by days since filing.",
        "Still open, share of the cases filed", "Days since the case was filed", tuple(curves),
    )  # fmt: skip


def stacked() -> Stacked:
    """Seven ways for a case to end."""
    days = (*range(0, 91, 7), *range(120, 361, 30))
    names = ("settled", "award", "award by default", "discontinued", "refused", "outcome not stated", "handed over")
    ends, paces = (0.41, 0.17, 0.12, 0.1, 0.05, 0.02, 0.06), (40, 120, 100, 70, 10, 60, 30)
    layers = tuple(
        Layer(name, tuple(end * (1 - math.exp(-((day / pace) ** 1.3))) for day in days))
        for name, end, pace in zip(names, ends, paces, strict=True)
    )
    return Stacked(
        "How cases end, and by when",
        "Layers that grow with the days since filing: settled cases most and first, then awards.",
        "Share of the cases filed", "Days since the case was filed", 2472, days, layers, "still open",
    )  # fmt: skip


def trend() -> Trend:
    """Twelve quarters, one of them with too few cases."""
    chance, found = Random(3), []  # noqa: S311  # samples
    for number in range(12):
        label = f"{2023 + number // 4} Q{number % 4 + 1}"
        if number == 4:
            found.append(Stretch(label, None, withheld="too few cases to show"))
            continue
        n, value = 60 + 22 * number, 0.58 + 0.012 * number + chance.gauss(0, 0.02)
        error = 1.96 * math.sqrt(value * (1 - value) / n)
        found.append(Stretch(label, value, value - error, value + error, n))
    return Trend(
        "Resolved within 90 days, by quarter of filing",
        "Twelve quarters; values rise slowly, and the intervals of neighbours overlap.",
        _MEASURE, "share", tuple(found),
    )  # fmt: skip


def charts() -> dict[str, Chart]:
    """One of each."""
    return {
        "funnel": funnel(), "own-funnel": own_funnel(), "caterpillar": caterpillar(), "steps": steps(),
        "stacked": stacked(), "trend": trend(),
    }  # fmt: skip
