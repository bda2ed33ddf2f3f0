"""Child processes that check statements: they say yes to what holds, and nothing depends on them."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.ownertags import MonitorsSeen, OwnerTag, tag_under
from hub.verifierprocess import HEAD_BYTES, check, frame, taken_apart
from hub.verifiers import MOST_TOGETHER, Checked, Verifiers
from signing.encoding import canonical
from signing.keys import PublicKey
from signing.statement import owner_tag, parse_statement
from tests.hub.running import Running, found
from tests.hub.world import Actor, Speaker, agreement_key

NOBODY: dict[str, bytes] = {}
OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
PROVIDER, NEUTRAL = Actor("acme", "provider"), Actor("noor", "neutral")


@dataclass
class Given:
    """A founded network, its awards, and the keys that sign them."""

    speaker: Speaker
    awards: list[bytes]
    keys: dict[str, bytes]

    @property
    def network(self) -> str:
        return self.speaker.network


@pytest.fixture
async def given(tmp_path: Path) -> Given:
    speaker = await found(tmp_path, OFFICERS)
    awards = [speaker.award(PROVIDER, NEUTRAL, pdf=b"%d" % number) for number in range(40)]
    signers = (PROVIDER.statement, NEUTRAL.statement, *(one.statement for one in OFFICERS))
    return Given(speaker, awards, {key.kid: key.public.x for key in signers})


@pytest.fixture
async def verifiers(given: Given) -> AsyncIterator[Verifiers]:
    async with Verifiers(given.network, lambda: given.keys, MonitorsSeen()).running(1) as one:
        await until_working(one)
        yield one


async def until_working(one: Verifiers) -> None:
    async with asyncio.timeout(20):
        while not one.working:
            await asyncio.sleep(0.01)


def same(checked: Checked | None, document: bytes, tag: OwnerTag | None = None) -> bool:
    """Whether ``checked`` is what this process reads from ``document``."""
    expected = parse_statement(document)
    return checked is not None and vars(checked[0]) == vars(expected) and checked == (expected, tag)


async def test_what_holds_comes_back_as_parsed_here(verifiers: Verifiers, given: Given) -> None:
    checked = await asyncio.gather(*(verifiers.check(one) for one in given.awards))
    assert all(same(one, award) for one, award in zip(checked, given.awards, strict=True))


async def test_a_document_in_any_order_comes_back_as_parsed_here(verifiers: Verifiers, given: Given) -> None:
    """Its payload can't be read off its beginning; one that only seems to begin with it neither."""
    outer = json.loads(given.awards[0])
    swapped = json.dumps({"signatures": outer["signatures"][::-1], "payload": outer["payload"]}, indent=1).encode()
    escaped = given.awards[0].replace(b'{"payload":"e', b'{"payload":"\\u0065', 1)
    for document in (swapped, escaped):
        checked = await verifiers.check(document)
        assert same(checked, document)
        assert checked is not None
        assert checked[0].document == parse_statement(given.awards[0]).document


async def test_the_answers_of_a_full_frame_fit_into_a_pipe_at_once(given: Given) -> None:
    keys = {kid: PublicKey("Ed25519", x) for kid, x in given.keys.items()}
    posted = given.awards[:MOST_TOGETHER]
    checked = [(check(one, given.network, keys), one) for one in posted]
    answers = [(taken_apart(one, document), (b"k" * 32, "t" * 64)) for one, document in checked if one is not None]
    assert len(answers) == MOST_TOGETHER
    assert len(frame(answers)) < 65_536


async def test_for_everything_else_there_is_no_answer(verifiers: Verifiers, given: Given) -> None:
    forged = json.loads(given.awards[0])
    forged["signatures"][0]["signature"] = "A" * 86
    off_schema = given.speaker.award(PROVIDER, NEUTRAL, date="yesterday")
    elsewhere = given.speaker.compose(
        "award", PROVIDER.id, {}, [(PROVIDER.statement, "provider")], network="00" * 32, salt="A" * 43
    )
    documents = [b"{", canonical(forged), given.speaker.member(PROVIDER), off_schema, elsewhere]
    assert [await verifiers.check(one) for one in documents] == [None] * len(documents)
    assert same(await verifiers.check(given.awards[0]), given.awards[0])


async def test_an_unknown_key_is_not_vouched_for_until_the_hub_has_met_it(given: Given) -> None:
    known: dict[str, bytes] = {}
    async with Verifiers(given.network, lambda: known, MonitorsSeen()).running(1) as one:
        await until_working(one)
        assert await one.check(given.awards[0]) is None
        known |= given.keys
        assert same(await one.check(given.awards[0]), given.awards[0])


async def test_the_owner_tag_is_made_under_the_monitor_key_last_seen(given: Given) -> None:
    monitors, salt = MonitorsSeen(), parse_statement(given.awards[0]).salt
    older, newer = agreement_key("older").public, agreement_key("newer").public
    assert salt is not None
    async with Verifiers(given.network, lambda: given.keys, monitors).running(1) as one:
        await until_working(one)
        assert same(await one.check(given.awards[0]), given.awards[0])
        for monitor in (older, newer):
            monitors.see(PROVIDER.id, monitor.x)
            tag = OwnerTag(monitor.x, owner_tag(salt, monitor))
            assert same(await one.check(given.awards[0]), given.awards[0], tag)


