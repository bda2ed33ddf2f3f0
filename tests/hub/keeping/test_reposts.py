"""A hub restored from an old backup keeps what members post again, and is whole after one more ``complete``."""

import asyncio
import errno
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import FormData

from hub import cli, keystore
from hub.alarms.kinds import command_for
from hub.keeping import fetched
from hub.keeping.reposts import awaited_entries
from hub.officers.drafting import Network, accreditation_draft
from hub.web.appkeys import ALARMS
from providers.durable import write_whole
from signing.encoding import canonical, sha256_hex
from signing.notes import Checkpoint
from signing.signnotes import log_signer, sign_checkpoint
from signing.statement import parse_statement
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
    """A hub that has lost everything after its genesis; ``documents`` were registered since.

    ``reasons`` is the annex of the last of them, where it names one.
    """

    reasons: bytes | None = None

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
        await self.more_happens(hub)
        assert await run("export", "--data", self.data, self.mirror, "--quiet") == 0
        await self.running.client.close()
        for path in self.data.glob("hub.sqlite3*"):
            path.unlink()
        shutil.copy(self.copy, self.data / "hub.sqlite3")
        self.running.more = f'\n[log]\npublic_checkpoint = "{self.mirror / "checkpoint"}"\n'
        return await self.running.restart(hub)

    async def more_happens(self, hub: Hub) -> None:
        """Nothing more."""

    async def fetched(self) -> Hub:
        """Started again after the missing entries were fetched."""
        hub = await self.happen()
        await self.running.client.close()
        assert await run("complete", "--data", self.data, "--from", self.mirror, "--quiet") == 1
        return await self.running.restart(hub)


class LostReasons(Lost):
    """The last statement that was lost is an accreditation whose reasons, an annex, only members and officers see."""

    async def more_happens(self, hub: Hub) -> None:
        before = parse_statement(self.documents[1])
        (*_, newest) = (await hub.get("/v1/policy"))[1]["chain"]
        policy = parse_statement(canonical(newest["statement"]))
        network = Network(hub.speaker.network, policy.digest, policy.body)
        reasons = ["Why it was decided."]
        draft = accreditation_draft(network, before.body, before.digest, [OFFICERS[0].id], hub.clock(), reasons)
        draft = draft.signed_by(OFFICERS[0].statement, hub.clock())
        self.documents.append(draft.statement().document)
        self.reasons = draft.annex
        status, _ = await hub.post(self.documents[-1], self.reasons)
        assert status == 201


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


async def test_a_statement_is_kept_with_the_annex_that_it_names(tmp_path: Path) -> None:
    """A bystander has its public text, and not its annex: what they post must not take the annex's place."""
    lost = LostReasons(tmp_path)
    hub = await lost.fetched()
    for document in lost.documents[:-1]:
        assert (await hub.post(document))[1]["code"] == "kept_for_completion"
    for annex, code in ((None, "annex_missing"), (b"{}", "annex_mismatch"), (lost.reasons, "kept_for_completion")):
        assert (await hub.post(lost.documents[-1], annex))[1]["code"] == code
    await lost.running.client.close()
    assert await run("complete", "--data", lost.data, "--quiet") == 0
    hub = await lost.running.restart(hub)
    await lost.running.client.close()
    with closing(sqlite3.connect(lost.data / "hub.sqlite3")) as base:
        assert [bytes(one) for (one,) in base.execute("SELECT octets FROM annexes")] == [lost.reasons]


async def test_a_statement_without_its_annex_is_awaited_unless_that_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, texts = LostReasons(tmp_path), tmp_path / "texts"
    texts.mkdir()
    await lost.fetched()
    await lost.running.client.close()
    for number, document in enumerate(lost.documents):
        (texts / f"{number}.jws").write_bytes(document)
    assert lost.reasons is not None
    capsys.readouterr()
    assert await run("complete", "--data", lost.data, "--statements", texts, "--quiet") == 1
    assert f"its annex alone: {sha256_hex(lost.reasons)}" in capsys.readouterr().out
    assert await run("complete", "--data", lost.data, "--without-annexes", "--quiet") == 0
    assert "Entry 5 came without the annex that its statement names." in capsys.readouterr().out


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
async def test_octets_that_no_statement_names_are_not_kept(lost: Lost, query: str) -> None:
    hub = await lost.fetched()
    kept = lost.data / "completing" / "statements"
    before = sorted(kept.iterdir())
    form = FormData()
    form.add_field("statement", lost.documents[0], content_type="application/jose+json", filename="statement")
    form.add_field("annex", b"x" * 200_000, content_type="application/json", filename="annex")
    async with hub.client.post(f"/v1/statements{query}", data=form) as response:
        assert response.status in (422, 503)
        assert (await response.json())["code"] != "kept_for_completion"
    assert sorted(kept.iterdir()) == before
    await lost.running.client.close()


