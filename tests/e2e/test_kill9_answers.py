"""A real hub process, killed at each step of registering answers, has registered them exactly once after a restart.

Answers of a week that is over wait when the process starts; its job makes the statement, registers and marks it.
"""

import asyncio
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub import maintenance
from hub.feedback.desk import FeedbackDesk
from hub.feedback.questions import Given, Wanted
from hub.feedback.standing import DAY, GROUP
from hub.feedback.statements import KIND, answers_of
from hub.feedback.tokens import hash_of
from hub.storage.feedback import FeedbackStore
from hub.storage.values import Answered
from hub.web import appkeys as keys
from signing.encoding import b64u_decode
from tests.e2e.test_kill9 import ROOT, Hub
from tests.fakes.killedhub import STEPS
from tests.hub.running import Running
from tests.hub.world import Actor

ACME = Actor("acme", "provider")
COUNT = GROUP + 2
READY_SECONDS, ENDS_SECONDS = 30.0, 60.0
LOOKS_SECONDS = 2.5
"""The job runs each second: after so long it has looked again at what it registered."""
NOT_STORED = {"composed", "verified", "decided"}
"""Steps at which nothing is in the log's tables yet."""


@dataclass(frozen=True)
class Stored:
    """What stands in the tables: answers that entries hold, and of each row the index of its entry."""

    registered: tuple[Answered, ...]
    marks: tuple[int | None, ...]


def stored(data: Path) -> Stored:
    with closing(sqlite3.connect(data / "hub.sqlite3")) as tables:
        documents = tables.execute(
            'SELECT document FROM bodies JOIN statements USING ("index") WHERE kind = ? ORDER BY "index"', (KIND,)
        ).fetchall()
        marks = tuple(row[0] for row in tables.execute('SELECT "index" FROM feedback_answers'))
    payloads = [json.loads(b64u_decode(json.loads(one)["payload"])) for (one,) in documents]
    return Stored(tuple(each for one in payloads for each in answers_of(one["body"])), marks)


async def _prepare(data: Path) -> list[Answered]:
    """A hub with a provider whose parties have answered two weeks ago, stopped."""
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    async with Running(data, officers, now=int(time.time())) as hub:
        await hub.registered(hub.speaker.member(ACME))
        assert hub.client.app is not None
        store = FeedbackStore(hub.client.app[keys.DATABASE])
        desk = FeedbackDesk(store, hub.url, lambda: int(time.time()) - 14 * DAY)
        for number in range(COUNT):
            (slot,) = await desk.issue(ACME.id, Wanted(f"case-{number}".ljust(22, "_"), {"claimant": "en"}))
            await desk.answer(hash_of(slot.token), Given("won", {"overall": 1 + number % 5}))
        return await store.answers()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Answered]]:
    data = tmp_path_factory.mktemp("hub")
    answers = asyncio.run(_prepare(data))
    with (data / "hub.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[jobs]\nretention_seconds = 1\n")
    return data, answers


@pytest.fixture
def hub(tmp_path: Path, prepared: tuple[Path, list[Answered]]) -> Iterator[Hub]:
    one = Hub(Path(shutil.copytree(prepared[0], tmp_path / "hub")))
    yield one
    if one.process is not None and one.process.poll() is None:
        one.process.kill()


def kill_at(step: str, data: Path) -> None:
    """Run a hub that kills itself at the step."""
    command = [sys.executable, "-m", "tests.fakes.killedhub", step, "serve", "--data", str(data), "--port", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=ENDS_SECONDS, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("step", STEPS)
def test_answers_are_registered_exactly_once(step: str, hub: Hub, prepared: tuple[Path, list[Answered]]) -> None:
    assert stored(hub.data) == Stored((), (None,) * COUNT)
    kill_at(step, hub.data)
    found = stored(hub.data)
    assert Counter(map(repr, found.registered)) == Counter(map(repr, [] if step in NOT_STORED else prepared[1]))
    assert step == "marked" or None in found.marks or step in {"shown", "registered"}
    assert step != "marked" or None not in found.marks
    hub.start()
    until = time.monotonic() + READY_SECONDS
    while None in stored(hub.data).marks and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(LOOKS_SECONDS)
    assert hub.stop(signal.SIGTERM) == 0
    found = stored(hub.data)
    assert Counter(map(repr, found.registered)) == Counter(map(repr, prepared[1]))
    assert len(set(found.marks)) == 1
    assert found.marks[0] is not None
    assert not (hub.data / "refused-answers.json").exists()
    assert asyncio.run(maintenance.check(hub.data, quiet=True)).sound


def test_killed_at_one_step_after_the_other_it_loses_nothing(hub: Hub, prepared: tuple[Path, list[Answered]]) -> None:
    for step in ("composed", "verified", "decided", "appended"):
        kill_at(step, hub.data)
    hub.start()
    until = time.monotonic() + READY_SECONDS
    while None in stored(hub.data).marks and time.monotonic() < until:
        time.sleep(0.1)
    assert hub.stop(signal.SIGTERM) == 0
    found = stored(hub.data)
    assert Counter(map(repr, found.registered)) == Counter(map(repr, prepared[1]))
    assert len({*found.marks} - {None}) == 1
