"""Funnel: each provider's value against how many cases it rests on, with the limits of what chance alone does.

Small providers scatter more; the limits say how much more. So a provider is judged against its own size, and no order
among providers can be read off. Points without a label are other providers that the reader may not know by name: they
stand in order of size, and are at least three, because each of two would know the other.
"""

from dataclasses import dataclass

from markupsafe import Markup

from hub.charts import checks
from hub.charts.frame import Size, across, caption, drawing, framed, key, left_of, upright
from hub.charts.lettering import LINE, Area, fitted, labels_near, leader, lines
from hub.charts.levels import LEVELS, Level, level_text
from hub.charts.marks import Swatch, line, marker, sample
from hub.charts.scales import Scale, linear, logarithmic
from hub.charts.svg import element, group, path, text
from hub.charts.tables import Table
from hub.charts.words import Unit, Words
from hub.errors import ChartError

__all__ = ["FEWEST_UNNAMED", "Funnel", "Limit", "Point"]

FEWEST_UNNAMED = 3
_HEIGHTS = {"wide": 380.0, "narrow": 320.0}
_LABEL = {"wide": 190.0, "narrow": 124.0}
_LEVELS = ((0.95, 0), (0.998, 1))
_FIRST = {"enquiry": 0, "note": 1, "none": 2}


@dataclass(frozen=True, slots=True)
class Limit:
    """Between which values 95 and 99.8 of 100 providers of this size lie if nothing but chance is at work."""

    n: int
    low95: float
    high95: float
    low998: float
    high998: float


