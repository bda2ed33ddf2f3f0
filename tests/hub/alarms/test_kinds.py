"""Every kind of alarm is produced here, and left by the command that it prints: a new kind can't be forgotten."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import click
import pytest

from hub.alarms.kinds import CRITICAL, KINDS, WARNING, Kind
from hub.cli import program
from hub.jobs.facts import FILE
from hub.log.errors import RecoveryError
from hub.web import appkeys as keys
from signing.equivocation import EQUIVOCATION, judge, parse_pair
from signing.trust import parse_trust, parse_witness_policy
from tests.architecture.tree import ROOT
from tests.fakes.smalldisk import small_disk
from tests.hub.alarms.scripted import NAME, ScriptedWitness
from tests.hub.alarms.stage import Stage
from tests.hub.running import Running
from tests.hub.world import Actor

PROVIDER = Actor("provider-a", "provider")
PUBLISHED = '\n[log]\npublic_checkpoint = "published"\n'
Scene = Callable[[Stage], "AsyncIterator[None]"]


async def store_behind(stage: Stage) -> AsyncIterator[None]:
    """An old backup is put back; what was published since gives it away, and is what completes it."""
    hub = await stage.open()
    copy = stage.keep_copy()
    member = stage.data.parent / "member.json"
    member.write_bytes(hub.speaker.member(PROVIDER))
    await hub.registered(member.read_bytes())
    assert await stage.run("export", "--data", stage.data, stage.mirror, "--quiet") == 0
    (stage.data / "published").write_bytes(stage.head())
    await stage.close()
    stage.put_back(copy)
    await stage.reopen(PUBLISHED)
    assert await stage.is_read_only()
    (stage.data / "published").unlink()
    await stage.reopen()
    assert await stage.is_read_only(), "the alarm's own evidence still shows the head"
    await stage.close()
    yield
    assert await stage.run("complete", "--data", stage.data, "--statements", member) == 0
    await stage.reopen()
    assert not await stage.is_read_only()


async def store_differs(stage: Stage) -> AsyncIterator[None]:
    """The published checkpoint is of another history."""
    await stage.open()
    (stage.data / "published").write_bytes(stage.head(root=bytes(32)))
    await stage.reopen(PUBLISHED)
    assert await stage.is_read_only()
    await proves_equivocation(stage, "store_differs")
    yield
    (stage.data / "published").unlink()
    await stage.reopen()
    assert not await stage.is_read_only()


async def log_key_differs(stage: Stage) -> AsyncIterator[None]:
    """Somebody put another log key into the key directory."""
    await stage.open()
    path = stage.data / "keys" / "log.pem"
    right = path.read_bytes()
    await stage.close()
    path.write_bytes((path.parent / "statement.pem").read_bytes())  # a key of the right kind, and the wrong one
    with pytest.raises(RecoveryError, match="is not by this log's key"):
        await stage.reopen()
    await stage.close()
    path.write_bytes(right)
    yield


async def witness_ahead(stage: Stage) -> AsyncIterator[None]:
    """A witness has cosigned more than this log ever offered, and shows the head with the log's signature."""
    async with ScriptedWitness() as witness:
        witness.absent = True
        hub = await stage.open(witness_policy=witness.policy)
        witness.holds = stage.head(grow=3, root=bytes(32))
        witness.conflict, witness.absent = 4, False
        assert (await stage.wait_on("witness_ahead")).subject == NAME
        assert await stage.is_read_only()
        status, problem = await hub.post(hub.speaker.member(PROVIDER))
        assert (status, problem["code"]) == (503, "read_only")
        assert "has seen 4 entries of this log; only 1 are stored here" in problem["detail"]
        yield
        witness.holds, witness.conflict = b"", None
        await stage.reopen()
        assert not await stage.is_read_only()


async def witness_equivocation(stage: Stage) -> AsyncIterator[None]:
    """A witness has cosigned another history, and shows it; the two notes are enough for anybody."""
    async with ScriptedWitness() as witness:
        witness.absent = True
        await stage.open(witness_policy=witness.policy)
        witness.holds = stage.head(root=bytes(32))
        witness.other, witness.absent = True, False
        assert (await stage.wait_on("witness_equivocation")).subject == NAME
        assert await stage.is_read_only()
        await proves_equivocation(stage, "witness_equivocation")
        yield
        witness.holds, witness.other = b"", False
        await stage.reopen()
        assert not await stage.is_read_only()


