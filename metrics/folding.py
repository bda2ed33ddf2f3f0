"""Events of a provider folded into facts, one ``CaseFact`` per case.

Events are taken in the order in which they happened (their own times, then their numbers), after
``metrics.amendments`` has settled which of them count; so the order of arrival makes no difference. An event that
contradicts what is known is set aside and counted as a defect, never dropped without a trace.

What happens after the end: a file may be corrected, complied with, closed and deleted, and deadlines that ran may
be reported met or missed; anything else is a defect. What is *not* checked: whether the events are true.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from metrics.amendments import current
from metrics.deadlines import DeadlineBook
from metrics.defects import Defect
from metrics.events import STAGES, STOP_REASONS, Event
from metrics.facts import Attributes, CaseFact, Outcome, Spell, StageSpell, Stop, Transfer

__all__ = ["fold", "fold_case"]

_OPENINGS = frozenset({"filed", "transfer_in"})
_FINAL = frozenset({"settled", "award_issued", "discontinued", "refused"})
_LATER = frozenset({"closed", "deleted", "deadline_met", "deadline_missed", "stage_ended", "clock_resumed"})
"""What may still be reported when the case has left the provider's hands."""
_AFTER_END = _LATER | {"corrected", "complied", "not_complied"}
_ATTRIBUTES = tuple(one.name for one in fields(Attributes))


def fold(events: Iterable[Event], freeze: int) -> tuple[CaseFact, ...]:
    """Facts of every case as known at the freeze, sorted by provider and case.

    Events recorded after the freeze are not known yet. A case of which nothing is known yet has no fact.
    """
    cases: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        if event.recorded_at <= freeze:
            cases.setdefault((event.provider, event.case), []).append(event)
    return tuple(fold_case(cases[key], freeze) for key in sorted(cases))


def fold_case(events: Iterable[Event], freeze: int) -> CaseFact:
    """The fact of one case; ``events`` are all of one provider and one case, at least one recorded by the freeze."""
    reported = [event for event in events if event.recorded_at <= freeze]
    known, defects = current(reported, freeze)
    story = _Story(defects, opens=any(event.type in _OPENINGS for event in known))
    for event in known:
        story.take(event)
    amendments = len({event.sequence for event in reported if event.amends_sequence is not None})
    return story.fact(reported[0].provider, reported[0].case, events=len(known), amendments=amendments)


