"""What ``metrics.qualitycounts`` counts on columns, counted on facts one by one: slow, and plain to read."""

from collections import Counter
from collections.abc import Iterable, Sequence

from metrics.crosschecks import MISSING, Discrepancy
from metrics.events import DAY_SECONDS
from metrics.facts import CaseFact
from metrics.quality import FIELDS, ON_TIME_DAYS, Counts
from metrics.tasks import Request

_ATTRIBUTES = FIELDS[:8]
_UNKNOWN = frozenset({None, "unknown"})


def counted(provider: str, facts: Iterable[CaseFact], discrepancies: Iterable[Discrepancy], request: Request) -> Counts:
    """The counts that a score is made of, from facts as objects; discrepancies may be of any provider."""
    known = [one for one in facts if one.provider == provider]
    own = [one for one in known if _touched(one, request)]
    standing = [one for one in discrepancies if one.provider == provider and one.since < request.period.end]
    late = sorted(seconds for fact in own for seconds in fact.lateness)
    codes = Counter(one.code for one in standing)
    unreported = sum(codes[code] for code in MISSING)
    return Counts(
        cases=len(own),
        faulty=sum(bool(fact.defects) for fact in own),
        events=len(late),
        on_time=sum(seconds <= ON_TIME_DAYS * DAY_SECONDS for seconds in late),
        missing=unreported + _silent_deadlines(own, request.freeze),
        lag_p95=_p95(late),
        amendments=sum(fact.amendments for fact in own),
        unknown=_unknown(own),
        defects=dict(sorted(Counter(one.code for fact in own for one in fact.defects).items())),
        awards=_awards(known, request) + codes["award_not_reported"] + codes["award_set_aside"],
        disputed=len({one.about for one in standing}),
        discrepancies=dict(sorted(codes.items())),
    )


def _touched(fact: CaseFact, request: Request) -> bool:
    """Whether the case was in the provider's hands in the period, or never was at all."""
    period = request.period
    opened = fact.spells[0].opened if fact.spells else fact.outcome.at if fact.outcome else None
    if opened is None:
        return True  # nobody knows when it was
    ended = fact.spells[-1].ended if fact.spells else opened
    return opened < period.end and (ended is None or ended >= period.start)


def _awards(facts: Iterable[CaseFact], request: Request) -> int:
    """Awards that were reported, of any time before the period's end: discrepancies stand until they are settled."""
    return sum(fact.award is not None and fact.award.at < request.period.end for fact in facts)


def _silent_deadlines(facts: Sequence[CaseFact], freeze: int) -> int:
    """Deadlines that have fallen due and of which nobody says whether they were kept."""
    overdue = freeze - ON_TIME_DAYS * DAY_SECONDS
    return sum(one.result == "open" and one.judged_due < overdue for fact in facts for one in fact.deadlines)


def _p95(ordered: Sequence[int]) -> int | None:
    return ordered[-(-19 * len(ordered) // 20) - 1] if ordered else None


def _unknown(facts: Sequence[CaseFact]) -> dict[str, tuple[int, int]]:
    """Of each field, how many values are unknown, of how many that were asked for."""
    asked: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for fact in facts:
        for name, known in _fields(fact):
            asked[name] += 1
            unknown[name] += not known
    return {name: (unknown[name], asked[name]) for name in FIELDS if asked[name]}


def _fields(fact: CaseFact) -> Iterable[tuple[str, bool]]:
    """Fields that the case ought to tell, and whether it does."""
    if fact.outcome is not None and fact.outcome.kind == "refused":
        return
    for name in _ATTRIBUTES:
        yield name, getattr(fact.attributes, name) not in _UNKNOWN
    yield "claim", fact.claim is not None
    yield "fee", fact.fee is not None
    yield "respondent", fact.respondent is not None
    yield "declared_languages", bool(fact.declared_languages)
    for one in fact.appointments:
        yield "neutral", one.neutral is not None
    if fact.award is not None:
        yield "award_digest", fact.award.digest is not None
        yield "notified", fact.award.notified_at is not None
    if fact.performance is not None:
        yield "due", fact.performance.due is not None
