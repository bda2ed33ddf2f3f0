"""What the people and the platform here may ask for: take in a case, offer it, accept, decline, withdraw, report.

Everything is decided against what is stored, in one transaction, and answered at once; the engine does the rest.
What the hub would refuse for a reason that can be seen here is refused here, with the same code.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import uuid4

from providers.errors import GatewayError
from providers.gateway.exchange import outbox
from providers.gateway.exchange.casebook import Intake
from providers.gateway.exchange.composing import brief_of, offer_body, summary_of
from providers.gateway.exchange.context import Context
from providers.gateway.exchange.engine import Engine
from providers.gateway.exchange.feedback import Feedback
from providers.gateway.exchange.reports import REPORTS, check_dates, signed_reports
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Case, Dossier
from providers.package.brief import check_brief
from providers.package.casefile import check_case
from providers.package.disclosure import Terms, check_item
from providers.package.manifest import Route
from providers.transfer.commands import Offer, read
from providers.transfer.gates import check_offer
from providers.transfer.values import Standing
from schemas.validation import validate, validate_document
from signing.compose import new_id, timestamp
from signing.encoding import JSON, loads_canonical

__all__ = ["Service"]

T = TypeVar("T")
_LISTED = Standing("provider", active=True, accreditation="listed")
_NO_BRIEF = {"sha256": "0" * 64, "size": 1}
_NOT_PACKED = {"answer": "0" * 64, "manifest_root": "0" * 64, "ciphertext": _NO_BRIEF, "escrow": []}
_ACCEPT = {"conflict_check", "neutral_plan", "clock_resumes", "fee_terms_sha256"}


class Service:
    """The use cases of the local interface."""

    def __init__(self, context: Context, engine: Engine) -> None:
        self.context = context
        self.engine = engine
        self.feedback = Feedback(context)

    async def take_in(self, intake: Intake) -> Case:
        """Take a case in, or a newer version of one that is held here and not on its way.

        Raises:
            CaseRefusedError: with every fault.
            GatewayError: ``case_id_of_other_member``, ``case_not_held`` or ``transfer_open``.
        """
        context = self.context
        case = await asyncio.to_thread(context.cases.adopt, intake, context.clock())  # it waits for the disk

        def keep(book: Book) -> Case | None:
            before = book.case(case.case_id)
            if before is None and not case.case_id.startswith(f"urn:odr:{context.actor}:"):
                message = f"A new case's id begins with urn:odr:{context.actor}:."
                raise GatewayError("case_id_of_other_member", message, "/case_id")
            if before is not None and before.state != "held":
                raise GatewayError("case_not_held", "Custody of this case has moved.", case.case_id)
            if before is not None and before.transfer is not None:
                raise GatewayError("transfer_open", "A transfer of this case is open.", before.transfer)
            book.put_case(case)
            book.tell("case_added", case_id=case.case_id)
            return before

        try:
            replaced = await context.store.do(keep)
        except GatewayError:
            await asyncio.to_thread(context.cases.delete, case)
            raise
        if replaced is not None and replaced.origin == "own":  # what was received stays as its sender made it
            await asyncio.to_thread(context.cases.delete, replaced)
        await self.engine.tell()
        return case

    async def offer(self, case_id: str, terms: Mapping[str, JSON]) -> Dossier:
        """Offer a case to another provider.

        Raises:
            SchemaViolationError, TransferRefused, PackageRefusedError: what the hub or the recipient would refuse.
            GatewayError: ``unknown_case``, ``case_not_held``, ``transfer_open``, ``case_changed``, or a wrong term.
        """
        context, now = self.context, self.context.clock()
        case = await self.case(case_id)
        _check_free(case)
        text = await asyncio.to_thread(context.cases.load, case)
        body = offer_body(text, terms, new_id(context.actor, now), now)
        self._check(case, text, body, now)
        summary = summary_of(text, terms)
        await self._check_summary(text, body, summary)
        dossier = Dossier(
            str(body["transfer_id"]),
            "sender",
            case_id,
            str(body["recipient"]),
            now,
            offer=body,
            summary=summary,
        )

        def keep(book: Book) -> Dossier:
            fresh = book.case(case_id)
            if fresh is None:
                raise GatewayError("unknown_case", "There is no such case here.", case_id)
            _check_free(fresh)
            if fresh.sha256 != case.sha256:
                message = "A newer version of the case was stored meanwhile; offer it again."
                raise GatewayError("case_changed", message, case_id, retryable=True)
            book.change_case(case_id, transfer=dossier.transfer_id)
            book.save(dossier)
            book.tell("offer_prepared", dossier)
            return dossier

        return await self._change(dossier.transfer_id, keep)

    async def accept(self, transfer_id: str, said: Mapping[str, JSON]) -> Dossier:
        """Accept an offer whose brief was read, with the result of the check for conflicts of interest."""
        for name in said:
            if name not in _ACCEPT:
                raise GatewayError("unknown_term", f"{name} is no term of an acceptance.", f"/{name}")
        check = said.get("conflict_check")
        if not isinstance(check, Mapping) or check.get("result") not in ("none", "disclosed"):
            message = "Accepting needs conflict_check with its result: none or disclosed."
            raise GatewayError("conflict_check_missing", message, "/conflict_check")
        done = {"done_at": timestamp(self.context.clock()), **check}
        plain = {"neutral_plan": "appoint_new", "clock_resumes": "at_appointment"}
        return await self._decide(transfer_id, {"answer": "accept", **plain, **said, "conflict_check": done})

    async def decline(self, transfer_id: str, reason: JSON) -> Dossier:
        """Decline an offer, for a reason of the code list."""
        return await self._decide(transfer_id, {"answer": "decline", "reason": reason})

    async def withdraw(self, transfer_id: str, reason: JSON) -> Dossier:
        """Take an offer back; one that never left is cancelled. Whether the log takes the withdrawal will show.

        Raises:
            GatewayError: ``wrong_state``, or ``dispatched_already``.
        """
        self._check_body("transfer-withdrawal", {"transfer_id": transfer_id, "offer": "0" * 64, "reason": reason})

        def keep(book: Book) -> Dossier:
            before = _known(book, transfer_id)
            if before.role != "sender" or before.state not in ("preparing", "offered", "accepted"):
                raise _wrong_state(before, "an offer or acceptance of ours")
            sent = {one.purpose: one.state for one in book.sendings(transfer_id)}
            if sent.get("dispatch") in ("posted", "done"):
                message = "The dispatch is in the log already; what was sent can't be taken back."
                raise GatewayError("dispatched_already", message, transfer_id)
            if before.state == "preparing" and "offer" not in sent:
                book.settle(transfer_id, "cancelled")
                book.release(before.case_id, before.transfer_id)
                return book.amend(transfer_id, ended="cancelled")
            return book.amend(transfer_id, decision={"withdraw": reason})

        return await self._change(transfer_id, keep)

    async def report(self, events: Sequence[JSON]) -> list[dict[str, JSON]]:
        """Report case events, in as many statements as they need; commencements name the slots of their cases.

        Raises:
            SchemaViolationError: nothing is reported then.
            GatewayError: ``event_in_future``; neither then.
        """
        events = await self.feedback.with_slots(events)
        # hundreds of them take seconds, in which transfers go on
        reports = await asyncio.to_thread(signed_reports, self.context, events)
        check_dates(events, self.context.clock())
        names = [uuid4().hex for _ in reports]

        def keep(book: Book) -> None:
            for name, (one, _) in zip(names, reports, strict=True):
                book.queue(REPORTS, name, "statement", one.digest, one.document)

        await self._change(REPORTS, keep)
        return [
            {"report": name, "digest": one.digest, "events": count}
            for name, (one, count) in zip(names, reports, strict=True)
        ]

    async def case(self, case_id: str) -> Case:
        """A case that is, or was, here."""
        found = await self.context.store.do(lambda book: book.case(case_id))
        if found is None:
            raise GatewayError("unknown_case", "There is no such case here.", case_id)
        return found

    async def dossier(self, transfer_id: str) -> Dossier:
        """A transfer of this member."""
        return await self.context.store.do(lambda book: _known(book, transfer_id))

    async def _decide(self, transfer_id: str, decision: Mapping[str, JSON]) -> Dossier:
        jwk = {"kty": "OKP", "crv": "X25519", "x": "A" * 43} if decision["answer"] == "accept" else None
        more = {} if jwk is None else {"key": jwk}
        body = {"transfer_id": transfer_id, "offer": "0" * 64, **decision, **more}
        self._check_body("transfer-answer", body)

        def keep(book: Book) -> Dossier:
            before = _known(book, transfer_id)
            if before.role != "recipient" or before.state != "offered":
                raise _wrong_state(before, "an offer to us")
            if before.decision is not None:
                raise GatewayError("decided_already", "This offer has been answered.", transfer_id)
            if decision["answer"] == "accept" and before.failure is not None:
                message = (
                    f"The brief can't be read ({before.failure['code']}): decline, or ask the sender to offer anew."
                )
                raise GatewayError("brief_unreadable", message, transfer_id)
            if decision["answer"] == "accept" and before.brief is None:
                raise GatewayError("brief_not_read", "The brief has not been read yet.", transfer_id, retryable=True)
            return book.amend(transfer_id, decision=decision)

        return await self._change(transfer_id, keep)

    async def _change(self, transfer_id: str, work: Callable[[Book], T]) -> T:
        """Change the store and wake the engine, even when whoever asked does not wait for the answer."""
        self.context.situations.touch(transfer_id)
        try:
            return await self.context.store.do(work)
        finally:
            self.engine.wake(transfer_id)  # the store works in order: the engine sees what is being written

    def _check_body(self, kind: str, body: Mapping[str, JSON]) -> dict[str, JSON]:
        """Hold a body against its kind's schema; pointers then begin at the body."""
        validate(kind, 1, loads_canonical(outbox.unsigned(self.context, kind, body, self.context.clock())))
        return dict(body)

    def _check(self, case: Case, text: Mapping[str, JSON], body: Mapping[str, JSON], now: int) -> None:
        """What the hub's gates and the recipient's checks will ask, as far as it can be told here."""
        full = self._check_body("transfer-offer", {**body, "brief": _NO_BRIEF})
        command = read("transfer-offer", self.context.actor, "0" * 64, full)
        if isinstance(command, Offer):
            check_offer(command, _LISTED, now)
        terms, recipient = Terms.of_offer(full), str(full["recipient"])
        route = Route(str(full["transfer_id"]), self.context.actor, recipient)
        check_case(text, route, terms, now, validate_document)
        for one in case.documents:
            check_item(one.data_class, one.sha256, terms, recipient, now, one.name)

    async def _check_summary(
        self, text: Mapping[str, JSON], body: Mapping[str, JSON], summary: Mapping[str, JSON]
    ) -> None:
        """Hold what dispatch and brief will say against their schemas, while whoever offers can mend it."""
        dispatch = {"transfer_id": body["transfer_id"], **_NOT_PACKED, "withheld": summary["withheld"]}
        self._check_body("transfer-dispatch", dispatch)
        await asyncio.to_thread(check_brief, brief_of(text, body, summary), validate=validate_document)


def _check_free(case: Case) -> None:
    if case.state != "held":
        raise GatewayError("case_not_held", "Custody of this case has moved.", case.case_id)
    if case.transfer is not None:
        raise GatewayError("transfer_open", "A transfer of this case is open already.", case.transfer)


def _known(book: Book, transfer_id: str) -> Dossier:
    found = book.dossier(transfer_id)
    if found is None:
        raise GatewayError("unknown_transfer", "No transfer of this id is known here.", transfer_id)
    return found


def _wrong_state(dossier: Dossier, wanted: str) -> GatewayError:
    message = f"The transfer is {dossier.state} and this gateway is its {dossier.role}; this needs {wanted}."
    return GatewayError("wrong_state", message, dossier.transfer_id)
