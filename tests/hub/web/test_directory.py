"""Members, neutrals, keys, policies: now and at an earlier log size."""

import pytest

from signing.compose import timestamp
from signing.encoding import canonical
from signing.statement import parse_statement
from tests.hub.running import Hub
from tests.hub.test_evidence import populated
from tests.hub.world import Actor

PROVIDER = Actor("provider-a", "provider")
OTHER = Actor("provider-b", "provider")
NEUTRAL = Actor("neutral-a", "neutral")


async def test_an_empty_directory(hub: Hub) -> None:
    nobody = {"size": 1, "time": timestamp(hub.clock.now), "next": None, "total": 0}
    none: dict[str, list[str]] = {name: [] for name in ("language", "stage", "dispute_type", "sector", "economy")}
    assert await hub.get("/v1/members") == (200, nobody | {"members": [], "facets": none})
    none = {name: [] for name in ("language", "role", "field", "legal_system", "provider")}
    assert await hub.get("/v1/neutrals") == (200, nobody | {"neutrals": [], "facets": none})


async def test_members_come_in_pages_with_their_accreditation(hub: Hub) -> None:
    await populated(hub)
    status, first = await hub.get("/v1/members?limit=1")
    assert status == 200
    (member,) = first["members"]
    assert (member["id"], member["type"], first["next"]) == ("provider-a", "provider", "provider-a")
    assert member["accreditation"]["status"] == "listed"
    _, second = await hub.get(f"/v1/members?limit=1&after={first['next']}")
    assert [one["id"] for one in second["members"]] == ["provider-b"]
    assert second["members"][0]["accreditation"] is None
    assert second["next"] is None


async def test_a_member_with_keys_and_proof(hub: Hub) -> None:
    await populated(hub)
    status, answer = await hub.get("/v1/members/provider-a")
    assert status == 200
    assert {one["purpose"] for one in answer["keys"]} == {"statement", "http", "monitor", "inbox"}
    assert answer["statement"] is not None
    assert answer["receipt"]["index"] == answer["member"]["index"]
    assert parse_statement(canonical(answer["statement"])).digest == answer["member"]["digest"]
    status, problem = await hub.get("/v1/members/nobody")
    assert (status, problem["code"], problem["where"]) == (404, "not_found", "nobody")
    assert (await hub.get("/v1/members/neutral-a"))[0] == 404


async def test_a_neutral(hub: Hub) -> None:
    await populated(hub)
    status, answer = await hub.get("/v1/neutrals/neutral-a")
    assert status == 200
    assert answer["neutral"]["nominated_by"] == "provider-a"
    assert answer["neutral"]["key_custody"] == "self"
    assert answer["neutral"]["accreditation"]["status"] == "listed"
    _, listed = await hub.get("/v1/neutrals")
    assert [one["id"] for one in listed["neutrals"]] == ["neutral-a"]


async def test_the_past_is_shown_as_it_was(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    hub.clock.now += 3600
    await hub.registered(hub.speaker.accreditation(PROVIDER))
    hub.clock.now += 3600
    revoked = await hub.registered(hub.speaker.revoke(PROVIDER, PROVIDER.http))
    before = (await hub.get("/v1/members/provider-a?at=2"))[1]
    now = (await hub.get("/v1/members/provider-a"))[1]
    assert before["size"] == 2
    assert before["member"]["accreditation"] is None
    assert now["member"]["accreditation"]["status"] == "listed"
    http = {
        name: next(k for k in answer["keys"] if k["purpose"] == "http")
        for name, answer in (("old", before), ("new", now))
    }
    assert http["old"]["revoked_at"] is None
    assert http["new"]["revoked_at"] == revoked["index"]
    at = timestamp(hub.clock.now - 3600)
    assert (await hub.get(f"/v1/members?at={at}"))[1]["size"] == 3


@pytest.mark.parametrize(
    "query", ["at=0", "at=99", "at=soon", "at=2001-01-01T00:00:00Z", "limit=0", "limit=1001", "after=-"]
)
async def test_bad_parameters(hub: Hub, query: str) -> None:
    status, problem = await hub.get(f"/v1/members?{query}")
    assert (status, problem["code"]) == (400, "bad_parameter")
    assert problem["where"] == query.partition("=")[0]


async def test_a_time_to_come_is_refused(hub: Hub) -> None:
    """What is answered about a moment is answered for ever: later, more would be known of it."""
    await hub.registered(hub.speaker.member(PROVIDER))
    kid = PROVIDER.statement.kid
    paths = ["members", f"members/{PROVIDER.id}", "neutrals", f"keys/{kid}", "policy", "references"]
    for path in paths:
        assert (await hub.get(f"/v1/{path}?at={timestamp(hub.clock.now)}"))[0] == 200, path
        for ahead in (1, 1000 * 365 * 86_400):
            status, problem = await hub.get(f"/v1/{path}?at={timestamp(hub.clock.now + ahead)}")
            assert (status, problem["code"], problem["where"]) == (400, "bad_parameter", "at"), path
            assert f"by this hub's clock it is {timestamp(hub.clock.now)}" in problem["detail"]


async def test_a_key_and_what_became_of_it(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    kid = PROVIDER.statement.kid
    status, answer = await hub.get(f"/v1/keys/{kid}")
    assert status == 200
    assert (answer["key"]["owner"], answer["key"]["purpose"], answer["key"]["index"]) == ("provider-a", "statement", 1)
    assert answer["receipt"]["index"] == 1
    revoked = await hub.registered(hub.speaker.revoke(PROVIDER, PROVIDER.statement))
    assert (await hub.get(f"/v1/keys/{kid}"))[1]["key"]["revoked_at"] == revoked["index"]
    assert (await hub.get(f"/v1/keys/{kid}?at=2"))[1]["key"]["revoked_at"] is None
    assert (await hub.get(f"/v1/keys/{kid}?at=1"))[0] == 404
    officer = hub.speaker.officers[0].statement.kid
    assert (await hub.get(f"/v1/keys/{officer}"))[1]["key"]["role"] == "officer"
    status, problem = await hub.get("/v1/keys/unknown")
    assert (status, problem["code"]) == (404, "not_found")


async def test_the_chain_of_policies(hub: Hub) -> None:
    status, answer = await hub.get("/v1/policy")
    assert status == 200
    (genesis,) = answer["chain"]
    assert genesis["receipt"]["digest"] == hub.speaker.network
    assert "policy_proof" not in genesis
    assert canonical(genesis["statement"]) == hub.speaker.genesis.document
