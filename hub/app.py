"""The map of the running system: what there is, in the order it is opened; it is closed in reverse.

::

    lock of the data directory > keys > database > log (sequencer, publisher, witnesses) > intake
        > feedback > packages > what follows the log > signing desk > console > jobs

``create_app`` does no I/O and waits for nothing; each resource is a generator that opens on one side of
its ``yield`` and closes on the other.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
from aiohttp import web

from hub import keystore
from hub.alarms.heads import examined, heads_elsewhere, settled
from hub.alarms.register import Alarms
from hub.alarms.witnesswatch import WitnessWatch
from hub.applications.wiring import applications
from hub.console.wiring import officers_console
from hub.drafts.wiring import signing_desk
from hub.enquiries.wiring import enquiry_desk
from hub.errors import HubError
from hub.evidence import AwardEvidence
from hub.feedback.wiring import feedback_desk
from hub.following.arrivals import Arrivals
from hub.following.follower import Follower
from hub.following.wiring import directory_following
from hub.gate import Gate, ShutError
from hub.intake import FindKeys, Intake, KeyCache
from hub.jobs.expiry import ExpiryEvidence
from hub.jobs.facts import HOURLY_SECONDS
from hub.jobs.housekeeping import Housekeeping, Watched
from hub.jobs.ownstatements import OwnStatements
from hub.jobs.refusedanswers import FILE, RefusedAnswers
from hub.jobs.registering import FeedbackRegistration
from hub.jobs.retention import Retention
from hub.jobs.room import MIB, RoomWatch
from hub.jobs.schedule import Jobs
from hub.keeping.reposts import Reposts
from hub.log.clock import ClockGuard
from hub.log.cosigning import CosignClient, Prove
from hub.log.deciding import BatchLimits
from hub.log.errors import RecoveryError
from hub.log.recovery import DataLock
from hub.log.service import open_log
from hub.newest import known_until
from hub.operation.presence import Presence
from hub.oversight.wiring import oversight
from hub.packages.deletion import Deletions
from hub.packages.files import PackageFiles
from hub.packages.preconditions import Preconditions
from hub.packages.uploads import Uploads
from hub.quotas import Quotas
from hub.reporting.wiring import reporting
from hub.settings import Settings
from hub.storage.directory import Directory
from hub.storage.feedback import FeedbackStore
from hub.storage.inboxread import InboxesRead
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.nonces import NonceStore
from hub.storage.opening import open_database
from hub.storage.packages import PackageStore
from hub.storage.transfers import Transfers
from hub.storage.uploads import UploadStore
from hub.trustmark.wiring import trust_mark
from hub.verifiers import Verifiers
from hub.web import appkeys as keys
from hub.web.authentication import authentication, signed_answers
from hub.web.cors import cross_origin
from hub.web.counters import Counters
from hub.web.httpkeys import HttpKeys
from hub.web.keptparts import KEPT_PARTS, KeptParts
from hub.web.middlewares import access_log, correlation, limits, problems
from hub.web.rendering import page_headers, set_up
from hub.web.requestheads import expecting
from hub.web.routes import ROUTES
from hub.web.tus import tus_answers
from schemas.validation import prepare
from signing.keyring import KeyRecord
from signing.signnotes import log_signer

__all__ = ["Deps", "create_app", "key_finder"]

PRESENCE_SECONDS = 5
"""Between two writings of the running file."""

WHATEVER_THE_CLOCK = ("watch", "housekeeping", "facts", "presence")
"""Jobs that delete and end nothing because of its age, or look at the clock themselves before they do."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What the application gets from outside.

    Args:
        data: the data directory.
        clock: POSIX seconds.
        on_stop: called if sequencing ends or the database is lost; the process is to end with it.
        allow_async: do without a synchronous standby of PostgreSQL; for tests.
        steady: seconds of a clock that is never set, against which ``clock`` is held; None believes ``clock``.
    """

    data: Path
    clock: Callable[[], int]
    on_stop: Callable[[BaseException], None]
    allow_async: bool = False
    steady: Callable[[], float] | None = None


def create_app(settings: Settings, deps: Deps) -> web.Application:
    """The hub as an aiohttp application, not started."""
    app = web.Application(
        client_max_size=settings.limits.post_bytes,
        handler_args={"auto_decompress": False},  # which would be done here, on the event loop
        middlewares=[
            correlation,
            access_log,
            cross_origin,
            page_headers,
            tus_answers,
            signed_answers,
            problems,
            limits,
            authentication,
        ],
    )
    app[keys.SETTINGS] = settings
    app[keys.CLOCK] = deps.clock
    app[keys.GATE] = Gate()
    app[keys.COUNTERS] = Counters(deps.clock())
    app[keys.REFUSED_ANSWERS] = RefusedAnswers(deps.data / FILE)
    app[keys.ARRIVALS], app[keys.QUOTAS] = Arrivals(), Quotas(settings.limits)
    app.on_shutdown.append(_release_readers)
    set_up(app)
    app[KEPT_PARTS] = KeptParts()
    app.add_routes(expecting(ROUTES))
    app.cleanup_ctx.append(partial(_locked_keys, deps.data))
    app.cleanup_ctx.append(partial(_database, deps))
    app.cleanup_ctx.append(partial(_log, deps))
    app.cleanup_ctx.append(_intake)
    app.cleanup_ctx.append(trust_mark)
    app.cleanup_ctx.append(feedback_desk)
    app.cleanup_ctx.append(partial(_packages, deps.data))
    app.cleanup_ctx.append(applications)
    app.cleanup_ctx.append(_following)
    app.cleanup_ctx.append(partial(oversight, deps.data))
    app.cleanup_ctx.append(reporting)
    app.cleanup_ctx.append(enquiry_desk)
    app.cleanup_ctx.append(signing_desk)
    app.cleanup_ctx.append(partial(directory_following, deps.data))
    app.cleanup_ctx.append(officers_console)
    app.cleanup_ctx.append(partial(_jobs, deps.data))
    return app


async def _locked_keys(data: Path, app: web.Application) -> AsyncIterator[None]:
    """The lock of the data directory, the alarms in it, and the hub's secrets."""
    with DataLock(data / "lock"):
        alarms = app[keys.ALARMS] = Alarms(data / "alarms", app[keys.CLOCK], str(data))
        alarms.prepare()
        app[keys.SECRETS] = keystore.load(data / app[keys.SETTINGS].keys.directory)
        yield


