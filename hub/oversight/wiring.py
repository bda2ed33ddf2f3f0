"""Oversight's part of the application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from hub.feedback.reading import FeedbackReading
from hub.jobs.facts import FILE as CHECKED_FILE
from hub.jobs.facts import FactCheck
from hub.jobs.lastrun import LastRun
from hub.oversight.dataquality import DataQuality
from hub.oversight.errors import FactsBehindError
from hub.oversight.exchange import Exchange
from hub.oversight.exchangerates import ExchangeRates
from hub.oversight.ledger import Ledger
from hub.oversight.ledgerfile import FILE, LedgerFile
from hub.oversight.overview import Oversight
from hub.oversight.registered import RegisteredAwards
from hub.storage.awardstold import AwardsTold
from hub.storage.case_events import CaseEvents
from hub.storage.case_facts import CaseFacts
from hub.storage.exchangerecords import ExchangeRecords
from hub.storage.feedback import FeedbackStore
from hub.storage.keptarrays import KeptArrays
from hub.web import appkeys as keys
from metrics.storedfacts import FORM

__all__ = ["oversight"]

LOG = logging.getLogger("hub.oversight")


async def oversight(data: Path, app: web.Application) -> AsyncIterator[None]:
    """Figures from the facts that follow the log; these are read into memory while the hub serves already."""
    database = app[keys.DATABASE]
    facts = CaseFacts(database)
    network = (await app[keys.DIRECTORY].policies(1))[0].digest
    file = KeptArrays(data / FILE, f"facts {FORM} {network}")
    ledger = app[keys.LEDGER] = Ledger(facts, LedgerFile(file))
    quality = DataQuality(ledger, facts, RegisteredAwards(AwardsTold(database)), app[keys.CLOCK])
    app[keys.DATA_QUALITY] = quality
    feedback = FeedbackReading(FeedbackStore(database))
    records, rates, publication = ExchangeRecords(database), ExchangeRates(app[keys.DIRECTORY]), app[keys.PUBLICATION]
    limits, size = app[keys.SETTINGS].retention, lambda: publication.signed.size
    exchange = app[keys.EXCHANGE] = Exchange(records, feedback, limits, quality=quality, rates=rates, size=size)
    app[keys.OVERSIGHT] = Oversight(ledger, exchange, CaseEvents(database), app[keys.CLOCK])
    last = LastRun(data / CHECKED_FILE, f"form {FORM}")
    app[keys.FACT_CHECK] = FactCheck(facts, app[keys.FOLLOWER], publication, app[keys.ALARMS], last, app[keys.CLOCK])
    warming = asyncio.create_task(_warm(ledger), name="facts")
    try:
        yield
    finally:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)


async def _warm(ledger: Ledger) -> None:
    try:
        await ledger.refresh()
    except FactsBehindError as error:
        LOG.info("facts are read into memory when they are asked for: %s", error)
