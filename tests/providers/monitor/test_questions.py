"""Public statements behind entries: shown, withheld, late, and what they say about the member's monitor keys."""

import hashlib

import pytest

from providers.monitor.alerts import State
from providers.monitor.store import Standing
from signing.secretkeys import AgreementKey, possession
from tests.fakes.world import Actor, World
from tests.providers.fakehub import problem
from tests.providers.monitor.lyinghub import Watched, codes, made_by, sealed


def placed(standing: Standing) -> list[tuple[str, int | None]]:
    return [(one.code, one.index) for one in standing.alerts]


def add_monitor(world: World, owner: Actor, name: str) -> tuple[AgreementKey, int]:
    """A monitor key that the owner adds; registered and folded."""
    key = AgreementKey(hashlib.sha256(name.encode()).digest())
    proof = possession(key, world.hub.inbox.public, world.network, owner.id)
    entry = {"purpose": "monitor", "jwk": key.public.jwk(), "possession": proof}
    body = {"action": "add", "owner": owner.id, "key": entry}
    world.admit(world.compose("key", owner.id, body, [(owner.statement, owner.role)]))
    return key, len(world.entries) - 1


def silent(watched: Watched, index: int) -> None:
    """The hub answers 503 whenever this statement is asked for."""
    path = f"/v1/statements/{watched.world.statements[index].digest}"
    watched.hub.overrides[path] = lambda _: problem(503, "overloaded", "Try again.", retryable=True)


async def test_a_hub_that_is_silent_about_one_statement_keeps_nothing_else_back(watched: Watched) -> None:
    world, actor = watched.world, watched.actor
    await watched.visit()
    award = world.register(sealed(world, actor, 1))
    world.add_key(actor, "stolen")
    key = len(world.entries) - 1
    silent(watched, key)
    standing = await watched.visit()
    assert placed(standing) == [("entry_in_our_name", key), ("entry_under_our_tag", award)]
    assert standing.alerts[0].message.endswith(
        "The hub has not shown its statement so far; it is asked again at each visit."
    )
    assert standing.problem is not None
    assert standing.problem[0] == "overloaded"
    assert standing.position is not None
    assert standing.position.checkpoint.size == len(world.entries)
    watched.hub.overrides.clear()
    later = await watched.visit()
    assert placed(later) == [("entry_in_our_name", key), ("entry_under_our_tag", award)]
    assert "It is signed with " in later.alerts[0].message
    assert later.alerts[0].evidence == (f"evidence/entry-{key}/statement.json",)
    assert later.problem is None


async def test_a_statement_about_keys_that_comes_late_is_told_when_it_comes(watched: Watched) -> None:
    world = watched.world
    await watched.visit()
    index = world.change_key(watched.actor, "revoke", watched.actor.http, reason="lost")
    silent(watched, index)
    standing = await watched.visit()
    assert (standing.state, standing.alerts) == (State.UNKNOWN, ()), "a hub that starts anew is no alert"
    watched.ahead = 7_300
    watched.stale_after = 7_200
    watched.hub.checkpoint = lambda: world.checkpoint(time=world.now + watched.ahead)
    standing = await watched.visit()
    assert placed(standing) == [("statement_withheld", index)], "after a while it is"
    async with watched.opened() as monitor:
        assert monitor.store.acknowledge(1, frozenset(watched.made), indexes=[index]) == 1
    assert (await watched.visit()).state is State.UNKNOWN
    watched.hub.overrides.clear()
    assert placed(await watched.visit()) == [("key_by_others", index)], "what it says was never acknowledged"


async def test_a_statement_that_turns_out_to_be_about_others_is_no_alert(watched: Watched) -> None:
    other = watched.world.actor("provider-b", "provider")
    index = watched.world.change_key(other, "revoke", other.http, reason="lost")
    watched.hub.hide(f"/v1/statements/{watched.world.statements[index].digest}")
    assert placed(await watched.visit()) == [("statement_withheld", index)]
    watched.hub.overrides.clear()
    assert (await watched.visit()).state is State.WELL


async def test_one_silence_does_not_make_the_visit_wait_for_each_statement(watched: Watched) -> None:
    other = watched.world.actor("provider-b", "provider")
    for number in range(3):
        watched.world.add_key(other, f"key {number}")
        silent(watched, len(watched.world.entries) - 1)
    await watched.visit()
    assert watched.pauses == [1, 2, 3]


async def test_conditions_end_though_a_statement_is_not_shown(watched: Watched) -> None:
    watched.hub.checkpoint = lambda: watched.world.checkpoint(cosigners=[])
    assert codes(await watched.visit()) == ["unwitnessed"]
    watched.hub.checkpoint = None
    other = watched.world.actor("provider-b", "provider")
    silent(watched, watched.world.change_key(other, "revoke", other.http, reason="lost"))
    assert (await watched.visit()).alerts == (), "the log itself is in order again"


