"""Both providers' records of a transfer, compared and linked, so that the federation counts a case once.

The case has another pseudonym at each provider; only the transfer's identifier, which both report, connects the
two records. ``pair`` says for each transfer what the two records say of it; ``link`` joins the facts of one case
into one, filed where it was filed first and ended where it ended.

An identifier joins two records when exactly one provider has sent and exactly one other has received under it. What
more than two records share names no transfer (it may be a placeholder), so it joins nothing: each sent case counts as
open, each received one as ``unlinked``. Every disagreement is counted by its code in ``DIFFERENCES``.

A received case whose sender has reported nothing can't be linked: its origin is counted as open at the sender, so
counting it here too would count it twice. It is left out of the federation's figures and returned as ``unlinked``,
for the number must be shown beside them.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from metrics.events import DAY_SECONDS
from metrics.facts import HANDED_OVER, Appointment, CaseFact, Outcome, Record, Spell, StageSpell, Stop, Transfer

__all__ = ["DIFFERENCES", "FEDERATION", "TOLERANCE_SECONDS", "Linkage", "Pair", "disagreements", "link", "pair"]

FEDERATION = "federation"
"""The subject of figures over all providers."""
TOLERANCE_SECONDS = DAY_SECONDS
"""Records may differ by less than this; custody moves at one instant, but each provider writes it down itself."""
DIFFERENCES: dict[str, str] = {
    "repeated": "One transfer identifier was reported of more than one sending, or receiving; it joins no records.",
    "same_provider": "The provider that sent the case is the one that received it; the identifier joins no records.",
    "order": "The case was received a day or more before it was sent.",
    "time": "The case was received a day or more after it was sent.",
    "stage": "Sender and recipient name different stages of the case.",
}
"""In what the records of a transfer can disagree: code and plain sentence."""
_DIVIDING = frozenset({"repeated", "same_provider"})
"""Differences with which an identifier joins nothing."""
_FIRST = ("commenced", "responded_at", "silent_at", "submissions_closed")


@dataclass(frozen=True, slots=True)
class Pair:
    """What the two records of one transfer say.

    Attributes:
        status: paired, sender_only, recipient_only, or disagreeing.
        differences: of a disagreeing pair, codes of ``DIFFERENCES``.
        sender: (provider, case) of the record ``out``; ``recipient`` of the record ``in``.
        difference_seconds: recipient's time less sender's, where there are both.
    """

    transfer_id: str
    status: str
    differences: tuple[str, ...] = ()
    sender: tuple[str, str] | None = None
    recipient: tuple[str, str] | None = None
    difference_seconds: int | None = None

    @property
    def joins(self) -> bool:
        """Whether both records are of one case."""
        both = self.sender is not None and self.recipient is not None
        return both and _DIVIDING.isdisjoint(self.differences)


@dataclass(frozen=True, slots=True)
class Linkage:
    """Facts of whole cases, whatever hands they went through.

    Attributes:
        cases: one fact for each case. One that never moved is its provider's own fact; of one that did, the
            provider is ``FEDERATION`` and the case is ``provider/case`` of its origin.
        unlinked: received cases whose sender is unknown; in no figure of the federation.
        disagreeing: transfers whose records do not agree.
    """

    cases: tuple[CaseFact, ...]
    unlinked: tuple[CaseFact, ...]
    disagreeing: tuple[Pair, ...] = ()


def pair(facts: Iterable[CaseFact]) -> tuple[Pair, ...]:
    """What both sides say of every transfer, sorted by its identifier."""
    records: dict[str, list[tuple[CaseFact, Transfer]]] = {}
    for fact in facts:
        for transfer in fact.transfers:
            records.setdefault(transfer.transfer_id, []).append((fact, transfer))
    return tuple(_compare(transfer_id, records[transfer_id]) for transfer_id in sorted(records))


def _compare(transfer_id: str, records: list[tuple[CaseFact, Transfer]]) -> Pair:
    out = [one for one in records if one[1].direction == "out"]
    received = [one for one in records if one[1].direction == "in"]
    sender, recipient = (_first(out), _first(received))
    names = [None if one is None else (one[0].provider, one[0].case) for one in (sender, recipient)]
    differences = ["repeated"] if len(out) > 1 or len(received) > 1 else []
    if sender is None or recipient is None:
        status = "disagreeing" if differences else "recipient_only" if sender is None else "sender_only"
        return Pair(transfer_id, status, tuple(differences), names[0], names[1])
    seconds = recipient[1].at - sender[1].at
    if abs(seconds) >= TOLERANCE_SECONDS:
        differences.append("order" if seconds < 0 else "time")
    stages = {sender[1].stage, recipient[1].stage} - {None}
    if len(stages) > 1:
        differences.append("stage")
    if sender[0].provider == recipient[0].provider:
        differences.append("same_provider")
    return Pair(
        transfer_id, "disagreeing" if differences else "paired", tuple(differences), names[0], names[1], seconds
    )


def _first(records: list[tuple[CaseFact, Transfer]]) -> tuple[CaseFact, Transfer] | None:
    return min(records, key=lambda one: (one[1].at, one[0].provider, one[0].case), default=None)


def link(facts: Iterable[CaseFact]) -> Linkage:
    """One fact for each case. Facts without an opening belong to no case yet and are left out."""
    cases: list[CaseFact] = []
    unlinked: list[CaseFact] = []
    moved: list[CaseFact] = []
    for fact in facts:
        if not fact.spells:
            continue
        if fact.transfers or fact.spells[-1].ended_by == HANDED_OVER:  # which may lack its identifier
            moved.append(fact)
        else:
            (unlinked if fact.filed is None else cases).append(fact)
    pairs = pair(moved)
    for members in _groups(moved, {one.transfer_id for one in pairs if one.joins}):
        ordered = sorted(members, key=_by_opening)
        origin = next((one for one in ordered if one.filed is not None), None)
        if origin is None:
            unlinked.extend(ordered)
        else:
            cases.append(_join(origin, ordered))
    disagreeing = tuple(one for one in pairs if one.status == "disagreeing")
    return Linkage(tuple(sorted(cases, key=_by_name)), tuple(sorted(unlinked, key=_by_name)), disagreeing)


def disagreements(pairs: Iterable[Pair]) -> dict[str, int]:
    """Of how many transfers the records differ in what, in the order of ``DIFFERENCES``; a transfer may count twice."""
    found = Counter(name for one in pairs for name in one.differences)
    return {name: found[name] for name in DIFFERENCES if found[name]}


def _by_opening(fact: CaseFact) -> tuple[int, bool, str, str]:
    return fact.spells[0].opened, fact.filed is None, fact.provider, fact.case


def _by_name(fact: CaseFact) -> tuple[str, str]:
    return fact.provider, fact.case


def _groups(facts: list[CaseFact], joining: Collection[str]) -> list[list[CaseFact]]:
    """Facts that transfers with these identifiers connect, by union-find over their places in the list."""
    parent = list(range(len(facts)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    seen: dict[str, int] = {}
    for place, fact in enumerate(facts):
        for name in (one.transfer_id for one in fact.transfers if one.transfer_id in joining):
            parent[root(place)] = root(seen.setdefault(name, place))
    groups: dict[int, list[CaseFact]] = {}
    for place, fact in enumerate(facts):
        groups.setdefault(root(place), []).append(fact)
    return list(groups.values())


def _join(origin: CaseFact, members: list[CaseFact]) -> CaseFact:
    """The case as a whole: open from its filing to the first outcome that any of its providers reports."""
    outcomes = [one.outcome for one in members if one.outcome and one.outcome.at >= origin.spells[0].opened]
    outcome = min(outcomes, key=lambda one: one.at, default=None)
    closed = [one.closed_at for one in members if one.closed_at is not None and one.outcome is outcome]
    spell = Spell(origin.spells[0].opened, "filed")
    if outcome is not None:
        spell = replace(spell, ended=outcome.at, ended_by=outcome.kind)
    return replace(
        origin,
        provider=FEDERATION,
        case=f"{origin.provider}/{origin.case}",
        closed_at=closed[0] if closed else None,
        outcome=outcome,
        spells=(spell,),
        stages=_stages([one for fact in members for one in fact.stages], spell.ended),
        transfers=(),
        deadlines=tuple(one for fact in members for one in fact.deadlines),
        stops=_stops([one for fact in members for one in fact.stops]),
        **_after(members, outcome),
        **_said(origin, members, spell.ended),
        events=sum(one.events for one in members),
        amendments=sum(one.amendments for one in members),
        defects=tuple(sorted(one for fact in members for one in fact.defects)),
        lateness=tuple(late for one in members for late in one.lateness),
        records=_records(origin, members, outcome),
    )


def _records(origin: CaseFact, members: list[CaseFact], outcome: Outcome | None) -> tuple[Record, ...]:
    """What the case is called at each provider, that of its origin first, and where its trace ends, if it does."""
    last = max(members, key=lambda one: one.spells[-1].ended or 0)
    there = outcome is not None or any(one.spells[-1].ended is None for one in members)
    lost = None if there or last.spells[-1].ended_by != HANDED_OVER else last.spells[-1].ended
    return tuple(
        Record(one.provider, one.case, lost if one is last else None)
        for one in (origin, *(other for other in members if other is not origin))
    )


def _after(members: list[CaseFact], outcome: Outcome | None) -> dict[str, Any]:
    """What follows the outcome, as the provider tells it that reported the outcome."""
    teller = next((one for one in members if outcome is not None and one.outcome is outcome), None)
    digests = {one for fact in members for one in fact.award_digests}
    return {
        "award": teller.award if teller else None,
        "award_digests": tuple(sorted(digests)),
        "published_at": teller.published_at if teller else None,
        "performance": teller.performance if teller else None,
        "court": teller.court if teller else (),
    }


def _said(origin: CaseFact, members: list[CaseFact], ended: int | None) -> dict[str, Any]:
    """What was said before the outcome, by whichever provider; the last to state a fee or languages counts."""
    fees = [one for one in members if one.fee is not None]
    opened = origin.spells[0].opened
    first = {name: _earliest((getattr(one, name) for one in members), opened) for name in _FIRST}
    return first | {
        "response_due": _response_due(members, opened, (first["responded_at"], ended)),
        "appointments": tuple(sorted((one for fact in members for one in fact.appointments), key=_by_appointment)),
        "fee": fees[-1].fee if fees else None,
        "fee_final": fees[-1].fee_final if fees else False,
        "claim": next((one.claim for one in members if one.claim is not None), None),
        "declared_languages": next((one.declared_languages for one in members[::-1] if one.declared_languages), ()),
        "respondent": origin.respondent,  # it means somebody at the origin alone, which ``records`` names
        "slots": tuple(one for fact in members for one in fact.slots),
    }


def _response_due(members: list[CaseFact], opened: int, over: tuple[int | None, int | None]) -> int | None:
    """When the answer fell due; ``over``: when it came, and when the case ended.

    What lapsed at one provider counts only where the answer or the end came before it: it says nothing about how long
    the respondent has at the provider that then had the case.
    """
    told = [(one.response_due, _has_lapsed(one)) for one in members]
    found = _earliest((due for due, lapsed in told if not lapsed), opened)
    if found is not None:
        return found
    before = (due for due, _ in told if due is not None and any(one is not None and one <= due for one in over))
    return _earliest(before, opened)


def _has_lapsed(fact: CaseFact) -> bool:
    """Whether the answer fell due while the provider did not have the case."""
    due = (one for one in fact.deadlines if one.kind == "response" and one.judged_due == fact.response_due)
    return {one.result for one in due} == {"lapsed"}


def _by_appointment(one: Appointment) -> tuple[int, str]:
    return one.at, one.neutral or ""


def _earliest(instants: Iterable[int | None], since: int) -> int | None:
    return min((one for one in instants if one is not None and one >= since), default=None)


def _stages(spells: list[StageSpell], ended: int | None) -> tuple[StageSpell, ...]:
    """Spells in the same stage joined: a stage goes on at the next provider. None outlasts the case."""
    joined: dict[str, StageSpell] = {}
    for one in sorted(spells, key=lambda spell: spell.entered):
        if ended is not None and one.entered > ended:
            continue  # another provider has ended the case before
        left = one.left if ended is None or (one.left is not None and one.left < ended) else ended
        known = joined.get(one.stage)
        joined[one.stage] = StageSpell(one.stage, known.entered if known else one.entered, left)
    return tuple(joined.values())


def _stops(stops: list[Stop]) -> tuple[Stop, ...]:
    """Stops of several providers as disjoint ones: the clock stands while anyone stopped it."""
    joined: list[Stop] = []
    for one in sorted(stops, key=lambda stop: stop.began):
        last = joined[-1] if joined else None
        if last and (last.ended is None or one.began <= last.ended):
            ended = None if last.ended is None or one.ended is None else max(last.ended, one.ended)
            joined[-1] = replace(last, ended=ended)
        else:
            joined.append(one)
    return tuple(joined)
