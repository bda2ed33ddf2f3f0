"""What is held about a neutral: shown to the neutral and to officers, whole."""

from signing.encoding import canonical
from tests.hub.exchange.providers import problem
from tests.hub.running import Hub
from tests.hub.web.described import fits
from tests.hub.world import Actor, example

ACME, NOOR, OMAR = Actor("acme", "provider"), Actor("noor", "neutral"), Actor("omar", "neutral")
ANNEX = example("annex-neutral", "valid-full")


async def filled(hub: Hub) -> None:
    speaker = hub.speaker
    await hub.registered(speaker.member(ACME))
    await hub.registered(speaker.accreditation(ACME))
    annex = canonical(ANNEX)
    status, answer = await hub.post(speaker.neutral(NOOR, ACME, annex=annex), annex)
    assert status == 201, answer
    await hub.registered(speaker.neutral(OMAR, ACME))
    await hub.registered(speaker.accreditation(NOOR))
    await hub.registered(speaker.revoke(NOOR, NOOR.statement))


async def test_a_neutral_sees_everything(hub: Hub) -> None:
    await filled(hub)
    status, held = await hub.get("/v1/neutrals/noor/held", NOOR.http)
    assert status == 200
    fits("/v1/neutrals/{id}/held", held)
    assert [one["kind"] for one in held["statements"]] == ["neutral", "accreditation", "key"]
    assert held["statements"][0]["annex"] == ANNEX
    assert all(one["receipt"]["index"] == one["index"] for one in held["statements"])
    assert {one["kid"] for one in held["keys"]} == {NOOR.statement.kid, NOOR.http.kid}
    assert {f"kid/{NOOR.statement.kid}", "actor/noor", "keyring/noor", "accreditation/noor"} < held["rules"].keys()
    assert [one["index"] for one in held["versions"]] == [one["index"] for one in held["statements"]]
    assert held["key_states"] == {NOOR.statement.kid: "revoked", NOOR.http.kid: "current"}
    assert held["neutral"]["keys"] == []
    assert held["sources"].keys() == {
        "neutral",
        "statements",
        "keys",
        "key_states",
        "rules",
        "versions",
        "drafts",
        "elsewhere",
    }
    _, earlier = await hub.get("/v1/neutrals/noor/held?at=4", NOOR.http)
    assert [one["kind"] for one in earlier["statements"]] == ["neutral"]


async def test_only_the_neutral_and_officers_see_it(hub: Hub) -> None:
    await filled(hub)
    path = "/v1/neutrals/noor/held"
    assert (await hub.get(path, hub.speaker.officers[0].http))[0] == 200
    assert await problem(await hub.client.get(path)) == (401, "signature_needed")
    for reader in (ACME, OMAR):
        response = await hub.client.get(path, headers=hub.signature("GET", path, reader.http))
        assert await problem(response) == (403, "not_for_you")
    officer = hub.speaker.officers[0].http
    for name in ("nobody", "acme"):
        path = f"/v1/neutrals/{name}/held"
        response = await hub.client.get(path, headers=hub.signature("GET", path, officer))
        assert await problem(response) == (404, "not_found")


async def test_the_annex_stands_beside_the_entry_for_those_who_may_see_it(hub: Hub) -> None:
    await filled(hub)
    path = "/v1/neutrals/noor"
    for reader in (NOOR, ACME, hub.speaker.officers[0]):
        status, shown = await hub.get(path, reader.http)
        assert (status, shown["annex"]) == (200, ANNEX)
        fits("/v1/neutrals/{id}", shown)
    assert "annex" not in (await hub.get(path))[1]
    assert "annex" not in (await hub.get(path, OMAR.http))[1]
    assert (await hub.get("/v1/neutrals/omar", OMAR.http))[1]["annex"] is None
