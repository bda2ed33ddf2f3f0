"""Languages of the pages: which there are, and which one a reader gets.

The reader's choice is ``?lang=``, else the first language of ``Accept-Language`` that there is, else English; no
cookie. A tag that there is no page for counts as no choice. Catalogues are GNU gettext files under ``locales``, read
once; ``python -m tools.messages`` keeps them in step with the templates.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from hub.web.typesetting import Source, unbroken

__all__ = ["CONSOLE", "DEFAULT", "LOCALES", "TAGS", "Choice", "Language", "choose", "language", "read_catalogue"]

LOCALES = Path(__file__).parent / "locales"
DEFAULT = "en"
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)((?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*")
_WRITTEN = {
    DEFAULT: ("English", "en_GB"),
    "zh-Hans": ("简体中文", "zh_Hans"),
    "es": ("Español", "es"),
    "fr": ("Français", "fr"),
}
"""Tag -> own name and locale."""
TAGS = tuple(_WRITTEN)
CONSOLE = ("en", "zh-Hans")
"""Languages of consoles."""
_LONGEST = 1000
"""More of ``Accept-Language`` than this is not read."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that pages are written in.

    Attributes:
        tag: BCP 47, as in ``lang`` and ``hreflang``.
        name: the language's own name.
        locale: how dates, numbers and names of countries are written.
        translations: the catalogue; English is the text of the templates itself.
    """

    tag: str
    name: str
    locale: Locale
    translations: NullTranslations = field(repr=False, compare=False)

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.locale.language == "zh" else " "


@dataclass(frozen=True, slots=True)
class Choice:
    """The language of a page, and whether the reader asked for it in the address: then links keep it."""

    language: Language
    asked: bool
    among: tuple[str, ...]


def read_catalogue(tag: str, name: str = "hub") -> NullTranslations:
    """A catalogue of a language, typeset and compiled in memory; fuzzy translations are left out.

    Args:
        tag: of the language.
        name: ``hub`` has the texts of all pages but the console's, which ``console`` has.

    Raises:
        OSError: there is no such file.
        babel.messages.pofile.PoFileError: it can't be read.
    """
    text = (LOCALES / tag / "LC_MESSAGES" / f"{name}.po").read_bytes()
    catalogue = read_po(io.BytesIO(text), locale=tag.replace("-", "_"), abort_invalid=True)
    for message in catalogue:
        said = message.string or ""
        message.string = unbroken(tag, said) if isinstance(said, str) else tuple(unbroken(tag, one) for one in said)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def language(tag: str) -> Language:
    """The language of a tag out of ``TAGS``; its catalogue is read at the first call.

    Raises:
        KeyError: there are no pages in it.
    """
    name, locale = _WRITTEN[tag]
    found = Source() if tag == DEFAULT else read_catalogue(tag)
    if tag in CONSOLE and tag != DEFAULT:
        found.add_fallback(read_catalogue(tag, "console"))
    return Language(tag, name, Locale.parse(locale), found)


def choose(asked: str | None, accepted: str, among: Sequence[str] = TAGS) -> Choice:
    """The language of a page.

    Args:
        asked: the parameter ``lang``.
        accepted: the header ``Accept-Language``; what can't be read in it is passed over.
        among: tags of the languages that the page is written in.
    """
    if asked is not None and (tag := _served(asked, among)) is not None:
        return Choice(language(tag), asked=True, among=tuple(among))
    wanted = (_served(one, among) for one in _ranges(accepted[:_LONGEST]))
    return Choice(language(next((tag for tag in wanted if tag), DEFAULT)), asked=False, among=tuple(among))


def _ranges(header: str) -> list[str]:
    """The language ranges of a header (RFC 9110 §12.5.4), the most wanted first; those of weight 0 are left out."""
    found = [match for part in header.split(",") if (match := _RANGE.fullmatch(part))]
    weighed = [(float(match[3] or 1), match[1] + match[2]) for match in found]
    return [name for weight, name in sorted(weighed, key=lambda one: -one[0]) if weight > 0]


def _served(name: str, among: Sequence[str]) -> str | None:
    """The page language for a language range: its primary subtag decides, so zh-TW gets zh-Hans."""
    primary = name.partition("-")[0].lower()
    return next((tag for tag in among if tag.partition("-")[0] == primary), None)
