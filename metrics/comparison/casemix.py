"""From cases to what enters a comparison: each provider's rate beside what its own mix of cases leads to expect.

``Cases`` are columns: of each case whose it is, its procedure, what else is held equal, and whether it counts. Whoever
makes them decides which cases belong to the indicator; the cohort must be mature. The procedure is always the first
stratum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.comparison.observed import Apart, Expected, MatureCohort, Observed, Rate
from metrics.comparison.standardise import Standardised, coarser, standardise, strata
from metrics.errors import BadComparisonError
from metrics.survival import Integers

__all__ = ["Cases", "Question", "observe"]


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of one cohort as columns of one length.

    Attributes:
        subjects: names of providers; ``provider`` holds places in it.
        procedure, kind: any values that numpy can tell apart; ``kind`` has a column for each further stratum.
        counts: whether the case counts for the indicator.
        at: when it was filed, entered, made or fell due, in POSIX seconds.
        unknown: of each subject, how many cases more there are of which that is not known.
    """

    subjects: tuple[str, ...]
    provider: Integers
    procedure: NDArray[Any]
    kind: tuple[NDArray[Any], ...]
    counts: NDArray[np.bool_]
    at: Integers
    unknown: Integers


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared: the indicator, of which cohort, with what held equal besides the procedure.

    ``held`` says how many columns, the procedure and then the strata, are held equal even where nobody else has such
    cases; the others give way. ``reach`` is the share of a provider's cases of which the result must be known.
    """

    indicator: str
    cohort: MatureCohort
    strata: tuple[str, ...]
    minimum: int = 30
    reach: float = 0.0
    held: int = 1


def observe(
    question: Question, cases: Cases, quality: Mapping[str, float]
) -> tuple[tuple[Observed, ...], tuple[Apart, ...]]:
    """One observation for each provider, by name; and who has cases, but none that can be compared.

    Args:
        question: what is asked.
        cases: all of the cohort, of every provider.
        quality: score of each provider's reports, from 0 to 1; who has none has 0.

    Raises:
        BadComparisonError: cases are not described by the strata of the question.
    """
    if len(cases.kind) != len(question.strata):
        raise BadComparisonError("bad_strata", "Each case has a value for each stratum.", question.indicator)
    unknown = dict(zip(cases.subjects, cases.unknown.tolist(), strict=True))
    found = {row.subject: row for row in _standardised(question, cases)}
    rows = tuple(
        Observed(
            indicator=question.indicator,
            subject=row.subject,
            cohort=question.cohort,
            rate=Rate(row.numerator, row.n),
            basis=Expected(row.expected, ("procedure", *question.strata), row.alone),
            quality=quality.get(row.subject, 0.0),
            minimum=question.minimum,
            unknown=unknown[row.subject],
            reach=question.reach,
        )
        for row in found.values()
        if row.n
    )
    alone = {name: found[name].alone if name in found else 0 for name in sorted(unknown)}
    seen = {row.subject for row in rows}
    return rows, tuple(Apart(name, alone[name], unknown[name]) for name in alone if name not in seen)


def _standardised(question: Question, cases: Cases) -> tuple[Standardised, ...]:
    if cases.provider.size == 0:
        return ()
    kinds = [cases.procedure, *cases.kind]
    cells = strata(kinds, cases.provider, question.held)
    return standardise(cases.subjects, cells, cases.counts, cases.provider, coarser(kinds, question.held))
