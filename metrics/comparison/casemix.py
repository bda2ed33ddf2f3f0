"""From cases to what enters a comparison: each provider's rate beside what its own mix of cases leads to expect.

A ``Case`` says of whom it is, what kind of case, and whether it counts. Whoever makes them decides which cases belong
to the indicator; the cohort must be mature. The procedure is always the first stratum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metrics.comparison.observed import Expected, MatureCohort, Observed, Rate
from metrics.comparison.standardise import standardise, strata
from metrics.errors import BadComparisonError

__all__ = ["Case", "Question", "observe"]


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the cohort; ``kind`` has a value for each stratum of the question, after the procedure."""

    subject: str
    procedure: str
    kind: tuple[str, ...]
    counts: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared: the indicator, of which cohort, with what held equal besides the procedure."""

    indicator: str
    cohort: MatureCohort
    strata: tuple[str, ...]
    minimum: int = 30


def observe(question: Question, cases: Iterable[Case], quality: Mapping[str, float]) -> tuple[Observed, ...]:
    """One observation for each provider, by name; one whose cases all have nothing to be compared with is left out.

    Args:
        question: what is asked.
        cases: all of the cohort, of every provider.
        quality: score of each provider's reports, from 0 to 1; who has none has 0.

    Raises:
        BadComparisonError: a case is not described by the strata of the question.
    """
    known = tuple(cases)
    if any(len(one.kind) != len(question.strata) for one in known):
        raise BadComparisonError("bad_strata", "Each case has a value for each stratum.", question.indicator)
    if not known:
        return ()
    subjects = sorted({one.subject for one in known})
    place = {name: number for number, name in enumerate(subjects)}
    provider = [place[one.subject] for one in known]
    columns = [[one.procedure for one in known], *zip(*(one.kind for one in known), strict=True)]
    rows = standardise(subjects, strata(columns, provider), [int(one.counts) for one in known], provider)
    return tuple(
        Observed(
            indicator=question.indicator,
            subject=row.subject,
            cohort=question.cohort,
            rate=Rate(row.numerator, row.n),
            basis=Expected(row.expected, ("procedure", *question.strata), row.alone),
            quality=quality.get(row.subject, 0.0),
            minimum=question.minimum,
        )
        for row in rows
        if row.n
    )
