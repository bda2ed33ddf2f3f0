"""Events of a provider folded into facts, one ``CaseFact`` per case.

Events are taken in the order in which they happened (their own times, then their numbers), after
``metrics.amendments`` has settled which of them count; so the order of arrival makes no difference. An event that
contradicts what is known is set aside and counted as a defect, never dropped without a trace.

Here is whether the case is in the provider's hands and how it ended; every other concern has its book in
``metrics.casebook``.

What happens after the end: a file may be corrected, notified, published, challenged at a court, complied with, closed
and deleted, and deadlines that ran may be reported met or missed; anything else is a defect. What is *not* checked:
whether the events are true.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from metrics.amendments import current, lateness
from metrics.casebook.appointments import AppointmentBook
from metrics.casebook.awards import AwardBook
from metrics.casebook.courts import CourtBook
from metrics.casebook.performance import PerformanceBook
from metrics.casebook.responses import ResponseBook, response_due
from metrics.casebook.stages import StageBook
from metrics.casebook.stops import StopBook
from metrics.casebook.terms import TermsBook
from metrics.deadlines import DeadlineBook
from metrics.defects import Defect
from metrics.events import Event
from metrics.facts import AwardFact, CaseFact, Outcome, Spell, Transfer

__all__ = ["fold", "fold_case"]

_OPENINGS = frozenset({"filed", "transfer_in"})
_FINAL = frozenset({"settled", "award_issued", "discontinued", "refused"})
_LATER = frozenset({"closed", "deleted", "deadline_met", "deadline_missed", "stage_ended", "clock_resumed"})
"""What may still be reported when the case has left the provider's hands."""
_OF_THE_AWARD = frozenset({"corrected", "notified", "published", "court_challenge", "court_decision"})
_AFTER_END = _LATER | _OF_THE_AWARD | {"complied", "not_complied"}


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
    return story.fact(
        reported[0].provider,
        reported[0].case,
        events=len(known),
        amendments=len({event.sequence for event in reported if event.amends_sequence is not None}),
        award_digests=_digests(known),
        lateness=lateness(reported),
    )


def _digests(events: Iterable[Event]) -> tuple[str, ...]:
    return tuple(sorted({one.award_digest for one in events if one.award_digest and one.type == "award_issued"}))