async def _database(deps: Deps, app: web.Application) -> AsyncIterator[None]:
    """The database, this process's alone, and what reads it."""
    database = open_database(deps.data, app[keys.SETTINGS].storage)
    database.on_lost = partial(_stopped, deps, app[keys.ALARMS])
    app[keys.DATABASE], app[keys.NONCES] = database, NonceStore(database)
    try:
        await database.claim(allow_async=deps.allow_async)
        yield
    finally:
        await database.close()


async def _log(deps: Deps, app: web.Application) -> AsyncIterator[None]:
    """The log: recovered, sequencing, asking its witnesses."""
    settings, alarms, database, log_key = (
        app[keys.SETTINGS],
        app[keys.ALARMS],
        app[keys.DATABASE],
        app[keys.SECRETS].log,
    )
    batch = settings.log
    watch = app[keys.WITNESS_WATCH] = WitnessWatch(alarms, app[keys.CLOCK])
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        stack.push_async_callback(watch.close)

        def ask(prove: Prove) -> CosignClient:
            client = CosignClient(session, prove, observe=watch, cut_off=settings.witness.timeout_ms / 1000)
            stack.push_async_callback(client.close)
            return client

        known = await heads_elsewhere(alarms, session, batch.public_checkpoint, deps.data)
        stack.enter_context(_foreign_key_is_an_alarm(alarms))
        log = await stack.enter_async_context(
            open_log(
                database,
                log_key,
                clock=app[keys.CLOCK],
                on_stop=partial(_stopped, deps, alarms),
                witnesses=ask,
                limits=BatchLimits(batch.batch_entries, batch.batch_bytes, batch.batch_rows, batch.batch_ms / 1000),
                queue=batch.queue_entries,
                share=batch.member_queue_entries,
                refresh=settings.witness.refresh_seconds,
                known=known,
                times=ClockGuard(deps.clock, deps.steady, app[keys.GATE]).entry_time,
            )
        )
        await settled(alarms, log, database)
        verifier = log_signer(log.origin, log_key).verifier
        watch.examine, watch.refuse = partial(examined, log, database, verifier), log.sequencer.contradicted
        app[keys.REPOSTS] = await Reposts.opened(deps.data, log.publication.signed.size, log.contradiction, verifier)
        app[keys.SEQUENCER], app[keys.PUBLISHER], app[keys.PUBLICATION] = log.sequencer, log.publisher, log.publication
        app[keys.RECEIPTS], app[keys.LOG], app[keys.DIRECTORY] = log.receipts, log.reader, log.directory
        app[keys.HTTP_KEYS] = HttpKeys(log.directory, log.publication)
        yield


