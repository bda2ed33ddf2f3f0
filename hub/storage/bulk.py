"""Writing many rows at once, on the busiest paths of the hub.

On SQLite each INSERT is compiled once and then run with plain tuples, as many rows to a statement as come together:
the driver gives up the interpreter for every statement, and to get it back beside a busy event loop costs more than the
row. A server costs that for every answer that is waited for, so that there the rows of several tables go in one
statement, each table's as one text of JSON.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, TypeAlias

import orjson
from sqlalchemy import BigInteger, Boolean, ColumnElement, Connection, Dialect, Integer, String, bindparam
from sqlalchemy.dialects import sqlite

from hub.storage.models import Base

__all__ = ["BulkInsert", "Row", "insert_together"]

Row: TypeAlias = tuple[Any, ...]
_TOGETHER = 64
"""Rows of one INSERT on SQLite: a batch of sixty entries is one statement for each table."""


class BulkInsert:
    """An INSERT of many rows into one table.

    ``name`` is the table's, ``types`` are PostgreSQL's names of its columns' types.

    Args:
        table: the table; all its columns are given.
        keys: columns by which a row that stands there is overwritten; without them it is an error.
    """

    def __init__(self, table: type[Base], keys: tuple[str, ...] = ()) -> None:
        self.name = str(table.__tablename__)
        self.types = {column.name: _postgresql_type(column) for column in table.__table__.columns}
        self.keys = keys
        self._table = table
        self._texts: dict[int, str] = {}

    def run(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Insert rows, given as tuples of what the driver stores, in the order of the table's columns."""
        if listed := list(rows):
            insert_together(connection, {self: listed})

    def write_sqlite(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows into SQLite's table."""
        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            connection.exec_driver_sql(self._text(connection.dialect, len(some)), tuple(chain.from_iterable(some)))

    def _text(self, dialect: Dialect, rows: int) -> str:
        return self._texts.get(rows) or self._texts.setdefault(rows, self._made(dialect, rows))

    def _made(self, dialect: Dialect, rows: int) -> str:
        if rows == 1:
            return self._compile(dialect)
        one = f"({', '.join('?' * len(self.types))})"
        return self._text(dialect, 1).replace(one, ", ".join([one] * rows), 1)

    def _compile(self, dialect: Dialect) -> str:
        columns = list(self.types)
        statement: Any = sqlite.insert(self._table).values({name: bindparam(name) for name in columns})
        if self.keys:
            others = {name: statement.excluded[name] for name in columns if name not in self.keys}
            statement = statement.on_conflict_do_update(index_elements=list(self.keys), set_=others)
        compiled = statement.compile(dialect=dialect)
        if list(compiled.positiontup or ()) != columns:
            raise RuntimeError(f"{dialect.driver} does not take parameters by position.")
        return str(compiled)


def insert_together(connection: Connection, rows: Mapping[BulkInsert, Sequence[Row]]) -> None:
    """Insert rows into several tables, each as ``BulkInsert.run`` does, a table before those that refer to it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_inserting(tuple(rows)), tuple(_json_of(one, some) for one, some in rows.items()))
        return
    for one, some in rows.items():
        one.write_sqlite(connection, some)


def _json_of(one: BulkInsert, rows: Sequence[Row]) -> str:
    """The rows as arrays; octets as hex. Of rows under the same key the last counts: none may be overwritten twice."""
    if one.keys:
        places = [list(one.types).index(name) for name in one.keys]
        rows = list({tuple(row[place] for place in places): row for row in rows}.values())
    return orjson.dumps(rows, default=bytes.hex).decode()


@cache
def _inserting(tables: tuple[BulkInsert, ...]) -> str:
    """One text for any number of rows, so that it stays prepared."""
    *before, last = (_inserting_into(one) for one in tables)
    parts = ", ".join(f"part_{number} AS ({text})" for number, text in enumerate(before))
    return f"WITH {parts} {last}" if parts else last


def _inserting_into(one: BulkInsert) -> str:
    columns = ", ".join(f'"{name}"' for name in one.types)
    values = ", ".join(_values(one))
    inserting = f'INSERT INTO "{one.name}" ({columns}) SELECT {values} FROM jsonb_array_elements(%s::jsonb) AS given'  # noqa: S608  # names of our tables
    if not one.keys:
        return inserting
    others = ", ".join(f'"{name}" = excluded."{name}"' for name in one.types if name not in one.keys)
    conflict = ", ".join(f'"{name}"' for name in one.keys)
    return f"{inserting} ON CONFLICT ({conflict}) {f'DO UPDATE SET {others}' if others else 'DO NOTHING'}"


def _values(one: BulkInsert) -> Iterator[str]:
    for place, kind in enumerate(one.types.values()):
        yield f"decode(given->>{place}, 'hex')" if kind == "bytea" else f"(given->>{place})::{kind}"


def _postgresql_type(column: ColumnElement[Any]) -> str:
    """PostgreSQL's name of a column's type."""
    if isinstance(column.type, String):
        return "text"
    if isinstance(column.type, BigInteger):
        return "int8"
    if isinstance(column.type, Integer):
        return "int4"
    return "bool" if isinstance(column.type, Boolean) else "bytea"
