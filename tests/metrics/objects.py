"""Counts taken from facts one by one, in plain loops: what the same counts on columns are held against."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from metrics.cohorts import CAUSES, OPEN
from metrics.columns import Columns
from metrics.defects import Defect
from metrics.details import Detail
from metrics.events import Slot
from metrics.facts import (
    Appointment,
    Attributes,
    AwardFact,
    CaseFact,
    CourtStep,
    Deadline,
    Money,
    Outcome,
    Performance,
    Record,
    Spell,
    StageSpell,
    Stop,
)
from metrics.figures import Period
from metrics.flows import Flows
from metrics.names import ABSENT

__all__ = ["entered_of", "fact_of", "filed_of", "flows_of", "tally_of"]


def flows_of(facts: Iterable[CaseFact], period: Period) -> Flows:
    """``metrics.flows``."""
    before = after = filed = received = resolved = handed_over = 0
    for fact in facts:
        for spell in fact.spells:
            opened, ended = spell.opened, spell.ended
            before += opened < period.start and (ended is None or ended >= period.start)
            after += opened < period.end and (ended is None or ended >= period.end)
            if opened in period:
                filed += spell.opened_by == "filed"
                received += spell.opened_by != "filed"
            if ended is not None and ended in period:
                handed_over += spell.ended_by == "transfer_out"
                resolved += spell.ended_by != "transfer_out"
    return Flows(before, filed, received, resolved, handed_over, after)


def filed_of(facts: Iterable[CaseFact], period: Period, freeze: int) -> list[tuple[int, int]]:
    """``metrics.cohorts.filed``: days and cause of each case."""
    rows = []
    for fact in facts:
        if fact.filed is not None and fact.filed in period:
            spell = fact.spells[0]
            over = spell.ended is not None and spell.ended <= freeze
            end = spell.ended if over and spell.ended is not None else freeze
            rows.append((fact.days(spell.opened, end), CAUSES[spell.ended_by or ""] if over else OPEN))
    return rows


def entered_of(facts: Iterable[CaseFact], stage: str, period: Period, freeze: int) -> list[tuple[int, int]]:
    """``metrics.cohorts.entered``: days and cause of each case."""
    rows = []
    for fact in facts:
        spells = [one for one in fact.stages if one.stage == stage]
        if spells and spells[0].entered in period:
            left = spells[-1].left
            over = left is not None and left <= freeze
            days = fact.days(spells[0].entered, left if over and left is not None else freeze)
            settled = fact.outcome is not None and (fact.outcome.kind, fact.outcome.stage) == ("settled", stage)
            rows.append((days, (1 if settled else 2) if over else OPEN))
    return rows


def tally_of(facts: Iterable[CaseFact], period: Period) -> dict[str, dict[str, int]]:
    """``metrics.deadlines.tally``, without the zeros."""
    found: dict[str, dict[str, int]] = {"all": {}}
    for one in (deadline for fact in facts for deadline in fact.deadlines):
        if one.judged_due in period:
            if one.result == "lapsed":
                category = "lapsed"
            elif one.extension == "agreed":
                category = "agreed_kept" if one.result == "met" else "agreed_not_kept"
            else:
                category = "overdue" if one.result == "open" else one.result
            for kind in ("all", one.kind):
                counts = found.setdefault(kind, {})
                counts[category] = counts.get(category, 0) + 1
    return found


def fact_of(columns: Columns, row: int) -> CaseFact:
    """A row as the fact that it was made of, but for its transfers, which stand in ``moved`` alone."""
    named, said, flag = (_reader(columns, row, how) for how in (columns.names.name, int, bool))
    [*moved] = columns.moved.fact[columns.moved.row == row]
    return CaseFact(
        provider=named("provider"),
        case=named("case"),
        **{name: said(name) for name in ("filed", "commenced", "closed_at", "deleted_at", "events", "amendments")},
        outcome=None
        if said("outcome") is None
        else Outcome(
            named("outcome"), said("outcome_at"), named("outcome_stage"), named("outcome_code"), named("outcome_reason")
        ),
        spells=tuple(Spell(*one) for one in _rows(columns, columns.spells, row)),
        stages=tuple(StageSpell(*one) for one in _rows(columns, columns.stages, row)),
        stops=tuple(Stop(*one) for one in _rows(columns, columns.stops, row)),
        deadlines=tuple(Deadline(*one) for one in _rows(columns, columns.deadlines, row)),
        defects=tuple(Defect(*one) for one in _rows(columns, columns.defects, row)),
        **{
            name: said(name)
            for name in ("responded_at", "silent_at", "response_due", "submissions_closed", "published_at")
        },
        award=None
        if said("award_at") is None
        else AwardFact(
            named("award_digest"),
            said("award_at"),
            said("award_notified"),
            named("award_code"),
            bool(said("award_default")),
            flag("award_obligation"),
            said("award_due"),
        ),
        performance=None
        if said("performance") is None
        else Performance(
            named("performance_of"), said("performance_due"), named("performance"), said("performance_at")
        ),
        appointments=tuple(Appointment(*one) for one in _rows(columns, columns.appointments, row)),
        court=tuple(CourtStep(*one) for one in _rows(columns, columns.court, row)),
        award_digests=tuple(one for [one] in _rows(columns, columns.award_digests, row)),
        fee=_money(said("fee"), named("fee_currency")),
        fee_final=bool(said("fee_final")),
        claim=_money(said("claim"), named("claim_currency")),
        declared_languages=tuple(one for [one] in _rows(columns, columns.languages, row)),
        respondent=named("respondent"),
        slots=tuple(Slot(one, "") for one, _ in _rows(columns, columns.slots, row)),
        lateness=tuple(columns.lateness.seconds[columns.lateness.row == row].tolist()),
        records=tuple(Record(*one) for one in _rows(columns, columns.records, row)),
        transfers=moved[0].transfers if moved else (),
        attributes=Attributes(
            **{name: named(name) for name in ("procedure", "respondent_type", "hs2", "amount_band", "language")},
            dispute_type=named("dispute_type"),
            cross_border=flag("cross_border"),
            represented=flag("represented"),
            economies=None if said("economy") is None else (named("economy"), named("other_economy")),
        ),
    )


_NAMED = {
    "provider",
    "case",
    "opened_by",
    "ended_by",
    "stage",
    "reason",
    "kind",
    "extension",
    "result",
    "code",
    "neutral",
    "decision",
    "language",
    "role",
    "digest",
}


def _money(hundredths: int | None, currency: str) -> Money | None:
    return None if hundredths is None else Money(Decimal(hundredths) / 100, currency)


def _reader(columns: Columns, row: int, how: Callable[[int], Any]) -> Callable[[str], Any]:
    def read(name: str) -> Any:  # a member of a fact
        value = int(getattr(columns, name)[row])
        return None if value == ABSENT else how(value)

    return read


def _rows(columns: Columns, table: Detail, row: int) -> list[list[Any]]:
    members = [name for name in type(table).__dataclass_fields__ if name != "row"]
    found = []
    for place in [place for place, one in enumerate(table.row) if one == row]:
        values = {name: int(getattr(table, name)[place]) for name in members}
        found.append(
            [
                columns.names.name(value)
                if name in _NAMED
                else None
                if value == ABSENT and name != "sequence"
                else value
                for name, value in values.items()
            ]
        )
    return found
