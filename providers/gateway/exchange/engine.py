"""The engine: listens for news, takes the next step of every transfer, and tries again what failed.

One task reads the inbox; each transfer with something to do has a task of its own, so that one that is stuck
holds up no other. A failure that may pass is retried after ``Backoff``; when the hub answers again after it did
not, everything is tried at once. All state is in the store: a restart takes every open transfer up again.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from functools import partial

from providers.errors import GatewayError, HubRefusedError, HubUnavailableError, ProvidersError
from providers.gateway.exchange import closing, ledger, outbox, recipient, sender, takingback
from providers.gateway.exchange.context import Context
from providers.gateway.exchange.plan import Step, next_step
from providers.gateway.exchange.reports import REPORTS, Reports
from providers.gateway.exchange.retry import Backoff
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Dossier, Problem, Sending
from providers.package.errors import PackageRefusedError
from providers.receipts import InboxPage
from schemas.errors import SchemasError
from signing.errors import SigningError

__all__ = ["Contact", "Engine"]

HEAR_SECONDS = 2.0
"""How long the inbox may take to bring a statement of our own before the hub is asked for it."""

SOON = 0.5
"""Seconds until the witnesses are asked again."""

PATIENCE = 120
"""How often they are asked like that, before the ordinary waits begin."""

PROBE_SECONDS = 60.0
"""A hub that does not answer is asked for news at least this often."""

LULL_SECONDS = 1.0
"""Between two questions for news to a hub, or to what stands before it, that says at once that there is none."""

HOUSEKEEPING_SECONDS = 60.0
_log = logging.getLogger("providers.gateway.exchange")


class Contact:
    """Whether the hub answers, and how far its clock is from ours."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.last: int | None = None
        self.failing: Problem | None = None
        """Why there is no news from the hub."""
        self.refused = False
        """Whether that is a refusal: the hub does answer."""
        self.skew = 0

    def heard(self, date: str | None) -> None:
        """An answer came."""
        self.last = self._clock()
        if date is not None:
            try:
                self.skew = self.last - round(parsedate_to_datetime(date).timestamp())
            except ValueError:
                _log.info("the hub's Date can't be read")

    def fails(self, error: HubUnavailableError | HubRefusedError) -> None:
        """No answer came, or a refusal."""
        self.failing, self.refused = Problem.of(error), isinstance(error, HubRefusedError)


