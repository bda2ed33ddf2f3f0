"""Public figures in words, in the reader's language.

What is withheld is said in words, as ``metrics.report`` says it; percentages never stand without their cases.
"""

import re
from decimal import Decimal

from babel.numbers import format_decimal

from hub.web.formats import number
from hub.web.languages import Language
from hub.web.wording import LISTS, coded
from metrics.figures import Figure

__all__ = ["interval_text", "measured", "part_text", "value_text"]

_PLACES = {"cases": 0, "days": 1, "share": 1, "of_claim": 1, "points": 1, "neutrals": 0}
_PARTS_IN_100 = ("share", "of_claim", "points")
_BARE = ("ratio", "index")
_LISTS_OF_PARTS = ("figure_parts", "stages", "clocks", "refusal_grounds", "discontinue_reasons")
_OVER = re.compile(r"over_([0-9]+)_days")
_DAYS = re.compile(r"(?:(?P<outcome>[a-z_]+)_by_day|within)_(?P<days>[0-9]+)(?:_days)?")


def part_text(language: Language, part: str) -> str:
    """A part of an indicator: a quartile, an outcome by a day, a stage or a clock."""
    say = language.translations
    if match := _DAYS.fullmatch(part):
        days = int(match["days"])
        within = say.ngettext("within %(days)s day", "within %(days)s days", days) % {"days": number(language, days)}
        if match["outcome"] is None:
            return within
        outcome = coded(language, "figure_parts", match["outcome"])
        return say.gettext("%(outcome)s %(within)s") % {"outcome": outcome, "within": within}
    if match := _OVER.fullmatch(part):
        days = int(match[1])
        more = say.ngettext("more than %(days)s day", "more than %(days)s days", days)
        return more % {"days": number(language, days)}
    if part.endswith("_unknown"):
        field = coded(language, "reported_fields", part.removesuffix("_unknown"))
        return say.gettext("not stated: %(field)s") % {"field": field}
    if part.endswith("_of_resolved"):
        stage = coded(language, "stages", part.removesuffix("_of_resolved"))
        return say.gettext("%(stage)s, of all resolved cases") % {"stage": stage}
    named = next((name for name in _LISTS_OF_PARTS if part in LISTS[name]), "figure_parts")
    return coded(language, named, part)


def value_text(language: Language, figure: Figure) -> str:
    """The value, or why there is none; the figure is a public one. Its interval is ``interval_text``."""
    say = language.translations
    if figure.value is not None:
        return measured(language, figure.value, figure.unit)
    if figure.status == "immature":
        return say.gettext("too early to say, the cases have not been followed long enough")
    if figure.status == "not_reported":
        return say.gettext("not reported")
    return say.gettext("too few cases to show")


def _plain(language: Language, value: float, unit: str) -> str:
    if unit in _BARE:
        return str(format_decimal(value, format="0.00", locale=language.locale))
    places = 0 if unit == "days" and value == int(value) else _PLACES[unit]
    shown = 100 * value if unit in _PARTS_IN_100 else value
    return number(language, Decimal(f"{shown:.{places}f}"))


def measured(language: Language, value: float, unit: str) -> str:
    """A value with its unit (one of ``metrics.figures.UNITS``)."""
    say, told = language.translations, {"number": _plain(language, value, unit)}
    count = 1 if value == 1 else 2
    texts = {
        "share": lambda: say.gettext("%(number)s %%"),
        "of_claim": lambda: say.gettext("%(number)s %% of the claim"),
        "points": lambda: say.gettext("%(number)s percentage points"),
        "days": lambda: say.ngettext("%(number)s day", "%(number)s days", count),
        "cases": lambda: say.ngettext("%(number)s case", "%(number)s cases", count),
        "neutrals": lambda: say.ngettext("%(number)s neutral", "%(number)s neutrals", count),
    }
    return texts[unit]() % told if unit in texts else told["number"]


def interval_text(language: Language, figure: Figure) -> str:
    """The interval of a figure's value, in brackets; empty where there is none. Its level is for whoever shows it."""
    say, interval = language.translations, figure.interval
    if interval is None:
        return ""
    if interval.low is None:
        return say.gettext("(interval open)")
    told = {"low": _plain(language, interval.low, figure.unit)}
    if interval.high is None:
        return say.gettext("(from %(low)s, without upper limit)") % told
    told["high"] = _plain(language, interval.high, figure.unit)
    return (say.gettext("(%(low)s to %(high)s)") % told).replace(" ", "\N{NO-BREAK SPACE}")
