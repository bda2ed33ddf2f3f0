"""Charts of every shape that their types allow, with labels that are anything at all."""

from hypothesis import strategies as st

from hub.charts.caterpillar import Bar, Caterpillar, by_name
from hub.charts.figure import Chart
from hub.charts.funnel import Funnel, Limit, Point
from hub.charts.levels import LEVELS
from hub.charts.stacked import Layer, Stacked
from hub.charts.steps import Curve, Steps
from hub.charts.trend import Stretch, Trend
from hub.charts.words import UNITS, Unit

HOSTILE = (
    "</text><script>alert(1)</script>",
    '" onload="alert(1)',
    "&lt;b&gt;",
    "\x00\x1f\ud800\ufffe",
    "\u202eabc",
    "莲" * 60,
)
LABELS = st.one_of(st.text(max_size=20), st.sampled_from(HOSTILE), st.text("WM莲 -", max_size=40)).map(
    lambda one: f"{one}."
)
TITLES = LABELS
LEVEL = st.sampled_from(LEVELS)
UNIT = st.sampled_from(UNITS)
SIZES = st.integers(1, 5_000_000)


def values(unit: Unit) -> st.SearchStrategy[float]:
    """Values of a unit."""
    if unit == "share":
        return st.floats(0, 1)
    return st.floats(-1e3 if unit == "score" else 0, 1e6, allow_subnormal=False)


@st.composite
def funnels(draw: st.DrawFn) -> Chart:
    unit = draw(UNIT)
    value = values(unit)
    named = draw(st.lists(st.builds(Point, LABELS, SIZES, value, LEVEL), max_size=30, unique_by=lambda one: one.label))
    unnamed = (
        draw(st.lists(st.builds(Point, st.just(""), SIZES, value), min_size=3, max_size=20))
        if draw(st.booleans())
        else []
    )
    if not named and not unnamed:
        named = [Point("one", 10, draw(value))]
    limits = [
        Limit(n, *(sorted_values[1], sorted_values[2], sorted_values[0], sorted_values[3]))
        for n in sorted(draw(st.sets(SIZES, min_size=1, max_size=8)))
        if (sorted_values := sorted(draw(st.lists(value, min_size=4, max_size=4))))
    ]
    return Funnel(
        draw(TITLES), "What there is to see.", draw(LABELS), unit, draw(value), (*named, *unnamed), tuple(limits),
        draw(st.booleans()),
    )  # fmt: skip


@st.composite
def caterpillars(draw: st.DrawFn) -> Chart:
    unit = draw(UNIT)
    rows = []
    for label in draw(st.lists(LABELS, min_size=1, max_size=40, unique=True)):
        low, value, high = sorted(draw(st.tuples(*[values(unit)] * 3)))
        rows.append(Bar(label, value, low, high, draw(SIZES), draw(LEVEL)))
    target = draw(st.none() | values(unit))
    return Caterpillar(draw(TITLES), "What there is to see.", draw(LABELS), unit, by_name(rows), target)


DAYS = st.sets(st.integers(0, 4000), min_size=2, max_size=12).map(lambda one: tuple(sorted(one)))


@st.composite
def step_curves(draw: st.DrawFn) -> Chart:
    curves = []
    for label in draw(st.lists(LABELS, min_size=1, max_size=6, unique=True)):
        days = draw(DAYS)
        shares = sorted(draw(st.lists(st.floats(0, 1), min_size=len(days), max_size=len(days))), reverse=True)
        band = tuple(
            (day, s * draw(st.floats(0, 1)), min(1.0, s + draw(st.floats(0, 1))))
            for day, s in zip(days, shares, strict=True)
        )
        risk = tuple(range(len(days), 0, -1))
        points = tuple(zip(days, shares, strict=True))
        curves.append(
            Curve(label, draw(SIZES), points, band if draw(st.booleans()) else (), risk if draw(st.booleans()) else ())
        )
    return Steps(draw(TITLES), "What there is to see.", draw(LABELS), draw(LABELS), tuple(curves))


@st.composite
def stacks(draw: st.DrawFn) -> Chart:
    days = draw(DAYS)
    labels = draw(st.lists(LABELS, min_size=2, max_size=9, unique=True))
    room = draw(st.floats(0, 1)) / (len(labels) - 1)
    layers = [Layer(one, tuple(sorted(room * draw(st.floats(0, 1)) for _ in days))) for one in labels[1:]]
    return Stacked(
        draw(TITLES), "What there is to see.", draw(LABELS), draw(LABELS), draw(SIZES), days, tuple(layers), labels[0]
    )


@st.composite
def trends(draw: st.DrawFn) -> Chart:
    unit = draw(UNIT)
    periods = []
    for number, label in enumerate(draw(st.lists(LABELS, min_size=1, max_size=24, unique=True))):
        if number and draw(st.booleans()):
            periods.append(Stretch(label, None, withheld=draw(LABELS)))
        else:
            low, value, high = sorted(draw(st.tuples(*[values(unit)] * 3)))
            periods.append(Stretch(label, value, low, high, draw(SIZES)))
    return Trend(draw(TITLES), "What there is to see.", draw(LABELS), unit, tuple(periods))


ALL = {
    "funnel": funnels(), "caterpillar": caterpillars(), "steps": step_curves(), "stacked": stacks(), "trend": trends(),
}  # fmt: skip