async def test_a_tag_under_another_monitor_key_is_not_used(given: Given) -> None:
    award, public = parse_statement(given.awards[0]), parse_statement(given.speaker.member(PROVIDER))
    older, newer = agreement_key("older").public, agreement_key("newer").public
    made = OwnerTag(older.x, "made before")
    assert award.salt is not None
    assert tag_under(award, older, made) == "made before"
    assert tag_under(award, newer, made) == owner_tag(award.salt, newer) == tag_under(award, newer, None)
    assert tag_under(award, None, made) is None
    assert tag_under(public, newer, made) is None


async def test_without_a_child_nobody_waits(given: Given) -> None:
    async with Verifiers(given.network, lambda: NOBODY, MonitorsSeen()).running(0) as one:
        assert await one.check(given.awards[0]) is None


async def test_a_child_that_dies_is_replaced_and_what_it_was_asked_is_given_back(
    verifiers: Verifiers, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    (child,) = verifiers.children
    asked = [asyncio.create_task(verifiers.check(one)) for one in given.awards]
    await asyncio.sleep(0)
    os.kill(child, signal.SIGKILL)
    checked = await asyncio.wait_for(asyncio.gather(*asked), 20)
    assert all(one is None or same(one, award) for one, award in zip(checked, given.awards, strict=True))
    async with asyncio.timeout(20):
        while verifiers.children in ((), (child,)):
            await asyncio.sleep(0.01)
    assert same(await verifiers.check(given.awards[0]), given.awards[0])
    assert "a verifier process ended" in caplog.text


async def test_a_child_that_hangs_is_replaced_and_what_it_was_asked_is_given_back(
    verifiers: Verifiers, given: Given, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.verifiers.FRAME_SECONDS", 0.3)
    (child,) = verifiers.children
    os.kill(child, signal.SIGSTOP)
    checked = await asyncio.wait_for(asyncio.gather(*(verifiers.check(one) for one in given.awards)), 20)
    assert checked == [None] * len(given.awards), "those that wait behind the frame too: nobody else is there to ask"
    monkeypatch.undo()
    async with asyncio.timeout(20):
        while verifiers.children in ((), (child,)):
            await asyncio.sleep(0.01)
    assert same(await verifiers.check(given.awards[0]), given.awards[0])
    assert (verifiers.ended, "hung" in caplog.text, "TimeoutError" in caplog.text) == (1, True, True)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_a_child_that_never_is_ready_keeps_nobody_waiting_and_is_replaced(
    given: Given, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o700)
    monkeypatch.setattr("hub.verifiers.RESTART_SECONDS", 0.01)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(silent))
        patched.setattr("hub.verifiers.START_SECONDS", 0.2)
        async with Verifiers(given.network, lambda: given.keys, MonitorsSeen()).running(1) as one:
            assert await one.check(given.awards[0]) is None
            async with asyncio.timeout(20):
                while not one.ended:
                    await asyncio.sleep(0.01)
            patched.undo()
            await until_working(one)
            assert same(await one.check(given.awards[0]), given.awards[0])


async def test_a_child_that_can_not_be_started_is_tried_again(
    given: Given, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The system says no for a while, as it does when it has no memory or no place for a process."""
    monkeypatch.setattr("hub.verifiers.RESTART_SECONDS", 0.01)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(tmp_path / "nothing"))
        async with Verifiers(given.network, lambda: given.keys, MonitorsSeen()).running(1) as one:
            async with asyncio.timeout(20):
                while one.ended < 2:
                    await asyncio.sleep(0.01)
            assert await one.check(given.awards[0]) is None
            patched.undo()
            await until_working(one)
            assert same(await one.check(given.awards[0]), given.awards[0])
    assert "did not start" in caplog.text


async def test_keys_met_before_are_told_before_anything_is_asked(given: Given) -> None:
    """A child takes them in one by one, which must not count as the time of a frame."""
    told: list[int] = []

    def keys() -> dict[str, bytes]:
        told.append(len(one.children))
        return given.keys

    one = Verifiers(given.network, keys, MonitorsSeen())
    async with one.running(1):
        await until_working(one)
        assert told == [0]
        assert same(await one.check(given.awards[0]), given.awards[0])
        assert told == [0, 1]


async def test_a_killed_hub_leaves_no_child_behind(given: Given) -> None:
    """The child ends with the pipe: here the pipe of a parent that goes away without a word."""
    command = [sys.executable, "-m", "hub.verifierprocess", given.network]
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 20) == 0


async def test_a_child_of_a_hub_that_was_killed_while_it_worked_says_nothing(given: Given) -> None:
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "hub.verifierprocess", given.network]
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=writing, stderr=PIPE)
    os.close(writing)
    await asyncio.to_thread(os.read, reading, HEAD_BYTES)  # it is ready
    os.close(reading)
    _, said = await asyncio.wait_for(child.communicate(frame((given.keys, {}, given.awards))), 20)
    assert (child.returncode, said) == (-signal.SIGPIPE, b"")


async def test_a_hub_with_verifiers_registers_and_refuses_in_the_same_words(tmp_path: Path) -> None:
    async with Running(tmp_path, OFFICERS, verifiers=1) as hub:
        say = hub.speaker
        for document in (say.member(PROVIDER), say.accreditation(PROVIDER), say.neutral(NEUTRAL, PROVIDER)):
            await hub.registered(document)
        for number in range(3):  # the later ones with an owner tag made by the child
            await hub.registered(say.award(PROVIDER, NEUTRAL, pdf=b"%d" % number))
        forged = json.loads(say.award(PROVIDER, NEUTRAL, pdf=b"forged"))
        forged["signatures"][0]["signature"] = "A" * 86
        status, problem = await hub.post(canonical(forged))
        assert (status, problem["code"]) == (422, "bad_signature")
