"""What a monitor says: a first line that answers "is all well?", the whole as JSON, and what changed between visits."""

from collections.abc import Iterator
from datetime import UTC, datetime

from providers.monitor.alerts import State
from providers.monitor.store import Standing
from signing.encoding import JSON

__all__ = ["EXIT_CODES", "changes", "first_line", "lines", "report", "when"]

EXIT_CODES = {State.WELL: 0, State.ALERT: 1, State.UNKNOWN: 2}


def when(time: int) -> str:
    """A POSIX time as people read it."""
    return datetime.fromtimestamp(time, UTC).strftime("%-d %B %Y, %H:%M UTC")


def first_line(standing: Standing) -> str:
    """Whether all is well, and since when."""
    if standing.state is State.WELL:
        return f"All is well since {when(standing.since)}."
    if standing.state is State.ALERT:
        count = len(standing.alerts)
        what = "1 thing needs" if count == 1 else f"{count} things need"
        return f"Not well: {what} your attention since {when(standing.since)}."
    if not standing.visited:
        return "Not known yet: the first visit to the log is under way."
    return f"Not known since {when(standing.since)}: not everything could be read."


def lines(standing: Standing) -> Iterator[str]:
    """How things stand, line by line, for a terminal."""
    yield first_line(standing)
    if standing.position is not None:
        size, verified = standing.position.checkpoint.size, when(standing.verified) if standing.verified else "never"
        yield f"  verified {size} entries; everything in order last: {verified}"
    if standing.problem is not None:
        yield f"  can't tell: {standing.problem[1]} [{standing.problem[0]}]"
    for one in standing.alerts:
        number = f"entry {one.index}, " if one.index is not None else ""
        number = f"incident {one.incident}, " if one.incident is not None else number
        yield f"  {one.meaning.title} ({number}since {when(one.since)}) [{one.code}]"
        yield f"    {one.message}"
        yield f"    {one.meaning.advice}"
        if one.evidence:
            yield f"    evidence: {', '.join(one.evidence)}"


def report(standing: Standing) -> dict[str, JSON]:
    """All of it for a machine; times are POSIX seconds, 0 where there was none."""
    found: dict[str, JSON] = {"state": standing.state.value, "since": standing.since, "visited": standing.visited}
    found |= {"verified": standing.verified, "alerts": [one.to_json() for one in standing.alerts]}
    if standing.problem is not None:
        found["problem"] = {"code": standing.problem[0], "message": standing.problem[1]}
    if (position := standing.position) is not None:
        head = position.checkpoint
        found["checkpoint"] = {
            "origin": head.origin,
            "size": head.size,
            "root": head.root.hex(),
            "cosigned": position.cosigned,
            "note": position.note.decode("utf-8"),
        }
    return found


def changes(before: Standing | None, after: Standing) -> Iterator[tuple[str, str]]:
    """(code, sentence) of everything that is otherwise than at the visit before (None: all that stands)."""
    known = {one.name: one for one in before.alerts} if before else {}
    standing = {one.name: one for one in after.alerts}
    for name, one in standing.items():
        if name not in known:
            yield one.code, f"ALERT {one.message}"
    for name, one in known.items():
        if name not in standing:
            yield one.code, f"over: {one.meaning.title}"
    if after.problem is not None and (before is None or before.problem != after.problem):
        yield after.problem[0], f"can't tell: {after.problem[1]}"
    if before is None or before.state is not after.state:
        yield after.state.value, first_line(after)
