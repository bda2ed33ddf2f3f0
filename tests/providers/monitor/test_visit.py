"""A member's monitor before an honest hub, and before every dishonest one."""

import json

import pytest
from aiohttp import web

from providers.errors import GatewayError
from providers.monitor.alerts import MEANINGS, State
from providers.monitor.report import EXIT_CODES
from providers.witness.submission import parse_submission
from signing.consistency import check_consistency
from signing.encoding import sha256_hex
from signing.merkle import check_inclusion, leaf_hash
from signing.notes import open_checkpoint, parse_note, parse_proof
from signing.signnotes import log_signer
from signing.statement import parse_statement
from tests.fakes.world import World
from tests.providers.monitor.lyinghub import Watched, codes, fork, made_by, sealed, tile


async def test_an_honest_log_is_well_and_read_once(watched: Watched) -> None:
    first = await watched.visit()
    assert (first.state, first.alerts, first.problem) == (State.WELL, (), None)
    assert first.position is not None
    assert first.position.checkpoint.size == len(watched.world.entries)
    watched.hub.requests.clear()
    again = await watched.visit()
    assert (again.state, again.since) == (State.WELL, first.since)
    assert watched.hub.tiles_asked() == []


async def test_a_later_visit_reads_what_is_new_alone(watched: Watched) -> None:
    for number in range(300):
        watched.world.register(sealed(watched.world, watched.world.actor("provider-b", "provider"), number))
    assert (await watched.visit()).state is State.WELL
    watched.hub.requests.clear()
    size = len(watched.world.entries)
    watched.world.register(sealed(watched.world, watched.world.actor("provider-b", "provider"), 999))
    after = await watched.visit()
    assert after.state is State.WELL
    assert after.position is not None
    assert after.position.checkpoint.size == size + 1
    rest = size + 1 - 256
    assert watched.hub.tiles_asked() == [f"/log/tile/entries/001.p/{rest}", f"/log/tile/0/001.p/{rest}"]


async def test_a_fork_at_the_same_size_is_kept_with_both_notes(watched: Watched) -> None:
    honest = watched.world
    honest.register(sealed(honest, watched.actor))
    watched.made |= made_by(honest, watched.actor)
    before = await watched.visit()
    other = fork(honest)
    other.register(sealed(other, other.actor("provider-b", "provider")))
    watched.hub.world = other
    standing = await watched.visit()
    assert codes(standing) == ["log_forked"]
    assert EXIT_CODES[standing.state] == 1
    first, second = ((watched.directory / name).read_bytes() for name in standing.alerts[0].evidence)
    assert before.position is not None
    assert first == before.position.note
    key = log_signer(honest.origin, honest.log_key).verifier
    one, two = (open_checkpoint(parse_note(note), key) for note in (first, second))
    assert one.size == two.size
    assert one.root != two.root
    # The hub shows the honest log again: what it has signed stays signed.
    watched.hub.world = honest
    standing = await watched.visit()
    assert codes(standing) == ["log_forked"]
    assert standing.alerts[0].message == f"The log has signed two different trees of {one.size} entries."


async def test_a_fork_that_has_grown_is_proven_by_its_own_tiles(watched: Watched) -> None:
    honest = watched.world
    honest.register(sealed(honest, watched.actor))
    watched.made |= made_by(honest, watched.actor)
    before = await watched.visit()
    other = fork(honest)
    for number in range(5):
        other.register(sealed(other, other.actor("provider-b", "provider"), number))
    watched.hub.world = other
    standing = await watched.visit()
    assert codes(standing) == ["log_forked"]
    assert "does not begin with the tree" in standing.alerts[0].message
    files = {name.rpartition("/")[2]: (watched.directory / name).read_bytes() for name in standing.alerts[0].evidence}
    proof = parse_submission(files["growth.add-checkpoint"])
    assert before.position is not None
    old = before.position.checkpoint
    assert (proof.note, proof.old_size) == (files["second.note"], old.size)
    head = open_checkpoint(parse_note(proof.note), log_signer(honest.origin, honest.log_key).verifier)
    check_consistency(old.size, other.root(old.size), head.size, head.root, proof.proof)
    assert other.root(old.size) != old.root
    entry = parse_proof(files["growth.tlog-proof"])
    assert (entry.index, entry.checkpoint, entry.extra) == (old.size - 1, proof.note, other.entries[old.size - 1])
    check_inclusion(leaf_hash(entry.extra or b""), entry.index, head.size, entry.hashes, head.root)
    assert standing.position == before.position, "the last verified checkpoint stays"


