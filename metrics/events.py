"""What a provider reports about a case: one ``Event``, as the kind ``case-events`` carries it.

Values only; the schema has checked forms before, and ``metrics.folding`` judges whether the story makes sense.
``provider`` comes from the statement, ``recorded_at`` from its log entry. A case is known by (provider, case):
the pseudonym means nothing at another provider, so an event about another provider's case shows up as one
about an unknown case.

An event with ``amends_sequence`` corrects an earlier one of the same case (``metrics.amendments``).
"""

from dataclasses import dataclass
from typing import NamedTuple

from metrics.money import Money

__all__ = [
    "COURT_DECISIONS",
    "DAY_SECONDS",
    "PERFORMANCES",
    "STAGES",
    "STOP_REASONS",
    "TYPES",
    "Event",
    "Slot",
    "day",
]

DAY_SECONDS = 86_400

STAGES = ("negotiation", "mediation", "arbitration")
"""In the order in which a case goes through them."""

STOP_REASONS = frozenset(
    {"party_request", "complexity", "translation", "evidence", "neutral_unavailable", "technical", "transfer"}
)
"""Reasons that stop the clock; a stop for any other reason is counted as a defect and stops nothing."""

PERFORMANCES = ("full", "part", "none")
"""How far what was owed was done."""

COURT_DECISIONS = ("set_aside", "partly_set_aside", "upheld", "stayed", "withdrawn")
"""How a court dealt with a challenge of an award; ``stayed``: it stopped the award's effect for the time being."""

TYPES = frozenset(
    {
        "filed", "refused", "commenced", "response", "no_response", "stage_started", "stage_ended", "appointed",
        "challenged", "replaced", "extended", "clock_stopped", "clock_resumed", "deadline_met", "deadline_missed",
        "submissions_closed", "settled", "award_issued", "notified", "corrected", "published", "court_challenge",
        "court_decision", "discontinued", "transfer_out", "transfer_in", "complied", "not_complied", "closed",
        "deleted", "amended",
    }
)  # fmt: skip


def day(instant: int) -> int:
    """The day of an instant (UTC), counted from 1970-01-01. Durations are differences of days."""
    return instant // DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one party's answer to the questionnaire; ``token`` is the SHA-256 (hex) of what opens it."""

    role: str
    token: str


class Event(NamedTuple):
    """One reported event; times are POSIX seconds, what was not said is None.

    A named tuple, because it has many members and is made more often than anything else: a frozen dataclass of as many
    takes six times as long to make.

    Attributes:
        sequence: the provider's number of the event within its case.
        at: when it happened, as the provider says.
        recorded_at: when the log took it in; an event recorded after the freeze is not known yet.
        default: of an award, whether the respondent took no part.
        deadline: the kind of deadline the event sets, moves, or reports as met or missed.
        due: when that deadline falls due; of a settlement or award that names no deadline, when it is to be performed.
        agreed: of an extension, whether the parties agreed to it.
        neutral: actor id of the neutral who is appointed, challenged or replaced.
        panel: of an appointment, how many neutrals decide: 1 or 3.
        fee: what the claimant pays to the provider; quoted, unless ``fee_final``.
        claim: what the claimant asks for.
        declared_languages: languages that both parties declared.
        respondent: pseudonym of the respondent at this provider, the same in each of its cases.
        performance: one of ``PERFORMANCES``; ``enforced``: by enforcement, not by will.
        obligation: whether the award or settlement obliges anyone to perform.
        decision: one of ``COURT_DECISIONS``.
        slots: places for the answers of the parties, registered at commencement.
    """

    provider: str
    case: str
    sequence: int
    type: str
    at: int
    recorded_at: int
    stage: str | None = None
    reason: str | None = None
    outcome: str | None = None
    default: bool | None = None
    procedure: str | None = None
    cross_border: bool | None = None
    respondent_type: str | None = None
    represented: bool | None = None
    economies: tuple[str, str] | None = None
    hs2: str | None = None
    amount_band: str | None = None
    language: str | None = None
    dispute_type: str | None = None
    deadline: str | None = None
    due: int | None = None
    agreed: bool | None = None
    transfer_id: str | None = None
    award_digest: str | None = None
    amends_sequence: int | None = None
    neutral: str | None = None
    panel: int | None = None
    fee: Money | None = None
    fee_final: bool | None = None
    claim: Money | None = None
    declared_languages: tuple[str, ...] | None = None
    respondent: str | None = None
    performance: str | None = None
    enforced: bool | None = None
    obligation: bool | None = None
    decision: str | None = None
    slots: tuple[Slot, ...] | None = None