async def quorum_missing(stage: Stage) -> AsyncIterator[None]:
    """No witness answers for longer than the settings allow; then one does."""
    async with ScriptedWitness() as witness:
        witness.absent = True
        hub = await stage.open(witness_policy=witness.policy)
        await stage.look()
        assert stage.on("quorum_missing") is None, "not yet"
        hub.clock.now += 301
        await stage.look()
        yield
        witness.absent = False
        await stage.app[keys.PUBLICATION].wait_witnessed(0, 20)
        await stage.look()


async def sequencer_stopped(stage: Stage) -> AsyncIterator[None]:
    """The table of entries is gone when a batch is written."""
    hub = await stage.open()
    stage.rename_table("entries", "hidden")
    status, problem = await hub.post(hub.speaker.member(PROVIDER))
    assert (status, problem["code"]) == (503, "sequencer_stopped")
    assert hub.stopped, "the process is told to end"
    stage.rename_table("hidden", "entries")
    yield


async def disk_full(stage: Stage) -> AsyncIterator[None]:
    """The data directory lies on a disk that is filled to the last page."""
    with small_disk(stage.data, 16) as disk:
        hub = await stage.open()
        await stage.look()
        assert stage.on("disk_full") is None
        disk.fill()
        for _ in range(50):  # the journal may have room left inside
            hub.clock.now += 60
            await stage.look()
            if stage.on("disk_full"):
                break
        yield
        disk.clear()
        hub.clock.now += 60
        await stage.look()
        assert stage.on("disk_full") is None
        await stage.close()


async def disk_floor(stage: Stage) -> AsyncIterator[None]:
    """More is to stay free than the disk has; then less."""
    hub = await stage.open(settings="\n[storage]\nfree_floor_mib = 1000000000\n")
    await stage.app[keys.JOBS].run("watch")
    status, problem = await hub.post(hub.speaker.member(PROVIDER))
    assert (status, problem["code"]) == (503, "disk_floor")
    yield
    assert stage.running is not None
    stage.running.more = ""
    await stage.reopen()
    await stage.app[keys.JOBS].run("watch")


async def clock_stepped(stage: Stage) -> AsyncIterator[None]:
    """The clock is set forward by two days while another one stands still, and back again."""
    hub = await stage.open(steady=lambda: 0.0)
    hub.clock.now += 2 * 86_400
    await stage.app[keys.JOBS].run("watch")
    status, problem = await hub.post(hub.speaker.member(PROVIDER))
    assert (status, problem["code"]) == (503, "clock_set")
    hub.clock.now -= 2 * 86_400
    await stage.app[keys.JOBS].run("watch")
    assert not await stage.is_read_only()
    yield


async def verifier_restarting(stage: Stage) -> AsyncIterator[None]:
    """Somebody kills the processes that check statements as soon as they are there."""
    await stage.open(verifiers=1)
    verifiers = stage.app[keys.VERIFIERS]
    await stage.look()
    while verifiers.ended < 3:
        for pid in verifiers.children:
            with suppress(ProcessLookupError):  # it is known to be dead when it is asked
                os.kill(pid, signal.SIGKILL)
        await verifiers.check(b"{}")
        await asyncio.sleep(0.01)
    await stage.look()
    yield
    await stage.look()


async def retention_failing(stage: Stage) -> AsyncIterator[None]:
    """The table of packages is gone whenever the job looks for what is due."""
    await stage.open()
    jobs = stage.app[keys.JOBS]
    await jobs.run("retention")
    stage.rename_table("packages", "hidden")
    for _ in range(3):
        await stage.look()
        assert stage.on("retention_failing") is None
        await jobs.run("retention")
    await stage.look()
    yield
    stage.rename_table("hidden", "packages")
    await jobs.run("retention")
    await stage.look()


