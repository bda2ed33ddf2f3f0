"""Looking at what was written before it is committed, so that nothing half-written ever is.

A database that reports success and has kept nothing is noticed at once by nobody: the statement of an award would be
missing, or a legal hold, and only an audit would tell. So each write whose loss would break a promise reads again, in
its own transaction, that its rows are there; where they are not, all of it is rolled back.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, tuple_

from hub.storage.errors import LostWriteError
from hub.storage.models import Base
from providers.storage.prepared import Lookup

__all__ = ["counter", "found_by_key", "require"]

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
    names = tuple(column.name for column in table.__table__.primary_key)
    if connection.dialect.name == "sqlite":  # one bound value however many keys, and the key is looked up by index
        return int(connection.exec_driver_sql(_by_json(table.__tablename__, names), (json.dumps(keys),)).scalar_one())
    columns = tuple_(*(table.__table__.c[name] for name in names))
    query = select(func.count()).select_from(table).where(columns.in_(bindparam("keys", expanding=True)))
    some = (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
    return sum(int(connection.execute(query, {"keys": list(one)}).scalar_one()) for one in some)


@cache
def _by_json(table: str, names: tuple[str, ...]) -> str:
    same = " AND ".join(
        f"{table}.\"{name}\" = json_extract(one.value, '$[{place}]')" for place, name in enumerate(names)
    )
    return f"SELECT count(*) FROM json_each(?) AS one CROSS JOIN {table} ON {same}"  # noqa: S608  # names of our tables
