"""Every key under which the application and a request hold something, with its type."""

from collections.abc import Callable

from aiohttp import web

from hub.alarms.register import Alarms
from hub.alarms.witnesswatch import WitnessWatch
from hub.applications.admitting import Admissions
from hub.applications.service import Applications
from hub.console.reading import ConsoleReader
from hub.console.sessions import Session, Sessions
from hub.drafts.desk import Desk
from hub.enquiries.desk import EnquiryDesk
from hub.evidence import AwardEvidence
from hub.feedback.desk import FeedbackDesk
from hub.feedback.reading import FeedbackReading
from hub.following.arrivals import Arrivals
from hub.following.directory import DirectoryFollower
from hub.following.follower import Follower
from hub.gate import Gate
from hub.intake import Intake
from hub.jobs.drafts import DraftSweep
from hub.jobs.facts import FactCheck
from hub.jobs.refusedanswers import RefusedAnswers
from hub.jobs.schedule import Jobs
from hub.keeping.reposts import Reposts
from hub.keystore import HubKeys
from hub.log.publication import Publication
from hub.log.publisher import Publisher
from hub.log.reading import LogReader
from hub.log.receipts import Receipts
from hub.log.sequencer import Sequencer
from hub.operation.presence import Presence
from hub.oversight.comparing import Comparing
from hub.oversight.dataquality import DataQuality
from hub.oversight.exchange import Exchange
from hub.oversight.ledger import Ledger
from hub.oversight.overview import Oversight
from hub.packages.files import PackageFiles
from hub.packages.preconditions import Preconditions
from hub.packages.uploads import Uploads
from hub.quotas import Quotas
from hub.reporting.recomputing import Recomputing
from hub.settings import Settings
from hub.snapshots import Snapshots
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.inboxread import InboxesRead
from hub.storage.nonces import NonceStore
from hub.storage.packages import PackageStore
from hub.storage.search import Search
from hub.storage.transfers import Transfers
from hub.trustmark.statuses import MemberStatuses
from hub.verifiers import Verifiers
from hub.web.access import Reader
from hub.web.counters import Counters
from hub.web.httpkeys import HttpKeys
from hub.web.languages import Choice
from hub.web.namesakes import Namesakes
from signing.httpsig import Request

__all__ = [
    "ADMISSIONS",
    "ALARMS",
    "APPLICATIONS",
    "ARRIVALS",
    "AWARDS",
    "BODY_SHA256",
    "CLOCK",
    "COMPARING",
    "CONSOLE",
    "CORRELATION",
    "COUNTERS",
    "DATABASE",
    "DATA_QUALITY",
    "DESK",
    "DIRECTORY",
    "DIRECTORY_FOLLOWER",
    "DRAFT_SWEEP",
    "ENQUIRIES",
    "EXCHANGE",
    "FACT_CHECK",
    "FEEDBACK",
    "FEEDBACK_READING",
    "FILES",
    "FOLLOWER",
    "GATE",
    "HTTP_KEYS",
    "INBOXES_READ",
    "INTAKE",
    "JOBS",
    "LANGUAGE",
    "LEDGER",
    "LOG",
    "NAMESAKES",
    "NONCES",
    "OVERSIGHT",
    "PACKAGES",
    "PRECONDITIONS",
    "PRESENCE",
    "PUBLICATION",
    "PUBLISHER",
    "QUOTAS",
    "READER",
    "RECEIPTS",
    "RECOMPUTING",
    "REPOSTS",
    "SEARCH",
    "SECRETS",
    "SEQUENCER",
    "SESSION",
    "SESSIONS",
    "SETTINGS",
    "SIGNED",
    "SIGNED_AT",
    "SNAPSHOTS",
    "STATUSES",
    "TRANSFERS",
    "UPLOADS",
    "VERIFIERS",
    "WITNESS_WATCH",
]

SETTINGS = web.AppKey("settings", Settings)
GATE = web.AppKey("gate", Gate)
QUOTAS = web.AppKey("quotas", Quotas)
CLOCK: web.AppKey[Callable[[], int]] = web.AppKey("clock")
COUNTERS = web.AppKey("counters", Counters)
ALARMS = web.AppKey("alarms", Alarms)
WITNESS_WATCH = web.AppKey("witness_watch", WitnessWatch)
VERIFIERS = web.AppKey("verifiers", Verifiers)
INTAKE = web.AppKey("intake", Intake)
SEQUENCER = web.AppKey("sequencer", Sequencer)
PUBLISHER = web.AppKey("publisher", Publisher)
PUBLICATION = web.AppKey("publication", Publication)
RECEIPTS = web.AppKey("receipts", Receipts)
REPOSTS = web.AppKey("reposts", Reposts)
LOG = web.AppKey("log", LogReader)
DIRECTORY = web.AppKey("directory", Directory)
DIRECTORY_FOLLOWER = web.AppKey("directory_follower", DirectoryFollower)
SEARCH = web.AppKey("search", Search)
SNAPSHOTS = web.AppKey("snapshots", Snapshots)
NAMESAKES = web.AppKey("namesakes", Namesakes)
AWARDS = web.AppKey("awards", AwardEvidence)
STATUSES = web.AppKey("statuses", MemberStatuses)
LEDGER = web.AppKey("ledger", Ledger)
EXCHANGE = web.AppKey("exchange", Exchange)
OVERSIGHT = web.AppKey("oversight", Oversight)
LEDGER = web.AppKey("ledger", Ledger)
COMPARING = web.AppKey("comparing", Comparing)
ENQUIRIES = web.AppKey("enquiries", EnquiryDesk)
DATA_QUALITY = web.AppKey("data_quality", DataQuality)
RECOMPUTING = web.AppKey("recomputing", Recomputing)
HTTP_KEYS = web.AppKey("http_keys", HttpKeys)
NONCES = web.AppKey("nonces", NonceStore)
SECRETS = web.AppKey("secrets", HubKeys)
APPLICATIONS = web.AppKey("applications", Applications)
ADMISSIONS = web.AppKey("admissions", Admissions)
DATABASE = web.AppKey("database", Database)
PRESENCE = web.AppKey("presence", Presence)
UPLOADS = web.AppKey("uploads", Uploads)
PACKAGES = web.AppKey("packages", PackageStore)
FILES = web.AppKey("files", PackageFiles)
PRECONDITIONS = web.AppKey("preconditions", Preconditions)
TRANSFERS = web.AppKey("transfers", Transfers)
INBOXES_READ = web.AppKey("inboxes_read", InboxesRead)
FACT_CHECK = web.AppKey("fact_check", FactCheck)
FOLLOWER = web.AppKey("follower", Follower)
ARRIVALS = web.AppKey("arrivals", Arrivals)
JOBS = web.AppKey("jobs", Jobs)
DESK = web.AppKey("desk", Desk)
FEEDBACK_READING = web.AppKey("feedback_reading", FeedbackReading)
FEEDBACK = web.AppKey("feedback", FeedbackDesk)
REFUSED_ANSWERS = web.AppKey("refused_answers", RefusedAnswers)
DRAFT_SWEEP = web.AppKey("draft_sweep", DraftSweep)

CONSOLE = web.AppKey("console", ConsoleReader)
SESSIONS = web.AppKey("sessions", Sessions)

CORRELATION = web.RequestKey("correlation", str)
LANGUAGE = web.RequestKey("language", Choice)
SESSION = web.RequestKey("session", Session)
READER = web.RequestKey("reader", Reader)
SIGNED = web.RequestKey("signed", Request)
SIGNED_AT = web.RequestKey("signed_at", int)
BODY_SHA256 = web.RequestKey("body_sha256", bytes)
