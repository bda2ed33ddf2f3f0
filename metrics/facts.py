"""What is known of one case at one provider by the freeze instant: ``CaseFact``.

A case is in a provider's hands during its *spells*: from filing or receiving to an outcome or to handing over.
Days are counted from day to day (UTC), less the days during which the clock stood for a coded reason, so that
an end on the day of the filing is day 0. ``metrics.folding`` makes facts; ``metrics.pairing`` joins those of one
case at several providers into one.
"""

from dataclasses import dataclass

from metrics.defects import Defect
from metrics.events import day

__all__ = [
    "HANDED_OVER",
    "OUTCOMES",
    "Attributes",
    "CaseFact",
    "Deadline",
    "Outcome",
    "Spell",
    "StageSpell",
    "Stop",
    "Transfer",
]

OUTCOMES = ("settled", "award", "default_award", "discontinued", "refused", "unknown")
"""How a case can end; a case handed over has not ended."""
HANDED_OVER = "transfer_out"
"""How a spell ends that ends in handing the case over."""


@dataclass(frozen=True, slots=True)
class Spell:
    """The case in the provider's hands; ``ended_by`` is an outcome, ``transfer_out`` or None while it is open."""

    opened: int
    opened_by: str
    ended: int | None = None
    ended_by: str | None = None


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
        result: met, missed, lapsed (the case ended before it fell due), or open.
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
class CaseFact:
    """One case at one provider, as far as the events recorded by the freeze tell.

    Attributes:
        filed: when the complete file was accepted here; None for a case received by transfer.
        spells: in order, disjoint; empty while no opening is known.
        stops: in order, disjoint, each inside a spell.
        events: how many events count; ``amendments`` how many of the reported ones amend another.
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

    def days(self, start: int, end: int) -> int:
        """Whole days from one instant to a later one, less the days during which the clock stood."""
        stood = 0
        for stop in self.stops:
            began, ended = max(stop.began, start), min(end if stop.ended is None else stop.ended, end)
            if ended > began:
                stood += day(ended) - day(began)
        return day(end) - day(start) - stood
