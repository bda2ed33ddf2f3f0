"""What is known of one case at one provider by the freeze instant: ``CaseFact``.

A case is in a provider's hands during its *spells*: from filing or receiving to an outcome or to handing over.
Days are counted from day to day (UTC), less the days during which the clock stood for a coded reason, so that
an end on the day of the filing is day 0. ``metrics.folding`` makes facts; ``metrics.pairing`` joins those of one
case at several providers into one.
"""

from dataclasses import dataclass

from metrics.defects import Defect
from metrics.events import Slot, day
from metrics.money import Money

__all__ = [
    "HANDED_OVER",
    "OUTCOMES",
    "PERFORMED",
    "Appointment",
    "Attributes",
    "AwardFact",
    "CaseFact",
    "CourtStep",
    "Deadline",
    "Money",
    "Outcome",
    "Performance",
    "Record",
    "Spell",
    "StageSpell",
    "Stop",
    "Transfer",
]

OUTCOMES = ("settled", "award", "default_award", "discontinued", "refused", "unknown")
"""How a case can end; a case handed over has not ended."""
HANDED_OVER = "transfer_out"
"""How a spell ends that ends in handing the case over."""

PERFORMED = ("full", "part", "none", "enforced", "stayed", "unknown")
"""What became of an obligation; ``stayed``: a court stopped it, ``unknown``: nobody has reported."""


@dataclass(frozen=True, slots=True)
class Spell:
    """The case in the provider's hands; ``ended_by`` is an outcome, ``transfer_out`` or None while it is open."""

    opened: int
    opened_by: str
    ended: int | None = None
    ended_by: str | None = None

    def holds(self, instant: int) -> bool:
        """Whether the provider had the case then; the instant of the end belongs to it."""
        return self.opened <= instant and (self.ended is None or instant <= self.ended)


@dataclass(frozen=True, slots=True)
class StageSpell:
    """The case in one stage; it left when the stage or the spell ended."""

    stage: str
    entered: int
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How and when the case ended: the first final outcome, whatever follows.

    Attributes:
        kind: one of ``OUTCOMES``.
        stage: of a settlement, the stage in which it was reached.
        code: of an award, the outcome code.
        reason: of a refusal or discontinuation, its code.
    """

    kind: str
    at: int
    stage: str | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One provider's record of a transfer; ``direction`` is ``out`` or ``in``."""

    direction: str
    transfer_id: str
    at: int
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline and what became of it.

    Attributes:
        judged_due: the date that counts; only an extension that the parties agreed to moves it.
        due: the date after every extension.
        extension: none, agreed (by the parties) or other.
        result: met, missed, lapsed (the provider did not have the case when it fell due), or open.
    """

    kind: str
    judged_due: int
    due: int
    extension: str = "none"
    result: str = "open"


@dataclass(frozen=True, slots=True)
class Stop:
    """The clock stood, for a coded reason, until ``ended`` (None: it still stands)."""

    reason: str
    began: int
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A neutral in office, until challenged away, replaced, or the case left the provider.

    Attributes:
        neutral: actor id, where it was told.
        panel: how many neutrals decide the case, where it was told.
        ended_by: ``replaced``, how the spell ended, or None while in office.
        challenged: when a party first challenged the neutral.
    """

    neutral: str | None
    panel: int | None
    at: int
    ended_by: str | None = None
    ended: int | None = None
    challenged: int | None = None


@dataclass(frozen=True, slots=True)
class AwardFact:
    """The award of a case; the one that is its outcome.

    Attributes:
        digest: of the award statement, if it was told; ``metrics.crosschecks`` holds it against the register.
        notified_at: when the parties were told.
        obligation: whether it obliges anyone to perform; None if nobody said.
        due: when it is to be performed.
    """

    digest: str | None
    at: int
    notified_at: int | None = None
    code: str | None = None
    default: bool = False
    obligation: bool | None = None
    due: int | None = None


@dataclass(frozen=True, slots=True)
class Performance:
    """What became of the obligation of an award or settlement (``of``); ``result`` is one of ``PERFORMED``.

    Attributes:
        due: when it was to be performed, if it was told.
        at: when what was reported happened; None while unknown.
    """

    of: str
    due: int | None
    result: str = "unknown"
    at: int | None = None


@dataclass(frozen=True, slots=True)
class CourtStep:
    """A step at a court about the award: ``challenge`` or ``decision``, with what was decided."""

    kind: str
    decision: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Attributes:
    """What kind of case it is; of each field the value stated last. Strata of comparisons are made of these."""

    procedure: str | None = None
    cross_border: bool | None = None
    respondent_type: str | None = None
    represented: bool | None = None
    economies: tuple[str, str] | None = None
    hs2: str | None = None
    amount_band: str | None = None
    language: str | None = None
    dispute_type: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One provider's record of a case that moved: the provider, and the case's pseudonym there.

    Attributes:
        lost: when this provider, the last that had the open case, handed it over to one that has no record of it.
    """

    provider: str
    case: str
    lost: int | None = None


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One case at one provider, as far as the events recorded by the freeze tell.

    Attributes:
        filed: when the complete file was accepted here; None for a case received by transfer.
        spells: in order, disjoint; empty while no opening is known.
        stops: in order, disjoint, each inside a spell.
        events: how many events count; ``amendments`` how many of the reported ones amend another.
        responded_at: when the respondent first answered; ``silent_at`` when it was said that there is no answer.
        response_due: when the answer falls due, if it was told; moved by agreement only.
        submissions_closed: when submissions were first closed.
        fee: what the claimant pays; ``fee_final`` whether that is final or quoted.
        declared_languages: languages that both parties declared.
        respondent: pseudonym of the respondent at this provider.
        award_digests: of every award that was reported, also where the event had to be set aside.
        lateness: seconds from happening to recording of each event reported for the first time, by its number.
        records: of a case joined from several providers' facts, what it is called at each, that of its origin first.
    """

    provider: str
    case: str
    filed: int | None = None
    commenced: int | None = None
    closed_at: int | None = None
    deleted_at: int | None = None
    outcome: Outcome | None = None
    spells: tuple[Spell, ...] = ()
    stages: tuple[StageSpell, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    stops: tuple[Stop, ...] = ()
    attributes: Attributes = Attributes()
    events: int = 0
    amendments: int = 0
    defects: tuple[Defect, ...] = ()
    responded_at: int | None = None
    silent_at: int | None = None
    response_due: int | None = None
    appointments: tuple[Appointment, ...] = ()
    submissions_closed: int | None = None
    award: AwardFact | None = None
    award_digests: tuple[str, ...] = ()
    published_at: int | None = None
    performance: Performance | None = None
    court: tuple[CourtStep, ...] = ()
    fee: Money | None = None
    fee_final: bool = False
    claim: Money | None = None
    declared_languages: tuple[str, ...] = ()
    respondent: str | None = None
    slots: tuple[Slot, ...] = ()
    lateness: tuple[int, ...] = ()
    records: tuple[Record, ...] = ()

    def days(self, start: int, end: int) -> int:
        """Whole days from one instant to a later one, less the days during which the clock stood."""
        stood = 0
        for stop in self.stops:
            began, ended = max(stop.began, start), min(end if stop.ended is None else stop.ended, end)
            if ended > began:
                stood += day(ended) - day(began)
        return day(end) - day(start) - stood