@dataclass(frozen=True, slots=True)
class Point:
    """A provider: its value, the cases it rests on, and what its mark asks for; "" where it is not named.

    ``limits`` are its own, where they are known: others of its size may have cases of other kinds, and other limits.
    """

    label: str
    n: int
    value: float
    level: Level = "none"
    own: bool = False
    limits: Limit | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The chart.

    Attributes:
        measure: what the values are, for the upright axis and the table.
        target: the value that providers are held against.
        limits: for rising n; the lines between them are straight.
        logarithmic: whether sizes are spread by their logarithm, where the largest dwarf the others.

    What is checked: every point has its n, a value of its unit and a known level; the limits enclose each other and
    rise in n; nobody is named twice and at most one point is the reader's own. What is not: whether levels agree with
    the limits that are drawn, since the limits of a single provider may be its own.
    """

    title: str
    description: str
    measure: str
    unit: Unit
    target: float
    points: tuple[Point, ...]
    limits: tuple[Limit, ...]
    logarithmic: bool = False

    def __post_init__(self) -> None:
        checks.named(self.title, self.description)
        checks.within(self.target, self.unit, "target")
        for one in self.points:
            checks.rests_on(one.n, one.label)
            checks.within(one.value, self.unit, one.label)
            checks.known(one.level, one.label)
        self._check_names()
        checks.rising([one.n for one in self.limits], "limits", self.title)
        for each in (*self.limits, *(one.limits for one in self.points if one.limits is not None)):
            checks.rests_on(each.n, "limits")
            for value in (each.low998, each.low95, each.high95, each.high998):
                checks.within(value, self.unit, "limits")
            if not each.low998 <= each.low95 <= each.high95 <= each.high998:
                raise ChartError("limits_crossed", "The 99.8 % limits enclose the 95 % limits.", str(each.n))

    def _check_names(self) -> None:
        names = [one.label for one in self.points if one.label]
        if not self.points:
            raise ChartError("nothing_to_show", "A chart shows at least one value.", self.title)
        if len(set(names)) < len(names):
            raise ChartError("named_twice", "A provider is one point.", next(n for n in names if names.count(n) > 1))
        if sum(one.own for one in self.points) > 1 or any(one.own and not one.label for one in self.points):
            raise ChartError("own_unclear", "At most one point is the reader's own, and it has a label.", self.title)
        if 0 < len(self.points) - len(names) < FEWEST_UNNAMED:
            raise ChartError(
                "unnamed_too_few", f"Providers without names are at least {FEWEST_UNNAMED}, or none.", self.title
            )

    def ordered(self) -> tuple[Point, ...]:
        """Named points in order of name, then the others by size: their own order might tell who they are."""
        named = sorted((one for one in self.points if one.label), key=lambda one: checks.name_order(one.label))
        return (*named, *sorted((one for one in self.points if not one.label), key=lambda one: (one.n, one.value)))

    def table(self, words: Words) -> Table:
        """A row for each provider with its own limits, or where these are not known with those of its size."""
        limits = {one.n: one for one in self.limits}
        complete = all(one.limits is not None or one.n in limits for one in self.points)
        names = [words.filled("limits", level=words.percent(level, places)) for level, places in _LEVELS]
        ends = [words.filled("both", one=name, other=words[end]) for name in names for end in ("from", "to")]
        rows = []
        for one in self.ordered():
            each = one.limits or limits.get(one.n)
            values = (each.low95, each.high95, each.low998, each.high998) if complete and each else ()
            rows.append(
                (
                    one.label or words["unnamed"],
                    words.count(one.n),
                    words.measure(one.value, self.unit),
                    *(words.measure(value, self.unit) for value in values),
                    level_text(words, one.level, own=one.own),
                )
            )
        header = (words["provider"], words["cases"], self.measure, *(ends if complete else ()), words["mark"])
        return Table(self.title, header, tuple(rows), (False, *[True] * (len(header) - 2), False))

    def draw(self, words: Words, size: Size, name: str) -> tuple[Markup, ...]:
        """The drawing; ``name`` begins the ids in it."""
        legend, top = key(self._key(words), size)
        heading, top = caption(self.measure, size, top)
        values = [self.target, *(one.value for one in self.points)]
        values += [value for one in self.limits for value in (one.low998, one.high998)]
        y = linear(values, 0, 1, 6, limit=1.0 if self.unit == "share" else None)
        marks = [words.tick(value, self.unit, y.ticks.places) for value in y.ticks.values]
        plot = Area(left_of(marks), top, size.width - 14, top + _HEIGHTS[size.name])
        x, y = self._across(plot, size), framed(y, plot.bottom, plot.top)
        sizes = [words.count(int(value)) for value in x.ticks.values]
        under = words.filled("logarithmic", name=words["cases"]) if self.logarithmic else words["cases"]
        axis, height = across([x.place(value) for value in x.ticks.values], sizes, plot, under, size)
        labels, complete = self._labels(x, y, plot, size)
        parts = [legend, heading, upright(y, marks, plot), axis, group("plot", self._marks(words, x, y)), labels]
        if not complete:
            for one in lines(words["names_in_table"], size.width):
                height += LINE
                parts.append(text(one, 0, height - 6))
        return (drawing(size, height, name, (self.title, self.description), parts),)

    def _key(self, words: Words) -> list[tuple[Swatch, str]]:
        """Only what is there."""
        own = [(sample(one.level, own=True), words["own"]) for one in self.points if one.own]
        levels = [(sample(level), words[level]) for level in LEVELS if any(one.level == level for one in self.points)]
        outer, inner = (words.filled("limits", level=words.percent(level, places)) for level, places in _LEVELS[::-1])
        drawn = [(line("target"), words["target"]), (line("inner"), inner), (line("outer"), outer)]
        return [*own, *levels, *drawn]

    def _across(self, plot: Area, size: Size) -> Scale:
        sizes = [*(one.n for one in self.points), *(one.n for one in self.limits)]
        if self.logarithmic:
            return logarithmic(sizes, plot.left, plot.right)
        return linear([0, *sizes], plot.left, plot.right, size.steps)

    def _marks(self, words: Words, x: Scale, y: Scale) -> list[Markup]:
        """The lines first, then the points, those that ask for something on top."""
        middle = [(one.n, self.target) for one in (self.limits[0], self.limits[-1])]
        drawn = {
            "outer": [[(one.n, one.low998) for one in self.limits], [(one.n, one.high998) for one in self.limits]],
            "inner": [[(one.n, one.low95) for one in self.limits], [(one.n, one.high95) for one in self.limits]],
            "target": [middle],
        }
        parts = [
            element("path", class_=class_, d=path((x.place(n), y.place(value)) for n, value in places))
            for class_, each in drawn.items()
            for places in each
        ]
        for one in sorted(self.ordered(), key=lambda one: (one.own, -_FIRST[one.level])):
            value = words.measure(one.value, self.unit)
            tip = words.filled("both", one=words.with_cases(one.label or words["unnamed"], one.n), other=value)
            parts.append(marker(one.level, x.place(one.n), y.place(one.value), tip, own=one.own))
        return parts

    def _labels(self, x: Scale, y: Scale, plot: Area, size: Size) -> tuple[Markup, bool]:
        """Names of points that ask for something and of the reader's own, and whether all found room."""
        told = [one for one in self.ordered() if one.label and (one.own or one.level != "none")]
        told.sort(key=lambda one: (not one.own, _FIRST[one.level]))
        points = [(x.place(one.n), y.place(one.value), fitted(one.label, _LABEL[size.name])) for one in told]
        others = [(x.place(one.n), y.place(one.value)) for one in self.points if one not in told]
        found = labels_near(points, others, Area(plot.left + 2, plot.top - 8, size.width, plot.bottom - 2))
        parts: list[Markup] = []
        for (left, top, shown), area in zip(points, found, strict=True):
            if area is None:
                continue
            ends = leader(left, top, area)
            parts += [] if ends is None else [element("path", class_="leader", d=path(ends))]
            parts.append(text(shown, area.left, area.top + LINE - 5, class_="label"))
        return group("labels", parts), None not in found
