"""The register of alarms: small files that are on disk when the call returns, also when the log is read-only.

::

    DATA/alarms/<code>[.<8 hex digits of the subject>].alarm    one alarm that is on
    DATA/alarms/evidence/<time>-<name>[.<n>].json               what proves it; never deleted, never overwritten
    DATA/alarms/history                                         one line for each that was raised, proven, ended or
                                                                cleared
    DATA/alarms/reserve                                         room for the above when the disk is full

An alarm is raised once; raising it again changes nothing, so ``since`` is when it began, but that evidence may come
later, with the detail of it. Further evidence lies beside the first, which the alarm names, up to ``MOST_EVIDENCE``
pieces. Where even the reserve does not make room, it is kept in memory and written at the next occasion: it is logged
all the same.

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
MOST_EVIDENCE = 16
"""So many pieces are kept for one alarm: what is shown again and again must not fill the disk."""
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
        return _name(self.code, self.subject)


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
        self._unwritten: dict[str, tuple[Alarm, tuple[bytes, ...]]] = {}
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
        return tuple(
            sorted(self._named().values(), key=lambda one: (one.kind.severity != CRITICAL, one.since, one.name))
        )

    def raised(self, code: str, subject: str = "") -> Alarm | None:
        """The alarm of this code and subject if it is on."""
        return self._named().get(_name(code, subject))

    def evidence(self, alarm: Alarm) -> bytes | None:
        """The octets of its evidence, None without any, or where somebody has moved it away."""
        try:
            return (self._directory / alarm.evidence).read_bytes() if alarm.evidence else None
        except OSError as error:
            LOG.warning("the evidence %s of the alarm %s can't be read: %s", alarm.evidence, alarm.name, error.strerror)
            return None

    def evidences(self, alarm: Alarm) -> dict[str, bytes]:
        """Every piece of its evidence that can be read, by the name of its file; the first one first."""
        first = self.evidence(alarm)
        further = [name for name in _files(alarm) if (self._directory / name).exists() and name != alarm.evidence]
        found = {} if first is None else {alarm.evidence: first}
        for name in further:
            if (octets := self.evidence(replace(alarm, evidence=name))) is not None:
                found[name] = octets
        return found

    def sound(self, code: str, detail: str, *, subject: str = "", evidence: bytes | None = None) -> None:
        """Raise an alarm, once: while it is on, only evidence is added that it has not yet, with the detail of it.

        Never raises for a disk without room.

        Args:
            code: one of ``KINDS``.
            detail: what was found this time, for the operator; no secret, nothing that parties wrote.
            subject: tells alarms of one kind apart.
            evidence: octets to keep.
        """
        with self._turn:
            known = self.raised(code, subject)
            added = () if evidence is None or not self._is_new(known, evidence) else (evidence,)
            if known is None or added:
                alarm = known or Alarm(code, self._clock(), "", subject)
                alarm = replace(alarm, detail=detail[:2000], subject=subject)
                LOG.error("ALARM %s", _told(alarm, self._data))
                self._unwritten[alarm.name] = alarm, (*self._waiting(alarm), *added)
            self._write_all()

    def _is_new(self, known: Alarm | None, evidence: bytes) -> bool:
        """Whether the alarm has no such evidence yet, be it on disk or not, and room for it."""
        if known is None:
            return True
        kept = (*self.evidences(known).values(), *self._waiting(known))
        return evidence not in kept and len(kept) < MOST_EVIDENCE

    def _waiting(self, alarm: Alarm) -> tuple[bytes, ...]:
        return self._unwritten[alarm.name][1] if alarm.name in self._unwritten else ()

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
            wanted = None if subject is None else _name(code, subject)
            found = {name: one for name, one in self._named().items() if one.code == code and wanted in (None, name)}
            for name, alarm in found.items():
                self._unwritten.pop(name, None)
                with _room_or_log(f"the end of alarm {name}"):
                    self._with_room(partial(self._note, name, alarm, how, reason))
                (self._directory / f"{name}.alarm").unlink(missing_ok=True)
                LOG.warning("alarm %s %s: %s", name, how, reason)
        if found:
            self.prepare()
        return tuple(found.values())

    def _write(self, alarm: Alarm, evidence: tuple[bytes, ...]) -> None:
        """Evidence first, so that no alarm names what is not there."""
        self._make_directory()
        names = [self._keep(alarm, octets) for octets in evidence]
        path = self._directory / f"{alarm.name}.alarm"
        noted = replace(alarm, evidence=names[-1]) if names else alarm
        self._note(alarm.name, noted, "proven" if path.exists() else "raised", alarm.detail)
        first = alarm.evidence or (names[0] if names else "")
        write_whole(path, format_alarm(replace(alarm, evidence=first)))

    def _keep(self, alarm: Alarm, octets: bytes) -> str:
        """Write evidence under the first name that is free; returns the name, also where it was written before."""
        for name in _files(alarm):
            path = self._directory / name
            if path.exists():
                if path.read_bytes() == octets:
                    return name
            elif name != alarm.evidence:  # somebody has moved that one away; another must not pass for it
                write_whole(path, octets)
                return name
        return alarm.evidence

    def _note(self, name: str, alarm: Alarm, what: str, why: str) -> None:
        line: dict[str, JSON] = {"time": self._clock(), "what": what, "alarm": name, "why": why}
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

    def _named(self) -> dict[str, Alarm]:
        """Every alarm that is on, by its name: that of its file also where the file can't be read any more."""
        return {name: alarm for name, (alarm, _) in self._unwritten.items()} | dict(self._stored())

    def _stored(self) -> Iterator[tuple[str, Alarm]]:
        for path in sorted(self._directory.glob("*.alarm")):
            try:
                yield path.stem, parse_alarm(path.read_bytes())
            except FileNotFoundError:
                continue  # taken back meanwhile
            except SigningError as error:  # somebody changed it; that it was there still counts
                LOG.warning("the alarm file %s can't be read: %s", path.name, error)
                code, _, subject = path.stem.partition(".")
                if code in KINDS:
                    told = f"unknown ({subject})" if subject else ""
                    yield path.stem, Alarm(code, int(path.stat().st_mtime), "The alarm's file can't be read.", told)


def _files(alarm: Alarm) -> list[str]:
    """The names that its evidence may have."""
    stem = f"evidence/{alarm.since}-{alarm.name}"
    return [f"{stem}.json", *(f"{stem}.{n}.json" for n in range(2, MOST_EVIDENCE + 1))]


def _name(code: str, subject: str) -> str:
    return f"{code}.{sha256(subject.encode()).hexdigest()[:8]}" if subject else code


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
