"""Draws as columns, without their events: what the facts of a provider would be that reports everything in time.

A test holds that every comparison says the same of them as of the facts that are folded from the events; so a bench may
leave out the events of honest providers, which take most of its time. Columns that no comparison reads are absent.
"""

from typing import Any

import numpy as np

from metrics.columns import Columns
from metrics.details import Appointments, Deadlines, Spells, Stages
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from metrics.filling import COLUMNS, Stored, read
from metrics.money import Money
from metrics.names import ABSENT, Names
from metrics.simulation.draws import OUTCOMES, PROCEDURES, Draws
from metrics.simulation.stories import ALIKE, ANSWER, APPOINTED, CODES, DUE, FEES, MEDIATION, SUBMITTED
from metrics.survival import Integers

__all__ = ["columns_of"]

_HOUR = 8 * 3600
_ENDS = {"settled": "settled", "discontinued": "discontinued"}
_BANDS = 5


def columns_of(provider: str, period: Period, draws: Draws, names: Names) -> Columns:
    """The facts of one quarter of a provider; new ``names`` are entered."""
    n = len(draws.filed)
    told: dict[str, Any] = {name: np.full(n, ABSENT, dtype=np.int64) for name in COLUMNS}
    opened = period.start + draws.filed * DAY_SECONDS
    ended = _on(opened, draws.length)
    told |= {"provider": _all(n, names.add(provider)), "case": np.arange(n)}
    told |= dict.fromkeys(("filed", "commenced", "opened"), opened + _HOUR)
    told |= {"ended": ended, "closed_at": ended, "outcome_at": ended, **_kinds(draws, names), **_ends(draws, names)}
    told |= {
        "response_due": opened + (ANSWER + 1) * DAY_SECONDS - 1,
        "responded_at": np.where(draws.answered, _on(opened, 5), ABSENT),
        "silent_at": np.where(draws.answered, ABSENT, _on(opened, 7)),
    }
    awarded = np.isin(draws.outcome, [OUTCOMES.index(name) for name in CODES])
    told["award_at"] = np.where(awarded, ended, ABSENT)
    closed = draws.length - np.asarray(SUBMITTED)[draws.awarded.astype(np.int64)]
    told["submissions_closed"] = np.where(awarded, _on(opened, closed), ABSENT)
    return Columns(names=names, **read(Stored.of([]), names) | told | _tables(draws, opened, names))


def _kinds(draws: Draws, names: Names) -> dict[str, Integers]:
    n, band = len(draws.filed), np.array([names.add(f"b{place + 1}") for place in range(_BANDS)])
    fees = np.array([_hundredths(one) for one in FEES])
    return {
        "procedure": np.array([names.add(one) for one in PROCEDURES])[draws.procedure],
        "amount_band": band[draws.band],
        "fee": fees[draws.costly.astype(np.int64)],
        "claim": _all(n, _hundredths(ALIKE["claim"])),
        **dict.fromkeys(("fee_currency", "claim_currency"), _all(n, names.add(ALIKE["claim"].currency))),
        **{name: _all(n, int(ALIKE[name])) for name in ("cross_border", "represented")},
        **{name: _all(n, names.add(ALIKE[name])) for name in ("respondent_type", "dispute_type")},
    }


def _ends(draws: Draws, names: Names) -> dict[str, Integers]:
    """How each case ends; an award by default where the respondent did not answer."""
    kinds = np.array([names.add(_ENDS.get(name, "award")) for name in OUTCOMES])[draws.outcome]
    default = (kinds == names.add("award")) & ~draws.answered
    outcome = np.where(default, names.add("default_award"), kinds)
    settled = draws.outcome == OUTCOMES.index("settled")
    stage = np.where(settled, names.add("mediation"), ABSENT)
    return {"outcome": outcome, "ended_by": outcome, "outcome_stage": stage}


def _tables(draws: Draws, opened: Integers, names: Names) -> dict[str, Any]:
    n = len(opened)
    row, ended, none = np.arange(n), _on(opened, draws.length), _all(n, ABSENT)
    mediation, due = _all(n, names.add("mediation")), opened + (DUE + 1) * DAY_SECONDS - 1
    appointed = _on(opened, np.asarray(APPOINTED)[draws.appointed.astype(np.int64)])
    result = np.where(draws.kept, names.add("met"), names.add("missed"))
    outcome = _ends(draws, names)["ended_by"]
    return {
        "spells": Spells(row, opened + _HOUR, _all(n, names.add("filed")), ended, outcome),
        "stages": Stages(row, mediation, _on(opened, MEDIATION), ended),
        "deadlines": Deadlines(row, mediation, due, due, _all(n, names.add("none")), result),
        "appointments": Appointments(row, none, none, appointed, none, none, none),
    }


def _on(opened: Integers, day: Any) -> Integers:  # noqa: ANN401 - a day, or one of each case
    """The morning of a day counted from the filing."""
    return np.asarray(opened + np.asarray(day) * DAY_SECONDS + _HOUR, dtype=np.int64)


def _all(n: int, value: int) -> Integers:
    return np.full(n, value, dtype=np.int64)


def _hundredths(money: Money) -> int:
    return int(money.amount * 100)
