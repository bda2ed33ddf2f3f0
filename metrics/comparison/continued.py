"""How cases went on that were handed over: what the providers that received them report, by any number of hands (12).

A case that is handed over for its next step goes on; its sender has no event of that. Records are joined by the
transfer's identifier, where ``metrics.pairing`` lets it join them. Where a receiver has no such record, or a transfer
has no identifier, it is not known whether the case went on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metrics.columns import Columns
from metrics.events import day
from metrics.facts import HANDED_OVER, CaseFact
from metrics.names import ABSENT
from metrics.pairing import pair

__all__ = ["Onward", "handed_over"]


@dataclass(frozen=True, slots=True)
class Onward:
    """A case after it was handed over.

    Attributes:
        left: when it was handed over, each time.
        records: of the providers that received it.
        lost: when it was handed over to somebody who has no record of it, by whomever, each time.
    """

    left: tuple[int, ...]
    records: tuple[CaseFact, ...]
    lost: tuple[int, ...]

    def left_after(self, entered: int) -> int:
        """When it was first handed over since; ``ABSENT`` if it was not."""
        return _first(self.left, entered)

    def lost_after(self, entered: int) -> int:
        """When it first came since to somebody who has no record of it; ``ABSENT`` if it did not."""
        return _first(self.lost, entered)

    def reached(self, step: str, entered: int) -> int:
        """When it came to the step (``commenced``, a stage, ``award``) at another provider since; ``ABSENT`` if not."""
        return _first((one for record in self.records for one in _reached(record, step)), entered)

    def stood(self, start: int, end: int) -> int:
        """On how many days between two instants its clock stood at the others."""
        return sum(day(end) - day(start) - one.days(start, end) for one in self.records)


def handed_over(columns: Columns) -> dict[int, Onward]:
    """The cases that were handed over at least once, by row."""
    facts: list[CaseFact] = columns.moved.fact.tolist()
    joining = {one.transfer_id for one in pair(facts) if one.joins}
    told = ((one, fact) for fact in facts for one in fact.transfers if one.direction == "in")
    received = {one.transfer_id: fact for one, fact in told if one.transfer_id in joining}
    found = {}
    for row, fact in zip(columns.moved.row.tolist(), facts, strict=True):
        if left := _left(fact):
            found[row] = Onward(left, *_followed(fact, received))
    return found


def _left(fact: CaseFact) -> tuple[int, ...]:
    return tuple(one.ended for one in fact.spells if one.ended is not None and one.ended_by == HANDED_OVER)


def _followed(fact: CaseFact, received: Mapping[str, CaseFact]) -> tuple[tuple[CaseFact, ...], tuple[int, ...]]:
    """The other records of the case after it, and when it was handed over to whom there is none of."""
    seen, waiting, lost = {(fact.provider, fact.case): fact}, [fact], []
    while waiting:
        one = waiting.pop()
        sent = {each.at: received.get(each.transfer_id) for each in one.transfers if each.direction == "out"}
        lost += [at for at in _left(one) if sent.get(at) is None]
        for other in sent.values():
            if other is not None and (other.provider, other.case) not in seen:
                seen[other.provider, other.case] = other
                waiting.append(other)
    return tuple(seen.values())[1:], tuple(lost)


def _first(instants: Iterable[int], since: int) -> int:
    return min((one for one in instants if one >= since), default=ABSENT)


def _reached(record: CaseFact, step: str) -> list[int]:
    if step == "award":
        return [record.award.at] if record.award else []
    if step == "commenced":
        return [record.commenced] if record.commenced is not None else []
    return [one.entered for one in record.stages if one.stage == step]
