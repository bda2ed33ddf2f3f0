"""What officers keep an eye on, on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from hub.storage.encoding import encode_json
from hub.storage.engine import Database
from hub.storage.models import RuleStateRow
from hub.storage.watchlist import Standing, Watchlist
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import found, register, running
from tests.fakes.loghouse import sample as sample_log

GIVEN = sample_log(3, seed="watchlist")
SIZE = len(GIVEN.statements)
FAR = 4_000_000_000


@pytest.fixture(params=BACKENDS)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with open_database(tmp_path, request.param) as opened:
        await found(opened, GIVEN)
        async with running(opened, GIVEN) as log:
            await register(log, GIVEN.statements[1:])
        yield opened


@pytest.fixture
def watchlist(database: Database) -> Watchlist:
    return Watchlist(database)


async def test_standings_that_end_before_a_time(watchlist: Watchlist) -> None:
    found = await watchlist.standings(FAR, 0, 10)
    assert [one.subject for one in sorted(found, key=lambda one: one.index)] == ["provider-a", "neutral-a"]
    assert {one.status for one in found} == {"listed"}
    assert all(GIVEN.statements[one.index].body["subject"] == one.subject for one in found)
    assert await watchlist.standings(min(one.ends for one in found), 0, 10) == []
    assert len(await watchlist.standings(FAR, 0, 1)) == 1


async def test_listings_that_end_crowd_out_no_other_standing(database: Database, watchlist: Watchlist) -> None:
    def told(status: str, ends: int) -> str:
        return encode_json({"status": status, "ends": ends, "index": 1, "begins": 0, "digest": "0" * 64})

    rows = [
        {"key": f"accreditation/z-{status}", "value": told(status, FAR - 1), "updated": 1}
        for status in ("applied", "concern", "conditional", "referred", "removed", "suspended")
    ]
    await database.write(lambda connection: connection.execute(insert(RuleStateRow), rows))
    found = await watchlist.standings(FAR, 0, 1)
    assert [one.status for one in found] == [
        "applied", "concern", "conditional", "referred", "removed", "suspended", "listed"
    ]  # fmt: skip


async def test_rings_that_changed_last_come_before_those_of_long_ago(database: Database, watchlist: Watchlist) -> None:
    ring = encode_json({"kid": {"revoked_at": 1}})
    rows = [{"key": f"keyring/{name}", "value": ring, "updated": at} for name, at in (("a-1", 1), ("a-2", 3), ("z", 2))]
    await database.write(lambda connection: connection.execute(insert(RuleStateRow), rows))
    assert list(await watchlist.rings_in_motion(SIZE, SIZE, 2)) == ["a-2", "z"]


async def test_the_record_of_one_subject(watchlist: Watchlist) -> None:
    record = await watchlist.record("provider-a")
    assert record is not None
    assert record["status"] == "listed"
    assert await watchlist.record("nobody") is None


async def test_rings_of_whoever_changed_a_key(watchlist: Watchlist) -> None:
    owners = {one.body["owner"] for one in GIVEN.statements if one.kind == "key"}
    assert set(await watchlist.rings_in_motion(0, SIZE, 10)) == owners
    assert await watchlist.rings_in_motion(SIZE, SIZE, 10) == {}


async def test_times_and_profiles(watchlist: Watchlist) -> None:
    times = await watchlist.times(range(SIZE))
    assert sorted(times) == list(range(SIZE))
    assert list(times.values()) == sorted(times.values())
    profiles = await watchlist.profiles(["provider-a", "neutral-a", "nobody"], SIZE)
    assert sorted(one.kind for one in profiles) == ["member", "neutral"]
    assert await watchlist.profiles(["provider-a"], 1) == []


def test_what_is_watched() -> None:
    from hub.storage.watchlist import _watched  # the sieve alone

    def one(status: str, ends: int = 10, index: int = 5) -> bool:
        return _watched(Standing("a", status, ends, index, {}), 10, 6)

    assert [one("listed"), one("listed", 9)] == [False, True]
    assert [one("removed"), one("removed", index=6)] == [False, True]
    assert [one(status) for status in ("expired", "concern", "suspended", "applied")] == [False, True, True, True]
