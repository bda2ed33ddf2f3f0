"""Answers that the rules refuse: kept with the reason, shown to officers, tried again when something has changed."""

import json
import logging
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import pytest_asyncio

from hub import maintenance
from hub.cli import main
from hub.console.facts import AnswersFact
from hub.console.wiring import answers_facts
from hub.feedback.standing import DAY, GROUP
from hub.jobs.ownstatements import OwnStatements
from hub.jobs.refusedanswers import FILE, RefusedAnswers, RefusedStatement
from hub.jobs.registering import FeedbackRegistration
from hub.storage.feedback import FeedbackStore
from hub.storage.log_reads import LogReads
from hub.web import appkeys as keys
from registry.errors import Refused
from signing.encoding import JSON
from tests.fakes.consolescene import Browser, told
from tests.hub.jobs.test_registering import ACME, OFFICERS, admitted, answers, app, registered, run, to_monday
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

GHOST = Actor("ghost", "provider")
"""Nobody has admitted it; so the rules refuse answers about its cases."""
ONE = RefusedStatement("ab" * 32, 7, "feedback_on_no_provider", "/body/answers/0/provider", 1000, 2000, "0.1.0 4")


@pytest_asyncio.fixture
async def running(start: Callable[..., Running]) -> AsyncIterator[tuple[Running, Hub]]:
    """A week is over in which parties of a provider that is not registered have answered."""
    one = start()
    async with one as hub:
        await admitted(hub)
        to_monday(hub)
        await answers(hub, GROUP, GHOST)
        to_monday(hub)
        yield one, hub


def kept(hub: Hub) -> tuple[RefusedStatement, ...]:
    return RefusedAnswers(hub.data / FILE).read()


async def test_a_refusal_is_kept_with_its_reason_and_not_tried_again_though_the_hub_starts_anew(
    running: tuple[Running, Hub], caplog: pytest.LogCaptureFixture
) -> None:
    one, hub = running
    first = hub.clock.now
    size = await run(hub)
    (refused,) = kept(hub)
    assert (refused.code, refused.where, refused.answers) == ("feedback_on_no_provider", "/body/answers/0/provider", 5)
    assert (refused.since, refused.tried) == (first, first)
    hub.clock.now += 3 * DAY
    with caplog.at_level(logging.WARNING, "hub.jobs"):
        caplog.clear()
        assert await run(hub) == size
        again = await one.restart(hub)
        assert await run(again) == size
    assert kept(again) == (refused,)
    assert "were not registered" not in caplog.text
    assert "CCCC" not in (hub.data / FILE).read_text()
    assert "one-0" not in (hub.data / FILE).read_text(), "no pseudonym of a case stands in it"


async def test_it_is_registered_once_what_it_rested_on_has_changed(running: tuple[Running, Hub]) -> None:
    _, hub = running
    size = await run(hub)
    assert len(kept(hub)) == 1
    await hub.registered(hub.speaker.member(GHOST))
    assert await run(hub) == size + 2
    assert {index for index, _ in await registered(hub)} == {size + 1}
    assert kept(hub) == ()
    assert not (hub.data / FILE).exists()


async def test_other_answers_make_it_another_statement_of_the_same_standing(running: tuple[Running, Hub]) -> None:
    _, hub = running
    await run(hub)
    (first,) = kept(hub)
    await answers(hub, 1, ACME, "more")
    to_monday(hub)
    await run(hub)
    (later,) = kept(hub)
    assert later.body != first.body
    assert (later.answers, later.since, later.tried) == (GROUP + 1, first.since, hub.clock.now)


async def test_an_operator_can_have_it_tried_again(
    running: tuple[Running, Hub], capsys: pytest.CaptureFixture[str]
) -> None:
    _, hub = running
    await run(hub)
    hub.clock.now += DAY
    assert main(["register-answers", "--data", str(hub.data)]) == 0
    assert capsys.readouterr().out == "Refused statements that are tried again: 1.\n"
    since = hub.clock.now - DAY
    await run(hub)
    (refused,) = kept(hub)
    assert (refused.since, refused.tried) == (since, hub.clock.now)
    hub.clock.now += DAY
    await run(hub)
    assert kept(hub) == (refused,), "asked for once, tried once"
    assert main(["register-answers", "--data", str(hub.data / "keys")]) == 0
    assert capsys.readouterr().out == "Refused statements that are tried again: 0.\n"


