"""``/v1/awards/{digest}/status``: what the log told of an award at any size, and when that was."""

from typing import Any

from hub.web.appkeys import RECEIPTS
from signing.compose import new_salt, timestamp
from signing.encoding import b64u_decode, canonical, loads
from signing.statement import STATEMENT_TYPE, parse_jws
from tests.hub.running import Hub
from tests.hub.test_evidence import NEUTRAL, OTHER, PROVIDER, added_key, new_policy, populated
from tests.hub.world import example

DAY = 86_400


async def status(hub: Hub, digest: str, query: str = "") -> dict[str, Any]:
    """The payload of a status, whose size and time are those of the answer."""
    code, answer = await hub.get(f"/v1/awards/{digest}/status{query}")
    assert code == 200, answer
    told: dict[str, Any] = loads(b64u_decode(answer["status"]["payload"]))
    assert (answer["size"], answer["time"]) == (told["size"], timestamp(told["time"]))
    assert answer["receipt"]["digest"] == digest == told["award"]
    return told


async def steps(hub: Hub, digest: str) -> None:
    """One of everything that a status can tell; each entry is a day after the one before."""
    speaker = hub.speaker

    async def compose(kind: str, body: dict[str, Any], **more: Any) -> None:
        hub.clock.now += DAY
        await hub.registered(speaker.compose(kind, "coordinator", body, speaker.officer(2), **more))

    hub.clock.now += DAY
    second = await added_key(hub, NEUTRAL, "second", NEUTRAL.statement)
    hub.clock.now += DAY
    await hub.registered(speaker.accreditation(OTHER))
    hub.clock.now += DAY
    await hub.registered(speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=1))
    await compose("key", {"action": "confirm", "owner": NEUTRAL.id, "kid": second.kid})
    review = {"award": digest, "decision": "confirm", "reason_code": "key_safe"}
    await compose("award-review", review, salt=new_salt())
    hub.clock.now += DAY
    await new_policy(hub, rules={"version": 2})
    hub.clock.now += DAY
    await hub.registered(speaker.revoke(PROVIDER, PROVIDER.statement, invalid_from=1))
    body = example("accreditation", "valid-suspended")["body"]
    await compose("accreditation", body | {"subject": PROVIDER.id, "subject_type": "provider"})
    await compose("award-review", review | {"decision": "reject", "reason_code": "key_compromised"}, salt=new_salt())


async def test_any_prefix_tells_what_was_told_when_the_log_was_that_long(hub: Hub) -> None:
    receipt = await populated(hub)
    digest, first = receipt["digest"], receipt["index"] + 1
    told_then: dict[int, dict[str, Any]] = {}
    registered = hub.registered

    async def remembering(document: bytes) -> dict[str, Any]:
        found = await registered(document)
        told_then[found["index"] + 1] = await status(hub, digest)
        return found

    hub.registered = remembering  # type: ignore[method-assign]
    told_then[first] = await status(hub, digest)
    await steps(hub, digest)
    sizes = sorted({*told_then, max(told_then)})
    assert len(sizes) == 9, "the policy is asked about below"
    hub.clock.now += 5000 * DAY
    for size in sizes:
        assert await status(hub, digest, f"?at={size}") == told_then[size], f"at size {size}"
        time = timestamp(told_then[size]["time"])
        assert await status(hub, digest, f"?at={time}") == told_then[size], f"at {time}"
        root = await hub.client.server.app[RECEIPTS].root(size)  # type: ignore[attr-defined]
        assert told_then[size]["root"] == root.hex()
    states = [told_then[size]["state"] for size in sizes]
    assert states == [
        "nothing_recorded", "nothing_recorded", "nothing_recorded", "disputed", "disputed", "confirmed", "disputed",
        "disputed", "rejected",
    ]  # fmt: skip
    assert [len(told_then[size]["policies"]) for size in sizes] == [1] * 6 + [2] * 3
    now = await status(hub, digest)
    assert now["time"] == hub.clock()
    assert all(one["accreditation"]["lapsed"] for one in now["signers"] if one["owner"] == NEUTRAL.id)


async def test_it_is_signed_by_the_hub_and_is_the_status_that_comes_with_the_award(hub: Hub) -> None:
    digest = (await populated(hub))["digest"]
    _, alone = await hub.get(f"/v1/awards/{digest}/status")
    _, whole = await hub.get(f"/v1/awards/{digest}")
    assert alone["status"] == whole["status"]
    assert alone["receipt"] == whole["award"]["receipt"]
    assert parse_jws(canonical(alone["status"]), "odr-status+jws").payload["v"] == 1
    assert STATEMENT_TYPE != "odr-status+jws", "no statement can be made of it"


async def test_there_is_no_status_before_the_award(hub: Hub) -> None:
    receipt = await populated(hub)
    digest = receipt["digest"]
    code, problem = await hub.get(f"/v1/awards/{digest}/status?at={receipt['index']}")
    assert (code, problem["code"]) == (404, "not_found")
    code, problem = await hub.get(f"/v1/awards/{digest}/status?at={receipt['index'] + 2}")
    assert (code, problem["code"]) == (400, "bad_parameter")
    for wrong in ("0", "x", "2026-13-01T00:00:00Z", "1999-01-01T00:00:00Z"):
        assert (await hub.get(f"/v1/awards/{digest}/status?at={wrong}"))[1]["code"] == "bad_parameter"
    for ahead in (timestamp(hub.clock.now + 1), "2999-01-01T00:00:00Z"):
        code, problem = await hub.get(f"/v1/awards/{digest}/status?at={ahead}")
        assert (code, problem["code"]) == (400, "bad_parameter"), "no status is signed of a time to come"
    code, problem = await hub.get(f"/v1/awards/{hub.speaker.network}/status")
    assert (code, problem["code"]) == (404, "not_found"), "genesis is no award"