async def _intake(app: web.Application) -> AsyncIterator[None]:
    """The one door, and what is served with awards; both need the network's name."""
    directory, settings, secrets = app[keys.DIRECTORY], app[keys.SETTINGS], app[keys.SECRETS]
    prepare()
    network = (await directory.policies(1))[0].digest
    known = KeyCache(key_finder(directory))
    verifiers = Verifiers(network, lambda: known.signing, app[keys.SEQUENCER].monitors)
    app[keys.VERIFIERS] = verifiers
    async with verifiers.running(settings.server.verifiers):
        app[keys.INTAKE] = Intake(
            known,
            secrets.inbox,
            network,
            inline_bytes=settings.limits.inline_bytes,
            inline_signatures=settings.limits.inline_signatures,
            checked=verifiers.check,
        )
        app[keys.AWARDS] = AwardEvidence(
            directory, app[keys.RECEIPTS], secrets.statement, network,
            clock=app[keys.CLOCK], known_until=partial(known_until, app[keys.SEQUENCER]),
        )  # fmt: skip
        yield


async def _packages(data: Path, app: web.Application) -> AsyncIterator[None]:
    """Encrypted briefs and packages, and what statements must find here; what a crash left is put right first."""
    database, limits = app[keys.DATABASE], app[keys.SETTINGS].uploads
    files, packages, transfers = PackageFiles(data / limits.directory), PackageStore(database), Transfers(database)
    uploads = Uploads(UploadStore(database), packages, files, limits, app[keys.CLOCK])
    await uploads.recover()
    app[keys.FILES], app[keys.PACKAGES], app[keys.UPLOADS] = files, packages, uploads
    app[keys.TRANSFERS], app[keys.INBOXES_READ] = transfers, InboxesRead(database)
    app[keys.PRECONDITIONS] = Preconditions(packages, transfers, LogReads(database), app[keys.FEEDBACK])
    yield


async def _following(app: web.Application) -> AsyncIterator[None]:
    """What follows the log: transfers, inboxes, case events."""
    follower = Follower(app[keys.PUBLICATION], app[keys.TRANSFERS], app[keys.ARRIVALS])
    app[keys.FOLLOWER] = follower
    await follower.start()
    yield
    await follower.close()


