"""What only the hub has comes back after an old backup: answers of parties, registered since."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from hub import cli
from hub.keeping.errors import CompletionError
from hub.keeping.offered import read_offered
from hub.storage.feedback import FeedbackStore
from hub.web.appkeys import DATABASE
from signing.secretkeys import AgreementKey
from tests.hub.jobs.test_registering import BRIO, admitted, answers, app, registered, run, to_monday
from tests.hub.running import Running


async def said(*arguments: object) -> int:
    return await asyncio.to_thread(cli.main, [str(one) for one in arguments])


async def test_a_completed_log_has_the_answers_that_its_backup_had_not(
    start: Callable[..., Running], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of six answers the backup had two, neither registered; of the rest only the log tells."""
    key, backup, own, public, new = (tmp_path / name for name in ("key", "one.age", "own.age", "public", "new"))
    assert await said("backup-key", "--out", key) == 0
    recipient = capfd.readouterr().out.strip()
    running = start()
    async with running as hub:
        await admitted(hub)
        await answers(hub, 2)
        assert await said("backup", "--data", hub.data, "--to", backup, "--recipient", recipient, "--with-keys") == 0
        await answers(hub, 4, BRIO, "two")
        to_monday(hub)
        size = await run(hub)
        kept = await registered(hub), await FeedbackStore(app(hub)[DATABASE]).answers()
        assert await said("export", "--data", hub.data, public) == 0
        capfd.readouterr()
        for _ in range(2):
            assert await said("own-statements", "--data", hub.data, "--out", own, "--recipient", recipient) == 0
            assert capfd.readouterr().out == "Statements of the hub's own that are in it: 1.\n"
        assert b'"outcome_side"' not in own.read_bytes()
        await running.client.close()
        assert await said("restore", "--data", new, "--from", backup, "--identity", key) == 0
        complete = ("complete", "--data", new, "--from", public, "--statements", own)
        assert await said(*complete) == 1, "nobody opens it"
        assert await said(*complete, "--identity", key) == 0
        assert await said("fsck", "--data", new) == 0
        running.data = new
        again = await running.restart(hub)
        assert await run(again) == size
        assert (await registered(again), await FeedbackStore(app(again)[DATABASE]).answers()) == kept


def test_a_file_for_somebody_else_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "own.age").write_bytes(b"age-encryption.org/v1\nnothing")
    assert not read_offered([tmp_path]).statements
    with pytest.raises(CompletionError, match="It can't be opened: ") as caught:
        read_offered([tmp_path], AgreementKey.generate())
    assert (caught.value.code, caught.value.where) == ("unreadable_file", "own.age")
