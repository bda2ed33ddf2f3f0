"""Looking at what was written before it is committed, so that nothing half-written ever is.

A database that reports success and has kept nothing is noticed at once by nobody: the statement of an award would be
missing, or a legal hold, and only an audit would tell. So each write whose loss would break a promise reads again, in
its own transaction, that its rows are there; where they are not, all of it is rolled back.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, tuple_

from hub.storage.encoding import encode_json
from hub.storage.errors import LostWriteError
from hub.storage.models import Base
from providers.storage.prepared import Lookup

__all__ = ["counter", "found_by_key", "key_rows", "require"]

_AT_ONCE = 500  # bound variables of one query, far below every database's own limit


def require(what: str, found: object, expected: object) -> None:
    """Refuse to go on unless what was read again is what was written.

    Args:
        what: table that was written, as the error names it.
        found: read in the same transaction.
        expected: what must be there.

    Raises:
        LostWriteError: the two differ.
    """
    if found != expected:
        raise LostWriteError(what)


class counter:  # noqa: N801  # used like a function
    """Counts rows of ``table`` whose ``column`` is one of some values, and which ``condition`` holds for.

    Args:
        table: the table.
        column: name of an indexed column; values are given as the driver stores them.
        condition: an expression with named parameters, or None.
    """

    def __init__(self, table: type[Base], column: str, condition: Any = None) -> None:  # noqa: ANN401
        query = select(func.count()).select_from(table)
        self._lookup = Lookup(query if condition is None else query.where(condition), table.__table__.c[column])

    def __call__(self, connection: Connection, values: Iterable[Any], **more: Any) -> int:  # noqa: ANN401
        """How many rows there are."""
        listed = sorted(set(values))
        some = (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))
        return sum(int(self._lookup.run(connection, one, **more).scalar_one()) for one in some)


def found_by_key(connection: Connection, table: type[Base], keys: Sequence[tuple[Any, ...]]) -> int:
    """How many of these primary keys (no octets among them) the table has."""
    if connection.dialect.name == "sqlite":
        return int(connection.exec_driver_sql(_by_json(table, "count(*)"), (encode_json(keys),)).scalar_one())
    return len(_by_tuples(connection, table, keys))


def key_rows(
    connection: Connection, table: type[Base], keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """By primary key (no octets among them), the other columns of the rows that the table has of these keys.

    Keys may be the first columns of the primary key, all equally many: then the rows that begin with them are found.
    """
    if connection.dialect.name == "sqlite":
        columns = ", ".join(f'{table.__tablename__}."{name}"' for name in _columns(table))
        given = len(keys[0]) if keys else 0
        found = connection.exec_driver_sql(_by_json(table, columns, given), (encode_json(keys),)).all()
    else:
        found = _by_tuples(connection, table, keys)
    width = len(list(table.__table__.primary_key))
    return {tuple(row[:width]): tuple(row[width:]) for row in found}


def _columns(table: type[Base]) -> list[str]:
    """The primary key, then the others."""
    keys = [column.name for column in table.__table__.primary_key]
    return [*keys, *(column.name for column in table.__table__.columns if column.name not in keys)]


def _by_tuples(connection: Connection, table: type[Base], keys: Sequence[tuple[Any, ...]]) -> list[Any]:
    columns = tuple_(*list(table.__table__.primary_key)[: len(keys[0]) if keys else None])
    query = select(*(table.__table__.c[name] for name in _columns(table)))
    query = query.where(columns.in_(bindparam("keys", expanding=True)))
    some = (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
    return [row for one in some for row in connection.execute(query, {"keys": list(one)})]


@cache
def _by_json(table: type[Base], what: str, given: int | None = None) -> str:
    """On SQLite: one bound value however many keys (of so many columns), each looked up by index."""
    name = table.__tablename__
    same = " AND ".join(
        f"{name}.\"{column.name}\" = json_extract(one.value, '$[{place}]')"
        for place, column in enumerate(list(table.__table__.primary_key)[:given])
    )
    return f"SELECT {what} FROM json_each(?) AS one CROSS JOIN {name} ON {same}"  # noqa: S608  # names of our tables
