"""The register of alarms: small files that are on disk when the call returns, also when the log is read-only.

::

    DATA/alarms/<code>[.<8 hex digits of the subject>].alarm    one alarm that is on
    DATA/alarms/evidence/<time>-<name>.json                     what proves it; never deleted, never overwritten
    DATA/alarms/history                                         one line for each that was raised, ended or cleared
    DATA/alarms/reserve                                         room for the above when the disk is full

An alarm is raised once; raising it again changes nothing, so ``since`` is when it began. Where even the reserve does
not make room, it is kept in memory and written at the next occasion: it is logged all the same.

Files are written by one process at a time per name, but read by any: ``odr-hub status`` and ``odr-hub alarms`` read
them beside a running hub, and what they clear the hub sees at its next look.
"""

import errno
import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from hub.alarms.kinds import CRITICAL, KINDS, Kind, command_for
from hub.errors import NotFoundError
from providers.durable import write_whole
from signing.encoding import JSON, canonical, loads_canonical
from signing.errors import FormatError, SigningError

__all__ = ["Alarm", "Alarms", "alarm_facts", "format_alarm", "parse_alarm"]

LOG = logging.getLogger("hub.alarms")
RESERVE = 65_536
_MOST = 16_384
_MEMBERS = {"code", "detail", "evidence", "since", "subject", "v"}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that is on.

    ``subject`` tells alarms of one kind apart (a witness's name); ``detail`` says what was found this time; ``since``
    is POSIX seconds; ``evidence`` names a file below the register's directory, empty without one.
    """

    code: str
    since: int
    detail: str
    subject: str = ""
    evidence: str = ""

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return KINDS[self.code]

    @property
    def name(self) -> str:
        """Code and subject as they stand in file names."""
        return f"{self.code}.{sha256(self.subject.encode()).hexdigest()[:8]}" if self.subject else self.code


def format_alarm(alarm: Alarm) -> bytes:
    """The octets of an alarm's file: canonical JSON and LF."""
    members = {
        "v": 1,
        "code": alarm.code,
        "since": alarm.since,
        "detail": alarm.detail,
        "subject": alarm.subject,
        "evidence": alarm.evidence,
    }
    return canonical(members) + b"\n"


def parse_alarm(data: bytes) -> Alarm:
    """Read an alarm's file.

    Raises:
        FormatError: it is anything that ``format_alarm`` would not write.
    """
    members = loads_canonical(data.removesuffix(b"\n"), max_bytes=_MOST)
    texts = [str(members.get(name)) for name in ("detail", "subject", "evidence")]
    since = members.get("since")
    if set(members) != _MEMBERS or members["code"] not in KINDS or type(since) is not int or since < 0:
        raise FormatError("bad_alarm", "This is not an alarm of a kind that is known.")
    if Path(texts[2]).is_absolute() or ".." in texts[2]:
        raise FormatError("bad_alarm", "Evidence lies below the register.")
    alarm = Alarm(members["code"], since, *texts)
    if format_alarm(alarm) != data:
        raise FormatError("bad_alarm", "An alarm has version 1, detail, subject and evidence are text, and LF ends it.")
    return alarm


def alarm_facts(alarm: Alarm, data: str) -> dict[str, JSON]:
    """What a machine is told of an alarm; ``data`` stands in the command."""
    kind = alarm.kind
    shared = {"severity": kind.severity, "command": command_for(kind, data), "runbook": kind.runbook}
    return asdict(alarm) | shared


class Alarms:
    """The register in one directory; may be used from several threads.

    Args:
        directory: made when the first alarm is raised, or by ``prepare``.
        clock: POSIX seconds.
        data: the data directory as people type it in the printed commands.
    """

    def __init__(self, directory: Path, clock: Callable[[], int], data: str = "DATA") -> None:
        self._directory = directory
        self._clock = clock
        self._data = data
        self._unwritten: dict[str, tuple[Alarm, bytes | None]] = {}
        self._turn = threading.Lock()

    def prepare(self) -> None:
        """Make the directory and the reserve, as far as there is room."""
        with self._turn, _room_or_log("the reserve"):
            self._make_directory()
            if not (self._directory / "reserve").exists():
                write_whole(self._directory / "reserve", bytes(RESERVE))

    @property
    def active(self) -> tuple[Alarm, ...]:
        """Every alarm that is on, the gravest first, then the oldest."""
        unwritten = [alarm for alarm, _ in self._unwritten.values()]
        found = {alarm.name: alarm for alarm in (*unwritten, *self._stored())}
        return tuple(sorted(found.values(), key=lambda one: (one.kind.severity != CRITICAL, one.since, one.name)))

    def raised(self, code: str, subject: str = "") -> Alarm | None:
        """The alarm of this code and subject if it is on."""
        return next((one for one in self.active if (one.code, one.subject) == (code, subject)), None)

    def evidence(self, alarm: Alarm) -> bytes | None:
        """The octets of its evidence, None without any."""
        return (self._directory / alarm.evidence).read_bytes() if alarm.evidence else None

    def sound(self, code: str, detail: str, *, subject: str = "", evidence: bytes | None = None) -> None:
        """Raise an alarm, once: while it is on, this changes nothing. Never raises for a disk without room.

        Args:
            code: one of ``KINDS``.
            detail: what was found this time, for the operator; no secret, nothing that parties wrote.
            subject: tells alarms of one kind apart.
            evidence: octets to keep.
        """
        with self._turn:
            if self.raised(code, subject) is None:
                alarm = Alarm(code, self._clock(), detail[:2000], subject)
                LOG.error("ALARM %s", _told(alarm, self._data))
                self._unwritten[alarm.name] = alarm, evidence
            self._write_all()

    def write_pending(self) -> None:
        """Write what found no room before."""
        with self._turn:
            self._write_all()

    def _write_all(self) -> None:
        for alarm, evidence in list(self._unwritten.values()):
            with _room_or_log(f"alarm {alarm.name}"):
                self._with_room(partial(self._write, alarm, evidence))
                del self._unwritten[alarm.name]

    def ended(self, code: str, subject: str | None = None) -> None:
        """Take back the alarms of this code (and subject) because their cause is gone."""
        self._end(code, subject, "ended", "the cause is gone")

    def clear(self, code: str, reason: str) -> tuple[Alarm, ...]:
        """Take back every alarm of this code because somebody says so; the reason is kept.

        Raises:
            NotFoundError: no_alarm, none of this code is on.
        """
        if not (cleared := self._end(code, None, "cleared", reason)):
            raise NotFoundError("no_alarm", "No alarm of this code is on.", code)
        return cleared

    def _end(self, code: str, subject: str | None, how: str, reason: str) -> tuple[Alarm, ...]:
        with self._turn:
            found = [one for one in self.active if one.code == code and subject in (None, one.subject)]
            for alarm in found:
                self._unwritten.pop(alarm.name, None)
                with _room_or_log(f"the end of alarm {alarm.name}"):
                    self._with_room(partial(self._note, alarm, how, reason))
                (self._directory / f"{alarm.name}.alarm").unlink(missing_ok=True)
                LOG.warning("alarm %s %s: %s", alarm.name, how, reason)
        if found:
            self.prepare()
        return tuple(found)

    def _write(self, alarm: Alarm, evidence: bytes | None) -> None:
        """Evidence first, so that no alarm names what is not there."""
        self._make_directory()
        if evidence is not None:
            name = f"evidence/{alarm.since}-{alarm.name}.json"
            path = self._directory / name
            if not path.exists():
                write_whole(path, evidence)
            alarm = replace(alarm, evidence=name)
        self._note(alarm, "raised", alarm.detail)
        write_whole(self._directory / f"{alarm.name}.alarm", format_alarm(alarm))

    def _note(self, alarm: Alarm, what: str, why: str) -> None:
        line: dict[str, JSON] = {"time": self._clock(), "what": what, "alarm": alarm.name, "why": why}
        line |= {"subject": alarm.subject, "evidence": alarm.evidence}
        self._make_directory()
        path = self._directory / "history"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", 0) as file:
            before = os.fstat(file.fileno()).st_size
            octets = canonical(line) + b"\n"
            if file.write(octets) != len(octets):
                os.ftruncate(file.fileno(), before)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())

    def _with_room(self, write: Callable[[], None]) -> None:
        """Write; where the disk is full, give back the reserve and write again."""
        try:
            write()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            (self._directory / "reserve").unlink(missing_ok=True)
            write()

    def _make_directory(self) -> None:
        (self._directory / "evidence").mkdir(mode=0o700, parents=True, exist_ok=True)

    def _stored(self) -> Iterator[Alarm]:
        for path in sorted(self._directory.glob("*.alarm")):
            try:
                yield parse_alarm(path.read_bytes())
            except FileNotFoundError:
                continue  # taken back meanwhile
            except SigningError as error:  # somebody changed it; that it was there still counts
                LOG.warning("the alarm file %s can't be read: %s", path.name, error)
                if path.stem in KINDS:
                    yield Alarm(path.stem, int(path.stat().st_mtime), "The alarm's file can't be read.")


class _room_or_log:  # noqa: N801  # used like a function
    """Whatever the disk refuses inside is logged, never raised: an alarm must not become a fault of its own."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, OSError):
            LOG.error("%s can't be written now: %s", self._what, error.strerror)
            return True
        return False


def _told(alarm: Alarm, data: str) -> str:
    subject = f" ({alarm.subject})" if alarm.subject else ""
    return (
        f"{alarm.code}{subject}: {alarm.detail} {alarm.kind.sentence}"
        f" Do: {command_for(alarm.kind, data)} ({alarm.kind.runbook})"
    )
