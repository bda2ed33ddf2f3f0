"""``DATA/running.json``: what only the running process knows, written every few seconds, removed at the end.

It is for ``odr-hub status`` on the same machine and holds no secret. It proves nothing: a file that a killed process
left is recognised by the address in it, which does not answer.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from hub.alarms.witnesswatch import LastAnswer
from signing.encoding import canonical, loads_canonical
from signing.errors import FormatError, SigningError

__all__ = ["NAME", "RunningFacts", "read_running", "remove_running", "write_running"]

NAME = "running.json"
_NUMBERS = ("started", "time", "pid", "waiting", "queue", "verifiers", "verifiers_wanted", "without_quorum")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningFacts:
    """Facts of one instant: times are POSIX seconds, ``without_quorum`` a number of seconds.

    ``url`` is where the process listens; ``read_only`` says why the log takes nothing in, empty when it does;
    ``witnesses`` has the last answer of each by the name of its key.
    """

    version: str
    url: str
    started: int
    time: int
    pid: int
    waiting: int
    queue: int
    verifiers: int
    verifiers_wanted: int
    without_quorum: int
    read_only: str
    witnesses: dict[str, LastAnswer]


def write_running(data: Path, facts: RunningFacts) -> None:
    """Replace the file; not flushed, because it means nothing after a loss of power.

    Raises:
        OSError: it can't be written.
    """
    answers = {name: [one.time, one.size, one.outcome] for name, one in facts.witnesses.items()}
    members = {name: getattr(facts, name) for name in (*_NUMBERS, "version", "url", "read_only")}
    new = data / f"{NAME}.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(canonical(members | {"v": 1, "witnesses": sorted([name, *one] for name, one in answers.items())}))
    new.rename(data / NAME)


def read_running(data: Path) -> RunningFacts | None:
    """The facts as they were written last; None where no process left any.

    Raises:
        FormatError: bad_running, it is not what ``write_running`` writes.
    """
    try:
        octets = (data / NAME).read_bytes()
    except FileNotFoundError:
        return None
    try:
        members = loads_canonical(octets)
        answers = {name: LastAnswer(time, size, text) for name, time, size, text in members.pop("witnesses")}
        if members.pop("v") != 1 or any(type(members[name]) is not int for name in _NUMBERS):
            raise FormatError("bad_running", "It has another version.")
        return RunningFacts(**members, witnesses=answers)
    except (SigningError, KeyError, TypeError, ValueError):
        raise FormatError("bad_running", "This is not what a running hub writes.", NAME) from None


def remove_running(data: Path) -> None:
    """Forget the facts: the process ends."""
    (data / NAME).unlink(missing_ok=True)
