"""A drawing read as a program reads it: its places, its texts and everything that it must never contain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from markupsafe import Markup

from hub.charts.lettering import LINE, Area, span

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"circle", "defs", "desc", "g", "path", "pattern", "rect", "svg", "text", "title"}
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_SHAPES = {"mark", "ring", "dot"}
OVERHANG = 13.0
"""Half the width of the largest shape: its middle is what lies in the plot."""


@dataclass(frozen=True)
class Drawn:
    """One drawing, parsed; parsing fails where it is no XML."""

    root: ET.Element

    @classmethod
    def of(cls, markup: Markup) -> "Drawn":
        return cls(ET.fromstring(str(markup)))  # noqa: S314  # our own

    @property
    def size(self) -> tuple[float, float]:
        _, _, width, height = (float(one) for one in self.root.attrib["viewBox"].split())
        return width, height

    def groups(self, name: str) -> Iterator[ET.Element]:
        return (one for one in self.root.iter(f"{SVG}g") if one.get("class") == name)

    def texts(self, name: str | None = None) -> list[str]:
        within = [self.root] if name is None else list(self.groups(name))
        return ["".join(one.itertext()) for group in within for one in group.iter(f"{SVG}text")]

    def areas(self, name: str | None = None) -> list[Area]:
        """Where texts lie."""
        found = []
        for group in [self.root] if name is None else self.groups(name):
            for one in group.iter(f"{SVG}text"):
                wide = span("".join(one.itertext()))
                moved = {"middle": wide / 2, "end": wide}.get(one.get("text-anchor", ""), 0.0)
                left, base = float(one.attrib["x"]) - moved, float(one.attrib["y"])
                found.append(Area(left, base - LINE + 6, left + wide, base + 4.5))
        return found

    def plot(self) -> Area:
        """The plot, as its axes bound it."""
        places = [place for group in self.groups("axis") for one in group.iter(f"{SVG}path") for place in _places(one)]
        bottom = max(
            y for group in self.groups("axis") for one in group.iter(f"{SVG}path")
            if one.get("class") == "line" and len({y for _, y in _places(one)}) == 1 for _, y in _places(one)
        )  # fmt: skip
        xs, ys = [x for x, _ in places], [y for _, y in places]
        return Area(min(xs), min(ys), max(xs), bottom)

    def marks(self) -> Iterator[tuple[ET.Element, list[tuple[float, float]], float]]:
        """What is drawn into the plot, its places, and how far these may hang over its edge."""
        for group in self.groups("plot"):
            for one in group.iter():
                places = _places(one)
                if places:
                    yield one, places, OVERHANG if _SHAPES & set(one.get("class", "").split()) else 0.11


def _places(one: ET.Element) -> list[tuple[float, float]]:
    if one.tag == f"{SVG}path":
        numbers = [float(each) for each in _NUMBER.findall(one.attrib["d"])]
        return list(zip(numbers[::2], numbers[1::2], strict=True))
    if one.tag == f"{SVG}circle":
        return [(float(one.attrib["cx"]), float(one.attrib["cy"]))]
    if one.tag == f"{SVG}rect":
        x, y, wide, high = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
        return [(x, y), (x + wide, y + high)]
    return []


def sound(markup: Markup) -> Drawn:
    """The drawing, if it is what every drawing must be."""
    drawn = Drawn.of(markup)
    width, height = drawn.size
    root = drawn.root
    assert root.attrib["role"] == "img"
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    assert (root.attrib["aria-labelledby"], root.attrib["aria-describedby"]) == (
        root[0].attrib["id"],
        root[1].attrib["id"],
    )
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(set(ids)) == len(ids)
    for one in root.iter():
        assert one.tag.removeprefix(SVG) in ALLOWED
        for name, value in one.attrib.items():
            assert not name.lower().startswith("on"), name
            assert name not in ("style", "href", "transform", "rotate"), name
            assert "nan" not in value or name in ("id", "aria-labelledby", "aria-describedby", "fill"), value
    plot = drawn.plot()
    for one, places, over in drawn.marks():
        for x, y in places:
            inside = plot.left - over <= x <= plot.right + over and plot.top - over <= y <= plot.bottom + over
            assert inside, (one.attrib, (x, y), plot)
    for area in drawn.areas():
        assert area.left >= -0.2, area
        assert area.right <= width + 0.2, area
        assert area.top >= -1, area
        assert area.bottom <= height + 1, area
    labels = drawn.areas("labels")
    for number, area in enumerate(labels):
        assert not any(area.meets(other) for other in labels[number + 1 :]), area
    return drawn
