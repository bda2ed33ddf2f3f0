"""Figures in words and as JSON. Withheld values are words, never a number that stands for something else.

The public view shows no n of what is withheld, no counts, and no value below the minimum of its indicator, even if
the figure was computed for a supervised view. Percentages never stand without n.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from metrics.definitions import definition
from metrics.figures import Figure, Interval, Period

__all__ = ["as_data", "from_data", "line", "lines", "part_name", "value_text"]


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}"


_NUMBERS: dict[str, Callable[[float], str]] = {
    "cases": _plain,
    "days": _plain,
    "share": lambda value: f"{100 * value:.1f}",
    "ratio": lambda value: f"{value:.2f}",
    "of_claim": lambda value: f"{100 * value:.1f}",
    "points": lambda value: f"{100 * value:+.1f}",
    "index": lambda value: f"{value:.2f}",
    "neutrals": _plain,
}
_WORDS = {
    "cases": " cases", "days": " days", "share": " %", "ratio": "", "of_claim": " % of the claim",
    "points": " percentage points", "index": "", "neutrals": " neutrals",
}  # fmt: skip


def lines(figures: Iterable[Figure], *, supervised: bool = False) -> list[str]:
    """The figures as text, a heading for each subject; JSON for programs is ``as_data``."""
    by_subject: dict[str, list[Figure]] = {}
    for figure in figures:
        by_subject.setdefault(figure.subject, []).append(figure)
    found = []
    for subject, own in by_subject.items():
        found += [f"{subject}, {own[0].period}", *(f"  {line(one, supervised=supervised)}" for one in own)]
    return found


def line(figure: Figure, *, supervised: bool = False) -> str:
    """One figure: what it is, its value or why there is none, its interval, its n."""
    defined = definition(figure.indicator)
    name = f"{defined.title}, {part_name(figure.part)}" if figure.part else defined.title
    shown = f"{name}: {value_text(figure, supervised=supervised)}"
    if supervised:
        shown += f" (n = {figure.n}{', small' if figure.small else ''}{_counts(figure)})"
    elif _shown(figure, supervised=False) and figure.unit != "cases":
        shown += f" (n = {figure.n})"
    return shown


def part_name(part: str) -> str:
    """A part of an indicator in words."""
    return part.replace("_", " ")


def as_data(figures: Iterable[Figure], *, supervised: bool = False) -> list[dict[str, Any]]:
    """The figures as JSON values; ``status`` says whether there is a value."""
    return [_data(figure, supervised=supervised) for figure in figures]


def from_data(data: Iterable[Mapping[str, Any]]) -> list[Figure]:
    """Figures from what ``as_data`` made of them; what was withheld stays withheld.

    Raises:
        BadFigureError, KeyError, ValueError: it is nothing that ``as_data`` makes.
    """
    return [_figure(one) for one in data]


def _figure(data: Mapping[str, Any]) -> Figure:
    return Figure(
        indicator=data["indicator"], subject=data["subject"], part=data["part"],
        period=Period(_seconds(data["period"]["start"]), _seconds(data["period"]["end"])),
        freeze=_seconds(data["freeze"]), unit=data["unit"], status=data["status"], n=data.get("n", 0),
        minimum=data["minimum"], value=_number(data.get("value")), numerator=data.get("numerator"),
        denominator=data.get("denominator"), interval=_limits(data.get("interval")), counts=data.get("counts", {}),
        in_public=data.get("in_public", "value"),
    )  # fmt: skip


def _limits(told: Mapping[str, Any] | None) -> Interval | None:
    if told is None:
        return None
    return Interval(_number(told["low"]), _number(told["high"]), told["method"], float(told["level"]))


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _decimal(value: float) -> str:
    """A number as text: JSON of this network has no floats. Twelve digits are more than any figure means."""
    return f"{value:.12g}"


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _shown(figure: Figure, *, supervised: bool) -> bool:
    return figure.value is not None and (supervised or not figure.small)


def value_text(figure: Figure, *, supervised: bool = False) -> str:
    """The value with its interval, or why there is none."""
    if figure.value is not None and _shown(figure, supervised=supervised):
        limits = f", {_interval(figure.interval, figure.unit)}" if figure.interval else ""
        return f"{_NUMBERS[figure.unit](figure.value)}{_WORDS[figure.unit]}{limits}"
    if figure.status == "immature":
        return "too early to say, the cases have not been followed long enough"
    if figure.status == "not_reported":
        return "not reported"
    return f"too few cases (fewer than {figure.minimum})" if figure.n < figure.minimum else "too few cases to show"


def _interval(interval: Interval, unit: str) -> str:
    low, high = (None if one is None else _NUMBERS[unit](one) for one in (interval.low, interval.high))
    level = f"{100 * interval.level:.0f} % interval"
    if low is None or high is None:
        return f"{level} {'from ' + low if low else 'open'}{'' if low is None else ' without upper limit'}"
    return f"{level} {low} to {high}"


def _counts(figure: Figure) -> str:
    return "".join(f"; {part_name(name)} {count}" for name, count in figure.counts.items())


def _data(figure: Figure, *, supervised: bool) -> dict[str, Any]:
    shown = _shown(figure, supervised=supervised)
    found: dict[str, Any] = {
        "indicator": figure.indicator,
        "version": definition(figure.indicator).version,
        "part": figure.part,
        "subject": figure.subject,
        "period": {"start": _time(figure.period.start), "end": _time(figure.period.end)},
        "freeze": _time(figure.freeze),
        "unit": figure.unit,
        "status": "too_few" if figure.status == "value" and not shown else figure.status,
        "minimum": figure.minimum,
    }
    if shown and figure.value is not None:
        found |= {"value": _decimal(figure.value), "n": figure.n}
        if figure.denominator is not None:
            found |= {"numerator": figure.numerator, "denominator": figure.denominator}
        if figure.interval is not None:
            one = figure.interval
            low, high = (None if limit is None else _decimal(limit) for limit in (one.low, one.high))
            found["interval"] = {"low": low, "high": high, "level": _decimal(one.level), "method": one.method}
    if supervised:
        found |= {"n": figure.n, "small": figure.small, "in_public": figure.in_public, "counts": dict(figure.counts)}
    return found


def _time(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
