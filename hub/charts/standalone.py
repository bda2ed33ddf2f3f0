"""A drawing as a file of its own, for documents: the colours of the style sheet come with it, and paper behind it."""

import re

from markupsafe import Markup, escape

from hub.charts.svg import coordinate, element
from hub.errors import ChartError

__all__ = ["BEGIN", "END", "rules", "standalone"]

BEGIN = "/* begin: also in charts that are files of their own */"
END = "/* end */"
_MARGIN = 16.0
_SIZE = re.compile(r' (?:width|height)="([0-9.]+)"')


def rules(sheet: str) -> str:
    """What a drawing needs of the site's style sheet: its variables, light and dark, and the part on charts.

    Raises:
        ChartError: the style sheet has no part on charts.
    """
    before, begin, rest = sheet.partition(BEGIN)
    own, end, _ = rest.partition(END)
    if not begin or not end:
        raise ChartError("no_chart_rules", "The style sheet has no part on charts.", BEGIN)
    root = before[before.index(":root {") : before.index("}") + 1]
    dark = before[before.index("@media (prefers-color-scheme: dark)") :]
    return "\n".join((root, dark[: dark.index("}", dark.index("}") + 1) + 1], own.strip()))


def standalone(drawn: Markup, sheet: str, language: str) -> str:
    """The text of an SVG file.

    Args:
        drawn: one drawing of a chart.
        sheet: the site's style sheet.
        language: tag of the language of its texts.
    """
    start, inner = str(drawn).split(">", 1)
    width, height = (float(one) for one in _SIZE.findall(start)[-2:])
    box = {"x": -_MARGIN, "y": -_MARGIN, "width": width + 2 * _MARGIN, "height": height + 2 * _MARGIN}
    told = " ".join(coordinate(one) for one in box.values())
    head = _SIZE.sub("", start).replace("<svg ", f'<svg xml:lang="{escape(language)}" ', 1)
    head = re.sub(r'viewBox="[^"]*"', f'viewBox="{told}"', head)
    title, rest = inner.split("</desc>", 1)
    style = f"<style>\n{rules(sheet)}\n</style>"  # our own sheet, which holds nothing that XML would read
    return f"{head}>{title}</desc>\n{style}\n{element('rect', fill='var(--paper)', **box)}{rest}\n"