async def test_an_entry_that_turns_out_to_be_ours_is_no_alert_and_an_acknowledged_one_is_asked_for_no_more(
    watched: Watched,
) -> None:
    world, actor = watched.world, watched.actor
    report = world.register(world.compose("quality-report", actor.id, {}, [(actor.statement, "provider")]))
    silent(watched, report)
    assert placed(await watched.visit()) == [("entry_in_our_name", report)]
    watched.made |= made_by(world, actor)
    assert (await watched.visit()).state is State.WELL
    other = world.register(world.compose("quality-report", actor.id, {"n": 1}, [(actor.statement, "provider")]))
    silent(watched, other)
    assert placed(await watched.visit()) == [("entry_in_our_name", other)]
    async with watched.opened() as monitor:
        assert monitor.store.acknowledge(1, frozenset(watched.made), indexes=[other]) == 1
    watched.hub.requests.clear()
    assert (await watched.visit()).state is State.WELL
    assert [path for _, path, _ in watched.hub.requests if path.startswith("/v1/statements/")] == []


async def test_a_monitor_key_that_is_not_here_is_told_and_the_log_is_read_again_once_it_is(watched: Watched) -> None:
    world, actor = watched.world, watched.actor
    await watched.visit()
    key, added = add_monitor(world, actor, "elsewhere")
    watched.made |= made_by(world, actor)
    unseen = world.register(sealed(world, actor, 7))
    standing = await watched.visit()
    assert placed(standing) == [("monitor_key_unknown", added)]
    assert f"the monitor key {key.kid}, whose key file is not here" in standing.alerts[0].message
    world.register(sealed(world, world.actor("provider-b", "provider"), 8))
    assert placed(await watched.visit()) == [("monitor_key_unknown", added)]
    watched.monitors.append(key)
    assert placed(await watched.visit()) == [("entry_under_our_tag", unseen)]
    watched.hub.requests.clear()
    await watched.visit()
    assert watched.hub.tiles_asked() == [], "it is read again once"


async def test_a_lost_monitor_key_can_be_acknowledged_and_still_be_found(watched: Watched) -> None:
    world, actor = watched.world, watched.actor
    key, added = add_monitor(world, actor, "lost")
    watched.made |= made_by(world, actor)
    unseen = world.register(sealed(world, actor, 7))
    assert placed(await watched.visit()) == [("monitor_key_unknown", added)]
    async with watched.opened() as monitor:
        assert monitor.store.acknowledge(1, frozenset(watched.made), indexes=[added]) == 1
    assert (await watched.visit()).state is State.WELL
    watched.monitors.append(key)
    assert placed(await watched.visit()) == [("entry_under_our_tag", unseen)]


async def test_a_monitor_key_whose_statement_came_after_its_file_is_read_again_with(watched: Watched) -> None:
    """The log was read without the key; when the statement is shown the key is here, and nothing else tells of it."""
    world, actor = watched.world, watched.actor
    key, added = add_monitor(world, actor, "late")
    watched.made |= made_by(world, actor)
    unseen = world.register(sealed(world, actor, 7))
    silent(watched, added)
    assert (await watched.visit()).alerts == ()
    watched.monitors.append(key)
    watched.hub.overrides.clear()
    assert placed(await watched.visit()) == [("entry_under_our_tag", unseen)]


async def test_a_log_that_is_otherwise_at_the_second_reading_is_an_alert_and_read_once_more(watched: Watched) -> None:
    world, actor = watched.world, watched.actor
    key, _ = add_monitor(world, actor, "elsewhere")
    watched.made |= made_by(world, actor)
    unseen = world.register(sealed(world, actor, 7))
    await watched.visit()
    watched.monitors.append(key)
    watched.hub.hide(f"/log/tile/entries/000.p/{len(world.entries)}")
    assert codes(await watched.visit()) == ["entries_withheld", "monitor_key_unknown"]
    watched.hub.overrides.clear()
    assert placed(await watched.visit()) == [("entry_under_our_tag", unseen)]


async def test_the_monitor_key_of_the_admission_may_be_missing_too(watched: Watched) -> None:
    world = watched.world
    watched.actor = world.add_provider("provider-c")
    watched.made = made_by(world, watched.actor)
    admission = next(n for n, one in enumerate(world.statements) if one.issuer == "provider-c")
    kept = watched.actor.monitor
    object.__setattr__(watched.actor, "monitor", AgreementKey(b"k" * 32))
    assert placed(await watched.visit()) == [("monitor_key_unknown", admission)]
    watched.monitors.append(kept)
    assert (await watched.visit()).state is State.WELL


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kid": []},
        {"owner": "provider-a", "action": []},
        {"owner": "provider-a", "action": "add", "key": {"purpose": "monitor"}},
    ],
)
async def test_a_key_statement_of_no_form_harms_nothing(watched: Watched, body: dict[str, object]) -> None:
    hub = watched.world.hub
    index = watched.world.register(watched.world.compose("key", hub.id, body, [(hub.statement, "hub")]))
    expected = [("key_by_others", index)] if "owner" in body else []
    assert placed(await watched.visit()) == expected