class _Story:
    """One case while its events are being read."""

    def __init__(self, defects: list[Defect], *, opens: bool) -> None:
        self.defects = defects
        self.opens = opens
        self.filed: int | None = None
        self.commenced: int | None = None
        self.closed_at: int | None = None
        self.deleted_at: int | None = None
        self.outcome: Outcome | None = None
        self.spells: list[Spell] = []
        self.stages: list[StageSpell] = []
        self.transfers: list[Transfer] = []
        self.stops: list[Stop] = []
        self.deadlines = DeadlineBook(defects)
        self.attributes: dict[str, Any] = {}

    @property
    def open(self) -> bool:
        """Whether the case is in the provider's hands now."""
        return bool(self.spells) and self.spells[-1].ended is None

    def take(self, event: Event) -> None:
        """Judge whether the event can follow what is known, then let it have its effect."""
        if not self.opens and event.type != "refused":
            return  # the whole case is counted as unknown
        fault = self._fault(event)
        if fault:
            self.defect(fault, event)
            return
        self.attributes.update({name: value for name in _ATTRIBUTES if (value := getattr(event, name)) is not None})
        handler = _HANDLERS.get(event.type)
        if handler:
            handler(self, event)
        self.deadlines.take(event)

    def fact(self, provider: str, case: str, *, events: int, amendments: int) -> CaseFact:
        """Everything that was understood."""
        if not self.spells and self.outcome is None:
            self.defects.append(Defect("unknown_case"))
        return CaseFact(
            provider, case, self.filed, self.commenced, self.closed_at, self.deleted_at, self.outcome,
            tuple(self.spells), tuple(self.stages), tuple(self.transfers),
            self.deadlines.judged(self.spells[-1].ended if self.spells else None),
            tuple(self.stops), Attributes(**self.attributes), events, amendments, tuple(sorted(self.defects)),
        )  # fmt: skip

    def defect(self, code: str, event: Event) -> None:
        """Count what is wrong with the event."""
        self.defects.append(Defect(code, event.sequence))

    def _fault(self, event: Event) -> str | None:
        """Why the event can't follow what is known, or None."""
        if self.deleted_at is not None:
            return "event_after_deletion"
        if not self.spells:
            return self._fault_before_opening(event.type)
        if event.type in _OPENINGS and (self.open or event.type == "filed"):
            return "second_opening"
        if self.outcome is not None:
            return self._fault_after_end(event.type)
        if not self.open and event.type not in _LATER and event.type != "transfer_in":
            return "event_after_transfer"
        return None

    def _fault_before_opening(self, kind: str) -> str | None:
        if kind in _OPENINGS or (kind == "refused" and not self.opens):
            return None
        return "closing_before_opening" if kind in _FINAL or kind == "closed" else "event_before_opening"

    def _fault_after_end(self, kind: str) -> str | None:
        if kind in _FINAL:
            return "second_outcome"
        twice = kind == "closed" and self.closed_at is not None
        return "event_after_end" if twice or kind not in _AFTER_END else None

    # what each type of event does

    def opened(self, event: Event) -> None:
        """``filed``, ``transfer_in``: the case comes into the provider's hands."""
        self.spells.append(Spell(event.at, event.type))
        if event.type == "filed":
            self.filed = event.at
        else:
            self._transferred("in", event)

    def begun(self, event: Event) -> None:
        """``commenced``: the parties were told; the first time counts."""
        self.commenced = event.at if self.commenced is None else self.commenced

    def stage_started(self, event: Event) -> None:
        """A stage begins; one that was still open ends there."""
        if event.stage not in STAGES:
            self.defect("stage_missing", event)
            return
        if self.stages and self.stages[-1].left is None:
            self.defect("stage_not_ended", event)
            self._leave_stage(event.at)
        if self.stages and STAGES.index(self.stages[-1].stage) > STAGES.index(event.stage):
            self.defect("stage_order", event)
        self.stages.append(StageSpell(event.stage, event.at))

    def stage_ended(self, event: Event) -> None:
        """A stage ends; saying so again at the instant of the end is no contradiction."""
        last = self.stages[-1] if self.stages else None
        if last and last.left is None and event.stage in {last.stage, None}:
            self._leave_stage(event.at)
        elif not last or event.stage not in {last.stage, None} or last.left != event.at:
            self.defect("stage_not_started", event)

    def clock_stopped(self, event: Event) -> None:
        """The clock stands from here, if the reason is one that stops it."""
        if event.reason not in STOP_REASONS:
            self.defect("stop_without_reason", event)
        elif self.stops and self.stops[-1].ended is None:
            self.defect("already_stopped", event)
        else:
            self.stops.append(Stop(event.reason or "", event.at))

    def clock_resumed(self, event: Event) -> None:
        """The clock runs again."""
        if self.stops and self.stops[-1].ended is None:
            self._resume(event.at)
        elif not self.stops or self.stops[-1].ended != event.at:
            self.defect("not_stopped", event)

    def settled(self, event: Event) -> None:
        """The parties agreed; in which stage decides which treaty protects the settlement."""
        now_in = self.stages[-1].stage if self.stages and self.stages[-1].left is None else None
        just_left = self.stages[-1].stage if self.stages and self.stages[-1].left == event.at else None
        stage = event.stage if event.stage in STAGES else now_in or just_left
        if event.stage not in STAGES:
            self.defect("stage_missing", event)
        elif stage not in {now_in, just_left}:
            self.defect("stage_disagrees", event)
        self._end(Outcome("settled", event.at, stage=stage))

    def awarded(self, event: Event) -> None:
        """An award; by default where the respondent took no part."""
        self._end(Outcome("default_award" if event.default else "award", event.at, code=event.outcome))

    def stopped(self, event: Event) -> None:
        """``discontinued``, ``refused``: an end without a decision, for a coded reason."""
        self._end(Outcome(event.type, event.at, reason=event.reason))

    def closed(self, event: Event) -> None:
        """``closed``, ``deleted``: an end that nobody explained, unless the outcome is known."""
        if self.open:
            self.defect("closed_without_outcome", event)
            self._end(Outcome("unknown", event.at))
        if event.type == "closed":
            self.closed_at = event.at
        else:
            self.deleted_at = event.at

    def handed_over(self, event: Event) -> None:
        """``transfer_out``: the case leaves for another provider."""
        self._transferred("out", event)
        self._leave("transfer_out", event.at)

    def _transferred(self, direction: str, event: Event) -> None:
        if event.transfer_id is None:
            self.defect("transfer_unnamed", event)
        else:
            self.transfers.append(Transfer(direction, event.transfer_id, event.at, event.stage))

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        if self.open:
            self._leave(outcome.kind, outcome.at)

    def _leave(self, how: str, at: int) -> None:
        self.spells[-1] = replace(self.spells[-1], ended=at, ended_by=how)
        self._leave_stage(at)
        self._resume(at)

    def _leave_stage(self, at: int) -> None:
        if self.stages and self.stages[-1].left is None:
            self.stages[-1] = replace(self.stages[-1], left=at)

    def _resume(self, at: int) -> None:
        if self.stops and self.stops[-1].ended is None:
            self.stops[-1] = replace(self.stops[-1], ended=at)


_HANDLERS: dict[str, Callable[[_Story, Event], None]] = {
    "filed": _Story.opened,
    "transfer_in": _Story.opened,
    "commenced": _Story.begun,
    "stage_started": _Story.stage_started,
    "stage_ended": _Story.stage_ended,
    "clock_stopped": _Story.clock_stopped,
    "clock_resumed": _Story.clock_resumed,
    "settled": _Story.settled,
    "award_issued": _Story.awarded,
    "discontinued": _Story.stopped,
    "refused": _Story.stopped,
    "transfer_out": _Story.handed_over,
    "closed": _Story.closed,
    "deleted": _Story.closed,
}
"""Types that change a fact; the others matter only by the deadline or attributes that they state."""
