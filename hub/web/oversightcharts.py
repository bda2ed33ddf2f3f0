"""The charts of the public oversight page, from curves that were made for anybody to see."""

from hub.charts.figure import Figure, figure
from hub.charts.stacked import Layer, Stacked
from hub.charts.steps import Curve, Steps
from hub.web.charttext import chart_words
from hub.web.figuretext import measured, part_text
from hub.web.languages import Language
from metrics.cohorts import HANDED_OVER
from metrics.publishedcurves import PublishedCurves, PublishedOutcomes, PublishedTime

__all__ = ["oversight_charts"]


def oversight_charts(language: Language, curves: PublishedCurves) -> dict[str, Figure]:
    """Id of an indicator -> the chart that is shown with it; none where there are too few cases for a curve."""
    words, found = chart_words(language), {}
    if curves.time is not None:
        found["time_to_resolution"] = figure(_time(language, curves.time), words, "chart-time")
    if curves.outcomes is not None:
        found["outcome_by_time"] = figure(_outcomes(language, curves.outcomes), words, "chart-outcomes")
    return found


def _time(language: Language, told: PublishedTime) -> Steps:
    say = language.translations
    description = say.gettext(
        "A curve that begins at 100 %% on the day of the filing and falls as cases are resolved; after %(days)s "
        "%(share)s are still open. The values are in the table."
    ) % {"days": measured(language, told.days[-1], "days"), "share": measured(language, told.share[-1], "share")}
    curve = Curve(
        say.gettext("All providers together"),
        told.n,
        tuple(zip(told.days, told.share, strict=True)),
        tuple(zip(told.days, told.low, told.high, strict=True)),
        told.at_risk,
    )
    return Steps(
        say.gettext("Cases still open, by days since filing"),
        description,
        say.gettext("Still open, share of the cases filed"),
        say.gettext("Days since the case was filed"),
        (curve,),
    )


def _outcomes(language: Language, told: PublishedOutcomes) -> Stacked:
    say = language.translations
    layers = tuple(
        Layer(part_text(language, "handed_over" if name == HANDED_OVER else name), shares)
        for name, shares in told.shares.items()
    )
    most = max(layers, key=lambda one: one.shares[-1])
    description = say.gettext(
        "Layers that grow with the days since filing, one for each outcome; the largest at the end is “%(outcome)s” "
        "with %(share)s. The values are in the table."
    ) % {"outcome": most.label, "share": measured(language, most.shares[-1], "share")}
    return Stacked(
        say.gettext("How cases have ended, by days since filing"),
        description,
        say.gettext("Share of the cases filed"),
        say.gettext("Days since the case was filed"),
        told.n,
        told.days,
        layers,
        say.gettext("still open"),
    )
