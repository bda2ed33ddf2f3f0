"""Caterpillar: a row for each provider in order of name, its value with the interval that it may truly lie in.

The order is by name, or by value where every row says between which ranks its provider lies; there is no other one, and
no rank without its interval. Long lists are drawn in parts of equal length, each with its own axis,
so that no reader has to scroll to know a value and no row is cut by the end of a sheet.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hub.charts import checks
from hub.charts.frame import Size, across, caption, drawing, framed, key
from hub.charts.lettering import LINE, Area, fitted, span
from hub.charts.levels import LEVELS, Level, level_text
from hub.charts.marks import Swatch, line, marker, sample
from hub.charts.scales import Scale, linear
from hub.charts.svg import element, group, path, text
from hub.charts.tables import Table
from hub.charts.words import Unit, Words
from hub.errors import ChartError

__all__ = ["Bar", "Caterpillar", "by_name"]

_LONGEST = 30
"""Rows of one part."""
_ROW = {"wide": 24.0, "narrow": 42.0}
_NAMES = 290.0
_BASE = 5.0
_BOLD = 0.85
"""Of the room this much is filled where letters are bold."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A provider: its value, its interval, the cases it rests on, and what its mark asks for.

    ``ranks`` are the first and the last rank that it may have among all rows; only in an order by value, and there
    always. Rank 1 has the smallest value.
    """

    label: str
    value: float
    low: float
    high: float
    n: int
    level: Level = "none"
    own: bool = False
    ranks: tuple[int, int] | None = None


def by_name(rows: Sequence[Bar]) -> tuple[Bar, ...]:
    """The rows in the order in which they can be shown without ranks."""
    return tuple(sorted(rows, key=lambda one: checks.name_order(one.label)))


@dataclass(frozen=True, slots=True)
class Caterpillar:
    """The chart.

    Attributes:
        measure: what the values are.
        rows: in order of name (``by_name``), or with their ranks in order of value.
        level: of the intervals, those of ranks too.
        target: the value that providers are held against, if there is one.

    What is checked: every row has a name of its own, its n and an interval that holds its value, and rows are in
    order of name, or all have the interval of their rank and are in order of value. What is not: how the intervals
    were made.
    """

    title: str
    description: str
    measure: str
    unit: Unit
    rows: tuple[Bar, ...]
    target: float | None = None
    level: float = 0.95

    def __post_init__(self) -> None:
        checks.named(self.title, self.description)
        if not self.rows:
            raise ChartError("nothing_to_show", "A chart shows at least one value.", self.title)
        for one in self.rows:
            if not one.label.strip():
                raise ChartError("row_unnamed", "Every row names its provider.", self.title)
            checks.rests_on(one.n, one.label)
            for value in (one.low, one.value, one.high):
                checks.within(value, self.unit, one.label)
            checks.interval(one.low, one.value, one.high, one.label)
            checks.known(one.level, one.label)
        labels = [one.label for one in self.rows]
        if len(set(labels)) < len(labels):
            raise ChartError("named_twice", "A provider is one row.", next(n for n in labels if labels.count(n) > 1))
        if any(one.ranks is not None for one in self.rows):
            checks.by_value([(one.value, one.ranks) for one in self.rows], labels)
        else:
            checks.by_name(labels)
        if sum(one.own for one in self.rows) > 1:
            raise ChartError("own_unclear", "At most one row is the reader's own.", self.title)
        if self.target is not None:
            checks.within(self.target, self.unit, "target")
        checks.within(self.level, "share", "level")

    def table(self, words: Words) -> Table:
        """A row for each provider."""
        name = words.filled("interval", level=words.percent(self.level))
        ends = (words.filled("both", one=name, other=words[end]) for end in ("from", "to"))
        rows = tuple(
            (
                one.label,
                words.count(one.n),
                *(words.measure(value, self.unit) for value in (one.value, one.low, one.high)),
                *([] if one.ranks is None else [self._ranks(words, one.ranks, "ranks_in_words")]),
                level_text(words, one.level, own=one.own),
            )
            for one in self.rows
        )
        ranks = [] if self.rows[0].ranks is None else [words.filled("rank_interval", level=words.percent(self.level))]
        header = (words["provider"], words["cases"], self.measure, *ends, *ranks, words["mark"])
        return Table(self.title, header, rows, (False, True, True, True, True, *(True for _ in ranks), False))

    def _ranks(self, words: Words, ranks: tuple[int, int], code: str) -> str:
        first, last = (words.count(one) for one in ranks)
        return words.filled(code, first=first, last=last, all=words.count(len(self.rows)))

    def _columns(self, words: Words) -> list[tuple[str, list[str]]]:
        """What stands right of the plot, from the right: the head of each column and a text for each row."""
        found = [(words["cases"], [words.count(one.n) for one in self.rows])]
        ranks = [self._ranks(words, one.ranks, "ranks") for one in self.rows if one.ranks is not None]
        heading = words.filled("ranks_of", all=words.count(len(self.rows)))
        return [*found, (heading, ranks)] if ranks else found

    def draw(self, words: Words, size: Size, name: str) -> tuple[Markup, ...]:
        """The drawings; ``name`` begins the ids in them."""
        count = math.ceil(len(self.rows) / _LONGEST)
        length = math.ceil(len(self.rows) / count)
        values = [value for one in self.rows for value in (one.low, one.high)]
        held = values if self.target is None else [*values, self.target]
        scale = linear(held, 0, 1, size.steps, limit=1.0 if self.unit == "share" else None)
        parts = []
        for number in range(count):
            told = {"title": self.title, "number": words.count(number + 1), "count": words.count(count)}
            title = words.filled("piece", **told) if count > 1 else self.title
            rows = self.rows[number * length : (number + 1) * length]
            parts.append(self._part(words, size, f"{name}-{number + 1}", title, rows, scale))
        return tuple(parts)

    def _part(  # noqa: PLR0913, PLR0917  # one of the drawings
        self, words: Words, size: Size, name: str, title: str, rows: Sequence[Bar], scale: Scale
    ) -> Markup:
        legend, top = key(self._key(words), size)
        ends, column = [], 0.0
        for head, cells in self._columns(words) if size.roomy else []:
            ends.append((head, size.width - 2 - column))
            column += max(span(one) for one in [*cells, head]) + 14
        names = (
            min(_NAMES, max(span(_name(words, one)) / (_BOLD if one.own else 1) for one in self.rows) + 14)
            if size.roomy
            else 6.0
        )
        heading, top = caption(self.measure, size, top, beside=column)
        plot = Area(names, top, size.width - column - 14, top + _ROW[size.name] * len(rows) + 6)
        x = framed(scale, plot.left, plot.right)
        marks = [words.tick(value, self.unit, x.ticks.places) for value in x.ticks.values]
        axis, height = across([x.place(value) for value in x.ticks.values], marks, plot, "", size, rules=True)
        parts = [legend, heading, axis]
        if ends:
            parts.append(group("caption", [text(head, x, top - 15, text_anchor="end") for head, x in ends]))
        parts.append(group("plot", self._target(x, plot, size, len(rows))))
        tails = [end for _, end in ends]
        drawn = [self._row(words, one, x, plot, size, number, tails) for number, one in enumerate(rows)]
        parts += [
            group("labels", (each for labels, _ in drawn for each in labels)),
            group("plot", (one for _, one in drawn)),
        ]
        return drawing(size, height, name, (title, self.description), parts)

    def _target(self, x: Scale, plot: Area, size: Size, count: int) -> list[Markup]:
        """One line down all rows; where names stand between the rows, one for each row, so that it crosses none."""
        if self.target is None:
            return []
        place, tops = x.place(self.target), (plot.top + 6 + _ROW[size.name] * number for number in range(count))
        ends = [(plot.top, plot.bottom)] if size.roomy else [(top + LINE, top + LINE + 20) for top in tops]
        return [element("path", class_="target", d=path([(place, top), (place, bottom)])) for top, bottom in ends]

    def _row(  # noqa: PLR0913, PLR0917  # one of the rows
        self, words: Words, one: Bar, x: Scale, plot: Area, size: Size, number: int, tails: Sequence[float]
    ) -> tuple[list[Markup], Markup]:
        top = plot.top + 6 + _ROW[size.name] * number
        y = top + _ROW[size.name] / 2 if size.roomy else top + LINE + 10
        label = _name(words, one)
        class_ = "label own" if one.own else "label"
        if size.roomy:
            shown = fitted(label, (plot.left - 12) * (_BOLD if one.own else 1))
            cells = [words.count(one.n), *([] if one.ranks is None else [self._ranks(words, one.ranks, "ranks")])]
            ends = [text(cell, end, y + _BASE, text_anchor="end") for cell, end in zip(cells, tails, strict=True)]
            labels = [text(shown, 0, y + _BASE, class_=class_), *ends]
        else:
            tail = words.with_cases("", one.n)
            if one.ranks is not None:
                tail = words.filled("both", one=tail, other=self._ranks(words, one.ranks, "ranks_named"))
            shown = fitted(label, (size.width - span(tail) - 18) * (_BOLD if one.own else 1))
            labels = [text(f"{shown} {tail}", plot.left, top + LINE - 4, class_=class_)]
        low, high, value = (x.place(each) for each in (one.low, one.high, one.value))
        tip = words.filled("both", one=words.with_cases(one.label, one.n), other=words.measure(one.value, self.unit))
        bar = element("path", class_="whisker", d=path([(low, y), (high, y)]))
        ends = [element("path", class_="whisker", d=path([(each, y - 4), (each, y + 4)])) for each in (low, high)]
        return labels, element("g", bar, *ends, marker(one.level, value, y, tip, own=one.own))

    def _key(self, words: Words) -> list[tuple[Swatch, str]]:
        """Only what is there."""
        own = [(sample(one.level, own=True), words["own"]) for one in self.rows if one.own]
        levels = [(sample(level), words[level]) for level in LEVELS if any(one.level == level for one in self.rows)]
        found = [*own, *levels, (line("whisker"), words.filled("interval", level=words.percent(self.level)))]
        return found if self.target is None else [*found, (line("target"), words["target"])]


def _name(words: Words, one: Bar) -> str:
    return words.filled("both", one=one.label, other=words["own"]) if one.own else one.label
