"""How pages write times, numbers, amounts, countries, currencies, languages and codes in the reader's language.

Each is a filter of the templates; the language comes from the page's context. Times are in UTC, and pages say so.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_name
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from hub.web.languages import Language
from hub.web.wording import coded, sector
from signing.compose import timestamp
from signing.statement import seconds

__all__ = ["FILTERS", "amount", "day", "economy", "iso", "legal_system", "number", "tongue", "when", "with_code"]

_TAG_LENGTH = 40


def day(language: Language, time: float | str | None) -> str:
    """The day of a POSIX time, of a time of RFC 3339, or of a day like 2026-01-31."""
    if time is None:
        return ""
    given = date.fromisoformat(time[:10]) if isinstance(time, str) else datetime.fromtimestamp(time, UTC).date()
    shown = format_date(given, "long", locale=language.locale)
    return f"1er{shown[1:]}" if language.locale.language == "fr" and given.day == 1 else shown


def when(language: Language, time: int | None) -> str:
    """A POSIX time, to the minute."""
    if time is None:
        return ""
    between = " " if language.locale.language == "zh" else ", "
    return f"{day(language, time)}{between}{datetime.fromtimestamp(time, UTC):%H:%M} UTC"


def iso(time: int | None) -> str:
    """A POSIX time as machines read it."""
    return "" if time is None else timestamp(time)


def number(language: Language, value: float | Decimal) -> str:
    """A number with the reader's separators."""
    return _number(str(language.locale), value)


@lru_cache(maxsize=4096, typed=True)
def _number(reader: str, value: float | Decimal) -> str:
    """Kept, because a list of filters has a count beside each of a hundred values."""
    return format_decimal(value, locale=reader)


def amount(language: Language, value: str, currency: str) -> str:
    """An amount of money with the code of its currency, decimals only where there are any."""
    shown = Decimal(value)
    places = "" if shown == shown.to_integral() else ".00"
    return format_currency(
        shown, currency, format=f"#,##0{places} ¤¤", locale=language.locale, currency_digits=False
    ).replace("\N{NO-BREAK SPACE}", " ")


def economy(language: Language, code: str) -> str:
    """The name of a country or economy; the code itself if it has none."""
    return str(language.locale.territories.get(code, code))


def currency(language: Language, code: str) -> str:
    """The name of a currency; the code itself if it has none."""
    return get_currency_name(code, locale=language.locale)


def tongue(language: Language, tag: str) -> str:
    """The name of a language such as zh-Hans or es-419; the tag itself if it has none."""
    return _tongue(str(language.locale), tag[:_TAG_LENGTH])


@lru_cache(maxsize=4096)
def _tongue(reader: str, tag: str) -> str:
    """Kept, because reading a tag takes longer than anything else in a list of providers."""
    locale = Locale.parse(reader)
    try:
        name = Locale.parse(tag, sep="-").get_display_name(locale)
    except (UnknownLocaleError, ValueError):
        name = locale.languages.get(tag.partition("-")[0])
    return str(name or tag)


def legal_system(language: Language, code: str) -> str:
    """A legal system: an economy, or a family of systems."""
    return economy(language, code) if code.isupper() else coded(language, "legal_families", code)


def listed(language: Language, values: Iterable[str]) -> str:
    """Words as a list in a sentence."""
    return format_list([str(one) for one in values], locale=language.locale)


def with_code(text: str) -> Markup:
    """The text with what stands between backticks as code; everything else is escaped."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(one) if odd % 2 else escape(one) for odd, one in enumerate(pieces)
    )


def _filter(write: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def written(context: Context, value: Any, *rest: Any) -> str:  # noqa: ANN401  # whatever a page shows
        return write(context["language"], value, *rest)

    return written


def _each(write: Callable[..., str]) -> Callable[..., list[str]]:
    @pass_context
    def written(context: Context, values: Iterable[str], *rest: Any) -> list[str]:  # noqa: ANN401
        return [write(context["language"], one, *rest) for one in values]

    return written


def _coded(language: Language, code: str, name: str) -> str:
    return coded(language, name, code)


def _worded(language: Language, text: str, name: str) -> str:
    return language.translations.pgettext(name, text)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "iso": iso,
    "seconds": seconds,
    "with_code": with_code,
    **{
        name: _filter(write)
        for name, write in (
            ("amount", amount), ("coded", _coded), ("currency", currency), ("day", day), ("economy", economy),
            ("legal_system", legal_system), ("listed", listed), ("number", number), ("sector", sector),
            ("tongue", tongue), ("when", when), ("worded", _worded),
        )
    },
    **{
        name: _each(write)
        for name, write in (
            ("all_coded", _coded), ("economies", economy), ("legal_systems", legal_system), ("sectors", sector),
            ("tongues", tongue),
        )
    },
}  # fmt: skip
"""Name in the templates -> filter."""
