"""Applications for membership and their states.

::

    received -> testing -> ready -> admitted        the statement of the application is in the log
       |           |         |
       +-----------+---------+---> declined         by an officer with a reason; or the id went to somebody else
                                   expired          after 30 days
                                   withdrawn        by the applicant

*testing* is an application whose self-test has not passed in full yet; *ready* stays ready. What was posted is deleted
when an application ends, and a draft of it that waits on the signing desk ends with it (``ending``); its outcome can be
read for 30 days more, and so long nobody else's signature admits the applicant either (``admitting``).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hub.applications.admitting import Admissions
from hub.applications.ending import Posted, ended_already, ended_as, quietly, signed_already, wished
from hub.applications.errors import ApplicationError, ApplicationQuotaError
from hub.applications.flags import Flag, Flags
from hub.applications.receiving import AHEAD_SECONDS, Applied, officer_kids, receive
from hub.applications.testing import Asked, Examined, judge, new_challenge
from hub.errors import NotFoundError
from hub.storage.applications import Application, ApplicationStore, Met
from hub.storage.directory import Directory
from providers.application.form import ApplicationForm
from providers.application.selftest import Answer
from registry.errors import refused
from signing.compose import uuid7
from signing.encoding import canonical
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey

__all__ = ["DAYS", "PENDING", "Applications", "Network"]

DAY = 86_400
DAYS = 30
"""An application ends by itself after so many days, and its outcome is kept for as long again."""

PENDING = 1000
"""Most open applications."""


@dataclass(frozen=True, slots=True)
class Network:
    """What an application is judged against.

    Args:
        id: digest of the genesis payload.
        inbox: the hub's inbox secret.
        size: the signed size of the log.
    """

    id: str
    inbox: AgreementKey
    size: Callable[[], int]


class Applications:
    """Every application of this hub.

    Args:
        store: their rows.
        directory: policies and members.
        network: what they are judged against.
        admissions: those that are on their way into the log.
        clock: POSIX seconds.
    """

    def __init__(  # its collaborators, each used
        self,
        store: ApplicationStore,
        directory: Directory,
        network: Network,
        admissions: Admissions,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._directory = directory
        self._network = network
        self._admissions = admissions
        self._clock = clock
        self._flags = Flags(store, directory, network.size)

    async def receive(self, data: bytes, count: Callable[[], None]) -> tuple[Application, bool]:
        """Keep an application; returns it and whether it is new. The same again is the one that is there.

        Args:
            data: the document.
            count: counts an application that is new and holds in every point; what it raises keeps nothing.

        Raises:
            ApplicationQuotaError: too_many_applications.
            ApplicationError: application_pending (one for each statement key), or as ``receiving.receive``.
            IntakeError: as ``receiving.receive``.
            Refused: actor_id_taken, key_known.
        """
        now, officers = self._clock(), await self._officers()
        applied = await asyncio.to_thread(
            receive, data, network=self._network.id, inbox=self._network.inbox, officers=officers, now=now
        )
        asked = await asyncio.to_thread(new_challenge, applied.keys)
        new = _new(applied, asked, now)
        await self.settle()
        kept = await self._store.add(new, applied.kids, lambda met: _decide(new, met, count))
        return kept, kept is new

    async def find(self, name: str) -> Application:
        """The application of this id, as far as the log has settled it.

        Raises:
            NotFoundError: unknown_application.
        """
        await self.settle()
        found = await self._store.application(name)
        if found is None:
            raise unknown(name)
        return found

    async def http_key(self, name: str) -> PublicKey | None:
        """The new http key of an application, None when there is no such application."""
        found = await self._store.application(name)
        return None if found is None else PublicKey("Ed25519", found.http_key)

    async def test(self, name: str, answer: Answer, ahead: int) -> Application:
        """Judge an answer to the challenge; the application becomes ready when nothing failed.

        Args:
            name: id of the application.
            answer: by its gateway, in a request signed with its http key.
            ahead: seconds by which the date of that request was ahead of the hub's clock.

        Raises:
            ApplicationError: application_ended.
        """
        one = await self.find(name)
        if one.form is None or one.challenge is None:
            raise ended_already(one)
        tested = Examined(one.id, one.actor, one.type, _statement_key(one))
        asked, now = Asked.from_text(one.challenge), self._clock()
        outcomes = await asyncio.to_thread(judge, asked, answer, tested, ahead=ahead, now=now)
        text = canonical([each.json() for each in outcomes]).decode("utf-8")
        state = "ready" if all(each.holds for each in outcomes) else "testing"

        def decide(now: Application) -> Application:
            return replace(now, state=state, outcomes=text) if now.state in ("received", "testing") else now

        return await self._changed(name, decide)

    async def decline(self, name: str, officer: str, reason: str) -> Application:
        """End an application with a reason that the applicant reads.

        Raises:
            ApplicationError: application_ended; admission_signed, when the hub is to register it already.
        """
        return await self._end(name, "declined", reason, officer)

    async def withdraw(self, name: str) -> Application:
        """End an application as its applicant wishes; raises as ``decline``."""
        return await self._end(name, "withdrawn", None, None)

    async def page(self, after: str, limit: int, *, only_open: bool) -> list[Application]:
        """Applications by the time they came."""
        await self.settle()
        return await self._store.page(only_open=only_open, after=after, limit=limit)

    async def queue(self, start: int, limit: int) -> tuple[list[Application], int]:
        """Open applications from the ``start``-th on, those that are ready first; and how many are open."""
        await self.settle()
        return await self._store.queue(start, limit)

    async def of_actor(self, actor: str, after: str, limit: int) -> list[Application]:
        """Open applications for an actor id by the time they came; anybody may ask for an id, so there may be many."""
        await self.settle()
        return await self._store.open_of_actor(actor, after, limit)

    async def flags(self, one: Application) -> Sequence[Flag]:
        """What an officer should look at twice."""
        return await self._flags.of(one)

    async def settle(self) -> None:
        """End what the log has decided, and what has expired."""
        async with self._admissions.turn:
            await self._settle()

    async def _settle(self) -> None:
        now = self._clock()
        for one, digest in await self._store.decided(self._network.size()):
            posted = await Posted.of(one)
            if digest in posted.digests:
                await self._end_quietly(one, posted, "admitted", None, now)
            else:
                await self._end_quietly(one, posted, "declined", "The id asked for was given to somebody else.", now)
        for one in await self._store.overdue(now):
            posted = await Posted.of(one)
            if not self._admissions.are_under_way(posted):  # the log decides about it within a moment
                await self._end_quietly(one, posted, "expired", None, now)

    async def sweep(self) -> None:
        """Settle, and forget what ended so long ago that its statement, which may be dated ahead, is too old by now."""
        await self.settle()
        long_ago = self._clock() - DAYS * DAY
        await self._store.forget(long_ago, long_ago - AHEAD_SECONDS)

    async def _officers(self) -> frozenset[str]:
        return officer_kids((await self._directory.policies(self._network.size()))[-1])

    async def _end(self, name: str, state: str, reason: str | None, by: str | None) -> Application:
        async with self._admissions.turn:
            now, found = self._clock(), await self._store.application(name)
            if found is None:
                raise unknown(name)
            posted = await Posted.of(found)
            if self._admissions.are_under_way(posted):
                raise signed_already(found)
            await self._settle()  # whatever was under way before has been decided by now
            end = wished(posted, lambda one: ended_as(one, posted, state, now, reason, by), now)
            return await self._store.end(name, posted.statement, now, end) or found

    async def _end_quietly(self, found: Application, posted: Posted, state: str, reason: str | None, now: int) -> None:
        end = quietly(posted, lambda one: ended_as(one, posted, state, now, reason), now)
        await self._store.end(found.id, posted.statement, now, end)

    async def _changed(self, name: str, decide: Callable[[Application], Application]) -> Application:
        changed = await self._store.change(name, decide)
        if changed is None:
            raise unknown(name)
        return changed


def unknown(name: str) -> NotFoundError:
    """The same words for what is not there and for what is not the reader's."""
    return NotFoundError("unknown_application", "There is no application of this id that you may see.", name)


