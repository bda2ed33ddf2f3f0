"""Where a line must not break: before a per-cent sign; in French before double punctuation and within inverted verbs.

Catalogues are written with plain spaces and hyphens, so that whoever translates need not see the difference.
"""

import re
from gettext import NullTranslations

__all__ = ["Source", "unbroken"]

NO_BREAK = "\u00a0"
_PER_CENT = re.compile(r"(?<=\S) (?=%{1,2}(?:[\s).,;:?]|$))")
_NO_BREAK_HYPHEN = "\u2011"
_INVERTED = re.compile(
    r"(?<=\w)-(?=(?:t-)?(?:ils?|elles?|on|vous)\b)|(?<=-t)-(?=(?:ils?|elles?|on)\b)"
    r"|(?<=ez)-(?=(?:les?|la|leur|lui|nous|y|en)\b)"
)
_FRENCH = re.compile(r"(?<=\S) (?=[;:?!»])|(?<=«) (?=\S)")


def unbroken(tag: str, text: str) -> str:
    """``text`` of the language ``tag``, with such spaces as U+00A0 and such hyphens as U+2011."""
    text = _PER_CENT.sub(NO_BREAK, text)
    return _INVERTED.sub(_NO_BREAK_HYPHEN, _FRENCH.sub(NO_BREAK, text)) if tag == "fr" else text


class Source(NullTranslations):
    """The language in which texts are written, which needs no catalogue."""

    def gettext(self, message: str) -> str:
        """Return the text itself."""
        return unbroken("en", super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the text of one, or that of many."""
        return unbroken("en", super().ngettext(msgid1, msgid2, n))

    def pgettext(self, context: str, message: str) -> str:
        """Return the text itself, whatever it is used for."""
        return unbroken("en", super().pgettext(context, message))

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        """Return the text of one, or that of many."""
        return unbroken("en", super().npgettext(context, msgid1, msgid2, n))
