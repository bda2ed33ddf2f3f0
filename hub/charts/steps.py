"""Step curves: which share of the cases is still open after so many days, with the band that the share may lie in.

A curve stands still between the days on which it is known and never rises. Both axes begin at 0, so that curves of
different charts can be laid beside each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from hub.charts import checks
from hub.charts.frame import Size, across, caption, drawing, framed, key, left_of, upright
from hub.charts.lettering import LINE, SIZE, Area, lines, spread
from hub.charts.marks import CURVES, SWATCH, Swatch, line, shape
from hub.charts.scales import Scale, days, linear
from hub.charts.svg import Place, element, group, path, text
from hub.charts.tables import Table
from hub.charts.words import Words
from hub.errors import ChartError

__all__ = ["Curve", "Steps", "stairs"]

_HEIGHTS = {"wide": 340.0, "narrow": 260.0}
_COLUMN = 200.0
_APART = 70.0
_BASE = 5.0


@dataclass(frozen=True, slots=True)
class Curve:
    """One group of cases.

    Attributes:
        n: how many cases there are in all.
        points: day and share still open, for rising days.
        band: day and the limits of that share, for the same days; empty where they are not known.
        at_risk: cases still followed just before each of the days, for the table; empty where it is not told.
    """

    label: str
    n: int
    points: tuple[tuple[int, float], ...]
    band: tuple[tuple[int, float, float], ...] = ()
    at_risk: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """The chart.

    Attributes:
        measure: what the share is of, for the upright axis.
        along: since when days are counted, for the axis below.
        level: of the bands.

    What is checked: shares lie within 0 and 1 and never rise, days rise from 0 on, each band is about the days of its
    curve and holds it, every curve has a name of its own and its n. What is not: how shares and bands were estimated.
    """

    title: str
    description: str
    measure: str
    along: str
    curves: tuple[Curve, ...]
    level: float = 0.95

    def __post_init__(self) -> None:
        checks.named(self.title, self.description)
        checks.within(self.level, "share", "level")
        if not 1 <= len(self.curves) <= CURVES:
            raise ChartError("too_many_curves", f"A chart shows one to {CURVES} curves; more can't be told apart.", "")
        if len({one.label for one in self.curves}) < len(self.curves):
            raise ChartError("named_twice", "Every curve has a name of its own.", self.title)
        for one in self.curves:
            _check(one)
        if not any(one.points[-1][0] for one in self.curves):
            raise ChartError("nothing_to_show", "A curve goes on for at least a day.", self.title)

    def table(self, words: Words) -> Table:
        """A row for each curve and each day on which it is known."""
        several = len(self.curves) > 1
        band, risk = any(one.band for one in self.curves), any(one.at_risk for one in self.curves)
        interval = words.filled("interval", level=words.percent(self.level))
        ends = [words.filled("both", one=interval, other=words[end]) for end in ("from", "to")] if band else []
        header = [words["day"], self.measure, *ends, *([words["at_risk"]] if risk else [])]
        rows = []
        for one in self.curves:
            name = [words.with_cases(one.label, one.n)] if several else []
            for number, (day, share) in enumerate(one.points):
                values = [share, *(one.band[number][1:] if one.band else ())]
                cells = [words.measure(each, "share") for each in values] + [""] * (2 * (band and not one.band))
                cells += [words.count(one.at_risk[number])] if one.at_risk else [""] * risk
                rows.append((*name, words.count(day), *cells))
        caption = self.title if several else words.with_cases(self.title, self.curves[0].n)
        group = [words["group"]] if several else []
        numeric = (*[False] * several, *[True] * len(header))
        return Table(caption, (*group, *header), tuple(rows), numeric)

    def draw(self, words: Words, size: Size, name: str) -> tuple[Markup, ...]:
        """The drawing; ``name`` begins the ids in it."""
        beside = size.roomy and len(self.curves) > 1
        legend, top = key(self._key(words, beside=beside), size)
        heading, top = caption(self.measure, size, top)
        y = linear([0.0, 1.0], 0, 1, 5, limit=1.0)
        marks = [words.tick(value, "share", y.ticks.places) for value in y.ticks.values]
        right = size.width - (_COLUMN if beside else 14)
        plot = Area(left_of(marks), top, right, top + _HEIGHTS[size.name])
        last = max(one.points[-1][0] for one in self.curves)
        x, y = days(last, plot.left, plot.right, size.steps), framed(y, plot.bottom, plot.top)
        told = [words.count(int(value)) for value in x.ticks.values]
        axis, height = across([x.place(value) for value in x.ticks.values], told, plot, self.along, size)
        drawn = [self._curve(one, number, x, y) for number, one in enumerate(self.curves)]
        parts = [legend, heading, upright(y, marks, plot), axis, group("plot", drawn)]
        if beside:
            parts.append(self._labels(words, y, plot, size))
        return (drawing(size, height, name, (self.title, self.description), parts),)

    def _curve(self, one: Curve, number: int, x: Scale, y: Scale) -> Markup:
        end = x.place(one.points[-1][0]) + x.end - x.place(max(each.points[-1][0] for each in self.curves))
        places = stairs([(x.place(day), y.place(share)) for day, share in one.points], end)
        parts = []
        if one.band:
            low = stairs([(x.place(day), y.place(each)) for day, each, _ in one.band], end)
            high = stairs([(x.place(day), y.place(each)) for day, _, each in one.band], end)
            parts.append(element("path", class_="band", d=path([*high, *reversed(low)], closed=True)))
        parts.append(element("path", class_=f"curve dash-{number + 1}", d=path(places)))
        if len(self.curves) > 1:
            parts += [shape(number, *place) for place in _spaced(one, x, y, number)]
        return element("g", *parts, class_=f"tone-{number + 1}")

    def _key(self, words: Words, *, beside: bool) -> list[tuple[Swatch, str]]:
        found: list[tuple[Swatch, str]] = []
        if not beside:
            several = len(self.curves) > 1
            found = [
                (line(f"curve dash-{number + 1}", number if several else None), words.with_cases(one.label, one.n))
                for number, one in enumerate(self.curves)
            ]
        if any(one.band for one in self.curves):
            found.append((_band, words.filled("interval", level=words.percent(self.level))))
        return found

    def _labels(self, words: Words, y: Scale, plot: Area, size: Size) -> Markup:
        """The names on the right, each at the height where its curve ends."""
        room = size.width - plot.right - SWATCH - 20
        names = [lines(words.with_cases(one.label, one.n), room, 2) for one in self.curves]
        wished = [y.place(one.points[-1][1]) for one in self.curves]
        middles = spread(wished, 2 * LINE + 4, plot.top + LINE, plot.bottom - LINE / 2)
        parts = []
        for number, (name, middle) in enumerate(zip(names, middles, strict=True)):
            left = plot.right + 12
            parts.append(line(f"curve dash-{number + 1}", number)(left + SWATCH / 2, middle))
            for row, words_of_row in enumerate(name):
                top = middle + _BASE + LINE * (row - (len(name) - 1) / 2)
                parts.append(text(words_of_row, left + SWATCH + 6, top, class_="label"))
        return group("labels", parts)


def stairs(places: Sequence[Place], end: float) -> list[Place]:
    """The places joined by steps: each height holds until the next place, and the last one to ``end``."""
    found = [places[0]]
    for x, y in places[1:]:
        found += [(x, found[-1][1]), (x, y)]
    return [*found, (end, found[-1][1])]


def _spaced(one: Curve, x: Scale, y: Scale, number: int) -> list[Place]:
    """Where the shape of a curve stands on it: apart from each other, and from those of other curves at its start."""
    found: list[Place] = []
    for day, share in one.points:
        place = (x.place(day), y.place(share))
        if place[0] >= (found[-1][0] + _APART if found else x.start + 12 + 9 * number):
            found.append(place)
    return found


def _band(x: float, y: float) -> Markup:
    return element("rect", class_="band tone-1", x=x - SWATCH / 2, y=y - SIZE / 2, width=SWATCH, height=SIZE)


def _check(one: Curve) -> None:
    checks.rests_on(one.n, one.label)
    if not one.label.strip():
        raise ChartError("row_unnamed", "Every curve has a name.", "")
    days = [day for day, _ in one.points]
    if not days:
        raise ChartError("nothing_to_show", "A curve goes on for at least a day.", one.label)
    checks.rising([-1, *days], "days from 0 on", one.label)
    for _, share in one.points:
        checks.within(share, "share", one.label)
    shares = [share for _, share in one.points]
    if any(later > earlier + checks.TOUCH for earlier, later in pairwise(shares)):
        raise ChartError("share_rises", "A share of open cases never rises.", one.label)
    if one.band and [day for day, _, _ in one.band] != days:
        raise ChartError("band_elsewhere", "A band is about the days of its curve.", one.label)
    for (_, low, high), share in zip(one.band, shares, strict=False):
        for limit in (low, high):
            checks.within(limit, "share", one.label)
        checks.interval(low, share, high, one.label)
    if one.at_risk and len(one.at_risk) != len(days):
        raise ChartError(
            "at_risk_elsewhere", "Cases still followed are told for each day of the curve, or none.", one.label
        )
