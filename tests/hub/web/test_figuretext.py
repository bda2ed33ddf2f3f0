"""Public figures in words: the same as the report in English, and in the reader's language."""

from datetime import date

import pytest

from hub.web.figuretext import interval_text, part_text, value_text
from hub.web.languages import language
from metrics.figures import Figure, Interval, Period

EN, ZH, ES, FR = (language(tag) for tag in ("en", "zh-Hans", "es", "fr"))
PERIOD = Period.of(date(2025, 1, 1), date(2025, 12, 31))


def figure(
    unit: str = "share", value: float | None = 0.125, interval: Interval | None = None, **more: object
) -> Figure:
    told = {
        "indicator": "resolved_in_time", "subject": "federation", "part": "within_90_days", "period": PERIOD,
        "freeze": PERIOD.end, "unit": unit, "status": "value" if value is not None else "too_few", "n": 96,
        "minimum": 30, "value": value, "interval": interval,
    }  # fmt: skip
    if unit == "share" and value is not None:
        told |= {"numerator": 12, "denominator": 96}
    return Figure(**told | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "english", "french"),
    [
        ("within_90_days", "within 90 days", "en 90 jours"),
        ("default_award_by_day_30", "award by default within 30 days", "sentence par défaut en 30 jours"),
        (
            "mediation_of_resolved",
            "Mediation, of all resolved cases",
            "Médiation, sur l'ensemble des affaires résolues",
        ),
        ("median", "half", "la moitié"),
        ("negotiation", "Negotiation", "Négociation"),
        ("response", "Time to respond", "Délai de réponse"),
        ("all", "all deadlines", "tous les délais"),
        ("over_90_days", "more than 90 days", "plus de 90 jours"),
        ("procedure_unknown", "not stated: procedure", "non indiqué\u00a0: procédure"),
        ("withdrawn", "The claim was withdrawn", "La demande a été retirée"),
        ("frivolous", "The claim is frivolous or vexatious", "La demande est futile ou abusive"),
    ],
)
def test_parts(part: str, english: str, french: str) -> None:
    assert (part_text(EN, part), part_text(FR, part)) == (english, french)


def test_values() -> None:
    assert value_text(EN, figure(interval=Interval(0.0711, 0.2061, "wilson"))) == "12.5\u00a0%"
    assert value_text(ES, figure()) == "12,5\N{NO-BREAK SPACE}%"
    assert value_text(EN, figure("days", 1.0)) == "1 day"
    assert value_text(FR, figure("days", 41.5)) == "41,5 jours"
    assert value_text(EN, figure("cases", 1200.0)) == "1,200 cases"
    assert value_text(EN, figure("of_claim", 0.031)) == "3.1\u00a0% of the claim"
    assert value_text(FR, figure("points", -0.067)) == "-6,7 points de pourcentage"
    assert value_text(ES, figure("neutrals", 1.0)) == "1 neutral"
    assert value_text(ZH, figure("neutrals", 12.0)) == "12 名中立人"
    assert value_text(EN, figure("index", 0.325)) == "0.32"
    assert value_text(EN, figure("ratio", 1.0, numerator=96, denominator=96)) == "1.00"


def test_intervals_stay_in_one_line() -> None:
    both = figure(interval=Interval(0.0711, 0.2061, "wilson"))
    assert interval_text(EN, both) == "(7.1\u00a0to\u00a020.6)"
    assert interval_text(ZH, both) == "（7.1\u00a0至\u00a020.6）"
    assert interval_text(FR, both) == "(7,1\u00a0à\u00a020,6)"
    assert not interval_text(EN, figure())


def test_open_intervals() -> None:
    assert interval_text(EN, figure("days", 40.0, Interval(31.0, None, "x"))) == "(from 31, without upper limit)"
    assert interval_text(EN, figure("days", 40.0, Interval(None, None, "x"))) == "(interval open)"


@pytest.mark.parametrize(
    ("status", "english"),
    [
        ("too_few", "too few cases to show"),
        ("immature", "too early to say, the cases have not been followed long enough"),
        ("not_reported", "not reported"),
    ],
)
def test_what_is_withheld_is_said(status: str, english: str) -> None:
    assert value_text(EN, figure(value=None, status=status)) == english
    assert value_text(ZH, figure(value=None, status=status)).isascii() is False
