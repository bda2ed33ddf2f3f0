"""Facts in both kinds of database: found by change and by case, held against events and rules, rewound with the log."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from hub.storage.case_facts import CaseFacts, FactsState, ToldCase
from hub.storage.engine import Database
from hub.storage.models import RuleStateRow
from hub.storage.transfers import Transfers
from hub.storage.values import CaseEvent, Followed, StoredFact
from tests.fakes.databases import BACKENDS, open_database
from tests.hub.tables import make_tables


def event(provider: str, case: str, sequence: int = 0) -> CaseEvent:
    return CaseEvent(provider, case, sequence, "filed", 1000 + sequence, 2000, {"hs2": "84"})


def fact(provider: str, case: str, index: int, form: int = 1) -> StoredFact:
    return StoredFact(provider, case, index, form, json.dumps({"filed": 1000, "of": index}))


EVENTS = (event("acme", "a"), event("acme", "a", 1), event("acme", "b"), event("brio", "a"))
FACTS = (fact("acme", "a", 3), fact("acme", "b", 5), fact("brio", "a", 3))
KEYS = [(one.provider, one.case) for one in FACTS]


@pytest.fixture(params=BACKENDS)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database that was followed to entry 6."""
    async with open_database(tmp_path, request.param) as opened:
        await make_tables(opened)
        told = {(one.provider, one.case): one.index for one in FACTS}
        await Transfers(opened).follow(Followed(6, events=EVENTS, told=told, facts=FACTS), 0)
        yield opened


async def run(database: Database, query: str) -> None:
    await database.write(lambda connection: connection.execute(text(query)))


async def test_changes_come_in_pieces_in_the_order_of_their_entries(database: Database) -> None:
    facts = CaseFacts(database)
    first = await facts.changed(1, 0, None, 2)
    assert first == [FACTS[0], FACTS[2]]
    assert await facts.changed(1, 0, first[-1], 2) == [FACTS[1]]
    assert await facts.changed(1, 0, FACTS[0], 2) == [FACTS[2], FACTS[1]]
    assert await facts.changed(1, 4, None, 9) == [FACTS[1]]
    assert await facts.changed(2, 0, None, 9) == []
    assert await facts.of_cases([*KEYS[1:], ("brio", "nobody")]) == [*FACTS[1:]]
    assert await facts.of_cases([]) == []


async def test_a_fact_is_written_over_and_its_events_are_found(database: Database) -> None:
    tables, newer = Transfers(database), event("acme", "a", 2)
    again = fact("acme", "a", 6)
    await tables.follow(Followed(7, events=(newer,), told={KEYS[0]: 6}, facts=(again,)), 6)
    assert await CaseFacts(database).of_cases(KEYS[:1]) == [again]
    assert await tables.case_events.of_cases(KEYS[:1]) == [*EVENTS[:2], newer]
    assert await tables.case_events.count() == 5


async def test_facts_of_any_other_form_are_outdated_and_have_the_log_followed_again(database: Database) -> None:
    facts, tables = CaseFacts(database), Transfers(database)
    assert [await facts.state(form) for form in (0, 1, 2)] == [
        FactsState(6, outdated=True), FactsState(6, outdated=False), FactsState(6, outdated=True)
    ]  # fmt: skip
    await run(database, "DELETE FROM case_events WHERE provider = 'brio'")
    assert not await tables.renew(1)
    assert await tables.renew(2)
    assert await facts.state(1) == FactsState(0, outdated=False)
    assert await facts.changed(1, 0, None, 9) == [*FACTS[:2]], "a fact of no event is not written over, so it goes"


async def test_cases_are_told_with_what_the_rules_know(database: Database) -> None:
    facts = CaseFacts(database)
    known = {"key": "events/acme/a", "value": "{}", "updated": 3}
    await database.write(lambda connection: connection.execute(insert(RuleStateRow), [known]))
    first = ToldCase("acme", "a", EVENTS[:2], 3, 6, FACTS[0])
    second = ToldCase("acme", "b", EVENTS[2:3], None, 6, FACTS[1])
    third = ToldCase("brio", "a", EVENTS[3:], None, 6, FACTS[2])
    assert await facts.told(None, 2) == [first, second]
    assert await facts.told(KEYS[1], 2) == [third]
    assert await facts.told(KEYS[2], 2) == []
    await run(database, "DELETE FROM case_facts WHERE provider = 'brio'")
    assert await facts.told(KEYS[1], 2) == [ToldCase("brio", "a", EVENTS[3:], None, 6, None)]


async def test_what_can_not_be_read_and_what_nothing_tells_of_is_seen(database: Database) -> None:
    facts = CaseFacts(database)
    assert await facts.untold() == 0
    await run(database, "UPDATE case_events SET attributes = '{' WHERE provider = 'brio'")
    assert await facts.told(KEYS[1], 2) == [ToldCase("brio", "a", None, None, 6, FACTS[2])]
    assert await Transfers(database).case_events.of_cases(KEYS) == [*EVENTS[:3]]
    await run(database, "DELETE FROM case_events WHERE provider = 'brio'")
    assert await facts.untold() == 1


def test_what_an_event_tells_is_not_in_its_text() -> None:
    assert repr(event("acme", "one")) == "CaseEvent('acme', 'one', 0, 'filed')"
