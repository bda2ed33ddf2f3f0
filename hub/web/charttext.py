"""The fixed texts and numbers of charts in the reader's language."""

from decimal import Decimal

from babel.numbers import format_decimal

from hub.charts.words import ENGLISH, Unit, Words
from hub.web.figuretext import measured
from hub.web.languages import Language
from hub.web.wording import coded

__all__ = ["chart_words"]


def chart_words(language: Language) -> Words:
    """How charts speak to somebody who reads this language."""
    said = {code: coded(language, "charts", code) for code in ENGLISH}

    def number(value: float, places: int) -> str:
        digits = f".{'0' * places}" if places else ""
        shown = Decimal(f"{value:.{places}f}")
        return str(format_decimal(shown or Decimal(0), format=f"#,##0{digits}", locale=language.locale))

    def measure(value: float, unit: Unit) -> str:
        if unit == "share":  # always to one place, so that columns of a table stand in line
            return said["percent"] % {"number": number(100 * value, 1)}
        return number(value, 1) if unit == "score" else measured(language, value, unit)

    return Words(said, number, measure)
