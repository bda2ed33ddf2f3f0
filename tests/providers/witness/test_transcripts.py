"""Our witness gives the answers of the transcripts, and a refusal changes nothing."""

import pytest

from signing.notes import check_cosignature, parse_note
from tests.fakes.transcripts import TRANSCRIPTS, Logs, Transcript
from tests.providers.witness import test_app
from tests.providers.witness.test_app import Bench

bench = test_app.bench  # the fixture


@pytest.mark.parametrize("one", TRANSCRIPTS, ids=[one.name for one in TRANSCRIPTS])
async def test_the_answer(bench: Bench, one: Transcript) -> None:
    logs = Logs()
    if one.stands:
        assert (await bench.offer(0, one.stands))[0] == 200
    before = await bench.published()
    bench.clock.now += 60
    status, kind, body = await bench.post(one.request(logs))
    assert (status, kind) == (one.status, one.kind)
    if one.body is not None:
        assert body.encode() == one.body
    if status == 200:
        note = parse_note(logs.log.checkpoint(one.new) + body.encode())
        assert check_cosignature(note, bench.key) == bench.clock.now
        assert (await bench.published()) != before
    else:
        assert body.endswith("\n")
        assert (await bench.published()) == before
