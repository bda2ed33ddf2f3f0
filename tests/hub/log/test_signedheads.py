"""Heads that others hold: what contradicts the stored entries, and the evidence that shows it to strangers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.log.signedheads import BEHIND, DIFFERS, Contradiction, contradiction, evidence_of, published_checkpoint
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import Head
from signing.equivocation import EQUIVOCATION, OPEN, judge, parse_pair
from signing.signnotes import log_signer
from signing.trust import parse_witness_policy
from tests.fakes.loghouse import Sample, found, register, running
from tests.fakes.world import World


@pytest.fixture
async def filled(database: Database, given: Sample) -> Database:
    """A closed log of the founding statements and two awards, each in a checkpoint of its own."""
    await found(database, given)
    async with running(database, given) as log:
        for statement in [*given.founding[1:], *given.awards[:2]]:
            await register(log, [statement])
    return database


async def opposed(database: Database, given: Sample, **known: bytes) -> tuple[Contradiction | None, Head, LogReads]:
    head, reads = await SqlLogStore(database).head(), LogReads(database)
    assert head is not None
    key = log_signer(head.origin, given.world.log_key).verifier
    return await contradiction(head, reads, key, known), head, reads


async def proven(database: Database, given: Sample, note: bytes) -> tuple[str, str, str]:
    """Kind of contradiction, and what its evidence proves to somebody who has only the policy."""
    found, head, reads = await opposed(database, given, it=note)
    assert found is not None
    pair = parse_pair(await evidence_of(found, head, reads))
    assert note in {pair.first, pair.second}
    told = judge(pair, parse_witness_policy(given.world.witness_policy))
    return found.code, told.verdict, told.code


async def test_another_root_where_we_signed_one_is_proven_by_two_notes(filled: Database, given: Sample) -> None:
    size = len(given.founding) + 2
    for at in (size, size - 1):
        note = given.world.checkpoint(at, [], root=bytes(32))
        assert await proven(filled, given, note) == (DIFFERS, EQUIVOCATION, "two_roots")


async def test_another_root_where_we_signed_none_is_proven_by_our_newest_head(
    database: Database, given: Sample
) -> None:
    await found(database, given)
    async with running(database, given) as log:
        await register(log, given.founding[1:2])
        size = (await SqlLogStore(database).head()).size  # type: ignore[union-attr]
    reads = LogReads(database)
    assert await reads.checkpoint(size) is not None
    async with running(database, given) as log:  # a batch of several entries: no head between them
        await asyncio.gather(*(log.sequencer.submit(one) for one in given.founding[2:]))
    unsigned = [at for at in range(size + 1, len(given.founding)) if await reads.checkpoint(at) is None]
    assert unsigned, "the statements were registered one by one"
    note = given.world.checkpoint(unsigned[0], [], root=bytes(32))
    assert await proven(database, given, note) == (DIFFERS, EQUIVOCATION, "history_differs")


async def test_a_head_ahead_of_ours_proves_nothing_yet(filled: Database, given: Sample) -> None:
    note = given.world.checkpoint(len(given.founding) + 9, [], root=bytes(32))
    assert await proven(filled, given, note) == (BEHIND, OPEN, "proof_missing")


async def test_another_history_comes_before_missing_entries(filled: Database, given: Sample) -> None:
    size = len(given.founding) + 2
    ahead, other = (given.world.checkpoint(at, [], root=bytes(32)) for at in (size + 1, size))
    found, _, _ = await opposed(filled, given, first=ahead, second=other, third=ahead)
    assert found is not None
    assert (found.code, found.note) == (DIFFERS, other)


async def test_whoever_shows_it_is_named(filled: Database, given: Sample) -> None:
    size = len(given.founding) + 2
    note = given.world.checkpoint(size + 1, [], root=bytes(32))
    found, _, _ = await opposed(filled, given, **{"The published checkpoint shows": note})
    assert found is not None
    assert found.reason == (
        f"The published checkpoint shows {size + 1} entries of this log; only {size} are stored here."
    )


async def test_heads_that_fit_and_notes_of_others_say_nothing(filled: Database, given: Sample) -> None:
    stored = await LogReads(filled).checkpoint(len(given.founding))
    assert stored is not None
    forged = World(seed="forger", quorum=None).checkpoint(1, [], root=bytes(32))
    found, _, _ = await opposed(filled, given, first=stored.note, second=forged, third=b"<html>")
    assert found is None


# --- where the checkpoint is published ---------------------------------------------------------------


@pytest.fixture
async def published() -> AsyncIterator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"a note\n")

    app = web.Application()
    app.router.add_get("/log/checkpoint", answer)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/log/"))
    await server.close()


async def test_it_is_read_from_a_path_or_an_address(tmp_path: Path, published: str) -> None:
    (tmp_path / "checkpoint").write_bytes(b"a note\n")
    async with aiohttp.ClientSession() as session:
        for where in ("checkpoint", str(tmp_path / "checkpoint"), f"{published}checkpoint"):
            assert await published_checkpoint(session, where, tmp_path) == b"a note\n"


async def test_what_can_not_be_read_is_logged_and_left_out(
    tmp_path: Path, published: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with aiohttp.ClientSession() as session:
        for where in ("missing", f"{published}missing", "http://127.0.0.1:9/checkpoint"):
            caplog.clear()
            assert await published_checkpoint(session, where, tmp_path) is None
            assert f"can't be read, so it is not compared: {where}: " in caplog.text
