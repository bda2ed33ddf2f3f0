"""PostgreSQL: one writing connection, held for the life of the process, and a few that read.

The writing connection holds an advisory lock of the database, so no second hub writes it. When that connection is
lost, so is the lock: it is never opened again, the process ends, and a fresh start looks at what is stored.

Writes are READ COMMITTED with ``synchronous_commit=on``: a commit that returned is on the disk of this server and of
a synchronous standby. A commit whose wait for the standby was broken off is reported by the server as a warning
alone; here it is an error. Queries begin no transaction: each sees the newest commit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from hub.storage.errors import ClaimError, LostError, UnreachableError
from hub.storage.session import WRITES

__all__ = ["PostgreSQL"]

READERS = 4
"""Threads that read, each with a connection."""

STATEMENTS = 1024
"""Statements that each connection keeps prepared."""

_LOCK = 0x6F64722D687562  # "odr-hub"
_LOCK_MS = 5000
"""How long a start waits for the lock: the server takes a moment to notice that a killed process is gone."""

_SETTINGS = {
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "idle_session_timeout": "0",  # a quiet night is no reason to lose the lock
    "idle_in_transaction_session_timeout": "0",
    "statement_timeout": "0",
    "enable_seqscan": "off",  # plans are made once, often while tables are empty; they must fit full ones
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "tcp_keepalives_idle": "30",  # seconds; a machine that is gone gives its lock back within a minute
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "5",
}
_CONNECTION = {"connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "5", "keepalives_count": "5"}
_FACTS = """
SELECT pg_is_in_recovery(), current_setting('server_encoding'), current_setting('fsync'),
       current_setting('synchronous_standby_names')
"""
_STANDBYS = "SELECT sync_state FROM pg_stat_replication WHERE state IS NULL OR state = 'streaming'"
_VALUES = "22"  # class of errors whose sentence quotes values


class PostgreSQL:
    """``Backend`` on a server.

    Args:
        url: ``postgresql://…`` with the parameters of libpq as its query; the password comes from a passfile.
    """

    readers = READERS

    def __init__(self, url: str) -> None:
        self.file: None = None
        self._claimed = False
        self._writing = _open(url, 1, {})
        self._reading = _open(url, READERS, {"default_transaction_read_only": "on"})
        event.listen(self._writing, "do_connect", self._refuse_second)
        event.listen(self._writing, "connect", _keep_warnings)
        event.listen(self._writing, "begin", _begin)

    def writer(self) -> Connection:
        """The connection that may write.

        Raises:
            UnreachableError: it is the first, and the server can't be reached.
            LostError: it was lost after it was claimed.
        """
        return _connected(self._writing)

    def reader(self) -> Connection:
        """A connection that can't write; raises ``UnreachableError``."""
        return _connected(self._reading)

    def claim(self, connection: Connection, *, allow_async: bool) -> None:
        """Take the database for this process alone, until its connection ends.

        Checks that the server writes durably, and that a synchronous standby confirms it unless ``allow_async``.

        Raises:
            ClaimError: locked, database_standby, wrong_encoding, not_durable, no_standby, standby_hidden.
        """
        _take_lock(connection)
        standby, encoding, fsync, names = connection.exec_driver_sql(_FACTS).one()
        if standby:
            raise _refusal("database_standby", "This server is itself a standby: name the one that it follows.")
        if encoding != "UTF8":
            raise _refusal("wrong_encoding", f"The database is encoded in {encoding}: make one with ENCODING 'UTF8'.")
        if fsync != "on":
            raise _refusal("not_durable", "This server forgets what it committed (fsync is off): set fsync = on.")
        if not allow_async:
            _require_standby(names, [state for (state,) in connection.exec_driver_sql(_STANDBYS)])
        self._claimed = True

    def commit(self, connection: Connection) -> None:
        """Make a write durable, here and on the standby.

        Raises:
            LostError: the server says that it committed, but not that the standby has it.
        """
        driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
        if driver.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:  # it would answer with a rollback
            raise RuntimeError("A statement of this transaction failed: it can't be committed.")
        warnings: list[str] = connection.info["warnings"]
        warnings.clear()
        connection.commit()
        if warnings:
            raise LostError("not_replicated", f"PostgreSQL committed, but warned: {warnings[0]}")

    def says_full(self, error: BaseException) -> bool:
        """Whether the server has found no room on its disk."""
        return isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.errors.DiskFull)

    def dispose(self) -> None:
        """Close every connection; the lock is free then."""
        self._writing.dispose()
        self._reading.dispose()

    def _refuse_second(self, *_: object) -> None:
        if self._claimed:
            raise LostError("connection_lost", "The connection that held the database is lost: start the hub again.")


