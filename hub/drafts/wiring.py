"""The signing desk's place in the application: it stands on storage, intake and the log."""

from collections.abc import AsyncIterator

from aiohttp import web

from hub.drafts.desk import Desk
from hub.drafts.registering import Judgement, Registrar
from hub.intake import Verified
from hub.jobs.drafts import DraftSweep
from hub.log.sequencer import Registered
from hub.storage.drafts import DraftStore
from hub.web import appkeys as keys
from hub.web.counting import counted, submitted
from hub.web.health import refuse_without_quorum
from hub.web.problems import problem_of
from registry.errors import Refused

__all__ = ["signing_desk"]


class HubDoor:
    """The way of a post to ``/v1/statements``, for what the desk posts."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    async def verify(self, document: bytes, annex: bytes | None) -> Verified:
        """As intake does."""
        await self._app[keys.REPOSTS].keep(document, annex)
        return await self._app[keys.INTAKE].verify(document, annex)

    async def require_open(self, verified: Verified) -> None:
        """Quota of who signed, files that must be there, disk and clock, quorum where it is asked for."""
        await counted(self._app, verified)
        await self._app[keys.PRECONDITIONS].check(verified.statement)
        self._app[keys.GATE].require_open()
        refuse_without_quorum(self._app)

    async def submit(self, verified: Verified) -> Registered:
        """Have it registered, unless it is of an application that has ended; what was registered keeps its index."""
        return await submitted(self._app, verified)


async def signing_desk(app: web.Application) -> AsyncIterator[None]:
    """Drafts that wait for signatures, and what becomes of them by themselves."""
    directory, clock = app[keys.DIRECTORY], app[keys.CLOCK]
    store = DraftStore(app[keys.DATABASE])
    registrar = Registrar(store, HubDoor(app), judge, clock)

    async def is_taken(actor: str) -> bool:
        return bool(await directory.keyring(actor))

    network = (await directory.policies(1))[0].digest
    app[keys.DESK] = Desk(store, registrar, directory.key, is_taken, network=network, clock=clock)
    app[keys.DRAFT_SWEEP] = DraftSweep(store, registrar, clock)
    yield


def judge(error: Exception, draft: str) -> Judgement | None:
    """The problem that a refusal is shown as, under the draft's id; None for the hub's own fault."""
    problem = problem_of(error)
    if problem is None:
        return None
    retryable = error.retryable if isinstance(error, Refused) else problem.entry.retryable
    return Judgement(problem.document(draft), retryable)
