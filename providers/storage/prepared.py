"""Statements of the busiest paths, compiled once for each kind of database and then run with plain values.

SQLAlchemy finds a statement's compiled form again at every call and wraps its parameters and rows: for the small
statements of a batch this costs several times what the database does. Values are given, and rows come back, as the
driver stores them: a digest is 32 octets.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Dialect, Select, bindparam
from sqlalchemy.sql import ClauseElement

__all__ = ["Lookup", "Prepared"]

_Compiled = tuple[str, tuple[str, ...], dict[str, Any]]


class Prepared:
    """One statement with named parameters.

    Args:
        statement: whatever can be compiled; parameters of its own values are kept.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
        """Run it with ``values`` for its named parameters; one that is missing is a KeyError."""
        return connection.exec_driver_sql(*self._bound(connection, values))

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it past SQLAlchemy's cursor and results, most of the work of a small query; returns all rows.

        Nothing is told to listeners, and what fails raises an error of the driver.
        """
        cursor = connection.connection.cursor()
        try:
            cursor.execute(*self._bound(connection, values))
            return list(cursor.fetchall()) if cursor.description is not None else []
        finally:
            cursor.close()

    def _bound(self, connection: Connection, values: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        text, names, own = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        known = {**own, **values} if own else values
        return text, tuple(known[name] for name in names)

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self._statement.compile(dialect=dialect)
        own = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
        return self._compiled.setdefault(dialect.name, (str(compiled), tuple(compiled.positiontup or ()), own))


class Lookup:
    """A SELECT of the rows whose ``column`` is one of some values.

    It is compiled for 1, 2, 4, … values; fewer are filled up with the last of them, which finds no row twice.
    """

    def __init__(self, query: Select[*tuple[Any, ...]], column: ColumnElement[Any]) -> None:
        self._query = query
        self._column = column
        self._by_width: dict[int, Prepared] = {}

    def run(self, connection: Connection, values: Sequence[Any], **more: Any) -> CursorResult[*tuple[Any, ...]]:  # noqa: ANN401
        """The rows for ``values``, at least one; ``more`` are the other parameters of the query."""
        width = 1 << (len(values) - 1).bit_length()
        filled = [*values, *[values[-1]] * (width - len(values))]
        given = {f"one_{number}": value for number, value in enumerate(filled)}
        return self._prepared(width).run(connection, given | more)

    def _prepared(self, width: int) -> Prepared:
        if (known := self._by_width.get(width)) is not None:
            return known
        names = [bindparam(f"one_{number}", type_=self._column.type) for number in range(width)]
        return self._by_width.setdefault(width, Prepared(self._query.where(self._column.in_(names))))
