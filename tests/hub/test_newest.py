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
OTHER = Actor("provider-z", "provider")
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
    """Yesterday's copy, in which the provider is accredited still; what was published shows that there is more.

    The newest entry that it has is another provider's, of 610 seconds ago; the missing suspension came 10 after it.
    """
    hub = await admitted(stage)
    hub.clock.now += 5
    await hub.registered(hub.speaker.member(OTHER))
    copy = stage.keep_copy()
    hub.clock.now += 10
    await hub.registered(hub.speaker.accreditation(PROVIDER, "suspended", 2))
    return await put_back(stage, hub, copy)


async def put_back(stage: Stage, hub: Hub, copy: Path) -> Hub:
    """The hub of ``copy``, ten minutes later, where what was published shows that there was more."""
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
    for at in ("3", "4", timestamp(hub.clock.now - 611)):
        status, answer = await hub.get(f"{STATUS}?at={at}")
        told = b64u_decode(answer["payload"]).decode()
        assert status == 200
        assert '"state":"accredited"' in told


async def test_of_a_time_after_its_newest_entry_it_signs_nothing(stage: Stage) -> None:
    """Of the second of the newest entry neither: others may have come in it. Who is not found may be registered."""
    hub = await restored(stage)
    for ago in (610, 609, 600, 1, 0):
        for path in (STATUS, "/v1/members/nobody/status", "/v1/neutrals/nobody/status"):
            status, problem = await hub.get(f"{path}?at={timestamp(hub.clock.now - ago)}")
            assert (status, problem["code"]) == (503, "newest_unknown"), ago


async def test_of_a_neutral_it_is_the_same(stage: Stage) -> None:
    hub = await stage.open()
    await populated(hub)
    newest, copy = hub.clock.now, stage.keep_copy()
    hub.clock.now += 10
    await hub.registered(hub.speaker.accreditation(NEUTRAL, "suspended", 2))
    hub = await put_back(stage, hub, copy)
    status, problem = await hub.get(f"/v1/neutrals/{NEUTRAL.id}/status?at={timestamp(newest + 10)}")
    assert (status, problem["code"]) == (503, "newest_unknown")
    size = stage.app[keys.PUBLICATION].signed.size
    assert (await hub.get(f"/v1/neutrals/{NEUTRAL.id}/status?at={size}"))[0] == 200


async def test_an_award_that_was_disputed_since_is_told_as_of_the_newest_entry(stage: Stage) -> None:
    hub = await stage.open()
    digest = (await populated(hub))["digest"]
    hub.clock.now += 5
    await hub.registered(hub.speaker.member(OTHER))
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
    assert (await award_status(hub, digest, f"?at={timestamp(known - 1)}"))["time"] == known - 1
    assert (await award_status(hub, digest, f"?at={told['size']}"))["time"] == known
    for at in (known, known + 1):
        code, problem = await hub.get(f"/v1/awards/{digest}/status?at={timestamp(at)}")
        assert (code, problem["code"]) == (503, "newest_unknown")


async def test_entries_that_no_head_covers_date_nothing(stage: Stage) -> None:
    """A copy that was made between the two transactions of a batch: it holds an entry that is told to nobody."""
    hub = await stage.open()
    digest = (await populated(hub))["digest"]
    known = hub.clock.now
    hub.clock.now += 10
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    copy = stage.keep_copy()
    await hub.registered(hub.speaker.member(OTHER))
    (stage.data / "published").write_bytes(stage.head())
    await stage.close()
    stage.put_back(copy)
    stage.execute("DELETE FROM cosignatures WHERE size = (SELECT size FROM head)")
    stage.execute("DELETE FROM checkpoints WHERE size = (SELECT size FROM head)")
    stage.execute(
        "UPDATE head SET signed_size = (SELECT max(size) FROM checkpoints),"
        " note = (SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1)"
    )
    hub.clock.now += 600
    hub = await stage.reopen(PUBLISHED)
    assert stage.on("store_behind")
    told = await award_status(hub, digest)
    assert (told["state"], told["time"]) == ("nothing_recorded", known)


async def test_of_an_award_nothing_is_signed_while_another_history_is_signed(stage: Stage) -> None:
    """It went on from an old copy; in the history that it lost, the award was disputed long before."""
    hub = await stage.open()
    digest = (await populated(hub))["digest"]
    began, copy = hub.clock.now, stage.keep_copy()
    hub.clock.now += 10
    await hub.registered(hub.speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    shown = stage.head()
    await stage.close()
    stage.put_back(copy)
    hub.clock.now += 590
    hub = await stage.reopen(PUBLISHED)
    await hub.registered(hub.speaker.member(OTHER))
    await hub.registered(hub.speaker.accreditation(OTHER))
    (stage.data / "published").write_bytes(shown)
    hub = await stage.reopen()
    assert stage.on("store_differs")
    for path in ("", "/status", f"/status?at={timestamp(began + 10)}"):
        code, problem = await hub.get(f"/v1/awards/{digest}{path}")
        assert (code, problem["code"]) == (503, "newest_unknown"), path
        assert "The operator and the coordinator find out which history is true" in problem["detail"]
    size = stage.app[keys.PUBLICATION].signed.size
    assert (await award_status(hub, digest, f"?at={size}"))["size"] == size


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
