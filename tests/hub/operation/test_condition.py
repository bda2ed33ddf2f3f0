"""The facts behind the screen: witnesses by the tables, and by what they answered last."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from hub.operation import condition
from hub.operation.condition import NOT_RUNNING, SILENT, as_json
from hub.operation.runningfile import NAME, read_running
from hub.web import appkeys as keys
from tests.hub.alarms.scripted import NAME as WITNESS
from tests.hub.alarms.scripted import ScriptedWitness
from tests.hub.alarms.stage import Stage
from tests.hub.running import Running


async def test_where_each_witness_stands(tmp_path: Path, start: Callable[..., Running]) -> None:
    stage = Stage(tmp_path / "data", start)
    async with ScriptedWitness() as witness:
        hub = await stage.open(witness_policy=witness.policy)
        await stage.app[keys.PUBLICATION].wait_witnessed(0, 20)
        presence = stage.app[keys.PRESENCE]
        presence.url = str(hub.client.make_url("")).rstrip("/")
        await presence.write()
        facts = await asyncio.to_thread(read_running, stage.data)
        assert facts is not None
        assert facts.witnesses[WITNESS].outcome == "cosigned"
        found = await condition.condition(stage.data, hub.clock())
        assert found.log is not None
        (one,) = found.log.witnesses
        assert (one.name, one.size, one.time, one.last) == (WITNESS, 1, 1_795_000_000, "cosigned")
        assert (found.log.witnessed_size, found.log.cosigned_by) == (1, (WITNESS,))
        told = as_json(found)
        assert (told["exit_code"], told["process"], told["witnesses"][0]["size"]) == (0, "running", 1)
        await stage.close()
    assert not (stage.data / NAME).exists(), "a hub that ends says nothing about itself any more"
    stopped = await condition.condition(stage.data, hub.clock())
    assert (stopped.process, stopped.running, stopped.exit_code) == (NOT_RUNNING, None, 2)
    assert stopped.log is not None
    assert stopped.log.witnesses[0].last == ""


async def test_a_file_that_nobody_stands_behind_is_not_believed(tmp_path: Path, start: Callable[..., Running]) -> None:
    stage = Stage(tmp_path / "data", start)
    await stage.open()
    await stage.app[keys.PRESENCE].write()
    assert (await condition.condition(stage.data, 0)).process == NOT_RUNNING, "it does not listen yet"
    stage.app[keys.PRESENCE].url = "http://127.0.0.1:9"  # nothing answers there, but the process lives
    await stage.app[keys.PRESENCE].write()
    assert (await condition.condition(stage.data, 0)).process == SILENT
    (stage.data / NAME).write_bytes(b"rubbish")
    assert (await condition.condition(stage.data, 0)).process == SILENT
    await stage.close()
    (stage.data / "hub.sqlite3").unlink()
    gone = await condition.condition(stage.data, 0)
    assert (gone.log, gone.exit_code) == (None, 2)
    assert gone.problem.endswith("[no_log]")