async def test_a_fork_whose_entries_are_hidden_is_proven_by_the_tiles_alone(watched: Watched) -> None:
    honest = watched.world
    honest.register(sealed(honest, watched.actor))
    watched.made |= made_by(honest, watched.actor)
    await watched.visit()
    other = fork(honest)
    other.register(sealed(other, other.actor("provider-b", "provider")))
    other.register(sealed(other, other.actor("provider-b", "provider"), 1))
    watched.hub.world = other
    path = f"tile/entries/000.p/{len(other.entries)}"
    watched.hub.show(f"/log/{path}", tile(honest, f"tile/entries/000.p/{len(honest.entries)}") + b"\0\1x")
    standing = await watched.visit()
    assert codes(standing) == ["log_forked"]
    assert [name.rpartition("/")[2] for name in standing.alerts[0].evidence] == [
        "first.note", "second.note", "growth.add-checkpoint"
    ]  # fmt: skip


async def test_the_same_fork_is_kept_once_and_stands_after_it_was_acknowledged(watched: Watched) -> None:
    honest = watched.world
    await watched.visit()
    watched.hub.world = fork(honest)
    watched.hub.world.register(sealed(honest, watched.actor))
    first = await watched.visit()
    assert (await watched.visit()).alerts[0].incident == first.alerts[0].incident
    assert len(list((watched.directory / "evidence").iterdir())) == 1
    async with watched.opened() as monitor:
        incident = first.alerts[0].incident
        assert incident is not None
        assert monitor.store.acknowledge(1, frozenset(watched.made), indexes=(), incidents=[incident]) == 1
    assert [(one.code, one.incident) for one in (await watched.visit()).alerts] == [("log_forked", None)]
    watched.hub.world = honest
    assert (await watched.visit()).state is State.WELL


async def test_a_rollback(watched: Watched) -> None:
    await watched.visit()
    watched.hub.checkpoint = lambda: watched.world.checkpoint(3)
    standing = await watched.visit()
    assert codes(standing) == ["log_rolled_back"]
    assert "had 7 entries, and now shows a checkpoint of 3" in standing.alerts[0].message
    assert len(standing.alerts[0].evidence) == 2


async def test_entries_that_are_withheld(watched: Watched) -> None:
    size = len(watched.world.entries)
    watched.hub.hide(f"/log/tile/entries/000.p/{size}")
    standing = await watched.visit()
    assert codes(standing) == ["entries_withheld"]
    assert f"does not show 0 to {size - 1}" in standing.alerts[0].message
    assert standing.position is None
    watched.hub.overrides.clear()
    assert (await watched.visit()).state is State.WELL


async def test_a_log_that_says_that_it_is_long(watched: Watched) -> None:
    watched.hub.checkpoint = lambda: watched.world.checkpoint(2**60, root=b"r" * 32)
    watched.hub.overrides = {f"/log/tile/0/{n:03}": lambda _: web.Response(body=b"") for n in range(8)}
    for n in range(8):
        watched.hub.hide(f"/log/tile/entries/{n:03}")
    assert codes(await watched.visit()) == ["entries_withheld"]


@pytest.mark.parametrize("hurt", ["octet", "short", "more"])
async def test_entries_that_are_not_the_signed_ones(watched: Watched, hurt: str) -> None:
    path = f"tile/entries/000.p/{len(watched.world.entries)}"
    data = tile(watched.world, path)
    changed = {"octet": data[:-1] + bytes([data[-1] ^ 1]), "short": data[:-1], "more": data + b"\0\1x"}[hurt]
    watched.hub.show(f"/log/{path}", changed)
    assert codes(await watched.visit()) == ["entries_altered"]
    watched.hub.overrides.clear()
    assert (await watched.visit()).state is State.WELL


