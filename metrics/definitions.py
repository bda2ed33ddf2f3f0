"""Definitions of the indicators, read from ``indicators.toml``, which is part of this package.

The code that computes and the page that explains read the same data. What is checked when they are loaded: every
field is there and of its type, nothing else is, values are of their lists, ids and numbers occur once, a tie leads to
another indicator that has none of its own. Tests hold that each definition has a computing function and each function a
definition, and that the parts that a tie names are computed; that they count what the tie says is *not* checked here.
"""

import tomllib
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from metrics.errors import BadDefinitionError
from metrics.figures import UNITS

__all__ = [
    "COMPARISONS",
    "DIRECTIONS",
    "INTERVALS",
    "PARTS",
    "STRATA",
    "VIEWS",
    "Definition",
    "Tie",
    "definition",
    "definitions",
    "read",
]

INTERVALS = {
    "none": "none: a count of all cases",
    "clearance_exact": "exact binomial of R among R + I, transformed to R / I",
    "log_ratio": "delta method on log(P1 / R)",
    "brookmeyer_crowley": "Brookmeyer-Crowley on the log(-log S) scale",
    "kaplan_meier_loglog": "Greenwood on the log(-log S) scale",
    "aalen_johansen_loglog": "Aalen's variance on the log(-log F) scale",
    "wilson": "Wilson",
    "wilson_weighted": "Wilson on the number of answers that the weights leave (Kish)",
    "clopper_pearson": "exact binomial (Clopper-Pearson)",
    "newcombe": "Newcombe, of two Wilson intervals",
    "order_statistic": "exact binomial on order statistics",
    "greenwood_integral": "normal, with Greenwood's variance of the area under S",
    "bootstrap": "bootstrap by neutral, normal on the log scale",
}
STRATA = {
    "dispute_type": "type of dispute",
    "amount_band": "claim band",
    "procedure": "procedure",
    "cross_border": "cross-border or not",
    "represented": "represented or not",
    "respondent_type": "type of respondent",
    "panel": "size of the panel",
    "outcome": "won, lost or settled",
    "role": "claimant or respondent",
}
"""What providers' cases must be alike in before their figures may be compared."""
DIRECTIONS = {"high": "high", "low": "low", "near_one": "near 1", "none": "neither"}
VIEWS = {
    "public": "public",
    "federation": "public for all providers together; of one provider supervision and itself",
    "supervised": "supervision and the provider itself",
}
COMPARISONS = {
    "share": "yes, as a share against binomial limits",
    "none": "no",
}
"""Whether providers are compared, and how. No indicator counts events without an upper bound for each case, so none is
held against Poisson limits."""
PARTS = {
    "apart": "each by itself",
    "together": "together or not at all: one can be derived from the others",
    "inside": "each by itself, unless the cases of one are all but a few of those of another",
    "cumulative": "each day or count by itself, as long as no step from one to another is about a few",
    "by_time": "each day by itself, none hidden that could be found by subtracting, and no step between days of a few",
    "adding_up": "they add up to the first: none is hidden that could be found by subtracting",
    "summed": "both numbers add up to those of the first: none is hidden that could be found by subtracting",
}
"""How the parts of an indicator may be shown in public."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A number of an indicator that another one tells too.

    Attributes:
        part: whose number it is.
        number: ``numerator`` or ``denominator``.
        to: the other indicator.
        parts: those of its parts whose values, or numerators, add up to the number.
    """

    part: str
    number: str
    to: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator; ``number`` is its place in the catalogue of oversight indicators.

    ``compared`` is the question that a comparison of providers asks, or the reason why there is none; ``tied`` says
    which of its numbers others tell too.
    """

    id: str
    number: int
    title: str
    question: str
    formula: str
    cohort: str
    interval: str
    strata: tuple[str, ...]
    minimum: int
    direction: str
    unit: str
    source: str
    version: int
    view: str
    parts: str
    tied: tuple[Tie, ...]
    comparison: str
    compared: str
    caveat: str


_LISTS: dict[str, Container[str]] = {
    "interval": INTERVALS, "strata": STRATA, "direction": DIRECTIONS, "unit": UNITS, "view": VIEWS, "parts": PARTS,
    "comparison": COMPARISONS,
}  # fmt: skip


@cache
def definitions() -> tuple[Definition, ...]:
    """All indicators, by number."""
    return read(files("metrics").joinpath("indicators.toml").read_text(encoding="utf-8"))


def definition(name: str) -> Definition:
    """The indicator with this id.

    Raises:
        BadDefinitionError: there is none.
    """
    for one in definitions():
        if one.id == name:
            return one
    raise BadDefinitionError("unknown_indicator", "No indicator has this id.", name)


def read(text: str) -> tuple[Definition, ...]:
    """Definitions from TOML, checked.

    Raises:
        BadDefinitionError: something is missing, unknown, of the wrong type, or there twice, or a tie leads nowhere.
    """
    try:
        entries = tomllib.loads(text).get("indicator", [])
    except tomllib.TOMLDecodeError as error:
        raise BadDefinitionError("not_toml", f"The definitions are not TOML: {error}") from error
    found = tuple(sorted((_definition(one) for one in entries), key=lambda one: one.number))
    for names in ([one.id for one in found], [str(one.number) for one in found]):
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise BadDefinitionError("defined_twice", "An id or number occurs twice.", ", ".join(sorted(twice)))
    _require_ends(found)
    return found


def _require_ends(found: Sequence[Definition]) -> None:
    """A tie to an indicator with ties would make what is hidden depend on the order in which they are looked at."""
    ends = {one.id for one in found if not one.tied}
    for one in found:
        astray = {tie.to for tie in one.tied} - ends
        if astray:
            names = ", ".join(sorted(astray))
            raise BadDefinitionError("bad_field", f"tied leads to no indicator without ties: {names}.", one.id)


def _definition(entry: dict[str, Any]) -> Definition:
    where = str(entry.get("id", "?"))
    kinds = {one.name: one.type for one in fields(Definition)}
    if set(entry) != set(kinds):
        odd = ", ".join(sorted(set(entry) ^ set(kinds)))
        raise BadDefinitionError("fields_differ", f"Fields are missing or unknown: {odd}.", where)
    for name, value in entry.items():
        if name in _READ:
            continue
        if type(value) is not kinds[name] or value in ("", 0):
            raise BadDefinitionError("bad_field", f"{name} is empty or of the wrong type.", where)
        _require_listed(name, value, where)
    return Definition(**{**entry, **{name: reader(entry[name], where) for name, reader in _READ.items()}})


def _strata(value: Any, where: str) -> tuple[str, ...]:  # noqa: ANN401 - whatever stands in the file
    if not isinstance(value, list) or len(set(map(str, value))) != len(value):
        raise BadDefinitionError("bad_field", "strata is a list without repetitions.", where)
    for one in value:
        _require_listed("strata", one, where)
    return tuple(value)


def _tied(value: Any, where: str) -> tuple[Tie, ...]:  # noqa: ANN401 - whatever stands in the file
    if not isinstance(value, list) or not all(_is_tie(one) for one in value):
        raise BadDefinitionError("bad_field", "tied is a list of part, number, to and parts.", where)
    return tuple(Tie(**{**one, "parts": tuple(one["parts"])}) for one in value)


def _is_tie(one: Any) -> bool:  # noqa: ANN401 - whatever stands in the file
    if not isinstance(one, dict) or set(one) != {field.name for field in fields(Tie)}:
        return False
    parts = one["parts"]
    if not isinstance(parts, list) or not parts or one["number"] not in ("numerator", "denominator"):
        return False
    return all(isinstance(text, str) for text in (one["part"], one["to"], *parts))


_READ: dict[str, Callable[[Any, str], tuple[Any, ...]]] = {"strata": _strata, "tied": _tied}


def _require_listed(name: str, value: object, where: str) -> None:
    if name in _LISTS and str(value) not in _LISTS[name]:
        raise BadDefinitionError("bad_field", f"{name} has no value {value}.", where)
