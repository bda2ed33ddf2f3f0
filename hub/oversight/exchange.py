"""What figures need besides the providers' reports: ``metrics.context``, from what the hub saw and was told itself.

That is transfers, packages, neutrals, the parties' answers, where reports and register disagree, and the officers'
rates between currencies. Transfers are read once and then followed entry by entry; packages and neutrals are read again
when something about them has changed. A transfer is told from the effects of its statements, which stay when the texts
are deleted.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from hub.feedback.reading import FeedbackReading
from hub.oversight.dataquality import DataQuality
from hub.oversight.exchangerates import ExchangeRates
from hub.settings import RetentionSection
from hub.storage.exchangerecords import ExchangeRecords, PackageTimes
from hub.storage.values import Answered
from metrics.context import Answer, Context, ExchangeRecord, NeutralFact, StoredPackage
from providers.transfer.values import OPEN
from signing.encoding import JSON

__all__ = ["Exchange", "answer", "followed", "neutral_facts", "stored_package"]

_DAY = 86_400
_PIECE = 10_000
"""Entries that are looked through at a time."""


class Exchange:
    """The context of figures, kept up.

    ``context`` is that of the last look, ``changes`` counts the looks that found something new.

    Args:
        records: the tables.
        feedback: the parties' answers.
        limits: how long packages may be kept.
        quality: where reports and register disagree.
        rates: between currencies.
        size: how much of the log may be shown. What the tables of the exchange follow may be less: they don't note
            entries that tell nothing of transfers and cases, as awards and rates.
    """

    def __init__(  # noqa: PLR0913 - one argument for each source
        self,
        records: ExchangeRecords,
        feedback: FeedbackReading,
        limits: RetentionSection,
        *,
        quality: DataQuality,
        rates: ExchangeRates,
        size: Callable[[], int],
    ) -> None:
        self._records = records
        self._feedback = feedback
        self._answered: tuple[Answered, ...] = ()
        self._limits = limits
        self._quality, self._rates, self._shown = quality, rates, size
        self._transfers: dict[str, ExchangeRecord] = {}
        self._size = 0
        self._marks: tuple[Any, ...] = ()
        self._turn = asyncio.Lock()
        self.context = Context()
        self.changes = 0

    async def refresh(self) -> None:
        """Read what has changed since the last look.

        Raises:
            FactsBehindError: facts are being folded anew.
        """
        async with self._turn:
            size, marks = await self._records.state()
            moved = await self._follow(size)
            answered = await self._feedback.answers()
            shown = self._shown()
            discrepancies, rates = await self._quality.discrepancies(shown), await self._rates.newest(shown)
            same = discrepancies is self.context.discrepancies and rates is self.context.rates
            if same and not moved and marks == self._marks and answered is self._answered:
                return
            packages = tuple(stored_package(one, self._limits) for one in await self._records.packages())
            neutrals = neutral_facts(await self._records.neutrals())
            exchange = tuple(self._transfers.values())
            answers = tuple(answer(one) for one in answered)
            self.context = Context(answers, neutrals, exchange, packages, discrepancies, rates)
            self._marks, self._answered = marks, answered
            self.changes += 1

    async def _follow(self, size: int) -> bool:
        moved = False
        while self._size < size:
            end = min(size, self._size + _PIECE)
            changes = await self._records.changes(self._size, end)
            followed(self._transfers, changes)
            self._size, moved = end, moved or bool(changes)
        return moved


def followed(transfers: dict[str, ExchangeRecord], changes: Iterable[Mapping[str, JSON]]) -> None:
    """Enter what became of ``transfers``; ``changes`` are the data of effects ``transfer.changed``, in log order."""
    for one in changes:
        told, time = one["transfer"], one["time"]
        name, state = told["transfer_id"], told["state"]
        record = transfers.get(name) or ExchangeRecord(name, told["sender"], told["recipient"], time)
        if record.answer is None and state != "offered":
            record = replace(record, answer=state, answered=time)
        if record.end is None and state not in OPEN:
            record = replace(record, end=state, ended=time, defect=one.get("defect"))
        transfers[name] = record


def answer(found: Answered) -> Answer:
    """The answer, as figures take it."""
    return Answer(found.provider, found.case, found.role, found.outcome_side, found.scores, found.day, found.source)


def stored_package(found: PackageTimes, limits: RetentionSection) -> StoredPackage:
    """The package with the time at which it must be deleted, as ``hub.packages.deletion`` has it.

    While it was held it could not be: it falls due when the hold ends, if its day was before.
    """
    kept = limits.packages_days if found.claimed else min(limits.packages_days, limits.unclaimed_days)
    due = found.stored + kept * _DAY
    if found.ended is not None:
        due = min(due, max(found.ended, found.stored))
    if found.released is not None:
        due = max(due, found.released)
    return StoredPackage(found.sender, due, found.deleted, found.held and found.deleted is None)


def neutral_facts(records: Iterable[Mapping[str, JSON]]) -> dict[str, NeutralFact]:
    """Neutrals who take cases, by their id."""
    found = {}
    for one in records:
        if one["status"] == "active":
            profile = one["profile"]
            found[str(one["id"])] = NeutralFact(
                frozenset(profile["languages"]),
                frozenset(profile["practice_fields"]),
                frozenset(one.get("providers", [one["nominated_by"]])),
            )
    return found
