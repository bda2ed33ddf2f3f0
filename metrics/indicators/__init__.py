"""The function of each indicator: a task in, its figures out. ``COMPUTE`` is the whole list.

What each one computes is said in ``metrics/indicators.toml``, not here; comments say how the rules for showing a
value are carried out. The rules themselves are in ``metrics.tasks``.
"""

from collections.abc import Callable
from types import MappingProxyType

from metrics.figures import Figure
from metrics.indicators import (
    awards,
    costs,
    durations,
    exchange,
    load,
    neutrals,
    outcomes,
    participation,
    reporting,
    respondents,
    satisfaction,
)
from metrics.tasks import Task

__all__ = ["COMPUTE"]

_FUNCTIONS: tuple[Callable[[Task], list[Figure]], ...] = (
    load.incoming,
    load.resolved,
    load.pending,
    load.clearance_rate,
    load.disposition_time,
    load.case_turnover,
    durations.time_to_resolution,
    durations.restricted_mean_time,
    durations.resolved_in_time,
    outcomes.outcome_by_time,
    outcomes.settlement_by_stage,
    outcomes.stage_conversion,
    participation.respondent_participation,
    outcomes.default_share,
    outcomes.refusal_rate,
    outcomes.discontinuation,
    participation.deadline_compliance,
    durations.age_of_pending,
    durations.time_to_appointment,
    durations.time_to_award,
    awards.award_compliance,
    awards.settlement_compliance,
    awards.challenge_rate,
    awards.set_aside_rate,
    satisfaction.satisfaction,
    satisfaction.fairness_to_losing_side,
    neutrals.language_coverage,
    neutrals.appointments,
    respondents.repeat_respondents,
    costs.fee_burden,
    reporting.reporting_quality,
    exchange.offer_acceptance,
    exchange.offer_to_completion,
    exchange.transfer_defects,
    exchange.deletion_on_time,
)
COMPUTE: MappingProxyType[str, Callable[[Task], list[Figure]]] = MappingProxyType(
    {one.__name__: one for one in _FUNCTIONS}
)
"""The function of each indicator, by its id, which is its name; a test holds it against the definitions."""
