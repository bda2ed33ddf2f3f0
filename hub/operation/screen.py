"""A hub's condition on one screen of 24 lines and 100 columns: what is grave stands out, what is long is cut."""

from collections.abc import Iterator

from hub.alarms.kinds import CRITICAL, command_for
from hub.alarms.register import Alarm
from hub.operation.condition import RUNNING, Condition, LogFacts, WitnessFacts
from signing.compose import timestamp

__all__ = ["COLUMNS", "LINES", "duration", "screen"]

LINES, COLUMNS = 24, 100
MOST_WITNESSES, MOST_ALARMS = 5, 3
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def screen(found: Condition) -> str:
    """The screen, each line ended by LF."""
    lines = [*_process(found), *_log(found), *_alarms(found), *_machine(found)]
    return "".join(f"{_cut(line)}\n" for line in lines)


def duration(seconds: int) -> str:
    """How long, in the largest unit that fits: ``3 h``."""
    for size, name in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {name}"
    return "0 s"


def _process(found: Condition) -> Iterator[str]:
    running = found.running
    state = found.process.upper()
    if running is None:
        yield f"ODR Hub {found.version}  {state}  {found.url}"
        return
    since = f"since {timestamp(running.started)}, seen {duration(max(0, found.time - running.time))} ago"
    yield f"ODR Hub {running.version}  {state}  {found.url}  {since}"
    if running.read_only:
        yield f"READ ONLY   {running.read_only}"


def _log(found: Condition) -> Iterator[str]:
    log = found.log
    if log is None:
        yield f"Log         {found.problem}"
        return
    yield f"Log         {log.origin}"
    yield f"Head        {log.signed_size:,} entries, newest {_ago(found.time, log.newest_entry)}, root {log.root[:16]}…"
    if log.size != log.signed_size:
        yield f"            {log.size - log.signed_size:,} entries are stored and not signed yet"
    yield f"Witnessed   {_witnessed(found, log)}"
    if found.running is not None:
        yield f"Queue       {found.running.waiting:,} of {found.running.queue:,} statements"
    yield from _witnesses(found.time, log)


def _witnessed(found: Condition, log: LogFacts) -> str:
    if log.quorum == "none":
        return "no quorum is asked for"
    if log.witnessed_size == 0:
        return f"nothing yet; quorum {log.quorum}"
    missing = "" if found.running is None else f", quorum missing for {duration(found.running.without_quorum)}"
    behind = "" if log.witnessed_size == log.signed_size else f"{missing}"
    return f"{log.witnessed_size:,} entries {_ago(found.time, log.witnessed_time)}; quorum {log.quorum}{behind}"


def _witnesses(now: int, log: LogFacts) -> Iterator[str]:
    """Those that are behind stand first."""
    ordered = sorted(log.witnesses, key=lambda one: (one.size, one.time, one.name))
    for place, one in enumerate(ordered[:MOST_WITNESSES]):
        yield f"{'Witnesses' if place == 0 else '':<12}{_witness(now, one)}"
    if (more := len(ordered) - MOST_WITNESSES) > 0:
        yield f"            and {more} more, each further than these"


def _witness(now: int, one: WitnessFacts) -> str:
    stands = f"{one.size:,} entries {_ago(now, one.time)}" if one.size else "never cosigned"
    return f"{one.name[:32]:<32}  {stands:<26}  {one.last}".rstrip()


def _alarms(found: Condition) -> Iterator[str]:
    if not found.alarms:
        yield "Alarms      none"
    for place, one in enumerate(found.alarms[:MOST_ALARMS]):
        yield f"{'ALARMS' if place == 0 else '':<12}{_alarm(one)}"
        yield f"              do: {command_for(one.kind, found.data)}"
    if (more := len(found.alarms) - MOST_ALARMS) > 0:
        yield f"            and {more} more: odr-hub alarms list --data {found.data}"


def _alarm(one: Alarm) -> str:
    grave = "! " if one.kind.severity == CRITICAL else ""
    subject = f" ({one.subject})" if one.subject else ""
    return f"{grave}{one.code}{subject} since {timestamp(one.since)}: {one.detail}"


def _machine(found: Condition) -> Iterator[str]:
    yield f"Disk        {_bytes(found.free_bytes)} free"
    yield f"Database    {found.database}" + (f", {_bytes(found.database_bytes)}" if found.database_bytes else "")
    if found.process == RUNNING and found.running is not None:
        yield f"Verifiers   {found.running.verifiers} of {found.running.verifiers_wanted} at work"


def _ago(now: int, time: int) -> str:
    return f"{duration(max(0, now - time))} ago" if time else "at an unknown time"


def _bytes(count: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.1f} kB"


def _cut(line: str) -> str:
    """On one line of the terminal; what may come from others can't move its cursor."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in line)
    return printable if len(printable) <= COLUMNS else f"{printable[: COLUMNS - 1]}…"
