"""What a witness must never forget: for each log, the largest tree it has cosigned.

One SQLite file. ``exchange`` is one transaction (BEGIN IMMEDIATE) that reads a log's head, lets the caller decide,
and replaces the head only if it still is the one that was read. With WAL and synchronous=FULL, what was replaced is
on disk when the call returns: only then may a cosignature leave the process. A thief of the file learns what the
witness publishes anyway; whoever can put an old copy back can make the witness contradict itself, so a witness
whose file was lost or restored is retired, with its key.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from providers.storage.sqlite import open_engine
from providers.witness.errors import WitnessError
from signing.merkle import EMPTY_ROOT
from signing.notes import VerifierKey

__all__ = ["Head", "WitnessStore", "origin_hash"]

_metadata = MetaData()
_witness = Table(
    "witness",
    _metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("vkey", Text, nullable=False),
    Column("last_time", BigInteger, nullable=False),
)
_logs = Table(
    "logs",
    _metadata,
    Column("origin", Text, primary_key=True),
    Column("origin_hash", Text, nullable=False, unique=True),
    Column("vkey", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=True),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The tree of one log cosigned last: size, root, and the note with the log's and the witness's lines.

    Before the first cosignature it is the empty tree, without a note.
    """

    size: int
    root: bytes
    note: bytes | None


class WitnessStore:
    """The state of one witness; safe for several threads and processes.

    Args:
        path: the database file; it must exist, since a witness that forgot is not to start.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise WitnessError(
                "no_state", "The witness's state is missing; without it the key must be retired.", str(path)
            )
        self._engine = open_engine(path)

    @classmethod
    def create(cls, path: Path, witness: VerifierKey) -> "WitnessStore":
        """A new store for a new witness."""
        engine = open_engine(path)
        with _transaction(engine) as connection:
            _metadata.create_all(connection)
            connection.execute(insert(_witness).values(id=1, vkey=witness.format(), last_time=0))
        engine.dispose()
        return cls(path)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def identity(self) -> VerifierKey:
        """The verifier key that this state belongs to."""
        with _transaction(self._engine) as connection:
            return VerifierKey.parse(connection.execute(select(_witness.c.vkey)).scalar_one())

    def add_log(self, key: VerifierKey) -> None:
        """Watch a log from now on; the same log again changes nothing, another key for its origin is refused."""
        values = {"origin": key.name, "origin_hash": origin_hash(key.name), "vkey": key.format()}
        try:
            with _transaction(self._engine) as connection:
                connection.execute(insert(_logs).values(size=0, root=EMPTY_ROOT, **values))
        except WitnessError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            if self.log_key(key.name) != key:
                raise WitnessError("other_key", "The witness knows this origin with another key.", key.name) from None

    def log_key(self, origin: str) -> VerifierKey | None:
        """The key of the log with this origin, None if it is not watched."""
        with _transaction(self._engine) as connection:
            text = connection.execute(select(_logs.c.vkey).where(_logs.c.origin == origin)).scalar_one_or_none()
        return None if text is None else VerifierKey.parse(text)

    def published(self, hashed_origin: str) -> bytes | None:
        """The note cosigned last for the origin of this SHA-256 (hex)."""
        with _transaction(self._engine) as connection:
            query = select(_logs.c.note).where(_logs.c.origin_hash == hashed_origin)
            return connection.execute(query).scalar_one_or_none()

    def logs(self) -> list[VerifierKey]:
        """The keys of all watched logs, by origin."""
        with _transaction(self._engine) as connection:
            texts = connection.execute(select(_logs.c.vkey).order_by(_logs.c.origin)).scalars().all()
        return [VerifierKey.parse(text) for text in texts]

    def head(self, origin: str) -> Head:
        """The tree of a watched log cosigned last."""
        with _transaction(self._engine) as connection:
            return _head(connection.execute(select(_logs).where(_logs.c.origin == origin)).one())

    def exchange(self, origin: str, decide: Callable[[Head, int], tuple[Head, int]]) -> None:
        """Replace a watched log's head by what ``decide`` makes of it; on disk when this returns.

        Args:
            origin: a watched log.
            decide: gets the head and the time the witness signed with last; returns the next head and time. What
                it raises leaves everything as it was.
        """
        with _transaction(self._engine) as connection:
            row = connection.execute(select(_logs).where(_logs.c.origin == origin)).one()
            last_time = connection.execute(select(_witness.c.last_time)).scalar_one()
            head, time = decide(_head(row), last_time)
            unchanged = (_logs.c.origin == origin) & (_logs.c.size == row.size) & (_logs.c.root == row.root)
            values = {"size": head.size, "root": head.root, "note": head.note}
            replaced = connection.execute(update(_logs).where(unchanged).values(values)).rowcount
            timed = connection.execute(
                update(_witness).where(_witness.c.last_time <= time).values(last_time=time)
            ).rowcount
            if (replaced, timed) != (1, 1):
                raise WitnessError(
                    "state_moved", "The witness's state changed under this request.", origin, retryable=True
                )


def origin_hash(origin: str) -> str:
    """The name of an origin in monitoring URLs: SHA-256, hex."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _head(row: Row[tuple[object, ...]]) -> Head:
    return Head(row.size, bytes(row.root), None if row.note is None else bytes(row.note))


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise WitnessError(
            "storage_failed", "The witness's state could not be read or written.", retryable=True
        ) from error