async def test_entries_hurt_after_a_first_visit_are_no_fork(watched: Watched) -> None:
    await watched.visit()
    watched.world.register(sealed(watched.world, watched.world.actor("provider-b", "provider")))
    path = f"tile/entries/000.p/{len(watched.world.entries)}"
    data = tile(watched.world, path)
    watched.hub.show(f"/log/{path}", data[:-1] + b"!")
    assert codes(await watched.visit()) == ["entries_altered"]


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("lie", ["hidden", "altered"])
async def test_hash_tiles_that_are_hidden_or_wrong(watched: Watched, level: int, lie: str) -> None:
    for number in range(256 - len(watched.world.entries)):
        watched.world.register(sealed(watched.world, watched.world.actor("provider-b", "provider"), number))
    path = "/log/tile/0/000" if level == 0 else "/log/tile/1/000.p/1"
    if lie == "hidden":
        watched.hub.hide(path)
    else:
        data = tile(watched.world, path.removeprefix("/log/"))
        watched.hub.show(path, data[:-1] + bytes([data[-1] ^ 1]))
    for _ in range(2):  # it does not go away by looking again
        assert codes(await watched.visit()) == ["tiles_withheld" if lie == "hidden" else "tiles_altered"]
    watched.hub.overrides.clear()
    assert (await watched.visit()).state is State.WELL


async def test_a_stale_log(watched: Watched) -> None:
    await watched.visit()
    note = watched.world.checkpoint()
    watched.hub.checkpoint = lambda: note
    watched.ahead = 7_300
    standing = await watched.visit()
    assert codes(standing) == ["stale"]
    assert "121 minutes old" in standing.alerts[0].message
    watched.hub.checkpoint = lambda: watched.world.checkpoint(time=watched.world.now + watched.ahead)
    assert (await watched.visit()).state is State.WELL


async def test_a_hub_that_is_silent_for_long_becomes_an_alert(watched: Watched) -> None:
    await watched.visit()
    watched.hub.break_off("/log/checkpoint")
    standing = await watched.visit()
    assert (standing.state, standing.alerts) == (State.UNKNOWN, ())
    watched.ahead = 7_300
    assert codes(await watched.visit()) == ["stale"]


async def test_a_cosignature_from_the_future(watched: Watched) -> None:
    watched.hub.checkpoint = lambda: watched.world.checkpoint(time=watched.world.now + 1_000)
    assert codes(await watched.visit()) == ["cosigned_ahead"]


async def test_an_unwitnessed_checkpoint_is_not_relied_on(watched: Watched) -> None:
    watched.hub.checkpoint = lambda: watched.world.checkpoint(cosigners=["witness-2"])
    standing = await watched.visit()
    assert codes(standing) == ["unwitnessed"]
    assert "Of its witnesses, 1 cosigned" in standing.alerts[0].message
    assert standing.position is None


async def test_a_network_without_witnesses_has_no_freshness(watched: Watched) -> None:
    watched.world = World(quorum=None, witness_count=0)
    watched.hub.world = watched.world
    watched.ahead = 1_000_000
    standing = await watched.visit()
    assert standing.state is State.WELL
    assert standing.position is not None
    assert standing.position.cosigned is None


async def test_signatures_that_fail(watched: Watched) -> None:
    world = watched.world
    other = World(seed="other", origin=world.origin)
    watched.hub.checkpoint = lambda: other.checkpoint(1)
    assert codes(await watched.visit()) == ["bad_log_signature"]
    good = world.checkpoint().decode().split("\n")
    line = good[5]
    good[5] = line[:-6] + ("A" if line[-6] != "A" else "B") + line[-5:]
    watched.hub.checkpoint = lambda: "\n".join(good).encode()
    assert codes(await watched.visit()) == ["bad_cosignature"]
    watched.hub.checkpoint = lambda: World(origin="elsewhere.example/log/1").checkpoint()
    assert codes(await watched.visit()) == ["other_log"]


async def test_a_hub_that_can_not_be_read_is_asked_again_and_then_not_known(watched: Watched) -> None:
    await watched.visit()
    for path in ("/log/checkpoint", "/v1/policy"):
        watched.hub.overrides.clear()
        watched.hub.break_off(path)
        watched.pauses.clear()
        standing = await watched.visit()
        assert (standing.state, EXIT_CODES[standing.state]) == (State.UNKNOWN, 2)
        assert watched.pauses == [1, 2, 3]
        assert standing.position is not None, "the last verified checkpoint is not lost"
    watched.hub.overrides = {"/log/checkpoint": lambda _: web.Response(text="hello")}
    standing = await watched.visit()
    assert standing.problem is not None
    assert standing.problem[0] == "bad_answer"
    assert "no checkpoint" in standing.problem[1]


