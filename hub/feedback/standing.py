"""How a provider's feedback stands: counts and scores, as officers and as the provider itself may see them. Pure.

Officers see exact counts. The provider knows which case belongs to which pseudonym, and may look every day; so that it
never learns who answered, or what one party answered, it sees

* slots by the month in which they ran out, once the month is over, joined with later months until there are at least
  ``GROUP`` of them;
* of each question and role the answers that parties gave themselves, in the order of their days, in whole groups of
  ``GROUP``: two looks never differ by fewer than a group. Days that are not over don't count yet.

What this can't prevent: a provider that answers four of five slots itself learns the fifth, as
``docs/explanation/feedback.md`` says.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hub.feedback.questions import HIGHEST, LOWEST, QUESTIONS, ROLES
from hub.storage.feedback import Claimed, Slot
from hub.storage.values import Answered

__all__ = ["DAY", "GROUP", "PARTY", "RELAYED", "Mismatch", "Month", "Scores", "Standing", "standing"]

DAY = 86_400
GROUP = 5
"""A provider sees answers of at least so many parties together."""

PARTY, RELAYED = "party", "relayed"
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Month:
    """Slots that ran out in one month, or in several that are joined; answered or not.

    Attributes:
        first: the first of the joined months, as ``2026-01``.
        month: the last of them.
        relayed: only the provider relayed an answer.
        unused: nobody answered.
    """

    first: str
    month: str
    slots: int
    answered: int
    relayed: int
    unused: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Answers to one question by one role: how many of each score, from the lowest to the highest."""

    role: str
    question: str
    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many answers."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Slots of which the hub and the provider's case events disagree.

    Attributes:
        unregistered: issued, but no case event names them or one names another token.
        unknown: named by a case event, but never issued.
    """

    unregistered: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A provider's feedback.

    Attributes:
        issued: slots in all.
        open: those that can still be answered; None where that would tell who answered.
        months: slots that ran out.
        scores: of answers that parties gave themselves.
        mismatch: for officers only.
    """

    provider: str
    issued: int
    open: int | None
    months: tuple[Month, ...]
    scores: tuple[Scores, ...]
    mismatch: Mismatch | None = field(default=None)


def standing(  # noqa: PLR0913  # what is counted, and for whom
    provider: str,
    slots: Sequence[Slot],
    answers: Sequence[Answered],
    claimed: Iterable[Claimed],
    now: int,
    *,
    officer: bool,
) -> Standing:
    """Count a provider's slots and answers.

    Args:
        provider: actor id.
        slots: all of its slots.
        answers: all answers to them.
        claimed: slots that its case events name.
        now: POSIX seconds.
        officer: show everything exactly; otherwise as the provider itself may see it.
    """
    group = 1 if officer else GROUP
    days = now // DAY + (1 if officer else 0)
    given = [one for one in answers if one.source == PARTY and one.day < days]
    sources = _sources(answers)
    left = sum(1 for one in slots if one.expires > now and PARTY not in sources.get(_key(one), ()))
    return Standing(
        provider,
        len(slots),
        left if officer else None,
        tuple(_joined(_months(slots, sources, now, running=officer), group)),
        tuple(_scores(given, group)),
        _mismatch(slots, claimed) if officer else None,
    )


def _sources(answers: Iterable[Answered]) -> dict[_Key, set[str]]:
    found: dict[_Key, set[str]] = {}
    for one in answers:
        found.setdefault((one.provider, one.case, one.role), set()).add(one.source)
    return found


def _key(slot: Slot) -> _Key:
    return slot.provider, slot.case, slot.role


def _months(slots: Iterable[Slot], sources: dict[_Key, set[str]], now: int, *, running: bool) -> list[Month]:
    """Each month with the slots that ran out in it; the one that is running counts only for officers."""
    counts: dict[str, Counter[str]] = {}
    for one in slots:
        month = _month(one.expires)
        if one.expires <= now and (running or month < _month(now)):
            found = sources.get(_key(one), set())
            how = "answered" if PARTY in found else "relayed" if RELAYED in found else "unused"
            counts.setdefault(month, Counter())[how] += 1
    return [
        Month(name, name, many.total(), many["answered"], many["relayed"], many["unused"])
        for name, many in sorted(counts.items())
    ]


def _joined(months: Iterable[Month], group: int) -> Iterable[Month]:
    """Months joined forward until each has ``group`` slots; what is left of the newest waits."""
    held: Month | None = None
    for one in months:
        held = one if held is None else _sum(held, one)
        if held.slots >= group:
            yield held
            held = None


def _sum(one: Month, other: Month) -> Month:
    return Month(
        one.first,
        other.month,
        one.slots + other.slots,
        one.answered + other.answered,
        one.relayed + other.relayed,
        one.unused + other.unused,
    )


def _scores(given: Sequence[Answered], group: int) -> Iterable[Scores]:
    """Of each role and question the answers in whole groups, in an order that a later answer can't change."""
    ordered = sorted(given, key=lambda one: (one.day, one.case))
    for role in ROLES:
        for question in QUESTIONS:
            told = [one.scores[question] for one in ordered if one.role == role and question in one.scores]
            shown = told[: len(told) // group * group]
            yield Scores(role, question, tuple(shown.count(score) for score in range(LOWEST, HIGHEST + 1)))


def _mismatch(slots: Sequence[Slot], claimed: Iterable[Claimed]) -> Mismatch:
    named = {(one.provider, one.case, one.role): one.token for one in claimed}
    issued = {_key(one): one.token for one in slots}
    unregistered = sum(1 for key, token in issued.items() if token is not None and named.get(key) != token)
    return Mismatch(unregistered, sum(1 for key in named if key not in issued))


def _month(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m")
