"""What is wrong with reported events: codes that are counted, never a reason to lose a case silently.

A defect sets aside the event that has it (or the part of it that makes no sense) and nothing else; the case
stays in the figures as the remaining events tell it. So a provider can't improve a figure by reporting badly:
a closing that can't be right leaves the case open. The provider mends a defect with an amending event.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["DEFECTS", "Defect", "count"]

DEFECTS: dict[str, str] = {
    # amendments
    "duplicate_event": "The same event was sent twice; it counts once.",
    "sequence_conflict": "Another event has this sequence number; the one recorded first counts.",
    "amends_unknown": "The amended event was never reported; the amendment is set aside.",
    "amends_later": "An amendment names its own number or a later one; it is set aside.",
    "amends_annulled": "The amended event had been taken back; it can only be reported anew.",
    "unknown_type": "No event has this type; it is set aside.",
    "event_in_future": "The event is dated after it was recorded; it is set aside.",
    # opening and end
    "unknown_case": "The case was never filed or received here; its events wait for its opening.",
    "second_opening": "The case was filed or received while it was open; the first opening counts.",
    "closing_before_opening": "The case ends before it begins; the end is set aside and the case counts as open.",
    "event_before_opening": "Something happened in the case before it was filed or received; it is set aside.",
    "event_after_end": "The case had ended; what is said to have happened afterwards is set aside.",
    "second_outcome": "The case has an outcome already; the first one counts.",
    "event_after_transfer": "The case had been handed over; the event is set aside.",
    "event_after_deletion": "The file had been deleted; the event is set aside.",
    "closed_without_outcome": "The case was closed and nobody said how it ended; its outcome is unknown.",
    "transfer_unnamed": "A transfer without its identifier can't be paired.",
    "repeated_event": "What happens once was reported again; the first report counts.",
    "answered_already": "No answer was reported although the respondent had answered; the answer counts.",
    "slot_refused": "Slots for answers were registered twice, or two of them are the same; the first ones count.",
    # neutrals
    "appointed_already": "The neutral was in office already; the event is set aside.",
    "panel_exceeded": "More neutrals are in office than the panel has seats.",
    "not_in_office": "A neutral was challenged or replaced who was not in office, or it is not clear who; set aside.",
    # after the end
    "award_unknown": "Something happened to an award that was never made; it is set aside.",
    "award_disagrees": "The event names another award than the one of the case; it is set aside.",
    "decision_missing": "A court decided and nobody said what; the event is set aside.",
    "challenge_unknown": "A court decided on an award whose challenge was not reported; the decision counts.",
    "nothing_owed": "Performance was reported where nothing is owed; it is set aside.",
    "performance_contradicts": "Complied with and not performed, or the reverse; the report is set aside.",
    "performed_already": "Performance was reported after it had been done in full or enforced; that report counts.",
    # stages
    "stage_missing": "The stage is not named.",
    "stage_not_started": "The stage that ends had not begun; the event is set aside.",
    "stage_not_ended": "A stage began before the one before it had ended; that one ends there.",
    "stage_order": "A stage began after a later one.",
    "stage_disagrees": "The stage of the settlement is not the one the case was in.",
    # clocks and deadlines
    "stop_without_reason": "The clock was stopped for no coded reason; it runs on.",
    "already_stopped": "The clock stood already; the event is set aside.",
    "not_stopped": "The clock was not stopped; the event is set aside.",
    "negative_duration": "A due date lies before the event that sets it.",
    "deadline_unnamed": "A deadline without its kind, or without its due date, can't be judged.",
    "due_changed": "A due date moved without an extension; the first one counts.",
    "extension_unknown": "An extension names a deadline that was not set before.",
    "deadline_judged_twice": "A deadline was reported met or missed twice; the first report counts.",
    "deadline_lapsed": "A deadline was reported on that lapsed while another provider had the case; it stays so.",
    "met_after_due": "A deadline was reported met after it fell due; it counts as missed.",
}
"""Code and plain sentence of every defect."""


@dataclass(frozen=True, slots=True, order=True)
class Defect:
    """One defect and the number of the event that has it (-1: the case as a whole)."""

    code: str
    sequence: int = -1


def count(defects: Iterable[Defect]) -> dict[str, int]:
    """How often each defect occurs, in the order of ``DEFECTS``; those that don't occur are left out."""
    found = Counter(defect.code for defect in defects)
    return {code: found[code] for code in DEFECTS if found[code]}
