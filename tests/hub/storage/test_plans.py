"""No query of the directory looks at every statement, and none that follows the log at every case or event.

A log of ten million answers as quickly as a short one.

SQLite plans without statistics, so that its plan for an empty table is the one for a full table.
"""

import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from hub.following.directory import DirectoryFollower
from hub.storage.case_facts import CaseFacts
from hub.storage.directory import Directory
from hub.storage.directoryentries import DirectoryEntries
from hub.storage.engine import Database, sqlite_url
from hub.storage.log_reads import LogReads
from hub.storage.schema import upgrade
from hub.storage.transfers import Transfers
from hub.storage.values import CaseEvent, Followed, StoredFact
from hub.storage.versions import DirectoryVersions
from tests.fakes.loghouse import found, register, running, sample

GIVEN = sample(2, seed="plans")
SIZE = len(GIVEN.statements)
AWARD = GIVEN.awards[0]
WHOLE = re.compile(
    r"^SCAN (statements|entries|effects|rule_state|documents|bodies|tiles|directory_versions)\b|\(rowid[<>]"
)

Query = Callable[[Directory, LogReads], Awaitable[Any]]
QUERIES: dict[str, Query] = {
    "statement": lambda one, _: one.statement(AWARD.digest, SIZE),
    "members": lambda one, _: one.members(SIZE),
    "neutrals": lambda one, _: one.neutrals(SIZE),
    "member": lambda one, _: one.member("provider-a", SIZE),
    "accreditation": lambda one, _: one.accreditation("provider-a", SIZE),
    "accreditations": lambda one, _: one.accreditations(["provider-a", "neutral-a"], SIZE),
    "history": lambda one, _: one.history("provider-a", SIZE),
    "policies": lambda one, _: one.policies(SIZE),
    "awards_by_document": lambda one, _: one.awards_by_document("ab" * 32, SIZE),
    "amendments": lambda one, _: one.amendments(AWARD.digest, SIZE),
    "size_at": lambda one, _: one.size_at(GIVEN.world.now, SIZE),
    "count": lambda one, _: one.count("member", SIZE),
    "key": lambda one, _: one.key(next(iter(AWARD.roles))),
    "entry_and_tile": lambda _, reads: reads.entry_and_tile(AWARD.digest),
    "pass_by": lambda _, reads: reads.pass_by([1], SIZE),
    "index_of": lambda _, reads: reads.index_of(AWARD.digest),
    "checkpoint": lambda _, reads: reads.checkpoint(SIZE),
    "newest_witnessed": lambda _, reads: reads.newest_witnessed(),
}


@pytest.fixture
def executed() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that runs, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> None:  # noqa: FBT001
        if text.startswith("SELECT"):
            seen.append((text, values))

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


async def test_every_query_goes_through_an_index(tmp_path: Path, executed: list[tuple[str, Any]]) -> None:
    database = Database.open(sqlite_url(tmp_path / "hub.sqlite3"))
    await found(database, GIVEN)
    async with running(database, GIVEN) as log:
        await register(log, GIVEN.statements[1:])
        await DirectoryFollower(log.publication, DirectoryVersions(database)).catch_up()
    directory, reads = Directory(database), LogReads(database)
    stored = await directory.statement(AWARD.digest, SIZE)
    assert stored is not None
    entries, versions = DirectoryEntries(database), DirectoryVersions(database)
    asked = QUERIES | {
        "evidence": lambda one, _: one.evidence(stored, AWARD.roles, SIZE),
        "entry": lambda _one, _reads: entries.entry("provider-a", SIZE),
        "records": lambda _one, _reads: versions.records([1, 2, 3]),
    }
    plans: dict[str, list[str]] = {}
    with closing(sqlite3.connect(tmp_path / "hub.sqlite3")) as plain:
        for name, query in asked.items():
            executed.clear()
            await query(directory, reads)
            assert executed, name
            steps = [plain.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall() for text, values in executed]
            plans[name] = [detail for plan in steps for *_, detail in plan]
    await database.close()
    assert {name: bad for name, plan in plans.items() if (bad := [one for one in plan if WHOLE.search(one)])} == {}


FACT = StoredFact("acme", "a", 5, 1, "{}")
CASE = [("acme", "a")]
PIECE = Followed(6, events=(CaseEvent("acme", "a", 0, "filed", 1, 2, {}),), told={("acme", "a"): 5}, facts=(FACT,))
UNBOUNDED = re.compile(r"^SCAN (case_facts|case_events|cursors|statements|entries|bodies|rule_state)\b")

OfFacts = Callable[[CaseFacts, Transfers], Awaitable[Any]]
OF_FACTS: dict[str, OfFacts] = {
    "state": lambda facts, _: facts.state(1),
    "changed": lambda facts, _: facts.changed(1, 3, None, 9),
    "changed beyond": lambda facts, _: facts.changed(1, 3, FACT, 9),
    "facts of cases": lambda facts, _: facts.of_cases(CASE),
    "told beyond": lambda facts, _: facts.told(("acme", "a"), 9),
    "events of cases": lambda _, tables: tables.case_events.of_cases(CASE),
    "followed": lambda _, tables: tables.followed(),
    "piece": lambda _, tables: tables.piece(0, 9, ["case-events"], ["case-events"]),
    "renew": lambda _, tables: tables.renew(1),
    "follow": lambda _, tables: tables.follow(PIECE, 0),
}
"""All but those of the daily look, which is meant to see every row."""


async def test_every_query_of_facts_goes_through_an_index(tmp_path: Path, executed: list[tuple[str, Any]]) -> None:
    database = Database.open(sqlite_url(tmp_path / "hub.sqlite3"))
    await upgrade(database)
    facts, tables = CaseFacts(database), Transfers(database)
    plans: dict[str, list[str]] = {}
    with closing(sqlite3.connect(tmp_path / "hub.sqlite3")) as plain:
        for name, query in OF_FACTS.items():
            executed.clear()
            await query(facts, tables)
            assert executed, name
            steps = [plain.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall() for text, values in executed]
            plans[name] = [detail for plan in steps for *_, detail in plan]
    assert {name: bad for name, plan in plans.items() if (bad := [one for one in plan if UNBOUNDED.search(one)])} == {}
    assert plans["changed beyond"] == ["SEARCH case_facts USING INDEX ix_case_facts_form_index (form=? AND index>?)"]
    await database.close()


async def test_a_piece_of_facts_is_sought_from_where_the_last_one_ended(
    tmp_path: Path, executed: list[tuple[str, Any]]
) -> None:
    """Else each piece of a million facts would go over all those before it again."""
    database = Database.open(sqlite_url(tmp_path / "hub.sqlite3"))
    await upgrade(database)
    executed.clear()
    await CaseFacts(database).changed(1, 3, FACT, 9)
    ((_, (form, start, *_)),) = executed
    assert (form, start) == (1, FACT.index)
    await database.close()
