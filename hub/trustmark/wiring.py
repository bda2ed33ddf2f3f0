"""The trust mark's part of the application."""

from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from hub.newest import require_newest
from hub.trustmark.statuses import MemberStatuses
from hub.web import appkeys as keys

__all__ = ["trust_mark"]


async def trust_mark(app: web.Application) -> AsyncIterator[None]:
    """Statuses of members; they need the log, its directory and the network's name."""
    network = (await app[keys.DIRECTORY].policies(1))[0].digest
    app[keys.STATUSES] = MemberStatuses(
        app[keys.DIRECTORY], app[keys.PUBLICATION], app[keys.RECEIPTS],
        key=app[keys.SECRETS].statement, network=network, clock=app[keys.CLOCK],
        require_newest=partial(require_newest, app[keys.SEQUENCER]),
    )  # fmt: skip
    yield