class Engine:
    """The loops of one gateway."""

    def __init__(self, context: Context, contact: Contact, chance: Callable[[], float] = random.random) -> None:
        self.context = context
        self.contact = contact
        settings = context.settings
        self._backoff = Backoff(settings.retry_first_seconds, settings.retry_cap_seconds, chance)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._attempts: dict[str, int] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._heavy = asyncio.Semaphore(2)
        self._reports = Reports(context)
        self._noted: tuple[int | None, dict[str, int]] | None = None
        """Cursor and news as they were when news came last; None once that was told."""
        self.changed = asyncio.Condition()
        self._told = 0

    async def run(self) -> None:
        """Work until cancelled."""
        for transfer_id in await self.context.store.do(_unfinished):
            self.wake(transfer_id)
        try:
            await asyncio.gather(self._listen(), self._keep_house())
        finally:
            await self._stop()

    def wake(self, transfer_id: str) -> None:
        """Something changed in a transfer: see what is to be done."""
        timer = self._timers.pop(transfer_id, None)
        if timer is not None:
            timer.cancel()
        if transfer_id in self._tasks:
            self._again.add(transfer_id)
            return
        task = asyncio.get_running_loop().create_task(self._drive(transfer_id))
        self._tasks[transfer_id] = task
        task.add_done_callback(lambda _: self._done(transfer_id))

    def hub_answers(self) -> None:
        """The hub is there again: everything that waits is tried now."""
        self.contact.failing = None
        self._attempts.clear()
        for transfer_id in list(self._timers):
            self.wake(transfer_id)

    async def tell(self) -> None:
        """Wake those who wait for the feed, if there is something new in it."""
        if self._told == self.context.store.told:
            return
        self._told = self.context.store.told
        async with self.changed:
            self.changed.notify_all()

    def _done(self, transfer_id: str) -> None:
        self._tasks.pop(transfer_id, None)
        if transfer_id in self._again:
            self._again.discard(transfer_id)
            self.wake(transfer_id)

    async def _stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._again.clear()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- news

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                await self._hear_news(0 if self.contact.failing else self.context.settings.poll_seconds)
                if self.contact.failing or failures:
                    self.hub_answers()
                failures = 0
            except ProvidersError as error:
                failures += 1
                if isinstance(error, HubUnavailableError | HubRefusedError):
                    self.contact.fails(error)
                await asyncio.sleep(min(self._backoff.after(failures), PROBE_SECONDS))
            except Exception:  # noqa: BLE001 - whatever the hub sent, what is under way goes on
                failures += 1
                _log.exception("news could not be read")
                await asyncio.sleep(PROBE_SECONDS)

    async def _hear_news(self, wait: int) -> None:
        """Ask once. What has news is remembered with the cursor; each transfer then applies its own.

        The texts are in memory alone until then: the hub is told of what it still has to keep. What was just added is
        told as not applied, though some of it may be by now; the question after one that brought nothing tells that.
        """
        noted, self._noted = self._noted, None
        cursor, news = noted if noted is not None else await self.context.store.do(_heard_of)
        asked = asyncio.get_running_loop().time()
        page = await self.context.hub.inbox(cursor, wait, applied=min(news.values()) - 1 if news else None)
        if not page.entries and wait and asyncio.get_running_loop().time() < asked + LULL_SECONDS:
            await asyncio.sleep(LULL_SECONDS)
        if page.entries:
            self.context.heard.add(page.entries)
            self._noted = await self.context.store.do(partial(_note_news, page=page))
        for transfer_id in page.transfers:
            self._attempts.pop(transfer_id, None)
            self.wake(transfer_id)

    async def _keep_house(self) -> None:
        while True:
            try:
                await closing.delete_due(self.context)
                for transfer_id in await self.context.store.do(_unfinished):
                    if transfer_id not in self._timers:
                        self.wake(transfer_id)  # nothing that is open is ever without an owner
            except (ProvidersError, OSError):
                _log.exception("housekeeping failed; it is tried again")
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    # ---- steps

    async def _drive(self, transfer_id: str) -> None:
        """Take steps until it is somebody else's turn, or one fails."""
        self.context.situations.forget(transfer_id)
        try:
            while await self._advance(transfer_id):
                self._attempts.pop(transfer_id, None)
                await self.tell()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other transfers go on and this one is tried again
            await self._note(transfer_id, _problem(transfer_id, error))
            self._retry(transfer_id, error)
        finally:
            self.context.situations.forget(transfer_id)

    def _retry(self, transfer_id: str, error: Exception) -> None:
        before = 0 if self.context.progress.moved(transfer_id) else self._attempts.get(transfer_id, 0)
        self._attempts[transfer_id] = attempts = before + 1
        soon = getattr(error, "code", "") == "not_witnessed_yet" and attempts <= PATIENCE
        delay = SOON if soon else self._backoff.after(attempts)
        if isinstance(error, HubUnavailableError) and self.contact.failing is None:
            self.contact.fails(error)
        loop = asyncio.get_running_loop()
        self._timers[transfer_id] = loop.call_later(delay, self._due, transfer_id)

    def _due(self, transfer_id: str) -> None:
        self._timers.pop(transfer_id, None)
        self.wake(transfer_id)

    async def _note(self, transfer_id: str, problem: Problem) -> None:
        """Store what is wrong, if the store takes it."""

        def keep(book: Book) -> None:
            if book.dossier(transfer_id) is not None:
                book.amend(transfer_id, problem=problem)
            for sending in book.sendings(transfer_id, waiting=True)[:1]:
                book.change_sending(sending.id, attempts=sending.attempts + 1, problem=problem)

        try:
            await self.context.store.do(keep)
            await self.tell()
        except GatewayError:
            _log.exception("what is wrong with transfer %s could not be stored", transfer_id)

    async def _advance(self, transfer_id: str) -> bool:
        if transfer_id == REPORTS:
            return await self._reports.send()
        now = await self.context.situations.of(transfer_id)
        self.context.situations.forget(transfer_id)
        if now.news is not None:
            await self._apply_news(transfer_id, now.news)
            return True
        step = None if now.dossier is None else next_step(now.dossier, now.sent)
        if now.dossier is None or step is None:
            return False
        await self._take(step, now.dossier, now.sending(step.purpose))
        return True

    async def _apply_news(self, transfer_id: str, index: int) -> None:
        try:
            if await ledger.apply_heard(self.context, transfer_id) >= index:
                return
            await ledger.sync(self.context, transfer_id)
        except HubRefusedError as error:
            if error.code != "body_deleted":
                raise
            _log.warning("transfer %s ended so long ago that its statements are deleted", transfer_id)
            await self._note(transfer_id, Problem.of(error))
        await self.context.situations.change(transfer_id, lambda book: book.applied(transfer_id, index))

    async def _take(self, step: Step, dossier: Dossier, sending: Sending | None) -> None:
        if step.what == "refuse" and sending is not None and sending.problem is not None:
            await self._refused(step, dossier, sending.problem, None)
            return
        try:
            await _guarded(self._heavy if step.what in ("pack", "open") else None, self._work(step, dossier, sending))
        except (HubRefusedError, PackageRefusedError, SchemasError) as error:
            if isinstance(error, HubRefusedError) and not self._is_final(step, dossier, error):
                raise
            if dossier.final:
                raise
            await self._refused(step, dossier, _final(error), sending if step.what == "send" else None)

    def _is_final(self, step: Step, dossier: Dossier, error: HubRefusedError) -> bool:
        return step.what == "send" and outbox.is_final(error, dossier, step.purpose, self.context.clock())

    def _work(self, step: Step, dossier: Dossier, sending: Sending | None) -> Callable[[], Awaitable[None]]:
        context = self.context

        async def work() -> None:
            if step.what == "compose":
                await outbox.compose(context, dossier, step.purpose)
            elif step.what == "send" and sending is not None:
                await outbox.send_one(context, dossier, sending)
            elif step.what == "sync":
                await self._follow(dossier, sending)
            else:
                await _STEPS[step.what](context, dossier)

        return work

    async def _follow(self, dossier: Dossier, sending: Sending | None) -> None:
        """See our own statement in the log, proved and witnessed; it comes with the inbox, or is asked for."""
        context, transfer_id = self.context, dossier.transfer_id
        heard = sending is not None and await context.heard.wait(transfer_id, sending.digest, HEAR_SECONDS)
        if not heard or await ledger.apply_heard(context, transfer_id) < 0:
            await ledger.sync(context, transfer_id)
        now = await context.situations.of(transfer_id)
        if sending is not None and now.sent.get(sending.purpose) == "posted":
            message = "The hub does not list our statement under the transfer yet."
            raise GatewayError("not_witnessed_yet", message, sending.digest, actor="hub", retryable=True)

    async def _refused(self, step: Step, dossier: Dossier, problem: Problem, sending: Sending | None) -> None:
        """A final refusal: of the offer, the transfer ends here; of the package, the offer is taken back.

        What was refused and what follows are stored together: one without the other would leave the case locked.
        """

        def keep(book: Book) -> None:
            if sending is not None:
                book.change_sending(sending.id, state="refused", problem=problem)
            before = book.dossier(dossier.transfer_id)
            if before is None or before.final:
                return  # it ended meanwhile: a person took it back, or the log says so
            changed = book.amend(dossier.transfer_id, problem=problem, **_after_refusal(step, before, problem))
            book.tell("refused", changed, step=step.purpose or step.what, **problem.to_json())
            if changed.ended is not None:
                book.settle(dossier.transfer_id, "cancelled")
                book.release(dossier.case_id, dossier.transfer_id)

        await self.context.situations.change(dossier.transfer_id, keep)
        if dossier.record is not None:  # somebody was quicker, perhaps: see what the log says
            await ledger.sync(self.context, dossier.transfer_id)


