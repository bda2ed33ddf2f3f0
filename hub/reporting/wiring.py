"""Reporting's part of the application; it comes after oversight's, whose facts it looks back at."""

from collections.abc import AsyncIterator

from aiohttp import web

from hub.oversight.earlier import Earlier
from hub.reporting.recomputing import Recomputing
from hub.storage.case_events import CaseEvents
from hub.storage.reportedevents import ReportedEvents
from hub.web import appkeys as keys

__all__ = ["reporting"]


async def reporting(app: web.Application) -> AsyncIterator[None]:
    """Recomputing of the reports that providers make of themselves."""
    database = app[keys.DATABASE]
    events = ReportedEvents(database)
    earlier = Earlier(app[keys.LEDGER], CaseEvents(database), events)
    app[keys.RECOMPUTING] = Recomputing(events, earlier, app[keys.OVERSIGHT].context)
    yield
