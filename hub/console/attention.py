"""What needs an officer's attention, the most urgent first: a function of facts and a time.

=====================  =======  ===================================================================================
code                   urgency  when
=====================  =======  ===================================================================================
``alarm``              now      an alarm of the hub that concerns officers is on
``awards_in_doubt``    now      a key was revoked backwards, and awards that it signed were not reviewed since
``key_suspended``      now      a key came in through a revoked one and was not confirmed
``ended``              now      validity of a good status has ended
``cure_passed``        now      the cure deadline of a concern or referral has passed
``condition_passed``   now      the date of a conditional listing has passed
``draft_yours``        now      it waits for your signature, and is grave or lapses within three days; week otherwise
``application_ready``  week     the self-test has passed; now when the request lapses within three days
``application_stuck``  week     the self-test goes no further; now when the request lapses within three days
``consulted``          week     the panel has reported, and nobody has decided
``appeal_lodged``      week     an appeal was lodged, and nobody has decided
``applied``            week     accreditation was applied for, and nobody has decided
``answers_refused``    week     the rules refuse to register answers of parties; counted for each reason
``enquiries_late``     week     providers have not commented on enquiries in time
``cure_open``          later    a concern with a cure deadline; week when it comes within seven days, or is missing
``referred``           later    the panel consults; week when the cure deadline comes within seven days
``condition_open``     later    a conditional listing; week when its date comes within seven days
``ends``               later    a good status ends within 90 days; week within seven
``key_waiting``        week     officers made a key; it counts after 72 hours unless it is revoked
``key_overlap``        later    a retired key signs until its overlap ends
``suspended``          later    a suspension that was not followed by a decision
``appeal_open``        later    an appeal can still be lodged
``draft_others``       later    a draft waits for somebody else
``enquiries_open``     later    enquiries wait for a comment
=====================  =======  ===================================================================================

At the very second of a deadline it has passed. Whatever is in no row needs nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from hub.console.facts import (
    AlarmFact,
    AnswersFact,
    ApplicationFact,
    DecisionFact,
    DoubtFact,
    DraftFact,
    EnquiryFact,
    Facts,
    KeyFact,
)
from signing.authority import GRAVE_STATUSES

__all__ = ["HORIZONS_DAYS", "Item", "Urgency", "attention"]

DAY = 86_400
HORIZONS_DAYS = (7, 30, 90)
"""How many days before its end an accreditation is shown as ending, by step."""

_SOON = 7 * DAY
_LAPSING = 3 * DAY
_GOOD = frozenset({"listed", "conditional", "concern", "referred"})
_CURED = {
    "concern": ("cure_open", "cure_passed"),
    "referred": ("referred", "cure_passed"),
    "conditional": ("condition_open", "condition_passed"),
}
"""Status -> codes while its deadline is to come, and once it has passed."""

_GRAVE_KINDS = frozenset({"policy", "reference"})
_GRAVE_ACTIONS = GRAVE_STATUSES | {"revoke"}


class Urgency(IntEnum):
    """How soon something is to be done."""

    NOW = 0
    WEEK = 1
    LATER = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs attention.

    Attributes:
        code: of the table above.
        urgency: how soon.
        since: since when it is so (POSIX seconds); what is late, since when it is late.
        due: when something happens by itself or is late, None where nothing is due.
        subject: actor, kid or id that it is about; empty for none.
        name: what people call it; a member's text, or a code; empty for none.
        link: address on this hub where it is dealt with.
        count: how many, where the code counts something.
        at_least: whether there may be more.
        kind: of a draft's statement.
        status: that a draft gives, or the action of its statement.
        official: False of a draft that is no officer's.
    """

    code: str
    urgency: Urgency
    since: int
    due: int | None
    subject: str
    name: str
    link: str
    count: int = 0
    at_least: bool = False
    kind: str = ""
    status: str = ""
    official: bool = True


def attention(facts: Facts, now: int) -> list[Item]:
    """Every item, the most urgent first; of equal urgency by when it is due, or since when it has waited.

    Drafts that others than officers have posted come behind what is as urgent: whoever wants may name officers.
    """
    items = [
        *(_alarm(one) for one in facts.alarms),
        *(_doubt(one) for one in facts.doubts if one.awards),
        *_all(_keys(facts.keys, now)),
        *(_draft(one, now) for one in facts.drafts if one.expires > now),
        *_all(_application(one, now) for one in facts.applications if one.expires > now),
        *(item for one in facts.decisions for item in _decision(one, now)),
        *(_answers(one) for one in facts.answers),
        *_enquiries(facts.enquiries, now),
    ]
    return sorted(items, key=_order)


def _order(item: Item) -> tuple[int, bool, int, str, str]:
    due = item.since if item.due is None else item.due
    return item.urgency, not item.official, due, item.code, item.subject


