"""Reports of case events on their way to the hub, oldest first.

A report that the hub does not take *now* for something in it, such as an event dated ahead of the log, holds up those
alone that are about one of its cases too: their events count on. Reports about other cases pass it. So does one pass a
report that the hub refuses for its date and that is signed anew, now that the clock tells another time.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from providers.errors import GatewayError, HubRefusedError
from providers.gateway.exchange import outbox
from providers.gateway.exchange.context import Context
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Problem, Sending
from schemas.errors import SchemaViolationError
from signing.encoding import JSON, canonical
from signing.statement import MAX_PAYLOAD, Statement, parse_statement, seconds

__all__ = ["MAX_REPORT", "REPORTS", "Reports", "check_dates", "signed_reports"]

REPORTS = "reports"
"""Stands where a transfer id would for case events to be reported."""

MAX_REPORT = 500
"""Events in one statement."""

_ENVELOPE = 4096
"""More octets than a statement has besides its events."""

AHEAD_SECONDS = 5 * 60
"""How far ahead of the log's time the hub takes an event (PROTOCOL §3)."""

_BODY = "/body/"
_EVENT = re.compile(rf"^({_BODY}events/)(\d+)")


def check_dates(events: Sequence[Mapping[str, JSON]], now: int) -> None:
    """Refuse events that the hub would not take yet; that their times are times is checked by the schema.

    Raises:
        GatewayError: ``event_in_future``, of the first one.
    """
    for number, event in enumerate(events):
        if seconds(event["at"]) > now + AHEAD_SECONDS:
            message = f"The event is dated {event['at']}, more than 5 minutes ahead; nothing was reported."
            raise GatewayError("event_in_future", message, f"/events/{number}/at")


def signed_reports(context: Context, events: Sequence[JSON]) -> list[tuple[Statement, int]]:
    """The statements of these events in their order, and how many are in each; none is larger than a statement may be.

    Raises:
        SchemaViolationError: with every violation in the first statement that has one, each event by its number in all.
    """
    found, first = [], 0
    for piece in _pieces(events):
        found.append((_signed(context, piece, first), len(piece)))
        first += len(piece)
    return found


def _pieces(events: Sequence[JSON]) -> list[list[JSON]]:
    """The events in pieces of at most ``MAX_REPORT`` that fit in a statement; one that fits in none stands alone."""
    pieces: list[list[JSON]] = [[]]
    room = MAX_PAYLOAD - _ENVELOPE
    for event in events:
        size = len(canonical(event)) + 1  # and its comma
        if pieces[-1] and (len(pieces[-1]) == MAX_REPORT or size > room):
            pieces.append([])
            room = MAX_PAYLOAD - _ENVELOPE
        pieces[-1].append(event)
        room -= size
    return pieces


def _signed(context: Context, events: Sequence[JSON], first: int) -> Statement:
    """The statement of these events; ``first`` is the number of the first one in all that are reported."""
    try:
        return outbox.signed(context, "case-events", {"events": list(events)})
    except SchemaViolationError as error:
        moved = [replace(one, pointer=_counted(one.pointer, first)) for one in error.violations]
        raise SchemaViolationError(error.kind, error.version, moved) from None


def _counted(pointer: str, first: int) -> str:
    """A pointer into a statement's events, as one into all of which ``first`` stand in other statements before."""
    return _EVENT.sub(lambda found: f"{found[1]}{int(found[2]) + first}", pointer)


class Reports:
    """Sends what waits; remembers what the hub did not take while it goes through it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stuck: dict[int, HubRefusedError] = {}
        self._cases: dict[int, frozenset[str]] = {}

    async def send(self) -> bool:
        """Send the oldest report that nothing holds up, or have it refused for good; False when none waits.

        Raises:
            HubRefusedError: of a report that must be tried again, once no other can go.
            ProvidersError: for now.
        """
        waiting = await self._context.store.do(lambda book: book.sendings(REPORTS, waiting=True))
        try:
            while (one := self._next(waiting)) is not None:
                if await self._passed(one):
                    return True
            await self._end(waiting)
        except Exception:
            self._stuck, self._cases = {}, {}  # the next time everything is tried again
            raise
        return False

    def _next(self, waiting: Sequence[Sending]) -> Sending | None:
        held: set[str] = set()
        for one in waiting:
            if not self._stuck or (one.id not in self._stuck and held.isdisjoint(self._cases_of(one))):
                return one
            held |= self._cases_of(one)
        return None

    def _cases_of(self, one: Sending) -> frozenset[str]:
        if one.id not in self._cases:
            events = parse_statement(one.document or b"").body["events"]
            self._cases[one.id] = frozenset(event["case"] for event in events)
        return self._cases[one.id]

    async def _passed(self, one: Sending) -> bool:
        """Whether it is registered, or refused for good; if not, it is remembered that it is stuck."""
        try:
            await self._post(one)
        except HubRefusedError as error:
            problem = Problem.of(error)
            if not outbox.may_change(error):
                await self._context.store.do(lambda book: _refuse(book, one, problem))
                return True
            anew = await outbox.sign_anew(self._context, None, one, error)
            if not anew and not error.where.startswith(_BODY):
                raise  # not for what is in it: the next one would fare no better
            self._stuck[one.id] = error
            return False

        def done(book: Book) -> None:
            book.change_sending(one.id, state="done", problem=None)
            book.tell("report_registered", report=one.purpose, digest=one.digest)

        await self._context.store.do(done)
        return True

    async def _post(self, one: Sending) -> None:
        context = self._context
        if one.state == "waiting":
            registered = await outbox.post(context, one)
            await context.store.do(partial(outbox.posted, sending=one))
        else:
            registered = await context.hub.registration(one.digest)
        await context.peers.verify(registered)

    async def _end(self, waiting: Sequence[Sending]) -> None:
        """Raise the refusal of the oldest that is stuck, which the engine notes; those of the others are noted here."""
        stuck = [one for one in waiting if one.id in self._stuck]
        if not stuck:
            return

        def note(book: Book) -> None:
            for one in stuck[1:]:
                problem = Problem.of(self._stuck[one.id])
                book.change_sending(one.id, attempts=one.attempts + 1, problem=problem)

        await self._context.store.do(note)
        raise self._stuck[stuck[0].id]


def _refuse(book: Book, one: Sending, problem: Problem) -> None:
    book.change_sending(one.id, state="refused", problem=problem)
    book.tell("report_refused", report=one.purpose, **problem.to_json())
