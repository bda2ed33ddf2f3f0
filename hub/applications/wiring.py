"""Opens the part of the hub that takes applications."""

from collections.abc import AsyncIterator

from aiohttp import web

from hub.applications.admitting import Admissions
from hub.applications.service import Applications, Network
from hub.storage.applications import ApplicationStore
from hub.storage.log_reads import LogReads
from hub.web import appkeys as keys

__all__ = ["applications"]


async def applications(app: web.Application) -> AsyncIterator[None]:
    """Applications; needs the database, the log and the hub's secrets."""
    directory, log = app[keys.DIRECTORY], app[keys.LOG]
    network = Network((await directory.policies(1))[0].digest, app[keys.SECRETS].inbox, lambda: log.size)
    store = ApplicationStore(app[keys.DATABASE])
    app[keys.ADMISSIONS] = admissions = Admissions(store, LogReads(app[keys.DATABASE]).index_of)
    app[keys.APPLICATIONS] = Applications(store, directory, network, admissions, app[keys.CLOCK])
    yield
