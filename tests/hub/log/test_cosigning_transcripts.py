"""Our client's judgement of each answer in the transcripts of tlog-witness, ours and those of others."""

import pytest

from hub.log.cosigning import Cosigned, Equivocation, Outcome, Refused
from providers.witness.submission import Submission
from signing.notes import parse_note
from tests.fakes.transcripts import FOREIGN, TRANSCRIPTS, Foreign, Transcript
from tests.hub.log import test_cosigning
from tests.hub.log.test_cosigning import Answer, Bench, says

bench = test_cosigning.bench  # the fixture


async def judged(bench: Bench, size: int) -> Outcome:
    """The outcome of asking the first witness about ``size``; nobody else is asked."""
    bench.witnesses[0].asked.clear()
    return await bench.one(size)


@pytest.mark.parametrize("one", TRANSCRIPTS, ids=[one.name for one in TRANSCRIPTS])
async def test_the_answer_of_our_witness(bench: Bench, one: Transcript) -> None:
    witness = bench.witnesses[0]
    if one.old:
        assert isinstance(await bench.one(one.old), Cosigned), "so the client takes it to stand there"
    if one.status == 200:
        witness.script = [witness.agrees]
    else:
        witness.script = [says(one.status, b"no\n" if one.body is None else one.body, one.kind), witness.agrees]
    outcome = await judged(bench, one.new)
    assert type(outcome) is one.judged
    asked = [submission.old_size for submission in witness.asked]
    first = min(one.old, one.new)
    if one.status == 409:
        assert one.body is not None
        assert asked == [first, int(one.body)], "it asks again at once, from where the witness says it stands"
    else:
        assert asked == [first]
    if isinstance(outcome, Refused):
        assert outcome.status == one.status
    if isinstance(outcome, Equivocation):
        assert (outcome.status, outcome.old_size) == (422, first)


@pytest.mark.parametrize("one", FOREIGN, ids=[one.name for one in FOREIGN])
async def test_the_answer_of_another_witness(bench: Bench, one: Foreign) -> None:
    witness = bench.witnesses[0]
    assert isinstance(await bench.one(5), Cosigned)

    async def answer(submission: Submission) -> Answer:
        return one.status, one.kind, one.body(parse_note(submission.note), witness.signer)

    witness.script = [answer]
    outcome = await judged(bench, 9)
    assert type(outcome) is one.judged
    assert [submission.old_size for submission in witness.asked] == [5] * one.tries
    if isinstance(outcome, Refused):
        assert outcome.status == one.status
        assert outcome.reason
    witness.script = [witness.agrees]
    assert isinstance(await bench.one(9), Cosigned), "nothing of it is remembered"