def test_two_that_write_at_once_leave_a_whole_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The command may ask while the hub keeps a refusal."""
    file = RefusedAnswers(tmp_path / FILE)
    file.write([ONE])
    with ThreadPoolExecutor(2) as both:
        written = [both.submit(file.write, [replace(ONE, tried=number)]) for number in range(400)]
        found = [file.read() for _ in range(400)]
        for one in written:
            one.result()
    assert [len(one) for one in found] == [1] * 400
    assert not caplog.text
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


async def test_the_command_that_is_named_mends_answers_that_the_log_has_already(start: Callable[..., Running]) -> None:
    """Rows have lost the index of their entry, as after a copy of the table was put back."""
    one = start()
    async with one as hub:
        await admitted(hub)
        await answers(hub, GROUP)
        to_monday(hub)
        size = await run(hub)
        before = await registered(hub)
        await one.client.close()
        with closing(sqlite3.connect(hub.data / "hub.sqlite3", isolation_level=None)) as stored:
            stored.execute('UPDATE feedback_answers SET "index" = NULL')
        again = await one.restart(hub)
        assert await run(again) == size
        assert [refused.code for refused in kept(again)] == ["feedback_registered"]
        browser = await Browser(again).enter(OFFICERS[0])
        assert "odr-hub rebuild --data DATA" in told((await browser.get("/console"))[1])
        await one.client.close()
        await maintenance.fold_again(hub.data, quiet=True)
        mended = await one.restart(hub)
        await mended.followed()
        assert await run(mended) == size
        assert kept(mended) == ()
        assert await registered(mended) == before


async def test_today_says_so_with_the_command(running: tuple[Running, Hub]) -> None:
    _, hub = running
    browser = await Browser(hub).enter(OFFICERS[0])
    assert "registered ( feedback" not in told((await browser.get("/console"))[1])
    await run(hub)
    _, text = await browser.get("/console")
    words = told(text)
    assert "5 answers of parties can\N{RIGHT SINGLE QUOTATION MARK}t be registered" in words
    assert "The rules refuse them (feedback_on_no_provider)." in words
    assert "Once it is, it is tried again by itself" in words
    assert "odr-hub register-answers --data DATA" in words
    assert 'href="/docs/problems#feedback_on_no_provider"' in text
    words = told((await browser.get("/console?lang=zh-Hans"))[1])
    assert "5 份当事人答复无法登记" in words
    assert "odr-hub register-answers --data DATA" in words


class Refusing(OwnStatements):
    """Refuses everything, and counts how often it was asked."""

    def __init__(self, hub: Hub, *, retryable: bool) -> None:
        self.hub_now, self.retryable, self.asked = hub.clock, retryable, 0

    async def now(self) -> int:
        return self.hub_now()

    async def register(self, kind: str, body: Mapping[str, JSON], now: int, statement_id: str | None = None) -> None:
        self.asked += 1
        raise Refused("key_not_yet_active", f"{kind} {len(body)} {now} {statement_id}", retryable=self.retryable)


@pytest.mark.parametrize(("retryable", "times"), [(True, 3), (False, 1)])
async def test_a_refusal_that_may_end_by_itself_is_tried_once_a_day(
    running: tuple[Running, Hub], tmp_path: Path, *, retryable: bool, times: int
) -> None:
    _, hub = running
    held, own = app(hub), Refusing(hub, retryable=retryable)
    store, log = FeedbackStore(held[keys.DATABASE]), LogReads(held[keys.DATABASE])
    job = FeedbackRegistration(store, held[keys.FOLLOWER], own, log, RefusedAnswers(tmp_path / FILE))
    for _ in range(3):
        await job.run()
        await job.run()
        hub.clock.now += DAY
    assert own.asked == times


async def test_the_newest_statement_that_rules_rest_on(running: tuple[Running, Hub]) -> None:
    _, hub = running
    log = LogReads(app(hub)[keys.DATABASE])
    before = await log.newest_of(["member"])
    assert await log.newest_of(["genesis"]) == 0
    assert await log.newest_of(["policy", "award"]) == -1
    await hub.registered(hub.speaker.member(GHOST))
    assert await log.newest_of(["genesis", "member"]) == before + 1


def test_what_was_kept_is_read_again_and_what_is_damaged_is_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = RefusedAnswers(tmp_path / FILE)
    assert file.read() == ()
    file.write([ONE, replace(ONE, body="cd" * 32)])
    assert file.read() == (ONE, replace(ONE, body="cd" * 32))
    assert file.ask() == 2
    assert {one.rests_on for one in file.read()} == {""}
    for damaged in ("", "{", "[1]", json.dumps([asdict(ONE) | {"more": 1}]), json.dumps([{"code": "x"}])):
        (tmp_path / FILE).write_text(damaged)
        caplog.clear()
        assert file.read() == ()
        assert "refused-answers.json can't be read" in caplog.text
    file.write([])
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    """The file may grow to so many octets and not further, as on a disk that is full."""
    file = RefusedAnswers(tmp_path / FILE)
    file.write([ONE])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            file.write([ONE] * 9)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read() == (ONE,)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_one_fact_for_each_reason() -> None:
    found = answers_facts([ONE, replace(ONE, since=900), replace(ONE, code="feedback_day", answers=200)])
    assert found == [AnswersFact("feedback_day", 200, 1000), AnswersFact("feedback_on_no_provider", 14, 900)]
