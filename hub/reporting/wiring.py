"""Reporting's part of the application."""

from collections.abc import AsyncIterator

from aiohttp import web

from hub.oversight.dataquality import DataQuality
from hub.oversight.registered import RegisteredAwards
from hub.reporting.recomputing import Recomputing
from hub.storage.awardstold import AwardsTold
from hub.storage.case_facts import CaseFacts
from hub.storage.reportedevents import ReportedEvents
from hub.web import appkeys as keys

__all__ = ["reporting"]


async def reporting(app: web.Application) -> AsyncIterator[None]:
    """How well providers report, and what came of recomputing their reports."""
    database = app[keys.DATABASE]
    events, awards = ReportedEvents(database), RegisteredAwards(AwardsTold(database))
    app[keys.DATA_QUALITY] = DataQuality(events, CaseFacts(database), awards, app[keys.CLOCK])
    app[keys.RECOMPUTING] = Recomputing(events)
    yield
