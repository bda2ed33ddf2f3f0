"""Cases that count for the simulated indicators, as columns: out of facts, or straight out of draws.

Both must say the same of a provider that reports everything in time (a test holds it), so a bench may count honest
providers by their draws and fold only the events of those that report badly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.comparison.casemix import Cases
from metrics.facts import CaseFact
from metrics.simulation.draws import PROCEDURES, Draws
from metrics.simulation.federation import FOLLOWED_DAYS
from metrics.simulation.roster import INDICATORS
from metrics.survival import Integers

__all__ = ["Counted", "by_draws", "by_facts", "joined"]


@dataclass(frozen=True, slots=True)
class Counted:
    """One provider's cases: procedure, claim band, and of each indicator which cases belong to it and which count."""

    provider: int
    procedure: Integers
    band: Integers
    belongs: Mapping[str, NDArray[np.bool_]]
    counts: Mapping[str, NDArray[np.bool_]]


def by_draws(provider: int, draws: Draws) -> Counted:
    """As they really go."""
    every = np.ones(len(draws.filed), dtype=bool)
    marks = (draws.kept, draws.length <= FOLLOWED_DAYS, draws.answered)
    return Counted(
        provider,
        draws.procedure,
        draws.band,
        dict.fromkeys(INDICATORS, every),
        dict(zip(INDICATORS, marks, strict=True)),
    )


def by_facts(provider: int, facts: Iterable[CaseFact]) -> Counted:
    """As they are reported; cases whose filing is not known are left out."""
    filed = [one for one in facts if one.filed is not None]
    marks = [(_kept(one), _in_time(one), _answered(one)) for one in filed]
    columns = {name: [row[place] for row in marks] for place, name in enumerate(INDICATORS)}
    return Counted(
        provider,
        np.array([PROCEDURES.index(one.attributes.procedure or "") for one in filed], dtype=np.int64),
        np.array([int((one.attributes.amount_band or "b0")[1:]) - 1 for one in filed], dtype=np.int64),
        {name: np.array([one is not None for one in column], dtype=bool) for name, column in columns.items()},
        {name: np.array([one is True for one in column], dtype=bool) for name, column in columns.items()},
    )


def joined(indicator: str, subjects: Sequence[str], parts: Sequence[Counted]) -> Cases:
    """The cases of all providers that belong to the indicator."""
    belongs = [one.belongs[indicator] for one in parts]
    return Cases(
        tuple(subjects),
        np.concatenate([np.full(int(mask.sum()), one.provider) for one, mask in zip(parts, belongs, strict=True)]),
        np.concatenate([one.procedure[mask] for one, mask in zip(parts, belongs, strict=True)]),
        (np.concatenate([one.band[mask] for one, mask in zip(parts, belongs, strict=True)]),),
        np.concatenate([one.counts[indicator][mask] for one, mask in zip(parts, belongs, strict=True)]),
    )


def _kept(fact: CaseFact) -> bool | None:
    """Whether the deadline of mediation was kept; None where none was set."""
    found = [one.result for one in fact.deadlines if one.kind == "mediation"]
    return found[0] == "met" if found else None


def _in_time(fact: CaseFact) -> bool:
    """Whether the case ended within 90 days of its filing."""
    return (
        fact.filed is not None and fact.outcome is not None and fact.days(fact.filed, fact.outcome.at) <= FOLLOWED_DAYS
    )


def _answered(fact: CaseFact) -> bool | None:
    """Whether the respondent answered; None where neither is reported."""
    if fact.responded_at is None and fact.silent_at is None:
        return None
    return fact.responded_at is not None
