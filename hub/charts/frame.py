"""What charts have in common: the size of a drawing, a key above it, axes round the plot, and the names of both.

Two sizes are drawn of everything. Letters are equally high in both, because a phone would shrink a wide drawing
until nobody can read it; the style sheet shows the one that fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup, escape

from hub.charts.lettering import LINE, Area, fitted, lines, span
from hub.charts.marks import SWATCH, Swatch
from hub.charts.scales import Scale
from hub.charts.svg import cleaned, coordinate, element, group, path, text

__all__ = ["NARROW", "WIDE", "Size", "across", "caption", "drawing", "framed", "key", "left_of", "upright"]

_SPACE = 8.0
_BOLD = 0.88
_BASE = 5.0
"""How far the baseline of a text lies under its middle."""


@dataclass(frozen=True, slots=True)
class Size:
    """A size of drawings: its name in the style sheet, its width, and about how many steps its axes take."""

    name: str
    width: float
    steps: int

    @property
    def roomy(self) -> bool:
        """Whether labels can stand beside the plot."""
        return self.width > 500


WIDE = Size("wide", 720.0, 7)
NARROW = Size("narrow", 330.0, 4)


def drawing(size: Size, height: float, name: str, told: tuple[str, str], parts: Iterable[Markup]) -> Markup:
    """The whole SVG element, one image to programs that read aloud; ``told`` is its title and description."""
    return element(
        "svg",
        Markup("\n"),
        element("title", escape(cleaned(told[0])), id=f"{name}-title"),
        element("desc", escape(cleaned(told[1])), id=f"{name}-desc"),
        Markup("\n").join(["", *parts, ""]),
        xmlns="http://www.w3.org/2000/svg",
        class_=f"chart {size.name}",
        viewBox=f"0 0 {coordinate(size.width)} {coordinate(height)}",
        width=size.width,
        height=height,
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
    )


def key(items: Sequence[tuple[Swatch, str]], size: Size) -> tuple[Markup, float]:
    """What each mark means, in as many rows as it takes, and where the drawing goes on below it."""
    if not items:
        return Markup(""), 0.0
    parts, x, y = [], 0.0, LINE / 2 + 4
    for swatch, words in items:
        shown = lines(words, size.width - SWATCH - _SPACE - 2, 2)
        wide = SWATCH + _SPACE + max(map(span, shown))
        if x and x + wide > size.width:
            x, y = 0.0, y + LINE + 4
        parts.append(swatch(x + SWATCH / 2 + 1, y))
        parts += [text(one, x + SWATCH + _SPACE, y + _BASE + LINE * below) for below, one in enumerate(shown)]
        x, y = x + wide + 8, y + LINE * (len(shown) - 1)
    return group("key", parts), y + LINE / 2 + 12


def caption(words: str, size: Size, top: float, *, beside: float = 0.0) -> tuple[Markup, float]:
    """The name of the upright axis, level and above it, and where the plot may begin; bold, so it needs more room."""
    found = lines(words, (size.width - beside) * _BOLD, 2)
    parts = [text(one, 0, top + LINE * number + LINE - _BASE) for number, one in enumerate(found)]
    return group("caption", parts), top + LINE * len(found) + 10


def left_of(labels: Iterable[str]) -> float:
    """Where a plot begins that has these labels on its left."""
    return max((span(one) for one in labels), default=0.0) + _SPACE


def framed(scale: Scale, start: float, end: float) -> Scale:
    """The scale between other places."""
    return replace(scale, start=start, end=end)


def upright(scale: Scale, labels: Sequence[str], plot: Area) -> Markup:
    """Lines across the plot at round values, and the values on their left."""
    parts = []
    for value, label in zip(scale.ticks.values, labels, strict=True):
        y = scale.place(value)
        parts += [
            element("path", class_="rule", d=path([(plot.left, y), (plot.right, y)])),
            text(label, plot.left - _SPACE, y + _BASE, text_anchor="end"),
        ]
    return group("axis", parts)


def across(  # noqa: PLR0913  # what stands under a plot
    places: Sequence[float], labels: Sequence[str], plot: Area, words: str, size: Size, *, rules: bool = False
) -> tuple[Markup, float]:
    """The axis under a plot with the labels that have room, its name below, and where all that ends."""
    labels = [fitted(one, size.width) for one in labels]
    every = _thinned(places, labels, size)
    parts = [element("path", class_="line", d=path([(plot.left, plot.bottom), (plot.right, plot.bottom)]))]
    for number, (x, label) in enumerate(zip(places, labels, strict=True)):
        top = plot.top if rules else plot.bottom
        bottom = plot.bottom if rules else plot.bottom + 5
        parts.append(element("path", class_="rule" if rules else "line", d=path([(x, top), (x, bottom)])))
        if number % every == 0:
            parts.append(text(label, _kept(x, label, size), plot.bottom + LINE + 4, text_anchor="middle"))
    end = plot.bottom + LINE + 10
    if words:
        found = lines(words, size.width, 2)
        for number, one in enumerate(found):
            middle = _kept((plot.left + plot.right) / 2, one, size)
            parts.append(text(one, middle, end + LINE * (number + 1) - 2, text_anchor="middle"))
        end += LINE * len(found) + 6
    return group("axis", parts), end


def _kept(middle: float, label: str, size: Size) -> float:
    """The middle of a label, moved so that it stays on the drawing."""
    half = span(label) / 2
    return max(half, min(middle, size.width - half))


def _thinned(places: Sequence[float], labels: Sequence[str], size: Size) -> int:
    """Every how manieth label is shown so that none touches the next: all, every second, fourth and so on."""
    middles = [(_kept(x, label, size), span(label)) for x, label in zip(places, labels, strict=True)]
    every = 1
    while any(b - a < (wide + next_wide) / 2 + 6 for (a, wide), (b, next_wide) in pairwise(middles[::every])):
        every *= 2
    return every
