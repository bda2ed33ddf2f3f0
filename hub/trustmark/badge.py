"""The badge: an image of a member's state, with words and a shape, for sites that can run no script.

It is not signed: whoever looks at it trusts the site that shows it, and the connection to the hub. It therefore
says who says so and as of when. No script, no font and nothing else comes from elsewhere; a name is text.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from hub.trustmark.look import SHAPES, THEMES, WORDS, Shape
from hub.trustmark.widths import shortened

__all__ = ["HEIGHT", "WIDTH", "Shown", "badge", "minute"]

WIDTH, HEIGHT = 344, 88
_LEFT, _RIGHT = 72, 12
_FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', "
    "'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a badge says: of whom (a name, from outside), which state, as of when (POSIX seconds), and which hub."""

    name: str
    state: str
    time: int
    hub: str


def badge(shown: Shown, theme: str, language: str) -> bytes:
    """The SVG file.

    Args:
        shown: what it says; ``state`` is one of ``hub.trustmark.standing.STATES``, ``unknown`` or ``unverified``.
        theme: ``light`` or ``dark``.
        language: one of ``hub.trustmark.look.LANGUAGES``.
    """
    words, colours, shape = WORDS[language], THEMES[theme], SHAPES[shown.state]
    name, state, time = shortened(shown.name, 60), words[shown.state], minute(shown.time)
    lines = (
        _line(name, 27, 15, colours["ink"], bold=True),
        _line(state, 47, 13, colours[shape.tone], bold=True),
        _line(words["as_of"].format(time=time), 64, 11, colours["soft"]),
        _line(shown.hub, 78, 11, colours["soft"]),
    )
    described = words["described"].format(name=name, state=state, time=time, hub=shown.hub)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' role="img" aria-labelledby="t d" lang="{language}" xml:lang="{language}">'
        f'<title id="t">{_text(words["title"].format(name=name))}</title><desc id="d">{_text(described)}</desc>'
        f'<clipPath id="c"><rect width="{WIDTH - _RIGHT}" height="{HEIGHT}"/></clipPath>'
        f'<rect x=".75" y=".75" width="{WIDTH - 1.5}" height="{HEIGHT - 1.5}" rx="9" fill="{colours["card"]}"'
        f' stroke="{colours["line"]}" stroke-width="1.5"/>{_sign(shape, colours)}'
        f'<g clip-path="url(#c)" font-family={quoteattr(_FONTS)}>{"".join(lines)}</g></svg>\n'
    )
    return svg.encode()


def minute(time: int) -> str:
    """A POSIX time to the minute, the same in every language."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _line(text: str, baseline: int, size: float, colour: str, *, bold: bool = False) -> str:
    shown = shortened(text, (WIDTH - _LEFT - _RIGHT) / size)
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{_LEFT}" y="{baseline}" font-size="{size}"{weight} fill="{colour}">{_text(shown)}</text>'


def _sign(shape: Shape, colours: dict[str, str]) -> str:
    tone = colours[shape.tone]
    fill, sign = (tone, colours["card"]) if shape.filled else ("none", tone)
    return (
        '<g transform="translate(14 20)" stroke-width="4" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{shape.shape}" fill="{fill}" stroke="{tone}" stroke-width="3"/>'
        f'<path d="{shape.sign}" fill="none" stroke="{sign}"/></g>'
    )


def _text(text: str) -> str:
    return escape(text)