class _Story:
    """One case while its events are being read."""

    __slots__ = (
        "appointments", "awards", "closed_at", "commenced", "courts", "deadlines", "defects", "deleted_at", "filed",
        "opens", "outcome", "performance", "responses", "spells", "stages", "stops", "terms", "transfers",
    )  # fmt: skip

    def __init__(self, defects: list[Defect], *, opens: bool) -> None:
        self.defects = defects
        self.opens = opens
        self.filed: int | None = None
        self.commenced: int | None = None
        self.closed_at: int | None = None
        self.deleted_at: int | None = None
        self.outcome: Outcome | None = None
        self.spells: list[Spell] = []
        self.transfers: list[Transfer] = []
        self.stages = StageBook(defects)
        self.stops = StopBook(defects)
        self.deadlines = DeadlineBook(defects)
        self.responses = ResponseBook(defects)
        self.terms = TermsBook(defects)
        self.appointments = AppointmentBook(defects)
        self.awards = AwardBook(defects)
        self.courts = CourtBook(defects)
        self.performance = PerformanceBook(defects)

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
        self.terms.take(event)
        handler = _HANDLERS.get(event.type)
        if handler:
            handler(self, event)
        self.deadlines.take(event)

    def fact(self, provider: str, case: str, **counted: Any) -> CaseFact:  # noqa: ANN401 - members of a fact
        """Everything that was understood, and what was ``counted`` beside it."""
        if not self.spells and self.outcome is None:
            self.defects.append(Defect("unknown_case"))
        terms, responses = self.terms, self.responses
        deadlines = self.deadlines.judged(self.spells)
        return CaseFact(
            provider, case, self.filed, self.commenced, self.closed_at, self.deleted_at, self.outcome,
            tuple(self.spells), self.stages.all(), tuple(self.transfers), deadlines, self.stops.all(),
            terms.attributes(), defects=tuple(sorted(self.defects)),
            responded_at=responses.responded_at, silent_at=responses.silent_at,
            response_due=response_due(deadlines),
            appointments=self.appointments.all(), submissions_closed=responses.submissions_closed,
            award=self._award(), published_at=self.awards.published_at,
            performance=self.performance.standing(self.courts.stopped_at()), court=self.courts.all(),
            fee=terms.fee, fee_final=terms.fee_final, claim=terms.claim, declared_languages=terms.languages,
            respondent=terms.respondent, slots=terms.slots, **counted,
        )  # fmt: skip

    def _award(self) -> AwardFact | None:
        award = self.awards.award
        due = self.performance.due
        return award if award is None or due is None else replace(award, due=due)

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
        if kind == "refused" and not self.opens:  # at the door: there is no spell that it could end
            return "second_outcome" if self.outcome else None
        if kind in _OPENINGS:
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
        self.deadlines.returned(self.spells, event.at)
        self.spells.append(Spell(event.at, event.type))
        if event.type == "filed":
            self.filed = event.at
        else:
            self._transferred("in", event)

    def begun(self, event: Event) -> None:
        """``commenced``: the parties were told; the first time counts."""
        if self.commenced is None:
            self.commenced = event.at
        else:
            self.defect("repeated_event", event)

    def settled(self, event: Event) -> None:
        """The parties agreed; in which stage decides which treaty protects the settlement."""
        self.performance.settled(event)
        self._end(Outcome("settled", event.at, stage=self.stages.settled_in(event)))

    def awarded(self, event: Event) -> None:
        """An award; by default where the respondent took no part."""
        self.awards.issued(event)
        self.performance.awarded(event)
        self._end(Outcome("default_award" if event.default else "award", event.at, code=event.outcome))

    def corrected(self, event: Event) -> None:
        """The award was corrected: nothing that a fact tells changes."""
        self.awards.meant(event)

    def challenged_at_court(self, event: Event) -> None:
        """A court is asked to set the award aside."""
        if self.awards.meant(event):
            self.courts.challenged(event)

    def decided_at_court(self, event: Event) -> None:
        """A court decides."""
        if self.awards.meant(event):
            self.courts.decided(event)

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
        last = self.spells[-1]
        self.spells[-1] = Spell(last.opened, last.opened_by, at, how)  # of every case: ``replace`` takes far longer
        self.stages.leave(at)
        self.stops.leave(at)
        self.appointments.leave(how, at)


_HANDLERS: Mapping[str, Callable[[_Story, Event], None]] = {
    "filed": _Story.opened,
    "transfer_in": _Story.opened,
    "commenced": _Story.begun,
    "response": lambda story, event: story.responses.responded(event),
    "no_response": lambda story, event: story.responses.silent(event),
    "submissions_closed": lambda story, event: story.responses.closed(event),
    "stage_started": lambda story, event: story.stages.started(event),
    "stage_ended": lambda story, event: story.stages.ended(event),
    "appointed": lambda story, event: story.appointments.appointed(event),
    "challenged": lambda story, event: story.appointments.challenged(event),
    "replaced": lambda story, event: story.appointments.replaced(event),
    "clock_stopped": lambda story, event: story.stops.stopped(event),
    "clock_resumed": lambda story, event: story.stops.resumed(event),
    "settled": _Story.settled,
    "award_issued": _Story.awarded,
    "notified": lambda story, event: story.awards.notified(event),
    "corrected": _Story.corrected,
    "published": lambda story, event: story.awards.published(event),
    "court_challenge": _Story.challenged_at_court,
    "court_decision": _Story.decided_at_court,
    "complied": lambda story, event: story.performance.reported(event),
    "not_complied": lambda story, event: story.performance.reported(event),
    "discontinued": _Story.stopped,
    "refused": _Story.stopped,
    "transfer_out": _Story.handed_over,
    "closed": _Story.closed,
    "deleted": _Story.closed,
}
"""What each type of event does; deadlines and terms may be stated by any."""