async def test_a_network_failure_in_the_middle_changes_nothing(watched: Watched) -> None:
    watched.hub.break_off(f"/log/tile/entries/000.p/{len(watched.world.entries)}")
    standing = await watched.visit()
    assert (standing.state, standing.position) == (State.UNKNOWN, None)
    watched.hub.overrides.clear()
    assert (await watched.visit()).state is State.WELL


async def test_conditions_stay_while_the_hub_can_not_be_read(watched: Watched) -> None:
    watched.hub.checkpoint = lambda: watched.world.checkpoint(cosigners=[])
    first = await watched.visit()
    watched.hub.break_off("/log/checkpoint")
    watched.world.now += 60
    again = await watched.visit()
    assert codes(again) == ["unwitnessed"]
    assert again.alerts[0].since == first.alerts[0].since
    assert again.problem is not None


async def test_a_sealed_entry_under_our_tag_that_we_did_not_make(watched: Watched) -> None:
    """The hub registers an award in the provider's name, signed by whoever: the log alone shows it, to its owner."""
    await watched.visit()
    index = watched.world.register(sealed(watched.world, watched.actor))
    standing = await watched.visit()
    assert [(one.code, one.index) for one in standing.alerts] == [("entry_under_our_tag", index)]
    watched.made.add(watched.world.statements[index].digest)  # it turns out that a colleague made it
    assert (await watched.visit()).state is State.WELL


async def test_what_is_made_while_a_visit_waits_for_the_hub_is_ours(watched: Watched) -> None:
    """The gateway notes what it makes before it posts it; the visit began earlier, and the log has it already."""
    assert (await watched.visit()).state is State.WELL
    award = sealed(watched.world, watched.actor)
    watched.hub.break_off("/log/checkpoint")

    async def pause(_: int) -> None:
        watched.hub.overrides.clear()
        watched.made.add(parse_statement(award).digest)
        watched.world.register(award)

    watched.pause = pause
    standing = await watched.visit()
    assert (standing.state, standing.alerts) == (State.WELL, ())
    assert standing.position is not None
    assert standing.position.checkpoint.size == len(watched.world.entries)


async def test_other_members_do_not_see_whose_it_is(watched: Watched) -> None:
    watched.actor = watched.world.actor("provider-b", "provider")
    watched.made = made_by(watched.world, watched.actor)
    watched.world.register(sealed(watched.world, watched.world.actor("provider-a", "provider")))
    assert (await watched.visit()).state is State.WELL


async def test_a_public_entry_in_our_name_that_we_did_not_make(watched: Watched) -> None:
    await watched.visit()
    thief = watched.world.signing_key("thief")
    body = {"action": "retire", "owner": "provider-b", "kid": thief.kid}
    said = watched.world.compose("key", watched.actor.id, body, [(thief, "provider")])
    index = watched.world.register(said)
    standing = await watched.visit()
    assert [(one.code, one.index) for one in standing.alerts] == [("entry_in_our_name", index)]
    assert f"signed with {thief.kid} (provider)" in standing.alerts[0].message
    (file,) = standing.alerts[0].evidence
    assert sha256_hex((watched.directory / file).read_bytes()) == sha256_hex(parse_statement(said).document)


async def test_a_public_entry_in_our_name_whose_statement_is_hidden(watched: Watched) -> None:
    digest = watched.world.statements[1].digest
    watched.made.discard(digest)
    watched.hub.hide(f"/v1/statements/{digest}")
    standing = await watched.visit()
    assert codes(standing) == ["entry_in_our_name"]
    assert standing.alerts[0].message.endswith("The hub does not show its statement.")


