"""The table of C2SP tlog-witness, asked of our server with raw requests."""

import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from providers.witness.app import create_app
from providers.witness.config import STATE_FILE, add_log, confirm_clock, init_witness, open_witness
from providers.witness.errors import WitnessError
from providers.witness.submission import MAX_BODY, Submission, format_submission
from signing.notes import Note, NoteSignature, VerifierKey, check_cosignature, cosigned_by, open_checkpoint, parse_note
from signing.signnotes import format_note, with_lines
from tests.fakes.memorylog import MemoryLog, vectors

NAME = "witness.example/w1"


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000

    def __call__(self) -> int:
        return self.now


class Bench:
    """A witness that watches one log of twelve entries."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = Clock()
        self.log = MemoryLog()
        self.log.grow_to(12)
        self.fork = MemoryLog(entries=[b"forged"])
        self.fork.grow_to(12)
        self.key = VerifierKey.parse(init_witness(directory, NAME))
        add_log(directory, self.log.vkey)
        self.client: TestClient[Any, Any] | None = None

    async def start(self) -> None:
        self.client = TestClient(TestServer(create_app(open_witness(self.directory), self.clock)))
        await self.client.start_server()

    async def stop(self) -> None:
        if self.client is not None:
            await self.client.close()

    async def post(self, body: bytes) -> tuple[int, str, str]:
        assert self.client is not None
        async with self.client.post("/add-checkpoint", data=body) as answer:
            return answer.status, answer.content_type, await answer.text()

    async def offer(self, old: int, new: int, log: MemoryLog | None = None) -> tuple[int, str, str]:
        log = log or self.log
        proof = tuple(log.tree.consistency(old, new)) if old <= new else ()
        return await self.post(format_submission(Submission(old, proof, log.checkpoint(new))))

    async def published(self, origin: str | None = None) -> tuple[int, bytes]:
        assert self.client is not None
        hashed = hashlib.sha256((origin or self.log.origin).encode()).hexdigest()
        async with self.client.get(f"/{hashed}/checkpoint") as answer:
            return answer.status, await answer.read()

    def time(self, size: int, lines: str) -> int:
        """The verified time of the answer to an offer of ``size``."""
        return check_cosignature(parse_note(self.log.checkpoint(size) + lines.encode()), self.key)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path / "w1")
    await bench.start()
    yield bench
    await bench.stop()


async def test_200_growth_is_cosigned_with_the_time(bench: Bench) -> None:
    for old, new in ((0, 1), (1, 3), (3, 8), (8, 12)):
        bench.clock.now += 5
        status, kind, lines = await bench.offer(old, new)
        assert (status, kind) == (200, "text/plain")
        assert lines.startswith(f"— {NAME} ")
        assert lines.endswith("\n")
        assert bench.time(new, lines) == bench.clock.now


async def test_200_the_same_size_again_gives_a_fresh_time(bench: Bench) -> None:
    await bench.offer(0, 7)
    bench.clock.now += 3600
    status, _, lines = await bench.offer(7, 7)
    assert (status, bench.time(7, lines)) == (200, bench.clock.now)


async def test_200_an_empty_log_may_be_cosigned(bench: Bench) -> None:
    status, _, lines = await bench.offer(0, 0)
    assert (status, bench.time(0, lines)) == (200, bench.clock.now)
    assert (await bench.offer(0, 5))[0] == 200


NOTE = MemoryLog(entries=[b"one"]).checkpoint()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + NOTE,
        b"old 0\n\n\n" + NOTE,
        b"old 0\nAAAA\n\n" + NOTE,
        b"old 0\n\nnot a note\n",
        b"old 0\n\n" + NOTE[:-1],
        b"old 0\n\n" + NOTE.replace(b"/1\n1\n", b"/1\n01\n"),
        b"old 0\n\n" + NOTE.replace(b"=\n\n", b"=\nextension\n\n"),
        b"old 0\n\n" + NOTE.replace(b"=\n\n", b"\n\n"),
        b"old 0\n\n" + NOTE.replace(b"hub.example/log/1\n1", b"subtree/v1\n1"),
        b"old 0\n\n" + NOTE + b"x" * MAX_BODY,
    ],
)
async def test_400_malformed(bench: Bench, body: bytes) -> None:
    assert (await bench.post(body))[0] == 400
    assert (await bench.published())[0] == 404


async def test_400_the_old_size_is_above_the_checkpoints(bench: Bench) -> None:
    await bench.offer(0, 7)
    status, _, text = await bench.post(format_submission(Submission(7, (), bench.log.checkpoint(5))))
    assert (status, text) == (400, "The old size is above the checkpoint's. (old) [old_size_above]\n")


async def test_403_the_logs_key_has_not_signed(bench: Bench) -> None:
    stranger = MemoryLog(seed=b"S" * 32)
    stranger.grow_to(5)
    assert (await bench.offer(0, 5, stranger))[0] == 403


async def test_403_a_line_of_the_logs_key_fails_or_stands_there_twice(bench: Bench) -> None:
    note = parse_note(bench.log.checkpoint(5))
    (line,) = note.signatures
    false = Note(note.text, (NoteSignature(line.name, line.key_id, bytes(64)),))
    for forged in (false, Note(note.text, (line, line)), Note(note.text, (*false.signatures, line))):
        assert (await bench.post(format_submission(Submission(0, (), format_note(forged)))))[0] == 403


async def test_404_the_origin_is_not_watched(bench: Bench) -> None:
    other = MemoryLog("other.example/log")
    other.grow_to(5)
    assert (await bench.offer(0, 5, other))[0] == 404


async def test_409_names_the_size_cosigned_last(bench: Bench) -> None:
    assert await bench.offer(3, 5) == (409, "text/x.tlog.size", "0\n")
    await bench.offer(0, 7)
    for old, new in ((0, 7), (3, 7), (0, 5), (5, 12), (8, 12)):
        assert await bench.offer(old, new) == (409, "text/x.tlog.size", "7\n")


async def test_422_the_proof_fails_or_is_not_empty_where_it_must_be(bench: Bench) -> None:
    proof = tuple(bench.log.tree.consistency(3, 7))
    assert (await bench.post(format_submission(Submission(0, proof, bench.log.checkpoint(7)))))[0] == 422
    await bench.offer(0, 3)
    for false in ((), proof[:-1], (*proof, proof[0]), proof[::-1]):
        assert (await bench.post(format_submission(Submission(3, false, bench.log.checkpoint(7)))))[0] == 422


async def test_422_another_root_at_the_same_size(bench: Bench) -> None:
    await bench.offer(0, 7)
    assert (await bench.offer(7, 7, bench.fork))[0] == 422
    assert (await bench.offer(7, 12, bench.fork))[0] == 422


async def test_422_an_empty_log_with_another_root(bench: Bench) -> None:
    body = format_submission(Submission(0, (), bench.log.checkpoint(0, root=b"x" * 32)))
    assert (await bench.post(body))[0] == 422


async def test_a_refused_submission_changes_nothing(bench: Bench) -> None:
    await bench.offer(0, 7)
    before = await bench.published()
    for old, new, log in ((3, 9, bench.log), (7, 7, bench.fork), (7, 12, bench.fork)):
        assert (await bench.offer(old, new, log))[0] in (409, 422)
    assert await bench.published() == before
    assert (await bench.offer(7, 12))[0] == 200


async def test_lines_of_others_are_ignored_and_never_kept(bench: Bench) -> None:
    others = [NoteSignature(f"other{number}", b"abcd", b"x" * 2428) for number in range(15)]
    note = format_note(with_lines(parse_note(bench.log.checkpoint(5)), others))
    assert (await bench.post(format_submission(Submission(0, (), note))))[0] == 200
    status, published = await bench.published()
    assert status == 200
    assert [line.name for line in parse_note(published).signatures] == [bench.log.origin, NAME]


async def test_monitors_get_what_was_cosigned_last(bench: Bench) -> None:
    assert (await bench.published())[0] == 404
    assert (await bench.published("other.example/log"))[0] == 404
    for old, new in ((0, 5), (5, 9)):
        _, _, lines = await bench.offer(old, new)
        _, published = await bench.published()
        assert published == bench.log.checkpoint(new) + lines.encode()
        note = parse_note(published)
        assert open_checkpoint(note, bench.log.signer.verifier).size == new
        assert list(cosigned_by(note, {"w1": bench.key})) == ["w1"]


async def test_other_methods_and_paths_are_not_there(bench: Bench) -> None:
    assert bench.client is not None
    for method, path, expected in (
        ("GET", "/add-checkpoint", 405),
        ("POST", f"/{'0' * 64}/checkpoint", 405),
        ("GET", f"/{'A' * 64}/checkpoint", 404),
        ("GET", "/", 404),
        ("POST", "/sign-subtree", 404),
    ):
        async with bench.client.request(method, path) as answer:
            assert answer.status == expected


async def test_what_was_cosigned_survives_a_restart(bench: Bench) -> None:
    await bench.offer(0, 7)
    before = await bench.published()
    await bench.stop()
    await bench.start()
    assert await bench.published() == before
    assert (await bench.offer(7, 7, bench.fork))[0] == 422
    assert await bench.offer(0, 5) == (409, "text/x.tlog.size", "7\n")
    assert (await bench.offer(7, 12))[0] == 200


async def test_time_never_runs_backwards(bench: Bench) -> None:
    started = bench.clock.now
    await bench.offer(0, 5)
    bench.clock.now = started - 9
    _, _, lines = await bench.offer(5, 6)
    assert bench.time(6, lines) == started
    bench.clock.now = started - 11
    status, _, text = await bench.offer(6, 7)
    assert (status, text.split("[")[1]) == (503, "clock_behind]\n")
    await bench.stop()
    await bench.start()
    assert (await bench.offer(6, 7))[0] == 503
    bench.clock.now = started + 1
    assert (await bench.offer(6, 7))[0] == 200


async def test_a_clock_that_leaps_signs_nothing_until_it_is_confirmed(bench: Bench) -> None:
    """Once signed, a wrong time could never be taken back."""
    right = bench.clock.now
    await bench.offer(0, 5)
    bench.clock.now = 4_070_908_800
    for _ in range(2):
        status, _, text = await bench.offer(5, 6)
        assert (status, text.rpartition("[")[2]) == (503, "clock_ahead]\n")
    assert "says 2099-01-01T00:00:00Z; it was last seen at 2026-09-21T" in text
    bench.clock.now = right + 1
    assert (await bench.offer(5, 6))[0] == 200, "nothing was spoilt"
    bench.clock.now = right + 7 * 86_400 + 2
    assert (await bench.offer(6, 7))[0] == 503
    confirm_clock(bench.directory, bench.clock.now)
    status, _, lines = await bench.offer(6, 7)
    assert (status, bench.time(7, lines)) == (200, bench.clock.now)
    bench.clock.now += 7 * 86_400
    assert (await bench.offer(7, 8))[0] == 200


async def test_a_new_witness_signs_nothing_years_after_it_was_made(tmp_path: Path) -> None:
    init_witness(tmp_path / "w", NAME, now=1_790_000_000)
    log = MemoryLog()
    log.grow_to(3)
    add_log(tmp_path / "w", log.vkey)
    witness = open_witness(tmp_path / "w")
    with pytest.raises(WitnessError, match="until its operator has confirmed the clock") as refusal:
        witness.add_checkpoint(format_submission(Submission(0, (), log.checkpoint(3))), 4_070_908_800)
    assert (refusal.value.code, refusal.value.actor) == ("clock_ahead", "operator")
    assert witness.add_checkpoint(format_submission(Submission(0, (), log.checkpoint(3))), 1_790_000_500)
    witness.close()


async def test_a_witness_that_signed_years_ahead_says_of_when(bench: Bench) -> None:
    await bench.offer(0, 5)
    right, bench.clock.now = bench.clock.now, 4_070_908_800
    confirm_clock(bench.directory, bench.clock.now)  # a mistake that nothing here can prevent
    assert (await bench.offer(5, 6))[0] == 200
    bench.clock.now = right
    status, _, text = await bench.offer(6, 7)
    assert (status, "its last signature, which is of 2099-01-01T00:00:00Z" in text) == (503, True)


async def test_a_clock_that_was_never_set_signs_nothing(bench: Bench) -> None:
    bench.clock.now = 0
    assert (await bench.offer(0, 5))[0] == 503


async def test_503_and_no_cosignature_when_the_state_cannot_be_written(bench: Bench) -> None:
    await bench.offer(0, 5)
    before = await bench.published()
    with closing(sqlite3.connect(bench.directory / STATE_FILE)) as broken:
        broken.execute("CREATE TRIGGER full BEFORE UPDATE ON logs BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    status, _, text = await bench.offer(5, 7)
    assert (status, text) == (503, "The witness's state could not be read or written. [storage_failed]\n")
    assert await bench.published() == before
    with closing(sqlite3.connect(bench.directory / STATE_FILE)) as repaired:
        repaired.execute("DROP TRIGGER full")
    assert (await bench.offer(5, 7))[0] == 200


async def test_the_dialogue_of_litewitness(tmp_path: Path) -> None:
    given = vectors("witness-dialogue.json")
    init_witness(tmp_path, NAME)
    add_log(tmp_path, given["log"])
    async with TestClient(TestServer(create_app(open_witness(tmp_path), Clock()))) as client:
        for step in given["steps"]:
            async with client.post("/add-checkpoint", data=step["request"].encode()) as answer:
                assert answer.status == step["status"], step
                assert step.get("body") in (None, await answer.text())
