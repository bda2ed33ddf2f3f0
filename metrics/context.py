"""What indicators need besides facts of cases: ``Context``, empty where nobody gave it.

Facts come from events that providers report; these come from the parties' answers, from the register of neutrals, and
from what the hub saw itself when a case was handed over. A value of this module is what its source says: nothing is
checked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["DEFECTS_OF_TRANSFERS", "Answer", "Context", "ExchangeRecord", "NeutralFact", "StoredPackage"]

DEFECTS_OF_TRANSFERS = ("package", "consent")
"""What can be wrong with a case that is handed over, as far as the receiving side says."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One party's answer to the questionnaire.

    Attributes:
        role: claimant or respondent.
        outcome_side: won, lost, settled or other, as the party says.
        scores: question to points from 1 to 5.
        submitted_day: counted from 1970-01-01.
        source: ``party``, answered at the hub; or ``relayed`` by the provider, and then in no figure.
    """

    provider: str
    case: str
    role: str
    outcome_side: str
    scores: Mapping[str, int]
    submitted_day: int
    source: str = "party"


@dataclass(frozen=True, slots=True)
class NeutralFact:
    """A neutral of the register who takes cases: languages, fields of practice, and who nominated the neutral."""

    languages: frozenset[str]
    fields: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """A transfer as the log tells it; times are of log entries (POSIX seconds).

    Attributes:
        answer: accepted, declined, expired or withdrawn: how the offer ended; None while it is open.
        end: completed, declined, withdrawn, expired or failed; None while the transfer is open.
        defect: of a declined or failed one, ``package`` or ``consent`` if that was why.
    """

    transfer: str
    sender: str
    recipient: str
    offered: int
    answer: str | None = None
    answered: int | None = None
    end: str | None = None
    ended: int | None = None
    defect: str | None = None


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """An encrypted package at the hub.

    Attributes:
        due: when it must be deleted (POSIX seconds).
        deleted: when it was; None while it is there.
        held: whether a legal hold keeps it.
    """

    sender: str
    due: int
    deleted: int | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Everything besides the facts.

    Attributes:
        neutrals: by their id.
    """

    answers: tuple[Answer, ...] = ()
    neutrals: Mapping[str, NeutralFact] = field(default_factory=lambda: MappingProxyType({}))
    exchange: tuple[ExchangeRecord, ...] = ()
    packages: tuple[StoredPackage, ...] = ()
