"""What a monitor must never forget: the last verified checkpoint, the entries that concern its member, and its alerts.

One SQLite file, changed in transactions that are on disk when they return: a restart goes on where the last visit
ended, and what the log shows then is held against what it showed before. A thief of the file learns which sealed
entries are the member's; whoever can change it can make the monitor forget, so it belongs to its owner alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from providers.storage.sqlite import open_engine
from signing.notes import Checkpoint

__all__ = ["MonitorStore", "Standing"]


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
        self, position: Position, now: int, concerns: Iterable[Concern] = (), policies: Mapping[int, str] | None = None
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
        self, now: int, faults: Sequence[LogFaultError], problem: ProvidersError | None, made: frozenset[str]
    ) -> Standing:
        """End a visit: its faults are the conditions that stand from now on.

        Args:
            now: POSIX seconds.
            faults: what was found wrong. After a visit that could not tell, earlier conditions stand too.
            problem: why the visit could not tell, None if it could.
            made: digests of what the member made.
        """
        with self._transaction() as connection:
            held = {row.code: row.since for row in connection.execute(select(tables.conditions))}
            found = {one.code: one for one in faults}
            gone = tables.conditions.c.code.in_(held if problem is None else found)
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
            for table, column, ids in (
                (tables.concerns, tables.concerns.c.log_index, chosen),
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
        if row.digest not in known
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
