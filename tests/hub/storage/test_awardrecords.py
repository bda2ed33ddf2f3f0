"""Awards by their place in the log, of some keys, on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.storage.awardrecords import AwardRecords
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import found, register, running
from tests.fakes.loghouse import sample as sample_log

GIVEN = sample_log(3, seed="awardrecords")
SIZE = len(GIVEN.statements)
AWARDS = [one for one in GIVEN.statements if one.kind == "award"]
KID = AWARDS[0].signatures[0].kid


@pytest.fixture(params=BACKENDS)
async def records(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[AwardRecords]:
    async with open_database(tmp_path, request.param) as opened:
        await found(opened, GIVEN)
        async with running(opened, GIVEN) as log:
            await register(log, GIVEN.statements[1:])
        yield AwardRecords(opened)


async def test_awards_of_a_key_in_pieces(records: AwardRecords) -> None:
    whole = await records.piece(0, SIZE, 100, {KID})
    signed = [one.digest for one in AWARDS if KID in one.roles]
    assert len(signed) > 1
    assert ([one.award["digest"] for one in whole.records], whole.following) == (signed, None)
    first = await records.piece(0, SIZE, 1, {KID})
    assert [one.award["digest"] for one in first.records] == signed[:1]
    assert first.following is not None
    rest = await records.piece(first.following, SIZE, 100, {KID})
    assert [one.award["digest"] for one in rest.records] == signed[1:]
    before = await records.piece(0, int(whole.records[-1].award["index"]), 100, {KID})
    assert [one.award["digest"] for one in before.records] == signed[:-1], "what is not below the size is left out"


async def test_what_no_such_key_signed_is_looked_at_all_the_same(records: AwardRecords) -> None:
    nothing = await records.piece(0, SIZE, 1, {"A" * 43})
    assert nothing.records == []
    assert nothing.following is not None, "there is more to look at"
