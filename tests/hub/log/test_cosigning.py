"""The table of C2SP tlog-witness from the client's side: our client against a scripted witness, and against ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.log.cosigning import Ahead, CosignClient, Cosigned, Equivocation, Outcome, Refused, Round, Unreachable
from providers.witness.app import create_app
from providers.witness.config import add_log, init_witness, open_witness
from providers.witness.submission import Submission, parse_submission
from signing.consistency import check_consistency
from signing.notes import (
    Checkpoint,
    Note,
    NoteSignature,
    check_cosignature,
    cosignature_message,
    cosigned_by,
    parse_note,
)
from signing.secretkeys import SigningKey
from signing.signnotes import cosign, format_signature_lines, with_lines, witness_signer
from signing.trust import WitnessPolicy, parse_witness_policy
from tests.fakes.memorylog import MemoryLog

TIME = 1_790_000_000
Answer = tuple[int, str, bytes]
Script = Callable[[Submission], Awaitable[Answer]]


class Scripted:
    """A witness that answers as it is told; ``asked`` holds what it was sent."""

    def __init__(self, name: str, seed: int) -> None:
        self.signer = witness_signer(f"{name}.example", SigningKey(bytes([seed]) * 32))
        self.name = name
        self.script: list[Script] = []
        self.asked: list[Submission] = []
        app = web.Application()
        app.router.add_post("/base/add-checkpoint", self._answer)
        self.server = TestServer(app)

    @property
    def key_name(self) -> str:
        return self.signer.name

    @property
    def policy_line(self) -> str:
        return f"witness {self.name} {self.signer.verifier.format()} {self.server.make_url('/base')}/"

    async def _answer(self, request: web.Request) -> web.Response:
        submission = parse_submission(await request.read())
        self.asked.append(submission)
        script = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        status, kind, body = await script(submission)
        return web.Response(status=status, body=body, headers={"Content-Type": kind} if kind else {})

    def lines(self, submission: Submission, time: int = TIME) -> bytes:
        return format_signature_lines([cosign(parse_note(submission.note).text, time, self.signer)]).encode()

    async def agrees(self, submission: Submission) -> Answer:
        return 200, "text/plain", self.lines(submission)


def says(status: int, body: bytes = b"no\n", kind: str = "text/plain") -> Script:
    async def answer(_: Submission) -> Answer:
        return status, kind, body

    return answer


def stands_at(size: int) -> Script:
    return says(409, b"%d\n" % size, "text/x.tlog.size")


def after(seconds: float, script: Script) -> Script:
    async def answer(submission: Submission) -> Answer:
        await asyncio.sleep(seconds)
        return await script(submission)

    return answer


@dataclass
class Bench:
    """A log of twelve entries, three scripted witnesses, and the client."""

    log: MemoryLog
    witnesses: list[Scripted]
    session: aiohttp.ClientSession
    proofs: list[tuple[int, int]] = field(default_factory=list)
    observed: list[tuple[int, Outcome, bool]] = field(default_factory=list)
    cut_off: float = 2.0

    def __post_init__(self) -> None:
        self.client = CosignClient(self.session, self.prove, observe=self.observe, cut_off=self.cut_off)

    async def prove(self, old: int, new: int) -> Sequence[bytes]:
        self.proofs.append((old, new))
        return self.log.tree.consistency(old, new)

    def observe(self, checkpoint: Checkpoint, outcome: Outcome, late: bool) -> None:  # noqa: FBT001  # the client's port
        self.observed.append((checkpoint.size, outcome, late))

    def policy(self, quorum: str = "", only: int = 3) -> WitnessPolicy:
        """Of the first ``only`` witnesses; by default all of them are the quorum."""
        lines = [f"log {self.log.vkey}", *(one.policy_line for one in self.witnesses[:only])]
        names = " ".join(one.name for one in self.witnesses[:only])
        return parse_witness_policy(
            "\n".join([*lines, quorum or f"group all-of-them all {names}\nquorum all-of-them", ""])
        )

    async def ask(self, size: int, quorum: str = "", only: int = 3) -> Round:
        policy = self.policy(quorum, only)
        note = parse_note(self.log.checkpoint(size))
        return await self.client.ask(
            note, [policy], lambda one: policy.satisfied_by(cosigned_by(one, policy.witness_keys))
        )

    async def one(self, size: int) -> Outcome:
        """The outcome of asking only the first witness."""
        (outcome,) = (await self.ask(size, only=1)).outcomes
        return outcome


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    log = MemoryLog()
    log.grow_to(12)
    witnesses = [Scripted(f"w{number}", number) for number in range(1, 4)]
    for one in witnesses:
        one.script = [one.agrees]
        await one.server.start_server()
    async with aiohttp.ClientSession() as session:
        bench = Bench(log, witnesses, session)
        yield bench
        await bench.client.close()
    for one in witnesses:
        await one.server.close()


async def test_all_cosign_and_their_lines_verify(bench: Bench) -> None:
    found = await bench.ask(12)
    assert found.enough
    assert {one.witness for one in found.outcomes} == {"w1.example", "w2.example", "w3.example"}
    note = with_lines(parse_note(bench.log.checkpoint(12)), found.lines)
    assert cosigned_by(note, bench.policy().witness_keys) == {"w1": TIME, "w2": TIME, "w3": TIME}
    assert bench.proofs == []
    assert all(one.asked[0].old_size == 0 for one in bench.witnesses)


async def test_each_witness_is_asked_from_where_it_stands_and_one_size_costs_one_proof(bench: Bench) -> None:
    await bench.ask(5)
    await bench.ask(9)
    assert bench.proofs == [(5, 9)]
    for one in bench.witnesses:
        submission = one.asked[1]
        check_consistency(5, bench.log.tree.root(5), 9, bench.log.tree.root(9), submission.proof)
        assert (submission.old_size, len(one.asked)) == (5, 2)


async def test_the_same_size_again_is_asked_with_an_empty_proof(bench: Bench) -> None:
    await bench.ask(5)
    await bench.ask(5)
    assert (bench.witnesses[0].asked[1].old_size, bench.witnesses[0].asked[1].proof) == (5, ())


async def test_409_with_another_size_is_tried_again_at_once_from_there(bench: Bench) -> None:
    first = bench.witnesses[0]
    first.script = [stands_at(7), first.agrees]
    assert isinstance(await bench.one(12), Cosigned)
    assert [one.old_size for one in first.asked] == [0, 7]
    assert bench.proofs == [(7, 12)]


async def test_409_with_the_offered_size_is_tried_again_with_an_empty_proof(bench: Bench) -> None:
    first = bench.witnesses[0]
    first.script = [stands_at(12), first.agrees]
    assert isinstance(await bench.one(12), Cosigned)
    assert (first.asked[1].old_size, first.asked[1].proof) == (12, ())


async def test_a_size_that_never_settles_is_given_up_after_three_tries(bench: Bench) -> None:
    bench.witnesses[0].script = [stands_at(7), stands_at(8), stands_at(9)]
    assert await bench.one(12) == Refused("w1.example", 409, "it stands at size 9")
    assert len(bench.witnesses[0].asked) == 3


@pytest.mark.parametrize("body", [b"5\n", b"5", b""])
async def test_409_with_the_very_size_we_sent_or_with_nothing_is_an_alarm(bench: Bench, body: bytes) -> None:
    await bench.ask(5)
    bench.witnesses[0].script = [says(409, body, "text/x.tlog.size")]
    assert await bench.one(9) == Equivocation("w1.example", 409, 5)
    assert len(bench.witnesses[0].asked) == 2


async def test_409_of_an_old_witness_without_type_or_body_is_an_alarm(bench: Bench) -> None:
    await bench.ask(5)
    bench.witnesses[0].script = [says(409, b"", "")]
    assert await bench.one(5) == Equivocation("w1.example", 409, 5)


async def test_422_means_that_the_witness_holds_another_tree(bench: Bench) -> None:
    await bench.ask(5)
    bench.witnesses[0].script = [says(422)]
    assert await bench.one(9) == Equivocation("w1.example", 422, 5)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"7\n"),
        ("text/x.tlog.size", b"seven\n"),
        ("text/x.tlog.size", b"07\n"),
        ("text/x.tlog.size", b"-1\n"),
    ],
)
async def test_409_that_names_no_size_is_refused(bench: Bench, kind: str, body: bytes) -> None:
    bench.witnesses[0].script = [says(409, body, kind)]
    assert await bench.one(12) == Refused("w1.example", 409, "it does not say at which size it stands")


async def test_a_witness_ahead_of_the_log_is_an_alarm(bench: Bench) -> None:
    bench.witnesses[0].script = [stands_at(13)]
    assert await bench.one(12) == Ahead("w1.example", 13)


async def test_a_checkpoint_superseded_by_our_own_newer_one_is_no_alarm(bench: Bench) -> None:
    await bench.ask(12)
    bench.witnesses[0].script = [stands_at(12)]
    assert await bench.one(7) == Refused("w1.example", 409, "it stands at size 12")
    assert len(bench.witnesses[0].asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_other_refusals_are_told_with_their_status_and_not_repeated(bench: Bench, status: int) -> None:
    bench.witnesses[0].script = [says(status, b"because \xff\n")]
    assert await bench.one(12) == Refused("w1.example", status, "because \ufffd")
    assert len(bench.witnesses[0].asked) == 1


async def test_redirects_are_not_followed(bench: Bench) -> None:
    bench.witnesses[0].script = [says(302, b"")]
    assert await bench.one(12) == Refused("w1.example", 302, "status 302")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_passing_failures_are_tried_three_times(bench: Bench, status: int) -> None:
    first = bench.witnesses[0]
    first.script = [says(status), says(status), first.agrees]
    assert isinstance(await bench.one(12), Cosigned)
    first.script = [says(status, b"busy\n")]
    assert await bench.one(12) == Unreachable("w1.example", "busy")
    assert len(first.asked) == 6


def _lines_of(
    bench: Bench, *, text: str | None = None, time: int = TIME, seed: int = 1, name: str = "w1.example"
) -> bytes:
    signer = witness_signer(name, SigningKey(bytes([seed]) * 32))
    return format_signature_lines([cosign(text or parse_note(bench.log.checkpoint(12)).text, time, signer)]).encode()


async def test_200_without_a_line_that_verifies_is_refused(bench: Bench) -> None:
    good = _lines_of(bench)
    of_another_size = _lines_of(bench, text=parse_note(bench.log.checkpoint(11)).text)
    of_another_key = _lines_of(bench, seed=2)
    plain = bench.witnesses[0].signer
    without_time = format_signature_lines([NoteSignature("w1.example", plain.verifier.key_id, b"x" * 64)]).encode()
    for body in (
        b"",
        b"\n",
        b"thank you\n",
        good[:-1],
        good * 2,
        of_another_size,
        of_another_key,
        without_time,
        b"x" * 70_000,
    ):
        bench.witnesses[0].script = [says(200, body)]
        outcome = await bench.one(12)
        assert isinstance(outcome, Refused | Unreachable), body
        assert getattr(outcome, "status", 200) == 200


def _over_more(bench: Bench, added: str) -> bytes:
    """An answer that begins with ``added`` and an empty line, and a line of w1 over the text that this would make."""
    signer = witness_signer("w1.example", SigningKey(bytes([1]) * 32))
    text = f"{parse_note(bench.log.checkpoint(12)).text}\n{added}"
    signed = signer.key.sign(cosignature_message(text, TIME))
    line = format_signature_lines([signer.line(TIME.to_bytes(8, "big") + signed)])
    return f"{added}\n{line}".encode()


async def test_200_with_a_line_over_a_text_that_the_witness_chose_is_refused(bench: Bench) -> None:
    """An empty line in the answer would make what stands before it a part of the text, under which the line holds."""
    for added in ("x\n", "\n", "— w1.example AAAAAAA=\n"):
        bench.witnesses[0].script = [says(200, _over_more(bench, added))]
        outcome = await bench.one(12)
        assert isinstance(outcome, Refused)
        assert "signature lines" in outcome.reason


async def test_a_witness_that_chooses_its_text_does_not_end_the_round_of_the_others(bench: Bench) -> None:
    first, *others = bench.witnesses
    first.script = [says(200, _over_more(bench, "x\n"))]
    for one in others:
        one.script = [after(0.2, one.agrees)]
    found = await bench.ask(12, "group g 2 w1 w2 w3\nquorum g")
    assert (found.enough, {line.name for line in found.lines}) == (True, {"w2.example", "w3.example"})


@dataclass
class Broken:
    """A session that fails, for one witness, in a way that nobody foresaw."""

    session: aiohttp.ClientSession
    witness: str

    def request(self, method: str, url: str, **given: Any) -> object:
        if url.startswith(self.witness):
            raise RuntimeError("what it sent makes the library fail")
        return self.session.request(method, url, **given)


async def test_a_failure_that_nobody_foresaw_is_that_of_one_witness(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    session = Broken(bench.session, str(bench.witnesses[0].server.make_url("/base")))
    bench.client = CosignClient(cast("aiohttp.ClientSession", session), bench.prove)
    found = await bench.ask(12, "group g 2 w1 w2 w3\nquorum g")
    assert found.enough
    assert await bench.one(12) == Unreachable("w1.example", "its answer could not be read: RuntimeError")
    assert await bench.client.reported(bench.log.origin, [bench.policy(only=1)]) == {}
    assert "w1.example gave an answer that could not be read" in caplog.text


async def test_200_lines_of_unknown_keys_are_ignored(bench: Bench) -> None:
    stranger = _lines_of(bench, name="stranger.example", seed=7)
    bench.witnesses[0].script = [says(200, stranger + _lines_of(bench) + stranger)]
    outcome = await bench.one(12)
    assert isinstance(outcome, Cosigned)
    assert outcome.line.name == "w1.example"
    note = Note(parse_note(bench.log.checkpoint(12)).text, (outcome.line,))
    assert check_cosignature(note, bench.witnesses[0].signer.verifier) == outcome.time == TIME


async def test_the_round_ends_at_the_quorum_and_late_lines_still_arrive(bench: Bench) -> None:
    slow = bench.witnesses[2]
    gate = asyncio.Event()

    async def late(submission: Submission) -> Answer:
        await gate.wait()
        return await slow.agrees(submission)

    slow.script = [late]
    found = await bench.ask(12, "group two 2 w1 w2 w3\nquorum two")
    assert found.enough
    assert {one.witness for one in found.outcomes} == {"w1.example", "w2.example"}
    gate.set()
    async with asyncio.timeout(2):
        while len(bench.observed) < 3:
            await asyncio.sleep(0.005)
    size, outcome, was_late = bench.observed[-1]
    assert (size, was_late) == (12, True)
    assert isinstance(outcome, Cosigned)
    assert outcome.witness == "w3.example"
    assert [was_late for _, _, was_late in bench.observed] == [False, False, True]


async def test_a_verified_line_that_comes_late_reaches_the_asker(bench: Bench) -> None:
    quick, slow, liar = bench.witnesses
    slow.script = [after(0.05, slow.agrees)]
    liar.script = [after(0.02, says(200, b"nonsense\n"))]
    policy = bench.policy("quorum w1")
    late: list[NoteSignature] = []
    found = await bench.client.ask(
        parse_note(bench.log.checkpoint(12)), [policy], lambda one: bool(cosigned_by(one, policy.witness_keys)),
        late.append,
    )  # fmt: skip
    assert [one.name for one in found.lines] == [quick.key_name]
    assert late == []
    async with asyncio.timeout(2):
        while len(bench.observed) < 3:
            await asyncio.sleep(0.005)
    assert [one.name for one in late] == [slow.key_name], "and nothing of what does not verify"


async def test_closing_finishes_a_proof_that_is_being_made(bench: Bench) -> None:
    began, made = asyncio.Event(), asyncio.Event()

    async def prove(_old: int, _new: int) -> Sequence[bytes]:
        began.set()
        await asyncio.sleep(0.05)
        made.set()
        return ()

    client = CosignClient(bench.session, prove)
    bench.witnesses[0].script = [stands_at(5)]
    asking = asyncio.create_task(
        client.ask(parse_note(bench.log.checkpoint(9)), [bench.policy(only=1)], lambda _: False)
    )
    async with asyncio.timeout(2):
        await began.wait()
    await client.close()
    assert made.is_set()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_witness_that_hangs_costs_the_cut_off_and_no_more(bench: Bench) -> None:
    hurried = Bench(bench.log, bench.witnesses, bench.session, cut_off=0.15)
    bench.witnesses[1].script = [after(5, bench.witnesses[1].agrees)]
    started = asyncio.get_running_loop().time()
    found = await hurried.ask(12)
    assert asyncio.get_running_loop().time() - started < 2
    assert not found.enough
    assert Unreachable("w2.example", "no answer within 0.15 s") in found.outcomes
    assert len(found.lines) == 2


async def test_a_witness_that_is_not_there_is_unreachable(bench: Bench) -> None:
    url = str(bench.witnesses[0].server.make_url("/base"))
    await bench.witnesses[0].server.close()
    policy = parse_witness_policy(f"witness w1 {bench.witnesses[0].signer.verifier.format()} {url}\nquorum w1\n")
    found = await bench.client.ask(parse_note(bench.log.checkpoint(12)), [policy], lambda _: False)
    assert [type(one) for one in found.outcomes] == [Unreachable]


async def test_without_a_quorum_to_meet_nobody_waits(bench: Bench) -> None:
    for one in bench.witnesses:
        one.script = [after(0.05, one.agrees)]
    found = await bench.ask(12, "quorum none")
    assert found == Round((), enough=True)


async def test_a_witness_without_a_url_is_not_asked(bench: Bench) -> None:
    policy = parse_witness_policy(f"witness w1 {bench.witnesses[0].signer.verifier.format()}\nquorum w1\n")
    found = await bench.client.ask(parse_note(bench.log.checkpoint(12)), [policy], lambda _: False)
    assert found == Round((), enough=False)


async def test_a_witness_of_two_policies_is_asked_once_at_its_newest_url(bench: Bench) -> None:
    first = bench.witnesses[0]
    old = parse_witness_policy(f"witness old-name {first.signer.verifier.format()} http://127.0.0.1:1/\nquorum none\n")
    found = await bench.client.ask(parse_note(bench.log.checkpoint(12)), [old, bench.policy(only=1)], lambda _: False)
    assert [one.witness for one in found.outcomes] == ["w1.example"]
    assert len(found.lines) == len(first.asked) == 1


async def test_lines_from_before_are_not_sent_and_do_not_count(bench: Bench) -> None:
    found = await bench.ask(12)
    note = with_lines(parse_note(bench.log.checkpoint(12)), found.lines)
    policy = bench.policy()
    again = await bench.client.ask(
        note, [policy], lambda one: policy.satisfied_by(cosigned_by(one, policy.witness_keys))
    )
    assert len(again.lines) == 3
    assert all(one.asked[1].note == bench.log.checkpoint(12) for one in bench.witnesses)


async def test_a_proof_that_cannot_be_made_is_the_logs_own_failure(bench: Bench) -> None:
    await bench.ask(5)

    async def broken(_old: int, _new: int) -> Sequence[bytes]:
        raise LookupError("a tile is missing")

    client = CosignClient(bench.session, broken)
    bench.witnesses[0].script = [stands_at(5)]
    with pytest.raises(LookupError, match="a tile is missing"):
        await client.ask(parse_note(bench.log.checkpoint(9)), [bench.policy(only=1)], lambda _: False)


async def test_alarms_are_logged_as_errors_by_default(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    client = CosignClient(bench.session, bench.prove)
    bench.witnesses[0].script = [stands_at(99)]
    await client.ask(parse_note(bench.log.checkpoint(12)), [bench.policy(only=1)], lambda _: False)
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert record.getMessage() == "checkpoint of size 12: Ahead(witness='w1.example', size=99)"


async def test_closing_gives_up_what_is_still_asked(bench: Bench) -> None:
    bench.witnesses[0].script = [after(5, bench.witnesses[0].agrees)]
    asking = asyncio.create_task(bench.ask(12, only=1))
    while not bench.witnesses[0].asked:
        await asyncio.sleep(0.005)
    await bench.client.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


# Against our own witness -------------------------------------------------------------------------


@dataclass
class Network:
    """Three of our witnesses, and a client of theirs."""

    directories: list[Path]
    keys: list[str]
    log: MemoryLog
    session: aiohttp.ClientSession
    servers: list[TestServer] = field(default_factory=list)

    async def start(self) -> None:
        self.servers = [TestServer(create_app(open_witness(one), lambda: TIME)) for one in self.directories]
        for server in self.servers:
            await server.start_server()

    async def stop(self) -> None:
        for server in self.servers:
            await server.close()

    def policy(self) -> WitnessPolicy:
        lines = [f"witness w{n} {key} {self.servers[n].make_url('')}" for n, key in enumerate(self.keys)]
        return parse_witness_policy("\n".join([*lines, "group q 2 w0 w1 w2", "quorum q", ""]))

    async def ask(self, client: CosignClient, size: int, log: MemoryLog | None = None) -> Round:
        return await client.ask(parse_note((log or self.log).checkpoint(size)), [self.policy()], lambda _: False)


@contextmanager
def client_of(network: Network, log: MemoryLog | None = None) -> Iterator[CosignClient]:
    async def prove(old: int, new: int) -> Sequence[bytes]:
        return (log or network.log).tree.consistency(old, new)

    yield CosignClient(network.session, prove, observe=lambda *_: None, cut_off=5)


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    log = MemoryLog()
    log.grow_to(40)
    directories = [tmp_path / f"w{number}" for number in range(3)]
    keys = [init_witness(one, f"{one.name}.example") for one in directories]
    for one in directories:
        add_log(one, log.vkey)
    async with aiohttp.ClientSession() as session:
        network = Network(directories, keys, log, session)
        await network.start()
        yield network
        await network.stop()


async def test_a_growing_log_is_cosigned_by_our_witnesses(network: Network) -> None:
    with client_of(network) as client:
        for size in (1, 2, 3, 8, 9, 31, 32, 40, 40):
            found = await network.ask(client, size)
            assert [type(one) for one in found.outcomes] == [Cosigned] * 3


async def test_a_client_that_forgot_everything_learns_where_the_witnesses_stand(network: Network) -> None:
    with client_of(network) as client:
        await network.ask(client, 20)
    with client_of(network) as fresh:
        assert len((await network.ask(fresh, 33)).lines) == 3


async def test_a_log_restored_from_an_old_backup_hears_that_witnesses_are_ahead(network: Network) -> None:
    with client_of(network) as client:
        await network.ask(client, 20)
    with client_of(network) as restored:
        found = await network.ask(restored, 15)
        assert set(found.outcomes) == {Ahead(f"w{number}.example", 20) for number in range(3)}


async def test_a_forked_log_hears_of_it_at_the_same_and_at_a_larger_size(network: Network) -> None:
    fork = MemoryLog(entries=[b"forged"])
    fork.grow_to(40)
    with client_of(network) as client:
        await network.ask(client, 20)
    for size in (20, 30):
        with client_of(network, fork) as forked:
            found = await network.ask(forked, size, fork)
            assert set(found.outcomes) == {Equivocation(f"w{number}.example", 422, 20) for number in range(3)}


async def test_witnesses_report_their_newest_checkpoint_and_silent_ones_are_left_out(network: Network) -> None:
    with client_of(network) as client:
        shown = await client.reported(network.log.origin, [network.policy()])
        assert shown == dict.fromkeys(("w0.example", "w1.example", "w2.example")), "they answer, but show none"
        await network.ask(client, 20)
        policy = network.policy()
        await network.servers[2].close()
        reported = await client.reported(network.log.origin, [policy])
    assert set(reported) == {"w0.example", "w1.example"}
    assert all(note and note.startswith(network.log.checkpoint(20)) for note in reported.values())


async def test_witnesses_go_on_after_a_restart(network: Network) -> None:
    with client_of(network) as client:
        await network.ask(client, 20)
        await network.stop()
        await network.start()
        assert len((await network.ask(client, 40)).lines) == 3


async def test_the_port_of_the_log_gets_lines(network: Network) -> None:
    policy = network.policy()
    late: list[NoteSignature] = []
    with client_of(network) as client:
        lines = await client.cosign(
            parse_note(network.log.checkpoint(5)),
            5,
            [policy],
            lambda one: policy.satisfied_by(cosigned_by(one, policy.witness_keys)),
            late.append,
        )
        assert len(lines) >= 2
        with suppress(asyncio.CancelledError):
            await client.close()
