"""Elements of SVG: attributes and text are escaped, and characters that XML has no place for are left out."""

import math
from collections.abc import Iterable

from markupsafe import Markup, escape

from hub.trustmark.widths import shortened

__all__ = ["Place", "cleaned", "coordinate", "element", "group", "path", "text"]

Place = tuple[float, float]


def cleaned(label: str) -> str:
    """The text in one line, without control and direction-changing characters."""
    return shortened(label, math.inf)


def coordinate(value: float) -> str:
    """A place to a tenth of a unit, always written in the same way."""
    shown = f"{value:.1f}".removesuffix(".0")
    return "0" if shown in ("-0", "") else shown


def element(name: str, *children: Markup, **attributes: str | float | None) -> Markup:
    """An element; ``class_`` is written class, underscores become hyphens, and what is None is left out."""
    written = Markup("").join(
        Markup(' {}="{}"').format(_attribute(key), coordinate(value) if isinstance(value, int | float) else value)
        for key, value in attributes.items()
        if value is not None
    )
    inside = Markup("").join(children)
    if not inside:
        return Markup("<{0}{1}/>").format(name, written)
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, inside)


def _attribute(key: str) -> str:
    return "class" if key == "class_" else key if key in ("viewBox", "patternUnits") else key.replace("_", "-")


def text(words: str, x: float, y: float, **attributes: str | float | None) -> Markup:
    """A line of text whose baseline begins at a place."""
    return element("text", escape(cleaned(words)), x=x, y=y, **attributes)


def group(class_: str, children: Iterable[Markup]) -> Markup:
    """Elements that belong together."""
    return element("g", Markup("\n").join(["", *children, ""]), class_=class_)


def path(places: Iterable[Place], *, closed: bool = False) -> str:
    """Straight lines through the places."""
    lines = "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in places)
    return f"M{lines}{'Z' if closed else ''}"
