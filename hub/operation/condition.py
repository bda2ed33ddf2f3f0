"""Collects how a hub is: from its tables, its alarms, and, while it runs, from what the process wrote down.

Nothing here changes anything, and it works beside a running hub as well as without one. Whether the process runs is
asked of its address (``/healthz``): a file that a killed process left says nothing.
"""

import asyncio
import os
import shutil
import urllib.request
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hub.alarms.register import Alarm, Alarms, alarm_facts
from hub.errors import HubError
from hub.log.service import policy_chain
from hub.maintenance import opened
from hub.operation.presence import version
from hub.operation.runningfile import RunningFacts, read_running
from hub.settings import Settings, load_settings
from hub.storage.cosignatures import witness_of
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.opening import is_file
from hub.storage.values import Head
from signing.encoding import JSON
from signing.errors import SigningError
from signing.notes import VerifierKey, check_cosignature, parse_note

__all__ = ["NOT_RUNNING", "RUNNING", "SILENT", "Condition", "LogFacts", "WitnessFacts", "as_json", "condition"]

RUNNING, NOT_RUNNING, SILENT = "running", "not running", "does not answer"
ANSWER_SECONDS = 3.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""No proxy stands before a process of this machine."""


@dataclass(frozen=True, slots=True)
class WitnessFacts:
    """One witness: where it stands by our tables (0, 0 if it never cosigned), and what it answered last."""

    name: str
    size: int
    time: int
    last: str


@dataclass(frozen=True, slots=True)
class LogFacts:
    """The log by its tables; times are POSIX seconds, ``quorum`` is how the newest policy names it."""

    origin: str
    size: int
    signed_size: int
    root: str
    newest_entry: int
    witnessed_size: int
    witnessed_time: int
    cosigned_by: tuple[str, ...]
    quorum: str
    witnesses: tuple[WitnessFacts, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Everything that the screen shows.

    ``problem`` says why the tables can't be read, empty when they can; ``database_bytes`` is 0 where a server has them.
    """

    time: int
    data: str
    version: str
    url: str
    process: str
    running: RunningFacts | None
    log: LogFacts | None
    problem: str
    alarms: tuple[Alarm, ...]
    free_bytes: int
    database: str
    database_bytes: int

    @property
    def exit_code(self) -> int:
        """1 an alarm is on; 2 can't tell, since the hub does not run or has no readable tables; 0 well."""
        if self.alarms:
            return 1
        return 0 if self.process == RUNNING and self.log is not None else 2


async def condition(data: Path, now: int) -> Condition:
    """How the hub in ``data`` is at ``now`` (POSIX seconds).

    Raises:
        SettingsError: there are no settings that could be read.
    """
    settings = load_settings(data)
    running, process = await asyncio.to_thread(_process, data)
    found = Condition(
        time=now,
        data=str(data),
        version=version(),
        url=settings.hub.url,
        process=process,
        running=running,
        log=None,
        problem="",
        alarms=Alarms(data / "alarms", lambda: now, str(data)).active,
        free_bytes=shutil.disk_usage(data).free,
        database=settings.storage.url or settings.storage.database,
        database_bytes=_size(data / settings.storage.database) if is_file(settings.storage) else 0,
    )
    try:
        return replace(found, log=await _log(data, settings, running))
    except HubError as error:
        return replace(found, problem=f"{error.message} [{error.code}]")


def as_json(found: Condition) -> dict[str, JSON]:
    """All facts for a machine: those of the log at the top, as ``odr-hub status --json`` prints them."""
    log: dict[str, JSON] = {} if found.log is None else asdict(found.log)
    alarms = [alarm_facts(one, found.data) for one in found.alarms]
    facts = {name: getattr(found, name) for name in ("time", "version", "url", "process", "problem", "exit_code")}
    disk = {"free_bytes": found.free_bytes, "database": found.database, "database_bytes": found.database_bytes}
    running = None if found.running is None else asdict(found.running)
    return facts | log | disk | {"alarms": alarms, "running": running}


def _process(data: Path) -> tuple[RunningFacts | None, str]:
    try:
        facts = read_running(data)
    except SigningError:
        return None, SILENT
    if facts is None:
        return None, NOT_RUNNING
    try:
        with _DIRECT.open(f"{facts.url}/healthz", timeout=ANSWER_SECONDS):
            return facts, RUNNING
    except (OSError, ValueError):
        return None, SILENT if _alive(facts.pid) else NOT_RUNNING


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _log(data: Path, settings: Settings, running: RunningFacts | None) -> LogFacts:
    async with opened(data, settings) as (database, head):
        return await _facts(database, head, running)


async def _facts(database: Database, head: Head, running: RunningFacts | None) -> LogFacts:
    reads = LogReads(database)
    chain = await policy_chain(Directory(database), reads, head.size)
    newest, witnessed = await reads.checkpoint(head.signed_size), await reads.newest_witnessed()
    keys = {key: None for policy in chain.all for key in policy.witnesses.witness_keys.values()}
    witnesses = [await _witness(reads, key, running) for key in keys]
    seen = [one.time for one in witnesses if witnessed is not None and one.size >= witnessed.size]
    return LogFacts(
        origin=head.origin,
        size=head.size,
        signed_size=head.signed_size,
        root=head.root.hex(),
        newest_entry=head.time,
        witnessed_size=0 if witnessed is None else witnessed.size,
        witnessed_time=max(seen, default=0),
        cosigned_by=() if newest is None else tuple(sorted({*map(witness_of, newest.lines)})),
        quorum=chain.all[-1].witnesses.quorum,
        witnesses=tuple(witnesses),
    )


async def _witness(reads: LogReads, key: VerifierKey, running: RunningFacts | None) -> WitnessFacts:
    answer = None if running is None else running.witnesses.get(key.name)
    last = "" if answer is None else answer.outcome
    size = time = 0
    if (found := await reads.newest_cosignature(key)) is not None:
        size, line = found
        stored = await reads.checkpoint(size)
        if stored is not None:
            with suppress(SigningError):  # fsck finds such a line; here its time is unknown
                time = check_cosignature(parse_note(stored.note + line.encode()), key)
    return WitnessFacts(key.name, size, time, last)


def _size(path: Path) -> int:
    with suppress(OSError):
        return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    return 0