def _all(found: Iterable[Item | None]) -> Iterator[Item]:
    return (one for one in found if one is not None)


def _alarm(fact: AlarmFact) -> Item:
    return Item("alarm", Urgency.NOW, fact.since, None, fact.code, fact.code, "/")


def _doubt(fact: DoubtFact) -> Item:
    link = f"/console/subjects/{fact.owner}/keys/{fact.kid}/awards"
    return Item(
        "awards_in_doubt", Urgency.NOW, fact.since, None, fact.kid, fact.owner, link, fact.awards, fact.at_least
    )


def _keys(facts: Iterable[KeyFact], now: int) -> Iterator[Item | None]:
    urgencies = {"waiting": Urgency.WEEK, "overlap": Urgency.LATER, "suspended": Urgency.NOW}
    for one in facts:
        if one.until is None or one.until > now:
            link = f"/console/subjects/{one.owner}"
            yield Item(f"key_{one.state}", urgencies[one.state], one.since, one.until, one.kid, one.owner, link)


def _draft(fact: DraftFact, now: int) -> Item:
    link = f"/console/drafts/{fact.id}"
    grave = fact.kind in _GRAVE_KINDS or fact.status in _GRAVE_ACTIONS
    urgency = Urgency.NOW if grave or fact.expires - now <= _LAPSING else Urgency.WEEK
    code, urgency = ("draft_yours", urgency) if fact.yours else ("draft_others", Urgency.LATER)
    return Item(
        code, urgency, fact.since, fact.expires, fact.id, fact.about or fact.kind, link, fact.missing,
        kind=fact.kind, status=fact.status, official=fact.official,
    )  # fmt: skip


def _application(fact: ApplicationFact, now: int) -> Item | None:
    if fact.state not in ("ready", "stuck"):
        return None
    urgency = Urgency.NOW if fact.expires - now <= _LAPSING else Urgency.WEEK
    link = f"/console/applications/{fact.id}"
    return Item(f"application_{fact.state}", urgency, fact.since, fact.expires, fact.id, fact.name, link)


def _decision(fact: DecisionFact, now: int) -> Iterator[Item]:
    """What its state asks for, and what its end asks for."""

    def item(code: str, urgency: Urgency, due: int | None) -> Item:
        link = f"/console/subjects/{fact.subject}"
        since = fact.since if due is None or due > now else due
        return Item(code, urgency, since, due, fact.subject, fact.name or fact.subject, link)

    if (state := _state(fact, now)) is not None:
        yield item(*state)
    if fact.appeal == "lodged":
        yield item("appeal_lodged", Urgency.WEEK, None)
    elif fact.appeal == "open" and fact.appeal_until is not None and fact.appeal_until > now:
        yield item("appeal_open", Urgency.LATER, fact.appeal_until)
    left = fact.ends - now
    if fact.status in _GOOD and left <= HORIZONS_DAYS[-1] * DAY:
        code = "ended" if left <= 0 else "ends"
        urgency = Urgency.NOW if left <= 0 else Urgency.WEEK if left <= _SOON else Urgency.LATER
        yield item(code, urgency, fact.ends)


def _state(fact: DecisionFact, now: int) -> tuple[str, Urgency, int | None] | None:
    if fact.status == "referred" and fact.consulted:
        return "consulted", Urgency.WEEK, None
    if fact.status in _CURED and fact.cure is not None:
        return _cure(fact.status, fact.cure, now)
    if fact.status == "concern":  # decided before deadlines were asked for
        return "cure_open", Urgency.WEEK, None
    if fact.status in ("applied", "referred", "suspended"):
        return fact.status, Urgency.WEEK if fact.status == "applied" else Urgency.LATER, None
    return None


def _cure(status: str, deadline: int, now: int) -> tuple[str, Urgency, int]:
    still_open, passed = _CURED[status]
    if deadline <= now:
        return passed, Urgency.NOW, deadline
    return still_open, Urgency.WEEK if deadline - now <= _SOON else Urgency.LATER, deadline


def _answers(fact: AnswersFact) -> Item:
    link = f"/docs/problems#{fact.code}"
    return Item("answers_refused", Urgency.WEEK, fact.since, None, fact.code, "", link, fact.answers)


def _enquiries(facts: Sequence[EnquiryFact], now: int) -> Iterator[Item]:
    """Enquiries are counted: whom they are about is said where they are read."""
    late, waiting = [one.due for one in facts if one.due <= now], [one for one in facts if one.due > now]
    link = "/console/oversight"
    if late:
        yield Item("enquiries_late", Urgency.WEEK, min(late), None, "", "", link, len(late))
    if waiting:
        since, due = min(one.since for one in waiting), min(one.due for one in waiting)
        yield Item("enquiries_open", Urgency.LATER, since, due, "", "", link, len(waiting))