def _new(applied: Applied, asked: Asked, now: int) -> Application:
    expires = min(now, applied.issued_at) + DAYS * DAY  # its statement can't be registered later
    return Application(
        id=uuid7(now * 1000), kid=applied.keys["statement"].kid, http_key=applied.keys["http"].x,
        actor=applied.actor, type=applied.type, state="received", received=now, expires=expires,
        form=applied.form.to_bytes().decode("utf-8"), challenge=asked.text(),
    )  # fmt: skip


def _decide(new: Application, met: Met, count: Callable[[], None]) -> Application:
    """What is kept: the new one, which counts, or the same one that is there; raises what stands in its way."""
    if met.same is not None and met.same.form == new.form:
        return met.same
    if met.same is not None:
        message = "An application with this statement key is open; withdraw it before you apply anew."
        raise ApplicationError("application_pending", message, met.same.id)
    if f"actor/{new.actor}" in met.known:
        raise refused("actor_id_taken", "/issuer", actor=new.actor)
    if met.known:
        raise refused("key_known", "/body")
    if met.pending >= PENDING:
        message = f"{PENDING} applications wait for the officers already. Try again in an hour."
        raise ApplicationQuotaError("too_many_applications", message, 3600)
    count()
    return new


def _form(one: Application) -> ApplicationForm:
    return ApplicationForm.from_bytes((one.form or "").encode("utf-8"))


def _statement_key(one: Application) -> PublicKey:
    body = _form(one).draft.payload["body"]
    return next(PublicKey.from_jwk(entry["jwk"]) for entry in body["keys"] if entry["purpose"] == "statement")