async def _jobs(data: Path, app: web.Application) -> AsyncIterator[None]:
    """What the hub does by itself."""
    often, policy = app[keys.SETTINGS].jobs, (await app[keys.DIRECTORY].policies(1))[0]
    key, clock = app[keys.SECRETS].statement, app[keys.CLOCK]
    transfers, network = app[keys.TRANSFERS], policy.digest
    own = OwnStatements(
        SqlLogStore(app[keys.DATABASE]), app[keys.INTAKE], app[keys.SEQUENCER],
        hub=(policy.issuer, key), network=network, clock=clock,
    )  # fmt: skip
    registration = FeedbackRegistration(
        FeedbackStore(app[keys.DATABASE]), app[keys.FOLLOWER], own, LogReads(app[keys.DATABASE]),
        app[keys.REFUSED_ANSWERS],
    )  # fmt: skip
    limits = app[keys.SETTINGS].retention
    deletions = Deletions(app[keys.PACKAGES], app[keys.FILES], key=key, network=network, limits=limits, clock=clock)
    retention = Retention(deletions, transfers, app[keys.INBOXES_READ], limits, clock)
    house = Housekeeping(
        app[keys.ALARMS], app[keys.NONCES], app[keys.UPLOADS],
        Watched(app[keys.PUBLISHER], app[keys.PUBLICATION], app[keys.VERIFIERS], lambda: app[keys.JOBS]),
        quorum_seconds=app[keys.SETTINGS].witness.alarm_seconds, clock=clock,
    )  # fmt: skip
    presence = app[keys.PRESENCE] = Presence(
        data, app[keys.SETTINGS], clock, app[keys.SEQUENCER], app[keys.PUBLISHER], app[keys.VERIFIERS],
        app[keys.WITNESS_WATCH], clock(),
    )  # fmt: skip
    storage, uploads = app[keys.SETTINGS].storage, app[keys.SETTINGS].uploads
    folders = (data, data / uploads.directory)
    room = RoomWatch(folders, storage.free_floor_mib * MIB, app[keys.GATE])
    await room.look()
    jobs = Jobs({
        "watch": (often.watch_seconds, partial(_watch, app, room)),
        "evidence": (often.evidence_seconds, ExpiryEvidence(transfers, own).issue),
        "retention": (often.retention_seconds, retention.sweep),
        "drafts": (often.drafts_seconds, app[keys.DRAFT_SWEEP].run),
        "housekeeping": (often.housekeeping_seconds, house.run),
        "feedback": (often.retention_seconds, app[keys.FEEDBACK].sweep),
        "registration": (often.retention_seconds, registration.run),
        "enquiries": (often.housekeeping_seconds, app[keys.ENQUIRIES].sweep),
        "applications": (often.housekeeping_seconds, app[keys.APPLICATIONS].sweep),
        "facts": (HOURLY_SECONDS, app[keys.FACT_CHECK].run_daily),
        "presence": (PRESENCE_SECONDS, presence.write),
    }, clock_doubt=partial(_clock_doubt, app), whatever_the_clock=WHATEVER_THE_CLOCK)  # fmt: skip
    app[keys.JOBS] = jobs
    # Before anything is served, if the clock allows it: a restored backup may hold what was to be deleted long ago
    await jobs.run("retention")
    jobs.start()
    yield
    await jobs.close()
    presence.remove()


def _stopped(deps: Deps, alarms: Alarms, error: BaseException) -> None:
    """Sequencing ended: the alarm first, because the process ends with it."""
    why = f"{type(error).__name__}: {error.code}" if isinstance(error, HubError) else type(error).__name__
    alarms.sound("sequencer_stopped", f"The error was {why}.")
    deps.on_stop(error)


@contextmanager
def _foreign_key_is_an_alarm(alarms: Alarms) -> Iterator[None]:
    try:
        yield
    except RecoveryError as error:
        if error.code == "wrong_log_key":
            alarms.sound("log_key_differs", error.message)
        raise


async def _watch(app: web.Application, room: RoomWatch) -> None:
    """Looks at the room on disk, and at the clock, which shuts the gate by itself."""
    await room.look()
    _clock_doubt(app)
    states, alarms = app[keys.GATE].states, app[keys.ALARMS]
    for code, kind in (("disk_floor", "disk_floor"), ("clock_behind", "clock_stepped"), ("clock_set", "clock_stepped")):
        if code in states:
            await asyncio.to_thread(alarms.sound, kind, states[code])
    if "disk_floor" not in states:
        await asyncio.to_thread(alarms.ended, "disk_floor")


def _clock_doubt(app: web.Application) -> str | None:
    """Look at the clock, which shuts the gate by itself, and tell why nothing may be deleted by it, if so."""
    with suppress(ShutError):  # the gate has it too
        app[keys.SEQUENCER].require_time()
    return app[keys.GATE].clock_doubt


async def _release_readers(app: web.Application) -> None:
    """Answer whoever waits for its inbox, so that nobody keeps the process from ending."""
    app[keys.ARRIVALS].close()


def key_finder(directory: Directory) -> FindKeys:
    """What looks registered keys up for intake."""

    async def find(kids: Collection[str]) -> Mapping[str, KeyRecord]:
        records = {kid: await directory.key(kid) for kid in kids}
        return {kid: KeyRecord(**record) for kid, record in records.items() if record is not None}

    return find
