"""Feedback over HTTP: who may ask, answer, relay and count, and what each is told."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from hub.feedback.desk import FORGET_DAYS, REISSUE_SECONDS, SLOT_DAYS
from hub.feedback.reading import Use
from hub.feedback.standing import DAY
from hub.feedback.tokens import hash_of
from hub.web.appkeys import DATABASE, FEEDBACK, FEEDBACK_READING, FOLLOWER
from hub.web.languages import TAGS
from signing.compose import new_salt, timestamp
from tests.hub.running import Hub, Running
from tests.hub.web.described import fits
from tests.hub.world import Actor

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
ACME, BRIO, COURT = Actor("acme", "provider"), Actor("brio", "provider"), Actor("court", "court")
ANSWER = {"outcome_side": "won", "scores": {"overall": 4, "cost": 2}}
OTHER = {"outcome_side": "lost", "scores": {"overall": 1}}
UNKNOWN = "This link is not valid: it is not whole, was never issued, or its time is over."
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        for one in (ACME, BRIO, COURT):
            await running.registered(running.speaker.member(one))
        yield running


def case(name: str) -> str:
    return name.ljust(22, "_")


async def send(hub: Hub, path: str, members: Any, actor: Actor | None = None, **headers: str) -> tuple[int, Any]:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    fields = {"Content-Type": "application/json"} | headers
    if actor is not None:
        fields |= hub.signature("POST", path, actor.http, fields={"Content-Type": "application/json"}, body=body)
    response = await hub.client.post(path, data=body, headers=fields)
    return response.status, await response.json(content_type=None)


async def issue(hub: Hub, name: str, *roles: str, actor: Actor = ACME) -> tuple[int, Any]:
    slots = [{"role": role, "language": "fr"} for role in roles or ("claimant", "respondent")]
    return await send(hub, "/v1/feedback/slots", {"case": case(name), "slots": slots}, actor)


async def issued(hub: Hub, name: str, *roles: str, actor: Actor = ACME) -> list[str]:
    status, answer = await issue(hub, name, *roles, actor=actor)
    assert status == 201, answer
    return [one["token"] for one in answer["slots"]]


async def answered(hub: Hub, token: str, members: Any = ANSWER) -> tuple[int, Any]:
    return await send(hub, "/v1/feedback/answers", members, Authorization=f"Feedback {token}")


async def looked(hub: Hub, token: str) -> tuple[int, Any]:
    return await hub.get("/v1/feedback/slot", headers={"Authorization": f"Feedback {token}"})


async def counted(hub: Hub, actor: Actor | None, provider: str = "acme") -> tuple[int, Any]:
    return await hub.get(f"/v1/feedback/providers/{provider}", None if actor is None else actor.http)


async def test_slots_are_issued_with_links_and_the_hub_keeps_hashes_alone(hub: Hub) -> None:
    status, answer = await issue(hub, "links")
    assert (status, answer["case"]) == (201, case("links"))
    assert [one["role"] for one in answer["slots"]] == ["claimant", "respondent"]
    for one in answer["slots"]:
        assert one["url"] == f"http://hub.example:8600/feedback?lang=fr#{one['token']}"
        assert one["token_sha256"] == hash_of(one["token"])
        status, told = await looked(hub, one["token"])
        fits("/v1/feedback/slot", told)
        assert (status, told["role"], told["provider"]) == (200, one["role"], {"id": "acme", "name": "Sample acme"})
    octets = (hub.data / "hub.sqlite3").read_bytes() + (hub.data / "hub.sqlite3-wal").read_bytes()
    assert not any(one["token"].encode() in octets for one in answer["slots"])
    assert all(bytes.fromhex(one["token_sha256"]) in octets for one in answer["slots"])


@pytest.mark.parametrize(
    ("path", "actor", "status", "code"),
    [
        ("/v1/feedback/slots", None, 401, "signature_needed"),
        ("/v1/feedback/slots", COURT, 403, "not_for_you"),
        ("/v1/feedback/slots", OFFICERS[0], 403, "not_for_you"),
        ("/v1/feedback/slots", ACME, 400, "bad_feedback"),
        ("/v1/feedback/relayed", None, 401, "signature_needed"),
        ("/v1/feedback/relayed", COURT, 403, "not_for_you"),
        ("/v1/feedback/relayed", ACME, 400, "bad_feedback"),
        ("/v1/feedback/answers", None, 400, "bad_feedback"),
    ],
)
async def test_who_may_not_post_and_what_is_no_form(
    hub: Hub, path: str, actor: Actor | None, status: int, code: str
) -> None:
    bodies: tuple[Any, ...] = ({}, b'{"case": 1, "case": 2}', b"[", b'{"x": "' + b"y" * 5000 + b'"}')
    for body in bodies:
        found, problem = await send(hub, path, body, actor)
        assert (found, problem["code"]) == (status, code)


async def test_a_form_comes_as_json(hub: Hub) -> None:
    response = await hub.client.post("/v1/feedback/answers", data=b"{}", headers={"Content-Type": "text/plain"})
    assert (response.status, (await response.json(content_type=None))["code"]) == (415, "wrong_media_type")


async def test_an_answer_counts_once_and_the_same_again_is_no_error(hub: Hub) -> None:
    (token,) = await issued(hub, "once", "claimant")
    assert await answered(hub, token) == (201, {"source": "party"})
    hub.clock.now += 2 * DAY
    assert await answered(hub, token) == (200, {"source": "party"})
    status, problem = await answered(hub, token, OTHER)
    assert (status, problem["code"]) == (409, "feedback_token_used")
    assert problem["detail"] == "This slot was answered already, and an answer can't be changed."
    kept = [one for one in await hub.client.app[FEEDBACK]._store.answers("acme") if one.case == case("once")]
    assert [(one.outcome_side, one.scores, one.day) for one in kept] == [
        ("won", ANSWER["scores"], hub.clock.now // DAY - 2)
    ]


async def test_whether_a_slot_was_answered_is_told_to_nobody_who_only_asks(hub: Hub) -> None:
    """The provider holds the tokens too: neither looking nor asking for slots anew may tell it who answered."""
    used, unused = await issued(hub, "used", "claimant"), await issued(hub, "unused", "claimant")
    await answered(hub, used[0])
    seen = [await looked(hub, one[0]) for one in (used, unused)]
    assert seen[0] == seen[1]
    again = [await issue(hub, name, "claimant") for name in ("used", "unused")]
    assert [status for status, _ in again] == [201, 201]
    hub.clock.now += REISSUE_SECONDS
    later = [await issue(hub, name, "claimant") for name in ("used", "unused")]
    assert [(status, problem["code"]) for status, problem in later] == [(409, "feedback_slot_fixed")] * 2


async def test_asking_again_ends_the_first_tokens_and_keeps_what_was_answered(hub: Hub) -> None:
    (first,) = await issued(hub, "again", "claimant")
    (second,) = await issued(hub, "again", "claimant")
    assert (await looked(hub, first))[0] == 404
    assert (await answered(hub, second))[0] == 201
    (third,) = await issued(hub, "again", "claimant")
    assert (await answered(hub, third, OTHER))[0] == 409


async def test_strangers_can_not_tell_unknown_from_expired(hub: Hub) -> None:
    (old,) = await issued(hub, "expired", "claimant")
    (answered_once,) = await issued(hub, "expired-used", "claimant")
    await answered(hub, answered_once)
    hub.clock.now += SLOT_DAYS * DAY
    tokens = [old, answered_once, "A" * 22, "", "B" * 30]
    found = [await looked(hub, one) for one in tokens] + [await answered(hub, one) for one in tokens]
    told = {(status, one["code"], one["detail"], one.get("where")) for status, one in found}
    assert told == {(404, "feedback_token_unknown", UNKNOWN, None)}


async def test_a_relayed_answer_is_labelled_and_does_not_use_the_party_s_token(hub: Hub) -> None:
    (token,) = await issued(hub, "relayed", "respondent")
    relayed = {"case": case("relayed"), "role": "respondent", **OTHER}
    told = {"case": case("relayed"), "role": "respondent", "source": "relayed"}
    assert await send(hub, "/v1/feedback/relayed", relayed, ACME) == (201, told)
    assert await send(hub, "/v1/feedback/relayed", relayed, ACME) == (200, told)
    status, problem = await send(hub, "/v1/feedback/relayed", {**relayed, "outcome_side": "won"}, ACME)
    assert (status, problem["code"]) == (409, "feedback_token_used")
    assert (await answered(hub, token))[0] == 201
    for actor, name, role in ((BRIO, "relayed", "respondent"), (ACME, "relayed", "claimant"), (ACME, "no", "claimant")):
        status, problem = await send(hub, "/v1/feedback/relayed", {**relayed, "case": case(name), "role": role}, actor)
        assert (status, problem["code"]) == (404, "feedback_slot_unknown")


def relayed_statement(
    hub: Hub, name: str, role: str = "respondent", members: Any = OTHER, actor: Actor = ACME
) -> bytes:
    told = {"provider": actor.id, "case": case(name), "role": role, "day": timestamp(hub.clock())[:10], **members}
    body = {"source": "relayed", "answers": [told]}
    return hub.speaker.compose("feedback", actor.id, body, [(actor.statement, "provider")], salt=new_salt())


async def test_a_provider_registers_what_it_relays_and_a_slot_must_be_open_for_it(hub: Hub) -> None:
    await issued(hub, "signed")
    waits = {"case": case("signed"), "role": "respondent", **OTHER}
    assert (await send(hub, "/v1/feedback/relayed", waits, ACME))[0] == 201
    document = relayed_statement(hub, "signed")
    receipt = await hub.registered(document)
    await hub.followed()
    store = hub.client.app[FEEDBACK]._store
    assert [(one.case, one.source) for one in await store.registered(receipt["index"])] == [(case("signed"), "relayed")]
    assert (await send(hub, "/v1/feedback/relayed", waits, ACME))[0] == 200
    path = f"/v1/statements/{receipt['digest']}"
    found = [(await hub.get(path, one))[0] for one in (None, OFFICERS[0].http, BRIO.http, ACME.http)]
    assert found == [404, 404, 404, 200], "an answer is read by whoever relayed it, and nobody else"
    for changed, status, code in (
        (relayed_statement(hub, "signed"), 409, "feedback_registered"),
        (relayed_statement(hub, "signed", members=ANSWER), 409, "feedback_token_used"),
        (relayed_statement(hub, "never"), 404, "feedback_slot_unknown"),
        (relayed_statement(hub, "signed", actor=BRIO), 404, "feedback_slot_unknown"),
    ):
        refused, problem = await hub.post(changed)
        assert (refused, problem["code"]) == (status, code)
    hub.clock.now += SLOT_DAYS * DAY
    status, again = await hub.post(document)
    assert (status, again["index"]) == (200, receipt["index"]), "what is registered needs no slot any more"


async def test_figures_read_answers_that_count_and_how_slots_were_used(hub: Hub) -> None:
    mine = Actor("reading", "provider")
    await hub.registered(hub.speaker.member(mine))
    reading = hub.client.app[FEEDBACK_READING]

    async def told() -> tuple[list[tuple[str, str]], Use]:
        found = [one for one in await reading.answers() if one.provider == mine.id]
        (use,) = [one for one in await reading.uses(hub.clock()) if one.provider == mine.id]
        return [(one.role, one.source) for one in found], use

    claimant, _ = await issued(hub, "read", actor=mine)
    for role in ("claimant", "respondent"):
        assert (await send(hub, "/v1/feedback/relayed", {"case": case("read"), "role": role, **OTHER}, mine))[0] == 201
    both = [("claimant", "relayed"), ("respondent", "relayed")]
    assert await told() == (both, Use(mine.id, 2, 0, 2, 0, 0))
    await answered(hub, claimant)
    await issued(hub, "read-later", "claimant", actor=mine)
    both[0] = ("claimant", "party")
    assert await told() == (both, Use(mine.id, 3, 1, 1, 0, 1))
    hub.clock.now += SLOT_DAYS * DAY
    assert await told() == (both, Use(mine.id, 3, 1, 1, 1, 0))


async def test_slots_that_a_case_event_names_keep_their_tokens(hub: Hub) -> None:
    status, answer = await issue(hub, "registered", actor=BRIO)
    assert status == 201
    slots = [{"role": one["role"], "token": one["token_sha256"]} for one in answer["slots"]]
    event = {
        "case": case("registered"),
        "sequence": 0,
        "type": "commenced",
        "at": "2026-11-18T00:00:00Z",
        "slots": slots,
    }
    await hub.registered(hub.speaker.case_events(BRIO, [event]))
    await hub.client.app[FOLLOWER].catch_up()
    status, problem = await issue(hub, "registered", "claimant", actor=BRIO)
    assert (status, problem["code"], problem["where"]) == (409, "feedback_slot_fixed", "claimant")
    _, before = await counted(hub, OFFICERS[0], "brio")
    assert (before["issued"], before["unregistered"], before["unknown"]) == (2, 0, 0)
    await issued(hub, "not-registered", "claimant", actor=BRIO)
    stray = {**event, "case": case("stray"), "slots": [{"role": "claimant", "token": "0" * 64}]}
    await hub.registered(hub.speaker.case_events(BRIO, [stray]))
    await hub.client.app[FOLLOWER].catch_up()
    _, after = await counted(hub, OFFICERS[0], "brio")
    assert (after["issued"], after["unregistered"], after["unknown"]) == (3, 1, 1)


async def test_counts_are_for_the_provider_in_groups_and_for_officers_exactly(hub: Hub) -> None:
    acme = Actor("counted", "provider")
    await hub.registered(hub.speaker.member(acme))
    tokens = [(await issued(hub, f"count-{number}", "claimant", actor=acme))[0] for number in range(7)]
    for token in tokens[:6]:
        await answered(hub, token)
    _, exact = await counted(hub, OFFICERS[0], acme.id)
    fits("/v1/feedback/providers/{id}", exact)
    assert (exact["view"], exact["issued"], exact["open"], exact["group"]) == ("supervised", 7, 1, 1)
    (overall,) = [one for one in exact["scores"] if one["question"] == "overall"]
    assert overall == {"role": "claimant", "question": "overall", "n": 6,
                       "counts": {"1": 0, "2": 0, "3": 0, "4": 6, "5": 0}}  # fmt: skip
    _, own = await counted(hub, acme, acme.id)
    assert own == {"provider": acme.id, "view": "own", "group": 5, "issued": 7, "ended": [], "scores": []}
    hub.clock.now += DAY
    _, own = await counted(hub, acme, acme.id)
    fits("/v1/feedback/providers/{id}", own)
    assert {(one["question"], one["n"]) for one in own["scores"]} == {("overall", 5), ("cost", 5)}
    hub.clock.now += (SLOT_DAYS + 31) * DAY
    _, own = await counted(hub, acme, acme.id)
    (month,) = own["ended"]
    assert [month[name] for name in ("slots", "answered", "relayed", "unused")] == [7, 6, 0, 1]


@pytest.mark.parametrize(
    ("actor", "provider", "status", "code"),
    [
        (None, "acme", 401, "signature_needed"),
        (BRIO, "acme", 403, "not_for_you"),
        (COURT, "acme", 403, "not_for_you"),
        (COURT, "court", 403, "not_for_you"),
        (OFFICERS[0], "court", 404, "not_found"),
        (OFFICERS[0], "nobody", 404, "not_found"),
        (OFFICERS[0], "NOBODY", 400, "bad_parameter"),
    ],
)
async def test_who_may_not_count(hub: Hub, actor: Actor | None, provider: str, status: int, code: str) -> None:
    found, problem = await counted(hub, actor, provider)
    assert (found, problem["code"]) == (status, code)


async def test_tokens_are_forgotten_after_their_time_and_slots_stay(hub: Hub) -> None:
    (token,) = await issued(hub, "forgotten", "claimant")
    kept = text('SELECT count(*) FROM feedback_slots WHERE "case" = :case AND token IS NOT NULL')
    one = kept.bindparams(case=case("forgotten"))
    app = hub.client.app

    async def known() -> Any:
        await app[FEEDBACK].sweep()
        return await app[DATABASE].read(lambda connection: connection.scalar(one))

    hub.clock.now += (SLOT_DAYS + FORGET_DAYS) * DAY
    assert await known() == 1
    hub.clock.now += 1
    assert await known() == 0
    assert (await looked(hub, token))[0] == 404
    status, problem = await issue(hub, "forgotten", "claimant")
    assert (status, problem["code"]) == (409, "feedback_slot_fixed")


async def test_the_page_runs_its_own_script_alone_and_posts_no_form(hub: Hub) -> None:
    for tag in TAGS:
        response = await hub.client.get(f"/feedback?lang={tag}")
        page, policy = await response.text(), response.headers["Content-Security-Policy"]
        assert (response.status, response.headers["Content-Language"]) == (200, tag)
        assert "script-src 'self'" in policy
        assert "form-action 'none'" in policy
        assert "unsafe" not in policy
        assert re.findall(r"<script[^>]*>[^<]*", page) == ['<script src="/static/feedback.js" defer>']
        assert "<noscript>" in page
        assert page.count('name="fairness"') == 6
    script = await hub.client.get("/static/feedback.js")
    assert script.content_type == "text/javascript"
