"""Prepared statements do what the statements they are made of do, with values as the driver has them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    update,
)

from providers.storage.prepared import Lookup, Prepared

METADATA = MetaData()
KEPT = Table(
    "kept", METADATA, Column("id", Integer, primary_key=True), Column("name", Text), Column("digest", LargeBinary)
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as one:
        METADATA.create_all(one)
        one.execute(insert(KEPT), [{"id": n, "name": f"name {n}", "digest": bytes([n])} for n in range(9)])
        yield one
    engine.dispose()


def test_named_parameters_are_given_by_name_and_own_values_stay(connection: Connection) -> None:
    found = Prepared(select(KEPT.c.name).where(KEPT.c.id > bindparam("least"), KEPT.c.name != "name 7"))
    assert found.run(connection, {"least": 5}).scalars().all() == ["name 6", "name 8"]
    assert found.run(connection, {"least": 6}).scalars().all() == ["name 8"]


def test_a_change_says_how_many_rows_it_touched(connection: Connection) -> None:
    change = Prepared(update(KEPT).where(KEPT.c.id == bindparam("at")).values(name=bindparam("to")))
    assert change.run(connection, {"at": 3, "to": "other"}).rowcount == 1
    assert change.run(connection, {"at": 99, "to": "other"}).rowcount == 0
    assert connection.execute(select(KEPT.c.name).where(KEPT.c.id == 3)).scalar_one() == "other"


def test_rows_are_those_that_run_finds_and_a_change_has_none(connection: Connection) -> None:
    found = Prepared(select(KEPT.c.id, KEPT.c.digest).where(KEPT.c.id > bindparam("least")).order_by(KEPT.c.id))
    assert found.rows(connection, {"least": 6}) == [(7, b"\x07"), (8, b"\x08")]
    assert found.rows(connection, {"least": 6}) == [tuple(row) for row in found.run(connection, {"least": 6})]
    assert found.rows(connection, {"least": 8}) == []
    change = Prepared(update(KEPT).where(KEPT.c.id == bindparam("at")).values(name=bindparam("to")))
    assert change.rows(connection, {"at": 3, "to": "other"}) == []
    assert connection.execute(select(KEPT.c.name).where(KEPT.c.id == 3)).scalar_one() == "other"
    connection.rollback()
    assert connection.execute(select(KEPT.c.name)).first() is None, "in the transaction like everything else"


def test_a_parameter_that_is_not_given_is_an_error(connection: Connection) -> None:
    with pytest.raises(KeyError, match="name"):
        Prepared(insert(KEPT).values(id=bindparam("id"), name=bindparam("name"))).run(connection, {"id": 10})


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 9])
def test_a_lookup_finds_each_row_once_however_many_are_asked_for(connection: Connection, count: int) -> None:
    lookup = Lookup(select(KEPT.c.id).where(KEPT.c.name != bindparam("unwanted")), KEPT.c.digest)
    found = lookup.run(connection, [bytes([n]) for n in range(count)], unwanted="name 0")
    assert sorted(found.scalars()) == list(range(1, count))


def test_a_lookup_is_compiled_for_few_widths(connection: Connection) -> None:
    seen = set[str]()

    @event.listens_for(connection, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.add(statement)

    lookup = Lookup(select(KEPT.c.id), KEPT.c.digest)
    for count in range(1, 100):
        lookup.run(connection, [bytes([n]) for n in range(count)]).all()
    assert len(seen) == 8  # 1, 2, 4, ... 128
