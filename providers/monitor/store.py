"""What a monitor must never forget: the last verified checkpoint, the entries that concern its member, and its alerts.

One SQLite file, changed in transactions that are on disk when they return: a restart goes on where the last visit
ended, and what the log shows then is held against what it showed before. A thief of the file learns which sealed
entries are the member's; whoever can change it can make the monitor forget, so it belongs to its owner alone.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from providers.errors import GatewayError, ProvidersError
from providers.monitor import tables
from providers.monitor.alerts import Alert, State
from providers.monitor.errors import ContradictionError, LogFaultError
from providers.monitor.head import Position
from providers.monitor.ownership import Concern, commitments
from providers.monitor.questions import KEYED, Lacking, Question
from providers.storage.sqlite import open_engine
from signing.notes import Checkpoint

__all__ = ["MonitorStore", "Standing"]

_ASKED = ("kind", "digest", "sigs", "time", "own", "found")


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: the state and since when (POSIX seconds), the alerts, and the visits they come from.

    ``verified`` is when everything was last in order; ``problem`` why the last visit could not tell, if it could not.
    """

    state: State
    since: int
    visited: int
    verified: int
    problem: tuple[str, str] | None
    position: Position | None
    alerts: tuple[Alert, ...]


class MonitorStore:
    """The file, opened; safe for several threads and processes.

    Args:
        path: made when it is not there.
        network: digest of the network's genesis.
        actor: the member's id.

    Raises:
        GatewayError: ``other_store`` or ``storage_failed``.
    """

    def __init__(self, path: Path, network: str, actor: str) -> None:
        self._engine = open_engine(path)
        with self._transaction() as connection:
            tables.metadata.create_all(connection)
            values = {"version": tables.VERSION, "network": network, "actor": actor}
            empty = {"id": 1, "state": State.UNKNOWN.value, "since": 0, "visited": 0, "verified": 0}
            connection.execute(upsert(tables.monitor).values(**values, **empty).on_conflict_do_nothing())
            row = connection.execute(select(tables.monitor)).mappings().one()
        if any(row[name] != value for name, value in values.items()):
            message = "The monitor's store belongs to another network, member or version of the program."
            raise GatewayError("other_store", message, str(path))

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def position(self) -> Position | None:
        """The last verified checkpoint, None before the first."""
        with self._transaction() as connection:
            return _position(connection)

    def policies(self) -> dict[int, str]:
        """Log index and digest of every policy that was read in the log."""
        with self._transaction() as connection:
            return {row.log_index: row.digest for row in connection.execute(select(tables.policies))}

    def advance(
        self,
        position: Position,
        now: int,
        concerns: Iterable[Concern] = (),
        policies: Mapping[int, str] | None = None,
        questions: Iterable[Question] = (),
    ) -> None:
        """The log is verified up to ``position``; what was found on the way is kept in the same transaction."""
        values = {
            "note": position.note,
            "origin": position.checkpoint.origin,
            "size": position.checkpoint.size,
            "root": position.checkpoint.root,
            "edges": b"".join(position.edges),
            "cosigned": position.cosigned,
        }
        with self._transaction() as connection:
            connection.execute(delete(tables.position))
            connection.execute(insert(tables.position).values(id=1, **values))
            for one in concerns:
                connection.execute(insert(tables.concerns).values(found=now, **_row(one)))
            for index, digest in (policies or {}).items():
                connection.execute(insert(tables.policies).values(log_index=index, digest=digest))
            for question in questions:
                connection.execute(insert(tables.questions).values(**_asked(question) | {"found": now}))

    def questions(self, known: Collection[str]) -> list[Question]:
        """Every public statement that is still to be looked at, in log order.

        Those that the member made (``known``, digests) are dropped, unless they may give it a monitor key.
        """
        table = tables.questions
        with self._transaction() as connection:
            rows = connection.execute(select(table).order_by(table.c.log_index)).mappings()
            found = [Question(index=row["log_index"], **{name: row[name] for name in _ASKED}) for row in rows]
            needless = {one.index for one in found if one.own and one.kind not in KEYED and one.digest in known}
            for index in needless:
                connection.execute(delete(table).where(table.c.log_index == index))
        return [one for one in found if one.index not in needless]

    def settle(
        self, question: Question, found: Concern | None, *, now: int, done: bool, lacks: Sequence[Lacking] = ()
    ) -> None:
        """Keep what a statement turned out to be.

        Args:
            question: which one.
            found: what its entry is to the member now; None: nothing.
            now: POSIX seconds.
            done: it need not be asked for again.
            lacks: monitor keys that it gives the member, and with which the log was not read.
        """
        table, index = tables.concerns, question.index
        with self._transaction() as connection:
            before = connection.execute(select(table.c.code).where(table.c.log_index == index)).scalar_one_or_none()
            if found is None:
                connection.execute(delete(table).where(table.c.log_index == index))
            elif before is None:
                connection.execute(insert(table).values(found=now, **_row(found)))
            else:  # another thing than a person may have acknowledged is an alert of its own
                again = {} if before == found.code else {"acknowledged": None, "found": now}
                connection.execute(update(table).where(table.c.log_index == index).values(**_row(found), **again))
            for one in lacks:
                values = {"log_index": index, "kid": one.kid, "message": one.message, "found": now}
                values["acknowledged"] = now if one.here else None  # one that is here needs nobody's attention
                connection.execute(upsert(tables.awaited).values(values).on_conflict_do_nothing())
            if done:
                connection.execute(delete(tables.questions).where(tables.questions.c.log_index == index))

    def awaited(self) -> dict[str, int]:
        """Ids of monitor keys that the log was not read with, and the index of the statement that gave each one."""
        with self._transaction() as connection:
            return {row.kid: row.log_index for row in connection.execute(select(tables.awaited))}

    def arrived(self, kids: Iterable[str], concerns: Iterable[Concern], now: int) -> None:
        """These keys are here, and the log was read again with them; what was found is kept beside what was known."""
        with self._transaction() as connection:
            for one in concerns:
                connection.execute(upsert(tables.concerns).values(found=now, **_row(one)).on_conflict_do_nothing())
            connection.execute(delete(tables.awaited).where(tables.awaited.c.kid.in_(list(kids))))

    def add_incident(self, error: ContradictionError, now: int, evidence: Sequence[str]) -> None:
        """Keep a contradiction, once."""
        values = {"key": f"{error.code}/{error.key}", "code": error.code, "message": error.message, "at": now}
        values["evidence"] = json.dumps(list(evidence))
        with self._transaction() as connection:
            connection.execute(upsert(tables.incidents).values(values).on_conflict_do_nothing())

    def has_incident(self, error: ContradictionError) -> bool:
        """Whether this contradiction is kept already."""
        query = select(tables.incidents.c.id).where(tables.incidents.c.key == f"{error.code}/{error.key}")
        with self._transaction() as connection:
            return connection.execute(query).first() is not None

    def conclude(
        self,
        now: int,
        faults: Sequence[LogFaultError],
        problem: ProvidersError | None,
        made: frozenset[str],
        *,
        looked: bool = False,
    ) -> Standing:
        """End a visit: its faults are the conditions that stand from now on.

        Args:
            now: POSIX seconds.
            faults: what was found wrong. After a visit that could not tell, earlier conditions stand too.
            problem: why the visit could not tell, None if it could.
            made: digests of what the member made.
            looked: the log itself was seen all the same; what could not be told is about single statements.
        """
        with self._transaction() as connection:
            held = {row.code: row.since for row in connection.execute(select(tables.conditions))}
            found = {one.code: one for one in faults}
            gone = tables.conditions.c.code.in_(held if problem is None or looked else found)
            connection.execute(delete(tables.conditions).where(gone))
            for code, one in found.items():
                values = {"code": code, "message": str(one), "since": held.get(code, now)}
                connection.execute(insert(tables.conditions).values(values))
            told = {"problem_code": None, "problem": None} if problem is None else _problem(problem)
            verified = {"verified": now} if problem is None and not faults else {}
            connection.execute(update(tables.monitor).values(visited=now, **told, **verified))
            return _settled(connection, now, made)

    def standing(self, now: int, made: frozenset[str]) -> Standing:
        """How things stand, given what the member made."""
        with self._transaction() as connection:
            return _settled(connection, now, made)

    def acknowledge(
        self, now: int, made: frozenset[str], *, indexes: Iterable[int] | None, incidents: Iterable[int] = ()
    ) -> int:
        """A person knows of these entries (None: of all) and incidents; they are alerts no more. Returns how many.

        Raises:
            GatewayError: ``unknown_alert``, nothing is changed then.
        """
        with self._transaction() as connection:
            standing = _settled(connection, now, made)
            entries = {one.index for one in standing.alerts if one.index is not None}
            numbers = {one.incident for one in standing.alerts if one.incident is not None}
            chosen = entries if indexes is None else set(indexes)
            if unknown := sorted((chosen - entries) | (set(incidents) - numbers)):
                message = "No alert stands under this number; nothing was acknowledged."
                raise GatewayError("unknown_alert", message, ", ".join(map(str, unknown)))
            answered = tables.questions.c.log_index.in_(chosen) & tables.questions.c.kind.not_in(KEYED)
            connection.execute(delete(tables.questions).where(answered))
            for table, column, ids in (
                (tables.concerns, tables.concerns.c.log_index, chosen),
                (tables.awaited, tables.awaited.c.log_index, chosen),
                (tables.incidents, tables.incidents.c.id, set(incidents)),
            ):
                connection.execute(update(table).where(column.in_(ids)).values(acknowledged=now))
            _settled(connection, now, made)
            return len(chosen) + len(set(incidents))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            message = "The monitor's store could not be read or written; nothing was changed."
            raise GatewayError("storage_failed", message, actor="operator", retryable=True) from error