def _open(url: str, connections: int, settings: dict[str, str]) -> Engine:
    given = {name: value for name, value in _CONNECTION.items() if name not in make_url(url).query}
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=connections,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",  # transactions begin where ``_begin`` says, nowhere else
        paramstyle="format",
        use_native_hstore=False,
        hide_parameters=True,
        connect_args=given | {"prepare_threshold": 2, "client_encoding": "UTF8", "application_name": "odr-hub"},
    )
    event.listen(engine, "connect", _preparing(_SETTINGS | settings))
    event.listen(engine, "handle_error", _without_values)
    return engine


def _preparing(settings: Mapping[str, str]) -> Any:  # noqa: ANN401  # a listener
    query = f"SELECT {', '.join('set_config(%s, %s, false)' for _ in settings)}".encode()
    values = [part for pair in settings.items() for part in pair]

    def prepare(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.prepared_max = STATEMENTS
        before, connection.autocommit = connection.autocommit, True
        connection.execute(query, values)
        connection.autocommit = before

    return prepare


def _keep_warnings(connection: psycopg.Connection[Any], record: Any) -> None:  # noqa: ANN401  # of the pool
    warnings: list[str] = []
    record.info["warnings"] = warnings

    def note(notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            warnings.append(notice.message_primary or "")

    connection.add_notice_handler(note)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES):
        connection.exec_driver_sql("BEGIN")


def _connected(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        raise UnreachableError(str(error.orig)) from None


def _take_lock(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET lock_timeout = {_LOCK_MS}")
    try:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise _refusal("locked", "Another hub uses this database: end it first.") from None
        raise
    connection.exec_driver_sql("RESET lock_timeout")


def _require_standby(names: str, states: Sequence[str | None]) -> None:
    """A standby must be awaited by every commit, and be there."""
    if names.strip() and any(state in ("sync", "quorum") for state in states):
        return
    if names.strip() and None in states:
        raise _refusal(
            "standby_hidden",
            "This role may not see whether a standby follows: GRANT pg_monitor TO it, as a superuser.",
        )
    found = "a standby follows, but no commit waits for it" if states else "no standby follows"
    raise _refusal(
        "no_standby",
        f"Without a synchronous standby a lost server takes signed entries with it; {found}. Set up one and "
        "synchronous_standby_names, as docs/how-to/run-on-postgresql.md says; for a test: odr-hub serve --allow-async.",
    )


def _refusal(code: str, sentence: str) -> ClaimError:
    return ClaimError(code, sentence, "storage.url")


def _without_values(context: ExceptionContext) -> None:
    """Take out of an error what PostgreSQL quotes of the values: errors are logged."""
    error, told = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg.Error) and error.sqlstate is not None and isinstance(told, DBAPIError):
        error.args = (_plain(error),)
        told.args = (f"({type(error).__module__}.{type(error).__name__}) {_plain(error)}",)


def _plain(error: psycopg.Error) -> str:
    state = error.sqlstate or ""
    if state.startswith(_VALUES):
        return f"SQLSTATE {state}"
    return f"{error.diag.message_primary} [SQLSTATE {state}]"
