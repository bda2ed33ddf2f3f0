"""A hub restored from an old backup keeps what members post again, and is whole after one more ``complete``."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub import cli
from hub.keeping.reposts import awaited_entries
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, Speaker

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
PROVIDER, NEUTRAL, LATER = Actor("acme", "provider"), Actor("noor", "neutral"), Actor("later", "provider")


async def run(*words: object) -> int:
    return await asyncio.to_thread(cli.main, [str(one) for one in words])


def said(speaker: Speaker) -> Iterator[bytes]:
    yield speaker.member(PROVIDER)
    yield speaker.accreditation(PROVIDER)
    yield speaker.neutral(NEUTRAL, PROVIDER)
    yield speaker.award(PROVIDER, NEUTRAL)


class Lost:
    """A hub that has lost everything after its genesis; ``documents`` were registered since."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "hub"
        self.mirror = folder / "mirror"
        self.copy = folder / "copy.sqlite3"
        self.documents: list[bytes] = []
        self.data.mkdir()
        self.running = Running(self.data, OFFICERS)

    async def happen(self) -> Hub:
        hub = await self.running.__aenter__()
        with closing(sqlite3.connect(self.data / "hub.sqlite3")) as old, closing(sqlite3.connect(self.copy)) as new:
            old.backup(new)
        for document in said(hub.speaker):
            self.documents.append(document)
            await hub.registered(document)
        assert await run("export", "--data", self.data, self.mirror, "--quiet") == 0
        await self.running.client.close()
        for path in self.data.glob("hub.sqlite3*"):
            path.unlink()
        shutil.copy(self.copy, self.data / "hub.sqlite3")
        self.running.more = f'\n[log]\npublic_checkpoint = "{self.mirror / "checkpoint"}"\n'
        return await self.running.restart(hub)


@pytest.fixture
def lost(tmp_path: Path) -> Lost:
    return Lost(tmp_path)


async def test_what_members_post_again_completes_the_log(lost: Lost) -> None:
    hub = await lost.happen()
    status, answer = await hub.post(lost.documents[0])
    assert (status, answer["code"]) == (503, "read_only"), "nobody has fetched what is missing yet"
    await lost.running.client.close()
    assert await run("complete", "--data", lost.data, "--from", lost.mirror, "--quiet") == 1

    hub = await lost.running.restart(hub)
    for document in reversed(lost.documents):  # in any order, the award before anybody knows its signers' keys
        status, answer = await hub.post(document)
        assert (status, answer["code"], answer["retryable"]) == (503, "kept_for_completion", True)
    assert "has kept it. Ask for its receipt later" in answer["detail"]
    await lost.running.client.close()
    assert await run("complete", "--data", lost.data, "--quiet") == 0

    hub = await lost.running.restart(hub)
    for index, document in enumerate(lost.documents, 1):
        status, receipt = await hub.post(document)
        assert (status, receipt["index"]) == (200, index)
    assert (await hub.post(hub.speaker.member(LATER)))[0] == 201
    await lost.running.client.close()
    assert await run("fsck", "--data", lost.data, "--quiet") == 0


async def test_nothing_else_is_kept(lost: Lost) -> None:
    hub = await lost.happen()
    await lost.running.client.close()
    assert await run("complete", "--data", lost.data, "--from", lost.mirror, "--quiet") == 1
    kept = lost.data / "completing" / "statements"
    before = sorted(kept.iterdir())
    hub = await lost.running.restart(hub)
    status, answer = await hub.post(hub.speaker.member(LATER))
    assert (status, answer["code"]) == (503, "read_only")
    other = lost.documents[0].replace(b'"signature":"', b'"signature":"A', 1)[:-1] + b"}"
    assert (await hub.post(other))[0] in (400, 422, 503)
    assert (await hub.post(b"{}"))[0] == 400
    assert sorted(kept.iterdir()) == before
    await lost.running.client.close()


def test_what_can_not_be_read_awaits_nothing(tmp_path: Path) -> None:
    assert awaited_entries(tmp_path, 0) == frozenset()
    (tmp_path / "checkpoint").write_bytes(b"no note")
    assert awaited_entries(tmp_path, 0) == frozenset()