def _after_refusal(step: Step, dossier: Dossier, problem: Problem) -> dict[str, object]:
    """What a final refusal of a step means: an offer that never came into the log ends, another one is taken back.

    A person who takes it back has given a reason, and that stays.
    """
    taken_back = "withdraw" in (dossier.decision or {})
    if dossier.state == "preparing":
        return {"ended": "cancelled" if taken_back else "refused"}
    if not taken_back and dossier.role == "sender" and (step.what == "pack" or step.purpose in ("package", "dispatch")):
        return {"decision": {"withdraw": "error", "problem": problem.to_json()}}
    return {}


def _final(error: ProvidersError | SchemasError) -> Problem:
    """What a final refusal says."""
    if isinstance(error, ProvidersError):
        return Problem.of(error)
    return Problem(error.code, error.message, error.where)


def _problem(transfer_id: str, error: Exception) -> Problem:
    """What is wrong while it is tried again."""
    if isinstance(error, ProvidersError):
        return Problem.of(error)
    if isinstance(error, SigningError | SchemasError):
        return Problem(error.code, error.message, error.where, retryable=True)
    if isinstance(error, OSError):
        message = f"The disk does not take it: {error.strerror}."
        return Problem("disk_failed", message, actor="operator", retryable=True)
    _log.error("unforeseen error in transfer %s", transfer_id, exc_info=error)
    return Problem("internal_error", "The gateway made a mistake; see its log.")


def _heard_of(book: Book) -> tuple[int | None, dict[str, int]]:
    """Up to which log index the inbox was read, and what of that is not applied yet."""
    return book.cursor(), book.news()


def _note_news(book: Book, page: InboxPage) -> tuple[int | None, dict[str, int]]:
    """Remember what a page of the inbox brought; what ``_heard_of`` says then."""
    book.add_news(page.transfers, page.following)
    return _heard_of(book)


def _unfinished(book: Book) -> set[str]:
    """Whatever has something to be done."""
    return {one.transfer_id for one in book.dossiers(unfinished=True)} | book.news().keys() | {REPORTS}


_STEPS: dict[str, Callable[[Context, Dossier], Awaitable[None]]] = {
    "seal": sender.seal,
    "pack": sender.pack,
    "take_back": takingback.take_back,
    "read_brief": recipient.read_brief,
    "make_key": recipient.make_key,
    "download": recipient.download,
    "open": recipient.unpack,
    "close": closing.close,
}


async def _guarded(limit: asyncio.Semaphore | None, work: Callable[[], Awaitable[None]]) -> None:
    if limit is None:
        await work()
        return
    async with limit:
        await work()
