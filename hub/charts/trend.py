"""Trend: one value for each period with its interval; no arrow says up or down, because intervals say whether it is.

A period without a value keeps its place and says so; a line never leaps over it.
"""

from dataclasses import dataclass

from markupsafe import Markup

from hub.charts import checks
from hub.charts.frame import Size, across, caption, drawing, framed, key, left_of, upright
from hub.charts.lettering import Area
from hub.charts.marks import Swatch, blank, line, marker, sample
from hub.charts.scales import Scale, linear
from hub.charts.svg import Place, element, group, path
from hub.charts.tables import Table
from hub.charts.words import Unit, Words
from hub.errors import ChartError

__all__ = ["Stretch", "Trend"]

_HEIGHTS = {"wide": 300.0, "narrow": 240.0}
_FROM_ZERO = 0.5
"""An axis begins at 0 unless the lowest value lies above this share of the highest."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period with its value, interval and cases, or with the reason why there is no value."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """The chart.

    Attributes:
        measure: what the values are.
        periods: in order of time; they don't overlap.
        level: of the intervals.

    What is checked: a value has its n and an interval that holds it, a period without a value says why and shows
    nothing, and no period is named twice. What is not: that periods follow each other and don't overlap.
    """

    title: str
    description: str
    measure: str
    unit: Unit
    periods: tuple[Stretch, ...]
    level: float = 0.95

    def __post_init__(self) -> None:
        checks.named(self.title, self.description)
        checks.within(self.level, "share", "level")
        if not any(one.value is not None for one in self.periods):
            raise ChartError("nothing_to_show", "A chart shows at least one value.", self.title)
        if len({one.label for one in self.periods}) < len(self.periods):
            raise ChartError("named_twice", "A period is there once.", self.title)
        for one in self.periods:
            self._check(one)

    def _check(self, one: Stretch) -> None:
        if one.value is None:
            if (one.low, one.high, one.n) != (None, None, None) or not one.withheld.strip():
                raise ChartError("withheld_shown", "A period without a value says why, and shows nothing.", one.label)
            return
        checks.rests_on(one.n, one.label)
        if one.low is None or one.high is None:
            raise ChartError("value_without_interval", "A value of a trend has an interval.", one.label)
        for value in (one.low, one.value, one.high):
            checks.within(value, self.unit, one.label)
        checks.interval(one.low, one.value, one.high, one.label)

    def table(self, words: Words) -> Table:
        """A row for each period."""
        name = words.filled("interval", level=words.percent(self.level))
        ends = (words.filled("both", one=name, other=words[end]) for end in ("from", "to"))
        rows = []
        for one in self.periods:
            if one.value is None or one.low is None or one.high is None or one.n is None:
                rows.append((one.label, one.withheld, "", "", ""))
            else:
                value, low, high = (words.measure(each, self.unit) for each in (one.value, one.low, one.high))
                rows.append((one.label, value, low, high, words.count(one.n)))
        header = (words["period"], self.measure, *ends, words["cases"])
        return Table(self.title, header, tuple(rows), (False, True, True, True, True))

    def draw(self, words: Words, size: Size, name: str) -> tuple[Markup, ...]:
        """The drawing; ``name`` begins the ids in it."""
        legend, top = key(self._key(words), size)
        y = self._upright()
        named = self.measure if y.low <= 0 or self.unit == "score" else words.filled("not_zero", name=self.measure)
        heading, top = caption(named, size, top)
        marks = [words.tick(value, self.unit, y.ticks.places) for value in y.ticks.values]
        plot = Area(left_of(marks), top, size.width - 14, top + _HEIGHTS[size.name])
        y = framed(y, plot.bottom, plot.top)
        step = (plot.right - plot.left) / len(self.periods)
        places = [plot.left + step * (number + 0.5) for number in range(len(self.periods))]
        axis, height = across(places, [one.label for one in self.periods], plot, "", size)
        drawn = group("plot", self._marks(words, places, y, step))
        parts = [legend, heading, upright(y, marks, plot), axis, drawn]
        return (drawing(size, height, name, (self.title, self.description), parts),)

    def _upright(self) -> Scale:
        values = [each for one in self.periods for each in (one.low, one.high) if each is not None]
        if self.unit != "score" and min(values) <= _FROM_ZERO * max(values):
            values.append(0.0)
        return linear(values, 0, 1, 5, limit=1.0 if self.unit == "share" else None)

    def _marks(self, words: Words, places: list[float], y: Scale, step: float) -> list[Markup]:
        parts, runs, half = [], list[list[Place]]([[]]), min(6.0, step / 2)
        for x, one in zip(places, self.periods, strict=True):
            if one.value is None or one.low is None or one.high is None or one.n is None:
                runs.append([])
                parts.append(blank(half)(x, y.start - 8))
                continue
            low, high, value = (y.place(each) for each in (one.low, one.high, one.value))
            runs[-1].append((x, value))
            tip = words.filled(
                "both", one=words.with_cases(one.label, one.n), other=words.measure(one.value, self.unit)
            )
            parts += [
                element("path", class_="whisker", d=path([(x, low), (x, high)])),
                *(
                    element("path", class_="whisker", d=path([(x - half, each), (x + half, each)]))
                    for each in (low, high)
                ),
                marker("none", x, value, tip, own=False),
            ]
        joined = [element("path", class_="thread", d=path(run)) for run in runs if len(run) > 1]
        return [*joined, *parts]

    def _key(self, words: Words) -> list[tuple[Swatch, str]]:
        found = [
            (sample("none"), words["value"]),
            (line("whisker"), words.filled("interval", level=words.percent(self.level))),
        ]
        missing = any(one.value is None for one in self.periods)
        return [*found, (blank(), words["no_value"])] if missing else found
