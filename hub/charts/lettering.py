"""Text on a drawing: lines that fit a width, labels in a column that don't touch, and labels near their points.

How wide text is depends on fonts that nobody knows here, so widths are those of the widest common one. A no-break
space keeps together what stands on both sides of it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.charts.svg import cleaned
from hub.trustmark.widths import width

__all__ = ["LINE", "SIZE", "Area", "fitted", "labels_near", "leader", "lines", "span", "spread"]

SIZE = 14.0
"""Height of letters in units of the drawing; the style sheet never shows a drawing smaller than 6/7 of its size."""
LINE = 18.0
_Line = tuple[tuple[float, float], tuple[float, float]]
_RINGS = (0.0, 14.0, 30.0, 50.0, 75.0, 105.0)
_SIDES = ((1, 0), (-1, 0), (1, -1), (1, 1), (-1, -1), (-1, 1))
_SLIDES = ((6.0, 0.5), (8.0, 0.25), (8.0, 0.75), (10.0, 0.0), (10.0, 1.0))
"""How far a label above or below its point is moved to the left: by no part of itself, or by all of it."""
_CLEAR = 10.0
_NEAR = 20.0
_REGULAR = 0.9
_MORE = "\N{HORIZONTAL ELLIPSIS}"
_CROWDED = 40.0
_CROSSED = 25.0
_UNPLACED = 10_000.0
"""A label would rather go so far than cover one more mark, have its line cross one, or not be placed."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Area") -> bool:
        """Whether the two have a place in common."""
        return not (
            self.right <= other.left or other.right <= self.left or self.bottom <= other.top or other.bottom <= self.top
        )

    def holds(self, other: "Area") -> bool:
        """Whether the other lies inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


def span(text: str) -> float:
    """How wide a line of text is; of letters that are not as wide as they are high a tenth less than in bold type."""
    widths = (width(letter) for letter in text)
    return SIZE * sum(one if one > 1 else _REGULAR * one for one in widths)


def fitted(text: str, room: float) -> str:
    """The text in one line of at most ``room``, with an ellipsis where something was left out."""
    line = cleaned(text)
    if span(line) <= room:
        return line
    end = len(line)
    while end and span(line[:end].rstrip()) + span(_MORE) > room:
        end -= 1
    return f"{line[:end].rstrip()}{_MORE}"


def lines(text: str, room: float, most: int = 3) -> list[str]:
    """The text in at most so many lines of at most ``room``; the last one ends in an ellipsis where more is left.

    Between words where there are spaces, between any two characters where a word has no room in a line of its own.
    """
    found: list[str] = []
    rest = re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
    while rest and len(found) < most - 1 and span(rest) > room:
        kept = _first_line(rest, room)
        found.append(cleaned(rest[:kept]))
        rest = rest[kept:].lstrip(" ")
    return [*found, fitted(rest, room)] if rest or not found else found


def _first_line(text: str, room: float) -> int:
    """How many characters of the text the first line takes, at least one."""
    end = next((place for place in range(1, len(text) + 1) if span(text[:place]) > room), len(text) + 1) - 1
    space = text.rfind(" ", 0, end + 1)
    return max(1, space if space > 0 else end)


def spread(wished: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights near the wished ones, in the same order, at least ``gap`` apart, from ``low`` to ``high``.

    Where there is not room enough for all they are evenly close.
    """
    count = len(wished)
    if count > 1:
        gap = min(gap, (high - low) / (count - 1))
    order = sorted(range(count), key=lambda one: wished[one])
    placed, floor = [0.0] * count, low
    for one in order:
        placed[one] = floor = max(floor, min(wished[one], high))
        floor += gap
    ceiling = high
    for one in reversed(order):
        placed[one] = ceiling = min(placed[one], ceiling)
        ceiling -= gap
    return placed


def labels_near(
    points: Sequence[tuple[float, float, str]], others: Iterable[tuple[float, float]], room: Area
) -> list[Area | None]:
    """Where the labels of points go: near them, inside ``room``, touching no other label and no labelled point.

    Several orders of choosing are tried, and the best kept. A label goes farther to cover fewer of the ``others``, and
    gets a line to its point then, which crosses no label. None where there is no room left; the first points matter
    most.
    """
    crowd = [_around(x, y, 4.0) for x, y in others]
    offers = [_offers(number, points, crowd, room) for number in range(len(points))]
    orders = [range(len(points)), *(_sorted(points, axis, down) for axis in (0, 1) for down in (False, True))]
    tried = [_placed(offers, order) for order in orders]
    return min(enumerate(tried), key=lambda one: (one[1][0], one[0]))[1][1]