async def test_officers_change_our_keys(watched: Watched) -> None:
    await watched.visit()
    index = watched.world.change_key(watched.actor, "revoke", watched.actor.http, reason="lost")
    other = watched.world.actor("provider-b", "provider")
    watched.world.change_key(other, "revoke", other.http, reason="lost")
    standing = await watched.visit()
    assert [(one.code, one.index) for one in standing.alerts] == [("key_by_others", index)]
    assert standing.alerts[0].message == f"Entry {index}, by coordinator, concerns the keys of provider-a: revoke."
    async with watched.opened() as monitor:
        assert monitor.store.acknowledge(1, frozenset(watched.made), indexes=[index]) == 1
    assert (await watched.visit()).state is State.WELL


async def test_a_key_statement_that_is_not_shown(watched: Watched) -> None:
    other = watched.world.actor("provider-b", "provider")
    index = watched.world.change_key(other, "revoke", other.http, reason="lost")
    watched.hub.hide(f"/v1/statements/{watched.world.statements[index].digest}")
    assert [(one.code, one.index) for one in (await watched.visit()).alerts] == [("statement_withheld", index)]


async def test_an_entry_that_is_none(watched: Watched) -> None:
    watched.world.entries.append(json.dumps({"v": 2}).encode())
    assert [(one.code, one.index) for one in (await watched.visit()).alerts] == [("unreadable_entry", 7)]


async def test_a_new_policy_is_followed_and_a_hidden_one_is_found(watched: Watched) -> None:
    await watched.visit()
    newer = watched.world.witness_policy.replace("all-witnesses 2", "all-witnesses 3")
    watched.world.add_policy(witness_policy=newer)
    assert (await watched.visit()).state is State.WELL
    watched.hub.checkpoint = lambda: watched.world.checkpoint(cosigners=["witness-1", "witness-2"])
    assert codes(await watched.visit()) == ["unwitnessed"], "judged under the newer policy"
    watched.hub.checkpoint = None
    chain = watched.hub.both(0)
    watched.hub.overrides["/v1/policy"] = lambda _: web.json_response({"chain": [chain]})
    standing = await watched.visit()
    assert codes(standing) == ["policy_withheld"]
    assert standing.alerts[0].message.endswith("log index 7.")


async def test_a_rotated_log_goes_on_and_the_ended_one_does_not_return(watched: Watched) -> None:
    world = watched.world
    before = await watched.visit()
    base = {"origin": world.origin, "size": len(world.entries), "root": world.root().hex()}
    key = world.signing_key("the next log")
    next_log = log_signer("hub.example/log/2", key).verifier.format()
    both = world.witness_policy.replace("\n", f"\nlog {next_log}\n", 1)
    world.add_policy(origin="hub.example/log/2", log_key=next_log, witness_policy=both, base=base)
    last_of_the_old = world.checkpoint()
    watched.hub.checkpoint = lambda: last_of_the_old
    assert (await watched.visit()).state is State.WELL
    world.origin, world.log_key = "hub.example/log/2", key
    watched.hub.checkpoint = None
    after = await watched.visit()
    assert after.state is State.WELL
    assert before.position is not None
    assert after.position is not None
    assert after.position.checkpoint.origin == "hub.example/log/2"
    assert after.position.checkpoint.size == before.position.checkpoint.size + 1
    watched.hub.checkpoint = lambda: last_of_the_old
    assert codes(await watched.visit()) == ["other_log"]


async def test_policies_of_another_network(watched: Watched) -> None:
    watched.hub.world = World(seed="other")
    assert codes(await watched.visit()) == ["policy_untrusted"]


async def test_the_first_visit_lists_everything_once_and_it_can_be_acknowledged(watched: Watched) -> None:
    watched.made.clear()
    watched.world.register(sealed(watched.world, watched.actor))
    standing = await watched.visit()
    assert [(one.code, one.index) for one in standing.alerts] == [("entry_under_our_tag", 7), ("entry_in_our_name", 1)]
    async with watched.opened() as monitor:
        with pytest.raises(GatewayError, match=r"nothing was acknowledged. \(4\)") as refusal:
            monitor.store.acknowledge(1, frozenset(), indexes=[1, 4])
        assert refusal.value.code == "unknown_alert"
        assert monitor.store.acknowledge(1, frozenset(), indexes=None) == 2
    assert (await watched.visit()).state is State.WELL


def test_every_code_has_a_meaning_that_says_what_to_do() -> None:
    for code, meaning in MEANINGS.items():
        assert meaning.title, code
        assert meaning.advice.endswith("."), code