def _asked(one: Question) -> dict[str, object]:
    return {"log_index": one.index, **{name: getattr(one, name) for name in _ASKED}}


def _row(one: Concern) -> dict[str, object]:
    names = ("code", "kind", "digest", "time", "message")
    return {
        "log_index": one.index,
        "evidence": json.dumps(one.evidence),
        **{name: getattr(one, name) for name in names},
    }


def _problem(error: ProvidersError) -> dict[str, str]:
    return {"problem_code": error.code, "problem": str(error)}


def _position(connection: Connection) -> Position | None:
    row = connection.execute(select(tables.position)).mappings().one_or_none()
    if row is None:
        return None
    edges = tuple(row["edges"][at : at + 32] for at in range(0, len(row["edges"]), 32))
    return Position(row["note"], Checkpoint(row["origin"], row["size"], row["root"]), edges, row["cosigned"])


def _alerts(connection: Connection, made: frozenset[str]) -> tuple[Alert, ...]:
    known = commitments(made)
    open_ones = (
        select(tables.incidents).where(tables.incidents.c.acknowledged.is_(None)).order_by(tables.incidents.c.id)
    )
    found = [
        Alert(row["code"], row["message"], row["at"], incident=row["id"], evidence=tuple(json.loads(row["evidence"])))
        for row in connection.execute(open_ones).mappings()
    ]
    codes = {one.code for one in found}
    found += [
        Alert(row.code, row.message, row.since)
        for row in connection.execute(select(tables.conditions).order_by(tables.conditions.c.since))
        if row.code not in codes
    ]
    table = tables.concerns
    query = select(table).where(table.c.acknowledged.is_(None)).order_by(table.c.log_index.desc())
    found += [
        Alert(row.code, row.message, row.found, index=row.log_index, evidence=tuple(json.loads(row.evidence)))
        for row in connection.execute(query)
        if row.code == "statement_withheld" or row.digest not in known
    ]
    keys = select(tables.awaited).where(tables.awaited.c.acknowledged.is_(None)).order_by(tables.awaited.c.log_index)
    found += [
        Alert("monitor_key_unknown", row.message, row.found, index=row.log_index) for row in connection.execute(keys)
    ]
    return tuple(found)


def _settled(connection: Connection, now: int, made: frozenset[str]) -> Standing:
    """How things stand; notes when the state changed."""
    row = connection.execute(select(tables.monitor)).mappings().one()
    alerts, position = _alerts(connection, made), _position(connection)
    problem = None if row["problem_code"] is None else (row["problem_code"], row["problem"])
    state = State.WELL if row["verified"] and problem is None else State.UNKNOWN
    state = State.ALERT if alerts else state
    since = row["since"]
    if state != row["state"] or not since:
        since = now
        connection.execute(update(tables.monitor).values(state=state.value, since=since))
    return Standing(state, since, row["visited"], row["verified"], problem, position, alerts)
