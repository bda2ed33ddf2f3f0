"""Which indicators are compared, and which cases count for each: from columns to what enters a comparison.

What each compares, and why the others are not compared, is said by its definition (``indicators.toml``: ``comparison``
and ``compared``); a test holds the two together. All look at one quarter: at what was filed, entered, made or fell due
in it, followed for 90 days at most, so that everything is followed for equally long.

Held equal besides the procedure is first what the definition names as strata, and then whatever else is known of cases,
as far as that leaves others to compare with; or what ``Comparable.strata`` says instead. The procedure never gives way,
nor what ``Comparable.held`` names: a stage is not like another one, however few conduct it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metrics.columns import Columns
from metrics.comparison import ofanswers, ofawards, ofcases, ofstages, oftransfers
from metrics.comparison.casemix import Cases, Question
from metrics.comparison.counted import FOLLOWED_DAYS, Counted
from metrics.comparison.judgements import Side
from metrics.comparison.observed import MatureCohort
from metrics.context import Context
from metrics.definitions import definition
from metrics.indicators.awards import KNOWN
from metrics.indicators.satisfaction import RATE
from metrics.pairing import FEDERATION
from metrics.tasks import Books, Request, Task

__all__ = ["ALIKE", "COMPARED", "CONFIDENTIAL", "FOLLOWED_DAYS", "Comparable", "books_of", "cases_of", "question_of"]


@dataclass(frozen=True, slots=True)
class Comparable:
    """An indicator that is compared.

    Attributes:
        counts: what a row is: cases, deadlines, awards ...
        strata: what is held equal besides the procedure, where that is not what the definition names and ``ALIKE``.
        held: strata before all these, which are held equal even where nobody else has such cases.
        reach: the share of which it must be known whether it counts.
        in_time: whether those count that did not wait long, where the definition measures how long the wait is.
        follow_days: after how many days it is known of each whether it counts; 0 where it is on the day itself.
        confidential: whether a provider must not be told its own numbers, because they would tell single answers.
    """

    indicator: str
    counts: str
    count: Callable[[Task], Counted]
    strata: tuple[str, ...] | None = None
    held: tuple[str, ...] = ()
    reach: float = 0.0
    in_time: bool = False
    follow_days: int = FOLLOWED_DAYS
    confidential: bool = False

    @property
    def worse(self) -> Side | None:
        """The side of what was expected that is worse by the definition; None where it says of neither."""
        sides: dict[str, Side] = {"high": "below", "low": "below" if self.in_time else "above"}
        return sides.get(definition(self.indicator).direction)


def question_of(one: Comparable, cohort: MatureCohort) -> Question:
    """What is asked, with the strata and the minimum of the indicator's definition."""
    defined = definition(one.indicator)
    named = dict.fromkeys([*one.held, *([*defined.strata, *ALIKE] if one.strata is None else one.strata)])
    strata = tuple(name for name in named if name != "procedure")
    return Question(one.indicator, cohort, strata, max(defined.minimum, 30), one.reach, 1 + len(one.held))


def books_of(columns: Columns, cohort: MatureCohort, context: Context) -> Books:
    """The facts of all providers for the comparisons of one quarter."""
    return Books(FEDERATION, columns, Request(cohort.period, cohort.freeze, minimum=1, context=context))


def cases_of(one: Comparable, books: Books, question: Question) -> Cases:
    """What every provider has that belongs to the indicator.

    Args:
        one: the indicator.
        books: of all providers (``books_of``), of the question's cohort.
        question: of this indicator (``question_of``).
    """
    counted = one.count(Task(definition(one.indicator), books))
    codes, provider = np.unique(counted.provider, return_inverse=True)
    names = tuple(books.columns.names[int(code)] for code in codes)
    known = counted.known
    return Cases(
        names,
        provider[known].astype(np.int64),
        counted.kinds["procedure"][known],
        tuple(counted.kinds[name][known] for name in question.strata),
        counted.counts[known],
        counted.at[known],
        np.bincount(provider[~known], minlength=len(names)),
    )


ALIKE = ("dispute_type", "amount_band", "procedure", "cross_border", "represented", "respondent_type")
"""What is known of every case; the most important first."""
COMPARED = (
    Comparable("award_compliance", "awards", ofawards.awards_performed, reach=KNOWN),
    Comparable("deadline_compliance", "deadlines", ofcases.deadlines_kept),
    Comparable("default_share", "awards", ofawards.by_default, follow_days=0),
    Comparable("discontinuation", "cases", ofcases.discontinued, reach=KNOWN),
    Comparable("fairness_to_losing_side", "answers", ofanswers.fair, reach=RATE, confidential=True),
    Comparable("fee_burden", "cases", ofcases.fees_above_tenth),
    Comparable("outcome_by_time", "cases", ofcases.settled, reach=KNOWN),
    Comparable("refusal_rate", "cases", ofcases.refused),
    Comparable("resolved_in_time", "cases", ofcases.resolved, reach=KNOWN),
    Comparable("respondent_participation", "cases", ofcases.participated, reach=KNOWN),
    Comparable("satisfaction", "answers", ofanswers.satisfied, reach=RATE, confidential=True),
    Comparable("settlement_by_stage", "stages", ofstages.settled_in_stage, ALIKE, ("stage",), KNOWN),
    Comparable("settlement_compliance", "settlements", ofawards.settlements_performed, reach=KNOWN),
    Comparable("stage_conversion", "stages", ofstages.went_on, ALIKE, ("stage",), KNOWN),
    Comparable(
        "time_to_appointment",
        "cases",
        ofstages.appointed_in_time,
        ALIKE,
        reach=KNOWN,
        in_time=True,
        follow_days=ofstages.APPOINTED_DAYS,
    ),
    Comparable(
        "time_to_award",
        "cases",
        ofstages.awarded_in_time,
        reach=KNOWN,
        in_time=True,
        follow_days=ofstages.AWARDED_DAYS,
    ),
    Comparable("transfer_defects", "packages", oftransfers.packages_damaged, (), follow_days=0),
)
"""Every indicator that is compared, by name."""
CONFIDENTIAL = frozenset(one.indicator for one in COMPARED if one.confidential)
"""Indicators of which a provider is told none of its own numbers: those that rest on answers, as a test holds."""
