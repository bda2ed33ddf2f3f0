"""Shapes, dashes and patterns: what tells one mark from another where no colour can be seen."""

import math
from collections.abc import Callable

from markupsafe import Markup, escape

from hub.charts.levels import Level
from hub.charts.svg import cleaned, element, path

__all__ = ["CURVES", "LAYERS", "SWATCH", "Swatch", "blank", "line", "marker", "patterns", "sample", "shape", "tile"]

Swatch = Callable[[float, float], Markup]
"""Draws a sample into a key; its middle is at the place."""
SWATCH = 30.0
CURVES = 6
"""How many curves can be told apart: each has a dash of its own and a shape of its own."""
LAYERS = 8
"""How many layers can be told apart by their pattern."""
_TILE = 10.0
_LINES: tuple[tuple[str, ...], ...] = (
    (),
    ("M-2 12L12 -2", "M-2 2L2 -2", "M8 12L12 8"),
    ("M0 5L10 5",),
    ("M-2 -2L12 12", "M-2 8L2 12", "M8 -2L12 2"),
    ("M5 0L5 10",),
    ("M0 5L10 5", "M5 0L5 10"),
    ("M3.5 5L6.5 5M5 3.5L5 6.5",),
    ("M-2 12L12 -2M-2 2L2 -2M8 12L12 8", "M-2 -2L12 12M-2 8L2 12M8 -2L12 2"),
)
"""What is drawn over the colour of each layer, on a tile of 10 by 10."""


def marker(level: Level, x: float, y: float, tip: str, *, own: bool) -> Markup:
    """The mark of a provider: a dot, a hollow diamond or a filled triangle; in a ring where it is the reader's own."""
    kinds = {
        "none": lambda: element("circle", class_="mark", cx=x, cy=y, r=4.2),
        "note": lambda: element("path", class_="mark hollow", d=_polygon(x, y, 6.8, 4)),
        "enquiry": lambda: element("path", class_="mark grave", d=_polygon(x, y + 1, 8, 3)),
    }
    ring = element("circle", class_="ring", cx=x, cy=y, r=11.5) if own else Markup("")
    title = element("title", escape(cleaned(tip))) if tip else Markup("")
    return element("g", title, ring, kinds[level]())


def shape(number: int, x: float, y: float) -> Markup:
    """The shape on a curve."""
    if number == 0:
        return element("circle", class_="dot", cx=x, cy=y, r=4)
    corners, radius = ((4, 5.5), (3, 6.0), (4, 5.5), (6, 5.0), (3, 6.0))[number - 1]
    turn = (math.pi / 4, 0.0, 0.0, 0.0, math.pi)[number - 1]
    return element("path", class_="dot", d=_polygon(x, y, radius, corners, turn))


def _polygon(x: float, y: float, radius: float, corners: int, turn: float = 0.0) -> str:
    angles = [turn + 2 * math.pi * corner / corners for corner in range(corners)]
    return path(((x + radius * math.sin(one), y - radius * math.cos(one)) for one in angles), closed=True)


def sample(level: Level, *, own: bool = False) -> Swatch:
    """The mark of a level, for a key."""
    return lambda x, y: marker(level, x, y, "", own=own)


def line(class_: str, number: int | None = None) -> Swatch:
    """A line as a key shows it, with the shape of a curve on it."""

    def drawn(x: float, y: float) -> Markup:
        stroke = element("path", class_=class_, d=path([(x - SWATCH / 2, y), (x + SWATCH / 2, y)]))
        if number is None:
            return stroke
        return element("g", stroke, shape(number, x, y), class_=f"tone-{number + 1}")

    return drawn


def tile(name: str, number: int | None) -> Swatch:
    """The colour and pattern of a layer as a key shows them; None is what is left over, which has neither."""

    def drawn(x: float, y: float) -> Markup:
        box = {"x": x - 11, "y": y - 7, "width": 22.0, "height": 14.0}
        if number is None:
            return element("rect", class_="layer rest", **box)
        under = element("rect", class_=f"layer tone-{number + 1}", **box)
        return element("g", under, element("rect", fill=f"url(#{name}-{number})", **box))

    return drawn


def blank(half: float = 6.0) -> Swatch:
    """What stands where a value is missing."""
    return lambda x, y: element("path", class_="missing", d=path([(x - half, y), (x + half, y)]))


def patterns(name: str, count: int) -> Markup:
    """The patterns of so many layers, to be named ``name``-0 and so on."""
    each = (
        element(
            "pattern",
            *(element("path", class_="hatch", d=one) for one in _LINES[number]),
            id=f"{name}-{number}",
            width=_TILE,
            height=_TILE,
            patternUnits="userSpaceOnUse",
        )
        for number in range(count)
    )
    return element("defs", *each)
