"""What witnesses say, and what becomes of it: remembered, examined once, believed only with the log's own signature."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hub.alarms import witnesswatch
from hub.alarms.heads import examined
from hub.alarms.register import Alarms
from hub.alarms.witnesswatch import LastAnswer, Silent, WitnessWatch
from hub.log.cosigning import Ahead, Cosigned, Equivocation, Outcome, Refused, Unreachable
from hub.log.signedheads import DIFFERS, Contradiction
from signing.notes import Checkpoint, NoteSignature
from signing.signnotes import log_signer, sign_checkpoint
from tests.fakes.databases import open_database
from tests.fakes.loghouse import MemoryWitnesses, found, running, sample

HEAD = Checkpoint("hub.example/log/1", 7, bytes(32))
W = "w.example"


class Scene:
    """A watch, what the witness shows when it is examined, and what was refused."""

    def __init__(self, folder: Path) -> None:
        self.alarms = Alarms(folder / "alarms", lambda: 1000)
        self.shown: Contradiction | None = None
        self.silent = False
        self.examined: list[str] = []
        self.refused: list[str] = []
        self.watch = WitnessWatch(self.alarms, lambda: 1000, self.examine, self.refuse)

    def refuse(self, found: Contradiction) -> None:
        self.refused.append(found.reason)

    async def examine(self, witness: str) -> tuple[Contradiction, bytes] | None:
        self.examined.append(witness)
        if self.silent:
            raise Silent
        return None if self.shown is None else (self.shown, b"both heads\n")

    async def answered(self, outcome: Outcome) -> None:
        self.watch(HEAD, outcome, False)  # noqa: FBT003
        await self.watch.close()


@dataclass
class Showing(MemoryWitnesses):
    """Witnesses that do not cosign; ``shown`` are the heads of those that answer."""

    shown: dict[str, bytes | None] = field(default_factory=dict)

    async def reported(self, *_: object) -> Mapping[str, bytes | None]:  # type: ignore[override]
        return self.shown


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Cosigned(W, NoteSignature(W, b"four", b"s"), 5), "cosigned"),
        (Unreachable(W, "no answer within 1 s"), "no answer: no answer within 1 s"),
        (Refused(W, 403, "unknown key"), "refused (403): unknown key"),
    ],
)
async def test_an_answer_is_remembered_and_is_no_alarm(scene: Scene, outcome: Outcome, words: str) -> None:
    await scene.answered(outcome)
    assert scene.watch.known() == {W: LastAnswer(1000, 7, words)}
    assert (scene.alarms.active, scene.examined, scene.refused) == ((), [], [])


@pytest.mark.parametrize(
    ("outcome", "code", "says"),
    [
        (Ahead(W, 9), "witness_ahead", "It has cosigned 9 entries, more than were ever offered to it."),
        (Equivocation(W, 422, 5), "witness_equivocation", "It has cosigned another tree of 5 entries (status 422)."),
    ],
)
async def test_a_claim_without_a_signed_head_is_an_alarm_and_stops_nothing(
    scene: Scene, outcome: Outcome, code: str, says: str
) -> None:
    await scene.answered(outcome)
    await scene.answered(outcome)
    (alarm,) = scene.alarms.active
    assert (alarm.code, alarm.subject, alarm.evidence) == (code, W, "")
    assert alarm.detail.startswith(says)
    assert "It shows no head signed by this log" in alarm.detail
    assert (scene.examined, scene.refused) == ([W], [])


async def test_a_signed_head_makes_the_log_read_only_and_is_kept(scene: Scene) -> None:
    scene.shown = Contradiction(DIFFERS, "The witness w.example has seen another log.", b"note", HEAD)
    await scene.answered(Equivocation(W, 409, 5))
    (alarm,) = scene.alarms.active
    assert alarm.detail.endswith("The witness w.example has seen another log. The hub reads only now.")
    assert scene.alarms.evidence(alarm) == b"both heads\n"
    assert scene.refused == ["The witness w.example has seen another log."]


async def test_a_witness_is_examined_again_until_there_is_evidence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look came while the witness did not answer; the second one finds that the log is forked."""
    monkeypatch.setattr(witnesswatch, "AGAIN_SECONDS", 0)
    scene.silent = True
    await scene.answered(Equivocation(W, 422, 5))
    (alarm,) = scene.alarms.active
    assert (alarm.evidence, scene.refused) == ("", [])
    assert "It did not answer when it was asked for the head that it holds." in alarm.detail
    scene.silent, scene.shown = False, Contradiction(DIFFERS, "The witness has seen another log.", b"note", HEAD)
    for _ in range(3):
        await scene.answered(Equivocation(W, 422, 5))
    (alarm,) = scene.alarms.active
    assert scene.alarms.evidence(alarm) == b"both heads\n"
    assert alarm.detail.endswith("The witness has seen another log. The hub reads only now.")
    assert (scene.examined, scene.refused) == ([W, W], ["The witness has seen another log."])


