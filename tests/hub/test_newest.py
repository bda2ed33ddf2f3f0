"""A hub that knows of heads which its entries don't continue signs nothing about now; no other state does that."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from hub.trustmark.look import WORDS
from hub.web import appkeys as keys
from signing.compose import timestamp
from signing.encoding import b64u_decode, loads
from tests.hub.alarms.scripted import ScriptedWitness
from tests.hub.alarms.stage import Stage
from tests.hub.running import Hub, Running
from tests.hub.test_evidence import NEUTRAL, populated
from tests.hub.web.test_awards import status as award_status
from tests.hub.world import Actor

PROVIDER = Actor("provider-a", "provider")
PUBLISHED = '\n[log]\npublic_checkpoint = "published"\n'
STATUS, BADGE, SNAPSHOT = "/v1/members/provider-a/status", "/v1/members/provider-a/badge.svg", "/v1/directory/snapshot"


@pytest.fixture
async def stage(tmp_path: Path, start: Callable[..., Running]) -> AsyncIterator[Stage]:
    made = Stage(tmp_path / "data", start)
    yield made
    await made.close()


async def admitted(stage: Stage, **changes: Any) -> Hub:
    hub = await stage.open(**changes)
    await hub.registered(hub.speaker.member(PROVIDER))
    await hub.registered(hub.speaker.accreditation(PROVIDER))
    return hub


async def restored(stage: Stage) -> Hub:
    """Yesterday's copy, in which the provider is accredited still; what was published shows that there is more."""
    hub = await admitted(stage)
    copy = stage.keep_copy()
    hub.clock.now += 10
    await hub.registered(hub.speaker.accreditation(PROVIDER, "suspended", 2))
    (stage.data / "published").write_bytes(stage.head())
    await stage.close()
    stage.put_back(copy)
    hub.clock.now += 600
    return await stage.reopen(PUBLISHED)


async def badge(hub: Hub) -> tuple[int, str]:
    response = await hub.client.get(BADGE)
    assert response.content_type == "image/svg+xml"
    return response.status, await response.text()


async def refuses(hub: Hub) -> None:
    """Every signed answer about now is refused, and the badge is the grey one."""
    for path in (STATUS, SNAPSHOT):
        response = await hub.client.get(path)
        problem = await response.json(content_type=None)
        assert (response.status, problem["code"]) == (503, "newest_unknown"), path
        assert (problem["actor"], problem["retryable"], response.headers["Retry-After"]) == ("hub", True, "60")
    status, image = await badge(hub)
    assert status == 503
    assert WORDS["en"]["unverified"] in image
    assert WORDS["en"]["accredited"] not in image


async def answers(hub: Hub) -> None:
    assert [(await hub.client.get(path)).status for path in (STATUS, BADGE, SNAPSHOT)] == [200, 200, 200]


async def test_a_restored_backup_does_not_turn_a_suspended_mark_green(stage: Stage) -> None:
    hub = await restored(stage)
    await refuses(hub)
    status, problem = await hub.get("/v1/members/nobody/status")
    assert (status, problem["code"]) == (503, "newest_unknown"), "who is not found here may be registered"


async def test_what_it_tells_of_the_past_stays(stage: Stage) -> None:
    hub = await restored(stage)
    for at in ("3", timestamp(hub.clock.now - 600)):
        status, answer = await hub.get(f"{STATUS}?at={at}")
        told = b64u_decode(answer["payload"]).decode()
        assert status == 200
        assert '"state":"accredited"' in told


async def test_an_award_that_was_disputed_since_is_told_as_of_the_newest_entry(stage: Stage) -> None:
    hub = await stage.open()
    digest = (await populated(hub))["digest"]
    known, copy = hub.clock.now, stage.keep_copy()
    hub.clock.now += 10
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    (stage.data / "published").write_bytes(stage.head())
    await stage.close()
    stage.put_back(copy)
    hub.clock.now += 600
    hub = await stage.reopen(PUBLISHED)
    told = await award_status(hub, digest)
    assert (told["state"], told["time"]) == ("nothing_recorded", known)
    _, answer = await hub.get(f"/v1/awards/{digest}")
    assert loads(b64u_decode(answer["status"]["payload"]))["time"] == known
    assert (await award_status(hub, digest, f"?at={timestamp(known)}"))["time"] == known
    code, problem = await hub.get(f"/v1/awards/{digest}/status?at={timestamp(known + 1)}")
    assert (code, problem["code"]) == (503, "newest_unknown")


async def test_another_history_is_the_same(stage: Stage) -> None:
    await admitted(stage)
    (stage.data / "published").write_bytes(stage.head(root=bytes(32)))
    await refuses(await stage.reopen(PUBLISHED))
    await stage.close()
    (stage.data / "published").unlink()
    assert await stage.run("alarms", "clear", "store_differs", "--data", stage.data, "--reason", "A test.") == 0
    await answers(await stage.reopen())


async def test_a_witness_that_shows_a_head_stops_it_while_it_runs(stage: Stage) -> None:
    async with ScriptedWitness() as witness:
        witness.absent = True
        hub = await stage.open(witness_policy=witness.policy)
        assert (await hub.post(hub.speaker.member(PROVIDER)))[0] == 202, "no quorum cosigns meanwhile"
        assert (await hub.client.get(STATUS)).status == 200, "and it is kept for some seconds"
        witness.holds = stage.head(grow=3, root=bytes(32))
        witness.conflict, witness.absent = 5, False
        await stage.wait_on("witness_ahead")
        status, problem = await hub.get(STATUS)
        assert (status, problem["code"]) == (503, "newest_unknown")


async def test_no_other_state_stops_it(stage: Stage) -> None:
    hub = await admitted(stage)
    for code in ("disk_floor", "clock_behind"):
        stage.app[keys.GATE].watch(code, "The hub takes nothing in.")
    await answers(hub)
    stage.app[keys.SEQUENCER].refuse("The log has ended.", "log_ended")
    await answers(hub)
