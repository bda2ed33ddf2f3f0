"""The caterpillar in order of value, each row with the interval of its rank: for the officers' console alone.

A test holds that nothing else imports it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hub.charts.caterpillar import Caterpillar
from hub.charts.figure import Figure, figure
from hub.web.charttext import chart_words
from hub.web.comparisoncharts import bar
from hub.web.languages import Language
from hub.web.wording import coded
from metrics.comparison.judgements import Comparison, Ranked

__all__ = ["many_ranks", "rank_chart"]


def rank_chart(language: Language, one: Comparison, rows: Sequence[Ranked], name: Callable[[str], str]) -> Figure:
    """The drawing and its table.

    Args:
        language: of the reader.
        one: the comparison.
        rows: all of it, in order of value.
        name: what a provider is called; no two alike.
    """
    say, title = language.translations, coded(language, "compared", one.indicator)
    heading = say.gettext("%(title)s: providers by value, with rank intervals") % {"title": title}
    told = say.gettext(
        "A row for each of %(all)s providers, from the smallest share to the largest, with its 95 %% interval and the "
        "ranks between which it lies."
    ) % {"all": len(rows)}
    measure = say.gettext("Share, as with everybody's mix of cases")
    bars = [
        replace(bar(each.judgement, name(each.judgement.subject)), ranks=(each.rank.low, each.rank.high))
        for each in rows
    ]
    chart = Caterpillar(heading, told, measure, "share", tuple(bars), one.target)
    return figure(chart, chart_words(language), f"values-{one.indicator.replace('_', '-')}")


def many_ranks(rows: Sequence[Ranked]) -> int:
    """How many intervals hold more than half of all ranks."""
    return sum(2 * (one.rank.high - one.rank.low + 1) > one.rank.of for one in rows)