@pytest.mark.parametrize("rests", [0, 3600])
async def test_an_alarm_of_an_earlier_day_keeps_no_witness_from_being_examined(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, rests: int
) -> None:
    """Its evidence is of then, and what it shows may be mended; what the witness holds today is another matter."""
    monkeypatch.setattr(witnesswatch, "AGAIN_SECONDS", rests)
    scene.alarms.sound("witness_ahead", "Earlier.", subject=W, evidence=b"heads of then\n")
    scene.shown = Contradiction(DIFFERS, "The witness has seen another log.", b"note", HEAD)
    for _ in range(3):
        await scene.answered(Ahead(W, 9))
    (alarm,) = scene.alarms.active
    assert [*scene.alarms.evidences(alarm).values()] == [b"heads of then\n", b"both heads\n"]
    assert (scene.examined, scene.refused) == ([W], ["The witness has seen another log."])


async def test_a_witness_that_shows_nothing_rests_between_questions(scene: Scene) -> None:
    scene.alarms.sound("witness_ahead", "Earlier.", subject=W, evidence=b"heads of then\n")
    for _ in range(3):
        await scene.answered(Ahead(W, 9))
    assert (scene.examined, scene.refused) == ([W], [])


async def test_an_examination_that_fails_still_raises_the_alarm(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: str) -> None:
        raise OSError("no database")

    scene.watch.examine = broken
    await scene.answered(Ahead(W, 9))
    assert [one.code for one in scene.alarms.active] == ["witness_ahead"]
    assert "what the witness holds could not be examined" in caplog.text
    assert scene.refused == []


async def test_a_witness_that_shows_no_head_is_told_from_one_that_does_not_answer(tmp_path: Path) -> None:
    given = sample(2, quorum=1)
    witnesses, key = Showing(given.world, set()), log_signer(given.world.origin, given.world.log_key).verifier
    async with open_database(tmp_path) as database:
        await found(database, given)
        async with running(database, given, witnesses=witnesses) as log:
            with pytest.raises(Silent):
                await examined(log, database, key, "witness-1.example")
            witnesses.shown["witness-1.example"] = None
            assert await examined(log, database, key, "witness-1.example") is None
            forked = sign_checkpoint(
                Checkpoint(given.world.origin, 1, bytes(32)), log_signer(given.world.origin, given.world.log_key)
            )
            witnesses.shown["witness-1.example+0a0b0c0d"] = forked  # by its second key
            contradiction = await examined(log, database, key, "witness-1.example")
            assert contradiction is not None
            assert contradiction[0].code == DIFFERS


async def test_before_the_log_is_open_nothing_is_compared(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    watch = WitnessWatch(Alarms(tmp_path / "alarms", lambda: 1), lambda: 1)
    watch(HEAD, Ahead(W, 9), False)  # noqa: FBT003
    await watch.close()
    assert [one.code for one in watch.alarms.active] == ["witness_ahead"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