async def facts_differ(stage: Stage) -> AsyncIterator[None]:
    """Somebody writes into the table of facts; the table is made again from the log."""
    hub = await stage.open()
    await hub.registered(hub.speaker.member(PROVIDER))
    event = {"case": "A" * 22, "sequence": 0, "type": "filed", "at": "2026-01-02T08:00:00Z"}
    await hub.registered(hub.speaker.case_events(PROVIDER, [event]))
    jobs, follower = stage.app[keys.JOBS], stage.app[keys.FOLLOWER]
    assert await follower.reached(3, 20)
    await jobs.run("facts")
    assert stage.on("facts_differ") is None
    stage.execute("UPDATE case_facts SET fact = '{}'")
    await jobs.run("facts")
    assert stage.on("facts_differ") is None, "it looked just now"
    (stage.data / FILE).unlink()
    await jobs.run("facts")
    yield
    await stage.close()
    assert await stage.run("rebuild", "--data", stage.data) == 0
    await stage.reopen()
    await stage.app[keys.JOBS].run("facts")


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        store_behind, store_differs, log_key_differs, witness_ahead, witness_equivocation, quorum_missing,
        sequencer_stopped, disk_full, disk_floor, clock_stepped, verifier_restarting, retention_failing,
        facts_differ,
    )
}  # fmt: skip


async def proves_equivocation(stage: Stage, code: str) -> None:
    """The alarm's evidence convinces somebody who has nothing but the verification policy."""
    alarm = stage.on(code)
    assert alarm is not None
    pair = parse_pair((stage.data / "alarms" / alarm.evidence).read_bytes())
    trust = parse_trust((stage.data / "verification-policy.txt").read_bytes())
    assert judge(pair, parse_witness_policy(trust.text)).verdict == EQUIVOCATION


@pytest.fixture
async def stage(tmp_path: Path, start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr("hub.verifiers.RESTART_SECONDS", 0.01)
    made = Stage(tmp_path / "data", start)
    yield made
    await made.close()


def test_every_kind_has_its_scene() -> None:
    assert SCENES.keys() == KINDS.keys()


@pytest.mark.parametrize("code", KINDS)
async def test_each_alarm_is_produced_and_left_by_its_printed_command(stage: Stage, code: str) -> None:
    async with asynccontextmanager(SCENES[code])(stage):
        alarm = stage.on(code)
        assert alarm is not None, "the cause raises the alarm"
        assert (alarm.detail, alarm.since) > ("", 0)
        assert await stage.obey(alarm) in {0, 1}
        if not alarm.kind.by_itself:
            assert stage.on(code) is None, "clearing takes it back at once"
    assert stage.on(code) is None, "and it is over"
    told = (stage.data / "alarms" / "history").read_text() if (stage.data / "alarms").exists() else ""
    assert code == "disk_full" or '"raised"' in told


# --- the list and the pages ------------------------------------------------------------------------


def commands_in(text: str) -> set[str]:
    """The commands of ``odr-hub`` that a text names, as words after the program."""
    return set(re.findall(r"odr-hub ([a-z]+(?: (?:list|clear)\b)?)", text))


def existing() -> set[str]:
    names = set(program.commands)
    for name, command in program.commands.items():
        if isinstance(command, click.Group):
            names |= {f"{name} {child}" for child in command.commands}
    return names


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_says_what_was_found_who_must_act_and_what_to_do(kind: Kind) -> None:
    assert kind.severity in {CRITICAL, WARNING}
    assert re.search(r"\b(operator|Operator|coordinator)\b", kind.sentence)
    assert kind.sentence.endswith(".")
    assert commands_in(kind.command)
    assert commands_in(kind.command) <= existing()
    assert " --data DATA" in kind.command


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_has_its_page_and_the_page_names_commands_that_exist(kind: Kind) -> None:
    page = (ROOT / kind.runbook).read_text(encoding="utf-8")
    assert page.startswith(f"# {kind.code}\n")
    for heading in ("## What it means", "## What to do", "## When it is over"):
        assert heading in page, heading
    assert kind.command in page
    assert commands_in(page) <= existing()
    ending = "by itself" if kind.by_itself else "alarms clear"
    assert ending in page.partition("## When it is over")[2]


def test_no_page_is_left_over() -> None:
    pages = {path.stem for path in (ROOT / "docs/operations/alarms").glob("*.md")} - {"README"}
    assert pages == KINDS.keys()
