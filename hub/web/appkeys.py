"""Every key under which the application and a request hold something, with its type."""

from collections.abc import Callable

from aiohttp import web

from hub.evidence import AwardEvidence
from hub.intake import Intake
from hub.keystore import HubKeys
from hub.log.publication import Publication
from hub.log.publisher import Publisher
from hub.log.reading import LogReader
from hub.log.receipts import Receipts
from hub.log.sequencer import Sequencer
from hub.settings import Settings
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.nonces import NonceStore
from hub.web.access import Reader
from hub.web.counters import Counters
from signing.httpsig import Request

__all__ = [
    "AWARDS",
    "CLOCK",
    "CORRELATION",
    "COUNTERS",
    "DATABASE",
    "DIRECTORY",
    "INTAKE",
    "LOG",
    "NONCES",
    "PUBLICATION",
    "PUBLISHER",
    "READER",
    "RECEIPTS",
    "SECRETS",
    "SEQUENCER",
    "SETTINGS",
    "SIGNED",
]

SETTINGS = web.AppKey("settings", Settings)
CLOCK: web.AppKey[Callable[[], int]] = web.AppKey("clock")
COUNTERS = web.AppKey("counters", Counters)
INTAKE = web.AppKey("intake", Intake)
SEQUENCER = web.AppKey("sequencer", Sequencer)
PUBLISHER = web.AppKey("publisher", Publisher)
PUBLICATION = web.AppKey("publication", Publication)
RECEIPTS = web.AppKey("receipts", Receipts)
LOG = web.AppKey("log", LogReader)
DIRECTORY = web.AppKey("directory", Directory)
AWARDS = web.AppKey("awards", AwardEvidence)
NONCES = web.AppKey("nonces", NonceStore)
SECRETS = web.AppKey("secrets", HubKeys)
DATABASE = web.AppKey("database", Database)

CORRELATION = web.RequestKey("correlation", str)
READER = web.RequestKey("reader", Reader)
SIGNED = web.RequestKey("signed", Request)
