"""The charts of a comparison: the funnel by size, and the caterpillar by name.

Values are those of the comparison, as they would be with everybody's mix of cases; so they can be held against one
reference value.
"""

import math
from collections.abc import Callable, Sequence

from hub.charts.caterpillar import Bar, Caterpillar, by_name
from hub.charts.figure import Figure, figure
from hub.charts.funnel import Funnel, Limit, Point
from hub.web.charttext import chart_words
from hub.web.languages import Language
from hub.web.wording import coded
from metrics.comparison.judgements import Comparison, Judgement

__all__ = ["bar", "comparison_charts"]

_HALF = 1.959964
"""Standard errors on each side of a 95 % interval."""


def comparison_charts(language: Language, one: Comparison, name: Callable[[str], str]) -> tuple[Figure, Figure]:
    """The funnel and the caterpillar of one comparison.

    Args:
        language: of the reader.
        one: the comparison.
        name: what a provider is called; no two alike.
    """
    words, code = chart_words(language), one.indicator.replace("_", "-")
    return (
        figure(_funnel(language, one, name), words, f"funnel-{code}"),
        figure(_caterpillar(language, one, name), words, f"names-{code}"),
    )


def _funnel(language: Language, one: Comparison, name: Callable[[str], str]) -> Funnel:
    say, title = language.translations, coded(language, "compared", one.indicator)
    marked = [each for each in one.judgements if each.level == "enquiry"]
    told = say.ngettext(
        "%(count)s of %(all)s providers lies outside the outer limits. Every value is in the table.",
        "%(count)s of %(all)s providers lie outside the outer limits. Every value is in the table.",
        len(marked),
    ) % {"count": len(marked), "all": len(one.judgements)}
    points = tuple(
        Point(name(each.subject), each.n, float(each.value), each.level, limits=_limit(each)) for each in one.judgements
    )
    heading = say.gettext("%(title)s: providers by the number of their cases") % {"title": title}
    measure = say.gettext("Share, as with everybody's mix of cases")
    return Funnel(heading, told, measure, "share", one.target, points, _limits(one.judgements))


def _limits(judgements: Sequence[Judgement]) -> tuple[Limit, ...]:
    """One for each size that occurs, to be drawn; where providers of one size have limits of their own, the widest."""
    found: dict[int, Limit] = {}
    for each in map(_limit, judgements):
        last = found.get(each.n)
        if last is None or each.high998 - each.low998 > last.high998 - last.low998:
            found[each.n] = each
    return tuple(found[n] for n in sorted(found))


def _limit(one: Judgement) -> Limit:
    """The limits of one provider."""
    return Limit(one.n, one.inner.low, one.inner.high, one.outer.low, one.outer.high)


def _caterpillar(language: Language, one: Comparison, name: Callable[[str], str]) -> Caterpillar:
    say, title = language.translations, coded(language, "compared", one.indicator)
    told = say.gettext("A row for each of %(all)s providers, in order of name, with its 95 %% interval.") % {
        "all": len(one.judgements)
    }
    heading = say.gettext("%(title)s: providers by name") % {"title": title}
    measure = say.gettext("Share, as with everybody's mix of cases")
    rows = [bar(each, name(each.subject)) for each in one.judgements]
    return Caterpillar(heading, told, measure, "share", by_name(rows), one.target)


def bar(one: Judgement, name: str) -> Bar:
    """The value with its own interval, on the scale on which it was judged."""
    value = min(1.0, max(0.0, float(one.value)))
    middle, half = math.asin(math.sqrt(value)), _HALF / (2 * math.sqrt(one.n))
    low, high = math.sin(max(middle - half, 0.0)) ** 2, math.sin(min(middle + half, math.pi / 2)) ** 2
    return Bar(name, value, min(low, value), max(high, value), one.n, one.level)
