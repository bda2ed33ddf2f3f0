"""The directory follows the log: versions are a fold of effects, whatever pieces they come in, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.following.directory import DIRECTORY_KINDS, DirectoryFollower, directory_versions
from hub.log.publication import Publication, SignedHead
from hub.storage.directory import Directory
from hub.storage.directoryentries import DirectoryEntries
from hub.storage.engine import Database
from hub.storage.errors import ConflictError
from hub.storage.log_reads import LogReads
from hub.storage.transfers import Followable
from hub.storage.values import StoredEffect, StoredStatement
from hub.storage.versions import DirectoryVersion, DirectoryVersions
from registry import state as spaces
from signing.encoding import canonical
from signing.statement import Statement
from tests.fakes.databases import BACKENDS, open_database
from tests.fakes.loghouse import found, register, running, sample
from tests.registry.network import DAY, Network, founded, officers, signing_key

SAMPLE = sample(2, seed="directory")


def stored(statement: Statement, index: int, time: int, effects: Any) -> Followable:
    subject = {"key": statement.body.get("owner"), "accreditation": statement.body.get("subject")}
    return (
        StoredStatement(
            index=index, digest=statement.digest, issuer=statement.issuer, id=statement.id, kind=statement.kind,
            version=1, confidential=False, subject=subject.get(statement.kind, statement.issuer), amends=None,
            time=time, document=None,
        ),
        tuple(StoredEffect(one.type, one.version, dict(one.data)) for one in effects),
    )  # fmt: skip


def told() -> tuple[Network, list[Followable]]:
    """A provider and another, a neutral nominated by both, keys that come and go, decisions."""
    net, log = founded(), []

    def say(statement: Statement) -> None:
        index, time = net.index, net.now
        log.append(stored(statement, index, time, net.submit(statement).effects))
        net.now += DAY

    say(net.member("acme"))
    say(net.accreditation("acme", "listed"))
    say(net.neutral("noor", annex=b"{}"))
    say(net.add_key("acme", "acme two", "acme"))
    say(net.member("brio"))
    say(net.accreditation("brio", "listed"))
    both = [(signing_key("noor"), "neutral"), (signing_key("brio"), "provider"), *officers("ann")]
    say(net.neutral("noor", "brio", first=False, signers=both))
    say(net.officers_key("acme", {"action": "revoke", "kid": signing_key("acme").kid, "invalid_from": 1}))
    say(net.accreditation("acme", "suspended", ("ann", "bob")))
    say(net.neutral("noor", "brio", first=False, body={"status": "paused"}, signers=[(signing_key("noor"), "neutral")]))
    return net, log


NET, LOG = told()


def test_the_newest_versions_are_what_the_rules_keep() -> None:
    newest = {one.subject: one for one in directory_versions(LOG, {})}
    for name, version in newest.items():
        record, actor = version.record, NET.state.get(spaces.actor(name))
        ring = NET.state.get(spaces.keyring(name))
        assert {one["kid"]: one for one in record["keys"]} == ring
        assert record["role"] == actor["role"]
        decided = NET.state.get(spaces.accreditation(name))
        assert (record["accreditation"] is None) == (decided is None)
        if decided is not None:
            assert {key: decided[key] for key in ("status", "begins", "ends", "index")}.items() <= record[
                "accreditation"
            ].items()
    noor = newest["noor"].record
    assert (noor["status"], noor["nominated_by"], noor["providers"]) == ("paused", "brio", ["acme", "brio"])
    assert (noor["since"], noor["annex"] is None) == (LOG[2][0].time, False)
    assert newest["noor"].annex == LOG[2][0].index, "the annex of the first statement holds"
    assert newest["acme"].record["digest"] == LOG[0][0].digest, "that of the profile, not of the last word about it"


def test_a_new_annex_takes_the_place_of_the_old_one() -> None:
    net, log = founded(), []

    def say(statement: Statement) -> None:
        index = net.index
        log.append(stored(statement, index, net.now, net.submit(statement).effects))

    for statement in ("acme", "listed", b"{}", None, b"[]"):
        if statement == "acme":
            say(net.member("acme"))
        elif statement == "listed":
            say(net.accreditation("acme", "listed"))
        else:
            say(net.neutral("noor", first=statement == b"{}", annex=statement))
    annexes = [one.annex for one in directory_versions(log, {}) if one.subject == "noor"]
    first = log[2][0].index
    assert annexes == [first, first, first + 2]


@given(st.lists(st.integers(0, len(LOG)), max_size=4))
def test_any_pieces_give_the_same_versions(cuts: list[int]) -> None:
    whole, made = directory_versions(LOG, {}), []
    known: dict[str, DirectoryVersion] = {}
    places = [0, *sorted(cuts), len(LOG)]
    for start, end in pairwise(places):
        piece = directory_versions(LOG[start:end], known)
        known |= {one.subject: one for one in piece}
        made += piece
    assert made == whole


def test_a_version_holds_nothing_that_changes_with_time() -> None:
    """Records are published as they are, and hashed."""
    for one in directory_versions(LOG, {}):
        assert one.record["index"] == one.index
        assert canonical(one.record)


@asynccontextmanager
async def followed(path: Path, backend: str) -> AsyncIterator[tuple[Database, Publication]]:
    async with open_database(path, backend) as database:
        await found(database, SAMPLE)
        async with running(database, SAMPLE) as log:
            await register(log, SAMPLE.statements[1:])
            yield database, log.publication


def shown(publication: Publication, size: int) -> Publication:
    head = publication.signed
    return Publication(SignedHead(size, head.root, head.note), quorum_none=True)


async def caught_up(database: Database, publication: Publication, piece: int = 3) -> DirectoryFollower:
    follower = DirectoryFollower(publication, DirectoryVersions(database), piece)
    follower.size = follower._written = await DirectoryVersions(database).followed()
    await follower.catch_up()
    return follower


@pytest.mark.parametrize("backend", BACKENDS)
async def test_rows_are_a_fold_of_the_log_at_every_size(tmp_path: Path, backend: str) -> None:
    async with followed(tmp_path, backend) as (database, publication):
        tables, size = DirectoryVersions(database), publication.signed.size
        expected = directory_versions(await tables.piece(0, size, DIRECTORY_KINDS), {})
        assert len(expected) > 4
        for signed in range(1, size + 1):
            await caught_up(database, shown(publication, signed))
            assert await tables.followed() <= signed
            below = [one for one in expected if one.index < signed]
            newest = {one.subject: one for one in below}
            subjects = {one.subject for one in expected}
            assert await tables.newest(subjects, signed) == newest
        assert await tables.newest(["nobody"], size) == {}
        history = [one for one in expected if one.subject == "provider-a"]
        assert await tables.history("provider-a", size) == history
        assert await tables.history("provider-a", history[-1].index) == history[:-1]
        loaded = await tables.loaded(0, size, 99)
        assert [one.record for one in loaded] == [canonical(one.record).decode() for one in expected]
        assert [one.index for one in await tables.loaded(2, size, 2)] == [one.index for one in expected][1:3]
        indexes = [expected[3].index, expected[0].index]
        assert await tables.records(indexes) == [canonical(expected[n].record).decode() for n in (3, 0)]
        assert await tables.records([]) == []
        assert await tables.made(indexes * 300, len) == [len(one) for one in await tables.records(indexes)] * 300
        last = loaded[-1]
        assert await tables.hold(last.index, sha256(last.record.encode()).digest())
        assert not await tables.hold(last.index, bytes(32))
        assert not await tables.hold(last.index + 1, sha256(last.record.encode()).digest())
        await tables.rewind()
        assert (await tables.followed(), await tables.loaded(0, size, 9)) == (0, [])
        await caught_up(database, publication, piece=99)
        assert await tables.loaded(0, size, 99) == loaded


@pytest.mark.parametrize("backend", BACKENDS)
async def test_an_entry_is_a_version_with_what_proves_it(tmp_path: Path, backend: str) -> None:
    async with followed(tmp_path, backend) as (database, publication):
        await caught_up(database, publication)
        tables, entries, directory = DirectoryVersions(database), DirectoryEntries(database), Directory(database)
        changed = set()
        for size in range(1, publication.signed.size + 1):
            for subject in ("provider-a", "neutral-a", "nobody"):
                found, version = await entries.entry(subject, size), await tables.one(subject, size)
                if version is None:
                    assert found is None
                    continue
                assert found is not None
                statement = await directory.statement_at(version.record["statement"])
                assert statement is not None
                assert (found.version, found.document) == (version, statement.document)
                entry = await LogReads(database).entry_and_tile(statement.digest)
                assert entry is not None
                assert entry[:2] == (statement.index, found.octets)
                keys = await directory.history(subject, size, ("key",))
                assert found.key_statement == (keys[-1].digest if keys else None)
                changed.add(found.key_statement is not None)
        assert changed == {False, True}


async def test_two_writers_are_noticed(tmp_path: Path) -> None:
    async with followed(tmp_path, "sqlite") as (database, publication):
        await caught_up(database, publication)
        with pytest.raises(ConflictError) as caught:
            await DirectoryVersions(database).take([], 1, after=0)
        assert (caught.value.code, caught.value.where) == ("cursor_moved", "directory")
        version = DirectoryVersion(1, "x", None, {})
        with pytest.raises(ConflictError):
            await DirectoryVersions(database).take([version], 2, after=1)


async def test_whoever_waits_for_a_size_is_told_when_it_is_reached(tmp_path: Path) -> None:
    async with followed(tmp_path, "sqlite") as (database, publication):
        follower = DirectoryFollower(publication, DirectoryVersions(database))
        assert not await follower.reached(1, 0.01), "nothing runs"
        waiting = asyncio.create_task(follower.reached(publication.signed.size, 30))
        await asyncio.sleep(0)
        await follower.start()
        assert await waiting
        assert await follower.reached(0, 0)
        await follower.close()
