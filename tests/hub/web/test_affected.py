"""``/v1/keys/{kid}/affected``: what a compromised key has put in doubt, and who may ask."""

from typing import Any

import pytest

from hub import affected
from signing.compose import new_salt
from signing.encoding import b64u_decode, loads
from signing.secretkeys import SigningKey
from tests.hub.running import Hub
from tests.hub.world import Actor, signing_key

ACME, BRIO = Actor("acme-odr", "provider"), Actor("brio-odr", "provider")
NEUTRAL = Actor("neutral-a", "neutral")
LATER = signing_key("neutral-a/later")


async def award(hub: Hub, number: int, key: SigningKey | None = None) -> int:
    """Register an award that the neutral signed, with ``key`` if given; its log index."""
    pdf = b"%%PDF-1.7 award %d" % number
    if key is None:
        receipt = await hub.registered(hub.speaker.award(ACME, NEUTRAL, pdf))
    else:

        class Signing(Actor):
            @property
            def statement(self) -> SigningKey:
                assert key is not None
                return key

        receipt = await hub.registered(hub.speaker.award(ACME, Signing(NEUTRAL.id, "neutral"), pdf))
    return int(receipt["proof"].split("\nindex ", 1)[1].split("\n", 1)[0])


@pytest.fixture
async def place(hub: Hub) -> tuple[Hub, list[int]]:
    """Awards 0 and 1 with the neutral's first key, 2 with a key that came in through it, 3 with the first again."""
    speaker = hub.speaker
    for document in (speaker.member(ACME), speaker.accreditation(ACME), speaker.member(BRIO)):
        await hub.registered(document)
    await hub.registered(speaker.neutral(NEUTRAL, ACME))
    places = [await award(hub, 0), await award(hub, 1)]
    body = {"action": "add", "owner": NEUTRAL.id, "key": {"purpose": "statement", "jwk": LATER.public.jwk()}}
    signers = [(NEUTRAL.statement, "neutral"), (LATER, "introduced")]
    await hub.registered(speaker.compose("key", NEUTRAL.id, body, signers))
    places += [await award(hub, 2, LATER), await award(hub, 3)]
    return hub, places


def address(kid: str) -> str:
    return f"/v1/keys/{kid}/affected"


async def report(hub: Hub, kid: str, query: str = "", key: SigningKey | None = None) -> dict[str, Any]:
    status, answer = await hub.get(address(kid) + query, key or hub.speaker.officers[0].http)
    assert status == 200, answer
    return dict(answer)


def places_of(answer: dict[str, Any]) -> list[int]:
    return [one["index"] for one in answer["awards"]]


async def test_before_it_is_revoked_the_report_says_what_would_be(place: tuple[Hub, list[int]]) -> None:
    hub, (first, second, third, last) = place
    kid = NEUTRAL.statement.kid
    everything = await report(hub, kid)
    assert (places_of(everything), everything["supposed"]) == ([first, second, third, last], True)
    assert {one["status"] for one in everything["awards"]} == {"recorded"}
    since = await report(hub, kid, f"?from={second}")
    assert (places_of(since), since["from"]) == ([second, third, last], second)
    assert [one["signed_with"] for one in since["awards"]] == [kid, LATER.kid, kid]
    assert since["awards"][0]["signers"] == ["acme-odr", "neutral-a"]
    assert places_of(await report(hub, kid, f"?from={last}")) == [last], "the later key came in before that"
    assert places_of(await report(hub, LATER.kid)) == [third]


async def test_after_it_is_revoked_the_report_is_what_the_register_says(place: tuple[Hub, list[int]]) -> None:
    hub, (_, second, third, last) = place
    speaker, kid = hub.speaker, NEUTRAL.statement.kid
    await hub.registered(speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=second))
    found = await report(hub, kid)
    assert (places_of(found), found["from"], found["supposed"]) == ([second, third, last], second, False)
    assert {one["status"] for one in found["awards"]} == {"disputed"}
    body = {"award": found["awards"][0]["digest"], "decision": "reject", "reason_code": "key_compromised"}
    await hub.registered(speaker.compose("award-review", "coordinator", body, speaker.officer(2), salt=new_salt()))
    assert [one["status"] for one in (await report(hub, kid))["awards"]] == ["rejected", "disputed", "disputed"]
    body = {"action": "confirm", "owner": NEUTRAL.id, "kid": LATER.kid}
    await hub.registered(speaker.compose("key", "coordinator", body, speaker.officer(2)))
    assert places_of(await report(hub, kid)) == [second, last], "what was confirmed is in doubt no more"
    other = await report(hub, LATER.kid)
    assert places_of(other) == [third], "it may be asked about by itself"


async def test_what_two_keys_put_in_doubt_stands_in_both_reports(place: tuple[Hub, list[int]]) -> None:
    """A later key is revoked and its award reviewed; then the key through which it came in disputes it again."""
    hub, (_, second, third, last) = place
    speaker, first = hub.speaker, NEUTRAL.statement
    await hub.registered(speaker.revoke(NEUTRAL, LATER, invalid_from=second))
    (found,) = (await report(hub, LATER.kid))["awards"]
    body = {"award": found["digest"], "decision": "confirm", "reason_code": "key_safe"}
    await hub.registered(speaker.compose("award-review", "coordinator", body, speaker.officer(2), salt=new_salt()))
    assert places_of(await report(hub, first.kid, f"?from={second}")) == [second, third, last], "it would be again"
    await hub.registered(speaker.revoke(NEUTRAL, first, invalid_from=second))
    status = await hub.get(f"/v1/awards/{found['digest']}/status")
    assert loads(b64u_decode(status[1]["status"]["payload"]))["state"] == "disputed"
    told = await report(hub, first.kid)
    assert [(one["index"], one["status"]) for one in told["awards"]] == [
        (second, "disputed"), (third, "disputed"), (last, "disputed"),
    ]  # fmt: skip
    assert [one["status"] for one in (await report(hub, LATER.kid))["awards"]] == ["confirmed"]


async def test_pages(place: tuple[Hub, list[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    hub, places = place
    kid = NEUTRAL.statement.kid
    page = await report(hub, kid, "?limit=3")
    assert (places_of(page), page["next"]) == (places[:3], places[2])
    rest = await report(hub, kid, f"?limit=3&after={page['next']}")
    assert (places_of(rest), rest["next"]) == (places[3:], None)
    monkeypatch.setattr(affected, "_PIECE", 1)
    monkeypatch.setattr(affected, "MOST_LOOKED_AT", 2)
    page = await report(hub, kid)
    assert (places_of(page), page["next"]) == (places[:2], places[1]), "one request does not look at everything"


async def test_its_owner_and_officers_may_ask(place: tuple[Hub, list[int]]) -> None:
    hub, _ = place
    kid = NEUTRAL.statement.kid
    assert (await report(hub, kid, key=NEUTRAL.http))["owner"] == "neutral-a"
    for key in (BRIO.http, ACME.http):
        status, problem = await hub.get(address(kid), key)
        assert (status, problem["code"]) == (404, "not_found"), "not even the provider of the same awards"
    status, _ = await hub.get(address(kid))
    assert status == 401
    status, problem = await hub.get(f"/v1/keys/{'A' * 43}/affected", hub.speaker.officers[0].http)
    assert (status, problem["code"]) == (404, "not_found")
    for query in ("?from=9999", "?from=-1", "?after=x"):
        status, problem = await hub.get(address(kid) + query, hub.speaker.officers[0].http)
        assert (status, problem["code"]) == (400, "bad_parameter")
