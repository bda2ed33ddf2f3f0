"""Rule state that other tables hold is found there, through an index, however long the log is."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from hub.storage.engine import Database
from hub.storage.log_store import SqlLogStore
from hub.storage.rule_state import is_stored, rule_state
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import Sample, found, register, running, sample


@pytest.fixture(params=BACKENDS)
async def filled(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Database, Sample]]:
    given = sample(awards=3)
    async with open_database(tmp_path, request.param) as database:
        await found(database, given)
        async with running(database, given) as log:
            await register(log, given.statements[1:])
        yield database, given


def names_of(given: Sample) -> list[str]:
    every = given.statements
    ids, digests = [f"statement/{one.issuer}/{one.id}" for one in every], [f"digest/{one.digest}" for one in every]
    return [*ids, *digests, *(f"award/{one.digest}" for one in given.awards), "policy", "statement/nobody/x", "none"]


async def test_derived_and_stored_keys_are_found_together(filled: tuple[Database, Sample]) -> None:
    database, given = filled
    names = names_of(given)
    loaded = await SqlLogStore(database).run(lambda log: log.load(names))
    assert loaded.keys() == set(names) - {"statement/nobody/x", "none"}
    for index, one in enumerate(given.statements):
        assert loaded[f"digest/{one.digest}"] == {"index": index, "kind": one.kind, "issuer": one.issuer}
        assert loaded[f"statement/{one.issuer}/{one.id}"] == {"digest": one.digest, "index": index}
    assert [loaded[f"award/{one.digest}"]["award_id"] for one in given.awards] == [
        one.body["award_id"] for one in given.awards
    ]
    assert [key for key in names if is_stored(key)] == ["policy", "none"]


async def test_a_server_is_asked_once_and_no_table_is_read_whole(filled: tuple[Database, Sample]) -> None:
    database, given = filled
    asked: list[tuple[str, Any]] = []

    def explain(connection: Connection) -> list[str]:
        def note(*args: Any) -> None:
            asked.append((args[2], args[3]))

        event.listen(connection, "before_cursor_execute", note)
        rule_state(connection, names_of(given))
        event.remove(connection, "before_cursor_execute", note)
        assert connection.execute(text("SELECT 1")).scalar() == 1
        server = connection.dialect.name == "postgresql"
        assert len(asked) == 1 if server else len(asked) >= 4
        if server:  # on a small table it would scan, so it is told to avoid it
            connection.exec_driver_sql("SET enable_seqscan = off")
        explained = "EXPLAIN" if server else "EXPLAIN QUERY PLAN"
        plans = [connection.exec_driver_sql(f"{explained} {query}", values) for query, values in asked]
        return [str(row[-1]) for plan in plans for row in plan]

    plan = await database.query(explain)
    assert [line for line in plan if re.search("^SCAN|Seq Scan", line) and "VIRTUAL TABLE" not in line] == []
    assert [line for line in plan if re.search(r"Filter: .*\b(id|digest|key)\b", line)] == [], "found, not sifted"
    assert any(re.search("SEARCH statements|Index.* Scan .*statements", line) for line in plan)