async def test_a_log_that_is_being_completed_takes_nothing_else_in(tmp_path: Path) -> None:
    """Nobody else shows the longer head: neither a witness nor a published checkpoint; the alarm says what to do."""
    lost = Lost(tmp_path)
    hub = await lost.fetched()
    await lost.running.client.close()
    lost.running.more = ""
    for path in (lost.data / "alarms").iterdir():  # as of a hub that was never started since it was restored
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    hub = await lost.running.restart(hub)
    status, answer = await hub.post(hub.speaker.member(LATER))
    begun = "The completion begun here (odr-hub complete) shows 5 entries of this log; only 1 are stored here."
    assert (status, answer["code"]) == (503, "read_only")
    assert begun in answer["detail"]
    (alarm,) = hub.client.app[ALARMS].active
    assert (alarm.code, alarm.detail) == ("store_behind", begun)
    assert command_for(alarm.kind, "D") == "odr-hub complete --data D --from URL"
    assert (await hub.post(lost.documents[0]))[1]["code"] == "kept_for_completion"
    await lost.running.client.close()


async def test_the_printed_command_leads_out_of_a_head_that_was_worth_nothing(
    lost: Lost, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed in a test with the real key, it lay in a mirror's folder; ``complete`` keeps what it was shown."""
    hub = await lost.happen()
    await lost.running.client.close()
    signer = log_signer(hub.speaker.genesis.body["origin"], keystore.load(lost.data / "keys").log)
    (lost.mirror / "stored").write_bytes(sign_checkpoint(Checkpoint(signer.name, 3, bytes(32)), signer))
    texts = lost.data.parent / "texts"
    texts.mkdir()
    for number, document in enumerate(lost.documents):
        (texts / f"{number}.jws").write_bytes(document)
    asked = ("--from", lost.mirror, "--statements", texts, "--quiet")
    assert await run("complete", "--data", lost.data, *asked) == 1
    assert "its alarm store_differs names what proves it, and the way" in capsys.readouterr().out

    hub = await lost.running.restart(hub)
    alarm = hub.client.app[ALARMS].raised("store_differs")
    assert alarm is not None
    assert re.match(r"The head that odr-hub complete was shown \(completing/heads/.{8}…\) is of another", alarm.detail)
    assert command_for(alarm.kind, "D").startswith("odr-hub alarms clear store_differs --data D --reason")
    await lost.running.client.close()
    assert await run("alarms", "clear", "store_differs", "--data", lost.data, "--reason", "signed in a test") == 0

    hub = await lost.running.restart(hub)
    assert hub.client.app[ALARMS].active == ()
    assert (await hub.post(hub.speaker.member(LATER)))[0] == 201
    assert not (lost.data / "completing").exists()
    await lost.running.client.close()


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("kept", ["heads", "statements"])
async def test_a_full_disk_is_told_in_a_sentence(
    lost: Lost, kept: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await lost.happen()
    await lost.running.client.close()
    text = lost.data.parent / "text"
    text.write_bytes(lost.documents[-1])
    monkeypatch.setattr(
        fetched, "write_whole", lambda path, *more: (full if path.parent.name == kept else write_whole)(path, *more)
    )
    assert await run("complete", "--data", lost.data, "--from", lost.mirror, "--statements", text, "--quiet") == 1
    said = capsys.readouterr().err
    assert "can't be written: No space left on device. The operator must put that right, and run the command" in said
    assert f"[completing_unwritable at completing/{kept}]" in said


async def test_whoever_posts_again_on_a_full_disk_is_told_to_come_back(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await lost.fetched()
    monkeypatch.setattr(fetched, "write_whole", full)
    status, answer = await hub.post(lost.documents[0])
    assert (status, answer["code"], answer["retryable"]) == (503, "disk_full", True)
    monkeypatch.undo()
    assert (await hub.post(lost.documents[0]))[1]["code"] == "kept_for_completion"
    await lost.running.client.close()


def test_what_can_not_be_read_awaits_nothing(tmp_path: Path) -> None:
    assert awaited_entries(tmp_path, 0) == frozenset()
    (tmp_path / "checkpoint").write_bytes(b"no note")
    assert awaited_entries(tmp_path, 0) == frozenset()
