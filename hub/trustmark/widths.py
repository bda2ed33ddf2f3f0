"""How wide a line of text is, about, and how it is shortened: nobody knows the fonts on a visitor's machine.

Widths are in ems of a bold sans-serif font, of the widest that is common, so that a line does not run over with
any. East Asian wide characters count about double, capitals more than small letters, and marks that sit on other
letters count nothing.

    >>> shortened("Harbour Online Dispute Resolution Centre", 16)
    'Harbour Online Dispute…'
"""

import unicodedata

__all__ = ["shortened", "width"]

_NARROW = frozenset("iIljtf.,:;'|!()[] \u00a0")
_BROAD = frozenset("mMwW@%&—…")


def width(text: str) -> float:
    """The width of ``text`` in ems."""
    return sum(_width(letter) for letter in text)


def shortened(text: str, ems: float) -> str:
    """``text`` in one line of at most ``ems``, with an ellipsis where something was left out.

    Control and direction-changing characters are dropped, white space becomes single spaces.
    """
    line = " ".join("".join(letter for letter in text if _is_shown(letter) or letter.isspace()).split())
    if width(line) <= ems:
        return line
    room, kept = ems - width("…"), ""
    for letter in line:
        room -= _width(letter)
        if room < 0:
            break
        kept += letter
    return f"{kept.rstrip()}…"


def _is_shown(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _width(letter: str) -> float:
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.05
    if letter in _BROAD:
        return 1.1
    if letter in _NARROW:
        return 0.42
    return 0.82 if letter.isupper() else 0.68
