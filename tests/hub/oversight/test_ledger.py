"""Facts that follow the log: kept case by case, held against their events, shown at once, folded again when asked."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hub.alarms.register import Alarm
from hub.following.follower import Follower
from hub.oversight.ledger import Ledger
from hub.oversight.ledgerfile import LedgerFile
from hub.storage.case_facts import CaseFacts
from hub.storage.keptarrays import KeptArrays
from hub.storage.transfers import Transfers
from hub.web import appkeys as keys
from metrics.samples import as_reported, guangzhou_like
from metrics.storedfacts import FORM
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
PROVIDER = Actor("acme", "provider")
pytestmark = pytest.mark.asyncio(loop_scope="module")
TOO_MUCH = "INSERT INTO case_facts SELECT provider, 'nobody', 0, form, '{}' FROM case_facts LIMIT 1"
VIEW = "/v1/indicators?view=supervised&from=2025-01-01&to=2025-12-31"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """A hub to which acme has reported five cases."""
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        await running.registered(running.speaker.member(PROVIDER))
        happened = sorted(guangzhou_like(1, 5, date(2025, 1, 1), PROVIDER.id), key=lambda event: event.at)
        events = [as_reported(one) for one in happened]
        await running.registered(running.speaker.case_events(PROVIDER, events))
        await caught_up(running)
        yield running


def app_of(hub: Hub) -> Any:
    return hub.client.app


async def caught_up(hub: Hub) -> None:
    app = app_of(hub)
    assert await app[keys.FOLLOWER].reached(app[keys.PUBLICATION].signed.size, 20)


async def told(hub: Hub, case: str, sequence: int, kind: str, **more: Any) -> None:
    event = {"case": case * 22, "sequence": sequence, "type": kind, "at": f"2025-03-0{sequence + 1}T08:00:00Z", **more}
    await hub.registered(hub.speaker.case_events(PROVIDER, [event]))
    await caught_up(hub)


async def shown(hub: Hub, indicator: str) -> int:
    status, answer = await hub.get(VIEW, OFFICERS[0].http)
    assert status == 200, answer
    (found,) = [one for one in answer["figures"] if (one["indicator"], one["subject"]) == (indicator, "acme")]
    return int(found["n"])


def spoiled(hub: Hub, query: str) -> None:
    with closing(sqlite3.connect(hub.data / "hub.sqlite3", isolation_level=None, timeout=10)) as connection:
        assert connection.execute(query).rowcount > 0


async def alarm(hub: Hub) -> Alarm | None:
    app = app_of(hub)
    await app[keys.FACT_CHECK].run()
    found: Alarm | None = app[keys.ALARMS].raised("facts_differ")
    return found


async def rows(hub: Hub) -> list[Any]:
    return await CaseFacts(app_of(hub)[keys.DATABASE]).changed(FORM, 0, None, 1000)


async def test_an_event_is_in_the_view_once_it_was_followed(hub: Hub) -> None:
    before, resolved = await shown(hub, "incoming"), await shown(hub, "resolved")
    await told(hub, "A", 0, "filed", economies=["CL", "CN"])
    assert await shown(hub, "incoming") == before + 1
    await told(hub, "A", 1, "discontinued", reason="withdrawn")
    assert (await shown(hub, "incoming"), await shown(hub, "resolved")) == (before + 1, resolved + 1)


async def test_only_what_was_told_since_is_read_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await shown(hub, "incoming")
    ledger = app_of(hub)[keys.OVERSIGHT]._ledger
    read: list[str] = []
    real = CaseFacts.changed

    async def changed(self: CaseFacts, *more: Any) -> Any:
        found = await real(self, *more)
        read.extend(one.case for one in found)
        return found

    monkeypatch.setattr(CaseFacts, "changed", changed)
    changes = ledger.changes
    await shown(hub, "incoming")
    assert (read, ledger.changes) == ([], changes)
    await told(hub, "B", 0, "filed")
    await shown(hub, "incoming")
    assert (read, ledger.changes) == (["B" * 22], changes + 1)


async def test_a_start_reads_what_is_kept_and_then_what_is_new(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = CaseFacts(app_of(hub)[keys.DATABASE])
    read: list[str] = []
    file = LedgerFile(KeptArrays(tmp_path / "facts.index", "test"))
    real = CaseFacts.changed

    async def changed(self: CaseFacts, *more: Any) -> Any:
        found = await real(self, *more)
        read.extend(one.case for one in found)
        return found

    async def started() -> tuple[int, int]:
        read.clear()
        ledger = Ledger(facts, file, few=1)
        await ledger.refresh()
        return len(ledger.columns), len(read)

    monkeypatch.setattr(CaseFacts, "changed", changed)
    cases = len(await rows(hub))
    assert await started() == (cases, cases)
    assert await started() == (cases, 0)
    await told(hub, "E", 0, "filed")
    assert await started() == (cases + 1, 1)
    kept = file.read()
    assert kept is not None
    for other in (replace(kept, entry=b"another"), replace(kept, size=kept.size + 9)):
        file.write(other)
        assert await started() == (cases + 1, cases + 1), "what is kept is of another log"


async def test_the_tables_taken_in_again_are_the_same(hub: Hub) -> None:
    app, before = app_of(hub), await rows(hub)
    assert len(before) > 5
    spoiled(hub, "UPDATE case_facts SET fact = '{}', \"index\" = 0")
    spoiled(hub, TOO_MUCH)
    await Transfers(app[keys.DATABASE]).rewind()
    follower = Follower(app[keys.PUBLICATION], app[keys.TRANSFERS], app[keys.ARRIVALS], 1)
    await follower.catch_up()
    assert await rows(hub) == before


async def test_the_look_at_every_fact_is_taken_once_a_day_also_across_restarts(hub: Hub) -> None:
    app, looked = app_of(hub), (hub.data / "facts.checked").stat

    async def again() -> bool:
        before = looked().st_ino, looked().st_mtime_ns
        await app[keys.FACT_CHECK].run_daily()
        return (looked().st_ino, looked().st_mtime_ns) != before

    await app[keys.FACT_CHECK].run()
    assert not await again()
    hub.clock.now += 86_400
    assert await again()
    assert not await again()
    app[keys.ALARMS].sound("facts_differ", "told by a test")
    assert await again()
    assert app[keys.ALARMS].raised("facts_differ") is None


@pytest.mark.parametrize(
    ("damage", "repair", "detail"),
    [
        (
            "UPDATE case_facts SET fact = replace(fact, '\"filed\"', '\"commenced\"') WHERE \"case\" GLOB 'CC*'",
            "UPDATE case_facts SET fact = replace(fact, '\"commenced\"', '\"filed\"') WHERE \"case\" GLOB 'CC*'",
            "1 are stored wrongly (acme: 1), and 0 that no event tells of.",
        ),
        (
            'UPDATE case_facts SET "index" = "index" - 1 WHERE "case" = \'CCCCCCCCCCCCCCCCCCCCCC\'',
            'UPDATE case_facts SET "index" = "index" + 1 WHERE "case" = \'CCCCCCCCCCCCCCCCCCCCCC\'',
            "1 are stored wrongly (acme: 1)",
        ),
        (
            TOO_MUCH,
            "DELETE FROM case_facts WHERE \"case\" = 'nobody'",
            "0 are stored wrongly, and 1 that no event tells of.",
        ),
        (
            "UPDATE case_events SET attributes = 'x' WHERE \"case\" GLOB 'CC*'",
            "UPDATE case_events SET attributes = '{}' WHERE \"case\" GLOB 'CC*'",
            "1 are stored wrongly (acme: 1)",
        ),
    ],
)
async def test_a_fact_that_is_not_what_its_events_give_is_an_alarm(
    hub: Hub, damage: str, repair: str, detail: str
) -> None:
    if not any(one.case == "C" * 22 for one in await rows(hub)):
        await told(hub, "C", 0, "filed")
    assert await alarm(hub) is None
    spoiled(hub, damage)
    found = await alarm(hub)
    assert found is not None
    assert detail in found.detail
    spoiled(hub, repair)
    assert await alarm(hub) is None, "it ends by itself"


async def test_a_missing_fact_is_an_alarm(hub: Hub) -> None:
    await told(hub, "D", 0, "filed")
    with closing(sqlite3.connect(hub.data / "hub.sqlite3", isolation_level=None, timeout=10)) as connection:
        (row,) = connection.execute("SELECT * FROM case_facts WHERE \"case\" = 'DDDDDDDDDDDDDDDDDDDDDD'").fetchall()
        connection.execute("DELETE FROM case_facts WHERE \"case\" = 'DDDDDDDDDDDDDDDDDDDDDD'")
        found = await alarm(hub)
        connection.execute("INSERT INTO case_facts VALUES (?, ?, ?, ?, ?)", row)
    assert found is not None
    assert await alarm(hub) is None


async def test_while_facts_are_folded_anew_no_figure_is_shown(hub: Hub) -> None:
    spoiled(hub, "UPDATE case_facts SET form = form + 1 WHERE \"case\" = 'AAAAAAAAAAAAAAAAAAAAAA'")
    status, problem = await hub.get(VIEW, OFFICERS[0].http)
    assert (status, problem["code"]) == (503, "facts_behind")
    assert "Facts about cases are being folded anew; ask again soon." in problem["detail"]
    app = app_of(hub)
    follower = Follower(app[keys.PUBLICATION], app[keys.TRANSFERS], app[keys.ARRIVALS])
    await follower.start()
    await follower.reached(app[keys.PUBLICATION].signed.size, 20)
    await follower.close()
    assert (await hub.get(VIEW, OFFICERS[0].http))[0] == 200
    assert await alarm(hub) is None


async def test_after_a_restart_the_same_is_shown(tmp_path: Path) -> None:
    running = Running(tmp_path, OFFICERS)
    async with running as first:
        await first.registered(first.speaker.member(PROVIDER))
        await told(first, "A", 0, "filed")
        again = await running.restart(first)
        assert await shown(again, "incoming") == 1