def _sorted(points: Sequence[tuple[float, float, str]], axis: int, down: bool) -> list[int]:  # noqa: FBT001
    return sorted(range(len(points)), key=lambda one: float(points[one][axis]), reverse=down)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A place for a label, the line that leads to it, and what it costs."""

    cost: float
    area: Area
    line: _Line | None

    def meets(self, other: Area) -> bool:
        return self.area.meets(other) or (self.line is not None and _crosses(self.line, other))

    def clears(self, other: "_Offer") -> bool:
        return not self.meets(other.area) and not (other.line is not None and _crosses(other.line, self.area))


def _offers(number: int, points: Sequence[tuple[float, float, str]], crowd: Sequence[Area], room: Area) -> list[_Offer]:
    """Places for one label that touch no other labelled point, the cheapest first."""
    x, y, text = points[number]
    foreign = [_around(left, top) for other, (left, top, _) in enumerate(points) if other != number]
    found = []
    for cost, area in _candidates(x, y, text):
        if not room.holds(area):
            continue
        line = leader(x, y, area)
        covered = _CROWDED * sum(area.meets(one) for one in crowd)
        crossed = _CROSSED * sum(_crosses(line, one) for one in crowd) if line else 0.0
        offer = _Offer(cost + covered + crossed, area, line)
        if not any(offer.meets(one) for one in foreign):
            found.append(offer)
    return sorted(found, key=lambda one: one.cost)


def _placed(offers: Sequence[Sequence[_Offer]], order: Sequence[int]) -> tuple[float, list[Area | None]]:
    """What it costs to place labels in this order, and where each of them goes then."""
    total, taken = 0.0, list[_Offer]()
    found: list[Area | None] = [None] * len(offers)
    for number in order:
        best = next((one for one in offers[number] if all(one.clears(other) for other in taken)), None)
        if best is None:
            total += _UNPLACED * (len(offers) - number)  # the first points matter most
            continue
        total += best.cost
        found[number] = best.area
        taken.append(best)
    return total, found


def _crosses(line: _Line, area: Area) -> bool:
    """Whether the line and the area have a place in common (clipping after Liang and Barsky, 1984)."""
    (x, y), (to_x, to_y) = line
    first, last = 0.0, 1.0
    for way, room in (
        (x - to_x, x - area.left), (to_x - x, area.right - x), (y - to_y, y - area.top), (to_y - y, area.bottom - y),
    ):  # fmt: skip
        if way == 0:
            if room < 0:
                return False
        elif way < 0:
            first = max(first, room / way)
        else:
            last = min(last, room / way)
    return first <= last


def leader(x: float, y: float, area: Area) -> _Line | None:
    """The ends of the line from a point to its label; None where the label stands beside the point."""
    left, top = min(max(x, area.left), area.right), min(max(y, area.top), area.bottom)
    length = ((left - x) ** 2 + (top - y) ** 2) ** 0.5
    if length <= _NEAR:
        return None
    return (x + (left - x) * _CLEAR / length, y + (top - y) * _CLEAR / length), (left, top)


def _around(x: float, y: float, half: float = _CLEAR) -> Area:
    return Area(x - half, y - half, x + half, y + half)


def _candidates(x: float, y: float, text: str) -> Iterable[tuple[float, Area]]:
    wide = span(text)
    for ring in _RINGS:
        for right, down in _SIDES:
            if ring and not down:
                continue
            left = x + _CLEAR + 2 if right > 0 else x - _CLEAR - 2 - wide
            top = y - LINE / 2 + down * (ring + (LINE * 0.6 if down and not ring else 0))
            yield ring + (4 if right < 0 else 0), Area(left, top, left + wide, top + LINE)
        for down in (-1, 1):
            top = y + down * (_CLEAR + 2 + ring) - (LINE if down < 0 else 0)
            for extra, part in _SLIDES:
                left = x - _CLEAR - part * (wide - 2 * _CLEAR)
                yield ring + extra, Area(left, top, left + wide, top + LINE)
