"""A hub's data directory with at least one value in every column of every table, and nothing wrong in it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hub import keystore, rotating
from hub.enquiries.desk import FLAG, Matter
from hub.feedback.questions import Given, Relayed, Wanted
from hub.feedback.tokens import hash_of
from hub.following.arrivals import Arrivals
from hub.following.directory import DirectoryFollower
from hub.following.follower import Follower
from hub.log.rotation import newest_policy
from hub.log.service import Log, open_log
from hub.storage.engine import Database, sqlite_url
from hub.storage.nonces import NonceStore
from hub.storage.packages import PackageStore
from hub.storage.transfers import Transfers
from hub.storage.versions import DirectoryVersions
from hub.web.appkeys import ENQUIRIES, FEEDBACK, JOBS, PACKAGES
from metrics.figures import Period
from signing.compose import new_salt, timestamp
from signing.encoding import canonical
from signing.secretkeys import SigningKey
from signing.signnotes import witness_signer
from signing.statement import Statement, parse_statement
from tests.fakes.loghouse import MemoryWitnesses
from tests.hub.applications.applicants import CORA, DORI, Applicant
from tests.hub.drafts.scene import OTHER, Scene, wire
from tests.hub.exchange.providers import ACME, BRIO, DAY, Exchange, sha256, urn
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, Speaker, example, signing_key

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
NEUTRAL = Actor("neutral-a", "neutral")


async def build(data: Path) -> None:
    """Found a hub in ``data``, let everything happen, and close it."""
    async with Running(data, OFFICERS) as hub:
        await _register(hub)
        await _exchange(hub)
        await _drafts(hub)
        await _apply(hub)
        await _feedback(hub)
        await _enquiries(hub)
    await _witness(data, hub.speaker)


async def _register(hub: Hub) -> None:
    """Members and a neutral with an annex, an award and its review."""
    speaker = hub.speaker
    annex = canonical(example("annex-member", "valid-full"))
    status, answer = await hub.post(speaker.member(ACME, annex=annex), annex)
    assert status == 201, answer
    for document in (speaker.accreditation(ACME), speaker.member(BRIO), speaker.accreditation(BRIO)):
        await hub.registered(document)
    known = canonical(example("annex-neutral", "valid-full"))
    status, answer = await hub.post(speaker.neutral(NEUTRAL, ACME, annex=known), known)
    assert status == 201, answer
    criteria = example("reference", "valid-criteria")["body"]
    await hub.registered(speaker.compose("reference", "coordinator", criteria, speaker.officer(2), previous=None))
    award = await hub.registered(speaker.award(ACME, NEUTRAL))
    await hub.registered(speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    body = {"award": award["digest"], "decision": "reject", "reason_code": "key_compromised"}
    await hub.registered(speaker.compose("award-review", "coordinator", body, speaker.officer(2), salt=new_salt()))


async def _exchange(hub: Hub) -> None:
    """A transfer that ended long ago, one that is offered, a held brief, an upload that goes on, a nonce."""
    app = hub.client.app
    ended = Exchange(hub)
    await ended.come_to("completed")
    await ended.fetch(ACME, BRIO)
    hub.clock.now += 31 * DAY
    await app[JOBS].run("retention")
    offered = Exchange(hub, transfer=urn(ACME, 3), case=urn(ACME, 4), brief=b"another brief" * 30)
    await offered.come_to("offered")
    assert await app[PACKAGES].hold(sha256(offered.brief), "an earlier reason", hub.clock()) == 1
    assert await app[PACKAGES].release(sha256(offered.brief), hub.clock()) == 1
    assert await app[PACKAGES].hold(sha256(offered.brief), "a sample reason", hub.clock()) == 1
    path = await offered.begun(b"a package that is on its way" * 30)
    assert (await offered.patch(path, b"a package", 0)).status == 204


async def _drafts(hub: Hub) -> None:
    """An invitation; drafts that wait, one with an annex; some that were declined, refused and registered."""
    scene = Scene(hub)
    await hub.registered(hub.speaker.neutral(OTHER, ACME))
    signers = [(OTHER.statement.kid, "neutral"), (ACME.statement.kid, "provider")]
    awards = [scene.award(signers=signers) for _ in range(3)]
    links = {OTHER.statement.kid: "other"}
    waiting, declined, done = [await scene.posted(one, links=links) for one in awards]
    await scene.sign(waiting, awards[0], OTHER.statement, link="other")
    assert (await scene.decline(declined, OTHER.statement.kid, link="other"))[0] == 200
    await scene.sign(done, awards[2], OTHER.statement, link="other")
    assert (await scene.sign(done, awards[2], ACME.statement, actor=ACME))[1]["state"] == "registered"
    stale = scene.suspension(hub.speaker.officer(1))
    name = await scene.posted(stale, hub.speaker.officers[0])
    _, seen = await scene.sign(name, stale, hub.speaker.officers[0].statement, actor=hub.speaker.officers[0])
    assert seen["state"] == "refused"
    invitation = scene.invitation(annex=canonical(example("annex-neutral", "valid-full")))
    name = await scene.invited(invitation)
    await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(scene.completed(invitation))}, link="late")
    await scene.invited(scene.invitation("neutral-later"))


async def _apply(hub: Hub) -> None:
    """An application that is tested, and one that an officer declined."""
    tested = await Applicant(hub, CORA).applied()
    assert (await tested.answered())["state"] == "ready"
    declined = await Applicant(hub, DORI).applied()
    assert (await declined.answered(sha256=None))["state"] == "testing"
    await declined.declined("The sample name is misleading.")


async def _feedback(hub: Hub) -> None:
    """Slots of two cases; the claimants answered, the answers of the respondents were relayed, one is registered."""
    desk = hub.client.app[FEEDBACK]
    claimant, _ = await desk.issue(ACME.id, Wanted("F" * 22, {"claimant": "en", "respondent": "es"}))
    await desk.answer(hash_of(claimant.token), Given("won", {"overall": 4, "cost": 2}))
    await desk.relay(ACME.id, Relayed("F" * 22, "respondent", Given("lost", {"overall": 3})))
    other, _ = await desk.issue(ACME.id, Wanted("G" * 22, {"claimant": "en", "respondent": "es"}))
    await desk.answer(hash_of(other.token), Given("settled", {"overall": 5}))
    told = {"provider": ACME.id, "case": "G" * 22, "role": "respondent", "outcome_side": "settled",
            "scores": {"overall": 2, "cost": 3}, "day": timestamp(hub.clock())[:10]}  # fmt: skip
    body = {"source": "relayed", "answers": [told]}
    await hub.registered(
        hub.speaker.compose("feedback", ACME.id, body, [(ACME.statement, "provider")], salt=new_salt())
    )
    await hub.followed()


async def _enquiries(hub: Hub) -> None:
    """An enquiry that its provider has commented on, and one that waits."""
    desk, quarter = hub.client.app[ENQUIRIES], Period.of(date(2026, 1, 1), date(2026, 3, 31))
    for code in ("resolved_in_time", "deadline_compliance"):
        one = await desk.ask("officer-1", Matter(ACME.id, FLAG, code, quarter), "Why is that?", {"n": 40})
    await desk.comment(ACME.id, one.id, "Two of three case managers left.")


@dataclass
class _World:
    """What ``MemoryWitnesses`` needs of one."""

    now: int
    witness_keys: dict[str, SigningKey]


def _policy(speaker: Speaker, body: dict[str, Any], *names: str, **changes: Any) -> Statement:
    """The next policy, with these witnesses as its quorum."""
    new = body | changes
    keys = {name: witness_signer(f"{name}.example", signing_key(name)).verifier.format() for name in names}
    lines = [f"log {key}" for key in dict.fromkeys((new["log_key"], body["log_key"]))]
    lines += [f"witness {name} {key}" for name, key in keys.items()]
    text = "\n".join([*lines, f"group all-witnesses {len(names)} {' '.join(names)}", "quorum all-witnesses", ""])
    document = speaker.compose("policy", "coordinator", new | {"witness_policy": text}, speaker.officer(2))
    return parse_statement(document)


async def _witness(data: Path, speaker: Speaker) -> None:
    """A policy with a witness; another log; then a policy whose witness stays away, and events under it."""
    database = Database(sqlite_url(data / "hub.sqlite3"))
    world: Any = _World(speaker.clock(), {name: signing_key(name) for name in ("w1", "w2")})
    witnesses = MemoryWitnesses(world, {"w1"})
    speaker.chains["policy/coordinator"] = speaker.genesis.digest
    body = dict(speaker.genesis.body)
    async with _opened(data, database, speaker, witnesses) as log:
        await _settled(log, _policy(speaker, body, "w1"))
        await _settled(log, _policy(speaker, body, "w1", **await _rotation(data, database)))
    await rotating.finish(database, data / "keys")
    async with _opened(data, database, speaker, witnesses) as log:
        await log.sequencer.submit(_policy(speaker, await _body(log), "w2"))
        event = {"case": "A" * 22, "sequence": 0, "type": "commenced", "at": "2026-11-18T00:00:00Z"}
        await log.sequencer.submit(parse_statement(speaker.case_events(ACME, [event])))
        followers = [
            Follower(log.publication, Transfers(database), Arrivals()),
            DirectoryFollower(log.publication, DirectoryVersions(database)),
        ]
        for follower in followers:
            await follower.start()
            await follower.catch_up()
            await follower.close()
        await _until(lambda: log.publication.witnessed is not None)
    await NonceStore(database).remember_nonce("k", "n", speaker.clock() + 100)
    assert await PackageStore(database).hashes()
    await database.close()


@asynccontextmanager
async def _opened(data: Path, database: Database, speaker: Speaker, witnesses: MemoryWitnesses) -> AsyncIterator[Log]:
    def stop(error: BaseException) -> None:
        raise AssertionError(repr(error))

    key = keystore.load(data / "keys").log
    async with open_log(database, key, clock=speaker.clock, on_stop=stop, witnesses=witnesses) as log:
        yield log


async def _settled(log: Log, policy: Statement) -> None:
    await log.sequencer.submit(policy)
    async with asyncio.timeout(10):
        while await log.receipts.policy_proof(policy.digest) is None:
            await asyncio.sleep(0.01)


async def _rotation(data: Path, database: Database) -> dict[str, Any]:
    found = await rotating.prepare(database, data / "keys", None)
    return {"origin": found.origin, "log_key": found.log_key, "base": found.base}


async def _body(log: Log) -> dict[str, Any]:
    body = dict((await newest_policy(log.directory, log.publication.signed.size)).body)
    del body["base"]
    return body


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)
