"""What indicators need besides facts of cases: ``Context``, empty where nobody gave it.

Facts come from events that providers report; these come from the parties' answers, from the register of neutrals, and
from what the hub saw itself when a case was handed over. A value of this module is what its source says: nothing is
checked here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from metrics.crosschecks import Discrepancy
from metrics.pairing import FEDERATION
from metrics.rates import Rates

__all__ = [
    "DEFECTS_OF_TRANSFERS",
    "Answer",
    "Context",
    "ExchangeRecord",
    "NeutralFact",
    "StoredPackage",
    "base_language",
]

DEFECTS_OF_TRANSFERS = ("package", "consent")
"""What can be wrong with a case that is handed over, as far as the receiving side says."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One party's answer to the questionnaire.

    Attributes:
        role: claimant or respondent.
        outcome_side: won, lost, partly, settled or undecided, as the party says; not used where an award says it.
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


def base_language(tag: str) -> str:
    """The language of a tag without script and region: who speaks zh-Hans understands zh."""
    return tag.partition("-")[0].lower()


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


@dataclass(frozen=True)
class Context:
    """Everything besides the facts; what concerns one subject is grouped once, for all subjects.

    Attributes:
        neutrals: by their id.
        discrepancies: at the freeze, of every provider.
        rates: between currencies; None where nobody gave any.
    """

    answers: tuple[Answer, ...] = ()
    neutrals: Mapping[str, NeutralFact] = field(default_factory=lambda: MappingProxyType({}))
    exchange: tuple[ExchangeRecord, ...] = ()
    packages: tuple[StoredPackage, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()
    rates: Rates | None = None

    def answers_of(self, subject: str) -> tuple[Answer, ...]:
        """Answers about cases of a provider, or all for the federation."""
        return self.answers if subject == FEDERATION else self._answers.get(subject, ())

    def offered_to(self, subject: str) -> tuple[ExchangeRecord, ...]:
        """Transfers in which a provider was asked to take a case, or all."""
        return self.exchange if subject == FEDERATION else self._offered.get(subject, ())

    def sent_by(self, subject: str) -> tuple[ExchangeRecord, ...]:
        """Transfers in which a provider handed a case over, or wanted to; or all."""
        return self.exchange if subject == FEDERATION else self._sent.get(subject, ())

    def packages_of(self, subject: str) -> tuple[StoredPackage, ...]:
        """Packages that a provider sent, or all."""
        return self.packages if subject == FEDERATION else self._packages.get(subject, ())

    def neutrals_of(self, subject: str) -> tuple[NeutralFact, ...]:
        """Neutrals whom a provider nominated, or all."""
        everybody = self.neutrals.values()
        return tuple(one for one in everybody if subject == FEDERATION or subject in one.providers)

    @cached_property
    def _answers(self) -> dict[str, tuple[Answer, ...]]:
        return _grouped(self.answers, lambda one: one.provider)

    @cached_property
    def _offered(self) -> dict[str, tuple[ExchangeRecord, ...]]:
        return _grouped(self.exchange, lambda one: one.recipient)

    @cached_property
    def _sent(self) -> dict[str, tuple[ExchangeRecord, ...]]:
        return _grouped(self.exchange, lambda one: one.sender)

    @cached_property
    def _packages(self) -> dict[str, tuple[StoredPackage, ...]]:
        return _grouped(self.packages, lambda one: one.sender)


_One = TypeVar("_One")


def _grouped(found: Iterable[_One], key: Callable[[_One], str]) -> dict[str, tuple[_One, ...]]:
    groups: dict[str, list[_One]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return {name: tuple(members) for name, members in groups.items()}
