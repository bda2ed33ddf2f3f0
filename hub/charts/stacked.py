"""Stacked incidence: by which outcome, and by which day, cases have ended; the layers and what is left add up to all.

Layers hold from one known day to the next, and none ever shrinks.
"""

from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from hub.charts import checks
from hub.charts.frame import Size, across, caption, drawing, framed, key, left_of, upright
from hub.charts.lettering import LINE, Area, lines, spread
from hub.charts.marks import LAYERS, SWATCH, Swatch, patterns, tile
from hub.charts.scales import Scale, days, linear
from hub.charts.steps import stairs
from hub.charts.svg import element, group, path, text
from hub.charts.tables import Table
from hub.charts.words import Words
from hub.errors import ChartError

__all__ = ["Layer", "Stacked"]

_HEIGHTS = {"wide": 360.0, "narrow": 280.0}
_COLUMN = 200.0
_BASE = 5.0


@dataclass(frozen=True, slots=True)
class Layer:
    """One outcome: for each day the share of all cases that have ended by it."""

    label: str
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stacked:
    """The chart.

    Attributes:
        measure: what the shares are of, for the upright axis.
        along: since when days are counted.
        n: how many cases there are.
        days: those on which the layers are known, rising.
        layers: from the lowest up.
        rest: what is left over is called, such as "still open".

    What is checked: no layer shrinks, and on no day do layers add up to more than all. What is not: how they were
    estimated; one minus the survival of a single cause would pass where there is only one layer.
    """

    title: str
    description: str
    measure: str
    along: str
    n: int
    days: tuple[int, ...]
    layers: tuple[Layer, ...]
    rest: str

    def __post_init__(self) -> None:
        checks.named(self.title, self.description)
        checks.rests_on(self.n, self.title)
        checks.rising([-1, *self.days], "days from 0 on", self.title)
        if not 1 <= len(self.layers) <= LAYERS or not self.days or not self.days[-1]:
            raise ChartError(
                "too_many_layers", f"A chart shows one to {LAYERS} layers over at least a day.", self.title
            )
        names = [*(one.label for one in self.layers), self.rest]
        if len(set(names)) < len(names) or not all(one.strip() for one in names):
            raise ChartError("named_twice", "Every layer, and what is left over, has a name of its own.", self.title)
        for one in self.layers:
            if len(one.shares) != len(self.days):
                raise ChartError("layer_elsewhere", "A layer has a share for each day.", one.label)
            for share in one.shares:
                checks.within(share, "share", one.label)
            if any(b < a - checks.TOUCH for a, b in pairwise(one.shares)):
                raise ChartError("layer_shrinks", "A share of cases that have ended never falls.", one.label)
        if any(sum(each) > 1 + checks.TOUCH for each in zip(*(one.shares for one in self.layers), strict=True)):
            raise ChartError("more_than_all", "Outcomes exclude each other: they add up to one at most.", self.title)

    def _left(self, number: int) -> float:
        return max(0.0, 1 - sum(one.shares[number] for one in self.layers))

    def table(self, words: Words) -> Table:
        """A row for each day; the caption says on how many cases it rests."""
        header = (words["day"], *(one.label for one in self.layers), self.rest)
        rows = []
        for number, day in enumerate(self.days):
            shares = [*(one.shares[number] for one in self.layers), self._left(number)]
            rows.append((words.count(day), *(words.measure(each, "share") for each in shares)))
        return Table(words.with_cases(self.title, self.n), header, tuple(rows), (True,) * len(header))

    def draw(self, words: Words, size: Size, name: str) -> tuple[Markup, ...]:
        """The drawing; ``name`` begins the ids in it."""
        tiles = f"{name}-pattern"
        legend, top = key([] if size.roomy else self._key(tiles), size)
        heading, top = caption(words.with_cases(self.measure, self.n), size, top)
        y = linear([0.0, 1.0], 0, 1, 5, limit=1.0)
        marks = [words.tick(value, "share", y.ticks.places) for value in y.ticks.values]
        right = size.width - (_COLUMN if size.roomy else 14)
        plot = Area(left_of(marks), top, right, top + _HEIGHTS[size.name])
        x, y = days(self.days[-1], plot.left, plot.right, size.steps), framed(y, plot.bottom, plot.top)
        told = [words.count(int(value)) for value in x.ticks.values]
        axis, height = across([x.place(value) for value in x.ticks.values], told, plot, self.along, size)
        parts = [
            patterns(tiles, len(self.layers)), legend, heading,
            group("plot", self._areas(x, y, tiles)), upright(y, marks, plot), axis,
        ]  # fmt: skip
        if size.roomy:
            parts.append(self._labels(y, plot, size, tiles))
        return (drawing(size, height, name, (self.title, self.description), parts),)

    def _edges(self) -> list[list[float]]:
        """The heights between layers, from 0 up to all."""
        sums, found = [0.0] * len(self.days), []
        found.append(sums)
        for one in self.layers:
            sums = [min(1.0, low + share) for low, share in zip(sums, one.shares, strict=True)]
            found.append(sums)
        return [*found, [1.0] * len(self.days)]

    def _areas(self, x: Scale, y: Scale, tiles: str) -> list[Markup]:
        edges = [
            stairs([(x.place(day), y.place(each)) for day, each in zip(self.days, edge, strict=True)], x.end)
            for edge in self._edges()
        ]
        parts = []
        for number, (low, high) in enumerate(pairwise(edges)):
            outline = path([*high, *reversed(low)], closed=True)
            if number == len(self.layers):
                parts.append(element("path", class_="layer rest", d=outline))
            else:
                parts.append(element("path", class_=f"layer tone-{number + 1}", d=outline))
                parts.append(element("path", fill=f"url(#{tiles}-{number})", d=outline))
        return parts

    def _key(self, tiles: str) -> list[tuple[Swatch, str]]:
        """From the highest down, as the layers lie."""
        layers = [(tile(tiles, number), one.label) for number, one in enumerate(self.layers)]
        return [*layers, (tile(tiles, None), self.rest)][::-1]

    def _labels(self, y: Scale, plot: Area, size: Size, tiles: str) -> Markup:
        """The names on the right, near where their layers end."""
        ends = [edge[-1] for edge in self._edges()]
        wished = [y.place((low + high) / 2) for low, high in pairwise(ends)]
        middles = spread([-one for one in wished], 2 * LINE, -plot.bottom + LINE, -plot.top - LINE / 2)
        parts = []
        for (swatch, name), middle, wish in zip(self._key(tiles)[::-1], (-one for one in middles), wished, strict=True):
            left = plot.right + 18
            parts.append(element("path", class_="leader", d=path([(plot.right + 2, wish), (left - 2, middle)])))
            parts.append(swatch(left + SWATCH / 2 - 4, middle))
            shown = lines(name, size.width - left - SWATCH - 4, 2)
            for row, words_of_row in enumerate(shown):
                top = middle + _BASE + LINE * (row - (len(shown) - 1) / 2)
                parts.append(text(words_of_row, left + SWATCH, top, class_="label"))
        return group("labels", parts)
