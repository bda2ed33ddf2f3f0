"""A chart as a page shows it: two drawings of the same values, of which the style sheet shows one, and their table."""

import re
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

from hub.charts.frame import NARROW, WIDE, Size
from hub.charts.tables import Table
from hub.charts.words import Words
from hub.errors import ChartError

__all__ = ["Chart", "Figure", "figure"]

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Chart(Protocol):
    """What every chart can do; all of them are frozen values that refuse to exist where they would mislead."""

    @property
    def title(self) -> str:
        """What it shows, in a line."""

    @property
    def description(self) -> str:
        """What there is to be seen, for somebody who can't see it."""

    def draw(self, words: Words, size: Size, name: str) -> tuple[Markup, ...]:
        """SVG elements; ``name`` begins the ids in them."""

    def table(self, words: Words) -> Table:
        """The same values as text."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What the macro ``figure`` of the templates shows."""

    name: str
    title: str
    description: str
    wide: tuple[Markup, ...]
    narrow: tuple[Markup, ...]
    table: Table


def figure(chart: Chart, words: Words, name: str) -> Figure:
    """Draw a chart.

    Args:
        chart: what to draw.
        words: in which language.
        name: begins the ids in the drawings, so it is used once on a page; small letters, digits and hyphens.

    Raises:
        ChartError: the name can't begin an id.
    """
    if not _NAME.fullmatch(name):
        raise ChartError("figure_name", "A figure is named by small letters, digits and hyphens.", name)
    drawn = {size.name: chart.draw(words, size, f"{name}-{size.name}") for size in (WIDE, NARROW)}
    return Figure(name, chart.title, chart.description, drawn["wide"], drawn["narrow"], chart.table(words))
