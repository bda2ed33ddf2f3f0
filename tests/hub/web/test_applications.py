"""``/v1/applications``: applying, the self-test, the officers' queue, and who may see what."""

from collections.abc import Callable
from typing import Any

import pytest

from hub.applications import service
from hub.web.appkeys import APPLICATIONS, QUOTAS
from providers.application.form import ApplicationForm
from signing.compose import payload, sign_all
from signing.encoding import b64u_decode, canonical, loads
from tests.hub.applications.applicants import CORA, DORI, Applicant
from tests.hub.running import Hub
from tests.hub.world import Actor, agreement_key, signing_key

DAY = 86_400


class Namesake(Actor):
    """Somebody with keys of their own who asks for the same id."""

    statement = property(lambda self: signing_key(f"{self.id}/namesake/statement"))
    http = property(lambda self: signing_key(f"{self.id}/namesake/http"))
    monitor = property(lambda self: agreement_key(f"{self.id}/namesake/monitor"))
    inbox = property(lambda self: agreement_key(f"{self.id}/namesake/inbox"))


@pytest.fixture
def cora(hub: Hub) -> Applicant:
    return Applicant(hub, CORA)


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {one["item"]: one["state"] for one in answer["self_test"]["outcomes"]}


def message(answer: dict[str, Any], item: str) -> str:
    return str(next(one["message"] for one in answer["self_test"]["outcomes"] if one["item"] == item))


async def register(hub: Hub, applicant: Applicant, officer: int = 0) -> None:
    """Admit an applicant as the officer's program does: sign the draft that waits for this officer, post it."""
    one = hub.speaker.officers[officer]
    shown = await applicant.shown(one.http)
    form = ApplicationForm.from_bytes(canonical(shown["application"]))
    draft = form.draft_for(one.statement.kid).signed_by(one.statement, hub.clock())
    await hub.registered(draft.statement().document)


async def test_from_application_to_member(hub: Hub, cora: Applicant) -> None:
    await cora.applied()
    shown = await cora.shown()
    assert (shown["state"], shown["actor"], shown["type"]) == ("received", "cora-centre", "provider")
    assert shown["expires_at"] > shown["received_at"]
    answer = await cora.answered()
    assert answer["state"] == "ready"
    assert set(outcomes(answer).values()) == {"pass"}
    await register(hub, cora, officer=1)  # the second officer, though the draft names the first
    ended = await cora.shown()
    assert (ended["state"], ended["reason"], ended["self_test"]["challenge"]) == ("admitted", None, None)
    status, member = await hub.get("/v1/members/cora-centre")
    assert (status, member["member"]["profile"]["legal_name"]) == (200, "Sample cora-centre")


async def test_the_same_again_is_the_same_application(hub: Hub, cora: Applicant) -> None:
    data = cora.form().to_bytes()
    first, again = await cora.post(data), await cora.post(data)
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    hub.clock.now += 1
    status, problem = await cora.post(cora.form().to_bytes())
    assert (status, problem["code"], problem["where"]) == (409, "application_pending", first[1]["id"])


async def test_who_withdraws_may_apply_anew(cora: Applicant) -> None:
    await cora.applied()
    path = f"/v1/applications/{cora.id}"
    status, answer = await cora.send("DELETE", path)
    assert (status, answer["state"], answer["ended_by"]) == (200, "withdrawn", None)
    status, problem = await cora.send("DELETE", path)
    assert (status, problem["code"]) == (409, "application_ended")
    assert problem["detail"] == "The application has ended: withdrawn."
    cora.hub.clock.now += 1
    before = cora.id
    await cora.applied()
    assert cora.id != before


def update(one: Applicant) -> bytes:
    """A later statement of a member, as an application."""
    body = loads(one.form().draft.octets)["body"]
    del body["keys"]
    signers = [(CORA.statement.kid, "provider"), (one.hub.speaker.officers[0].statement.kid, "officer")]
    more: dict[str, Any] = {"network": one.hub.speaker.network, "now": one.hub.clock(), "previous": "ab" * 32}
    octets = payload("member", CORA.id, body, signers, **more)
    return ApplicationForm.signed(octets, [CORA.statement], [], one.hub.clock()).to_bytes()


def decision(one: Applicant) -> bytes:
    """A decision on accreditation, as an application."""
    officer = one.hub.speaker.officers[0].statement
    document = loads(one.hub.speaker.accreditation(CORA))
    octets = b64u_decode(document["payload"])
    return ApplicationForm.signed(octets, [officer], [], one.hub.clock()).to_bytes()


def changed(one: Applicant, **members: Any) -> bytes:
    """An application whose draft has other members."""
    form = loads(one.form().to_bytes())
    return canonical(form | {"draft": form["draft"] | members})


WRONG: dict[str, tuple[Callable[[Applicant], bytes], int, str]] = {
    "no JSON": (lambda _: b"{", 400, "not_json"),
    "no application": (lambda _: b'{"odr_application":2,"draft":{},"alternatives":[]}', 400, "bad_application"),
    "no draft": (lambda one: changed(one, odr_draft=None), 400, "bad_application"),
    "a draft of another version": (lambda one: changed(one, odr_draft=2), 400, "bad_application"),
    "a member too many in the draft": (lambda one: changed(one, extra=1), 400, "bad_application"),
    "signatures that are no list": (lambda one: changed(one, signatures=5), 400, "bad_application"),
    "another network": (lambda one: one.form(network="ab" * 32).to_bytes(), 422, "wrong_network"),
    "an old one": (lambda one: one.form(now=one.hub.clock() - DAY - 1).to_bytes(), 422, "application_stale"),
    "one dated ahead": (lambda one: one.form(now=one.hub.clock() + 301).to_bytes(), 422, "application_stale"),
    "an update": (update, 422, "not_a_first_statement"),
    "an update with keys": (lambda one: one.form(previous="ab" * 32).to_bytes(), 422, "schema_violation"),
    "another kind": (decision, 422, "wrong_kind"),
    "no inbox key": (lambda one: one.form(("statement", "http", "monitor")).to_bytes(), 422, "keys_incomplete"),
    "no monitor key": (lambda one: one.form(("statement", "http", "inbox")).to_bytes(), 422, "schema_violation"),
    "a name of 200 letters": (lambda one: one.form(name="x" * 2001).to_bytes(), 422, "schema_violation"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_no_application_is_refused(cora: Applicant, what: str) -> None:
    make, status, code = WRONG[what]
    found, problem = await cora.post(make(cora))
    assert (found, problem["code"]) == (status, code), problem


async def test_a_draft_that_is_none_is_said_to_be_in_the_application(cora: Applicant) -> None:
    status, problem = await cora.post(changed(cora, signatures=5))
    assert (status, problem["where"], problem["retryable"]) == (400, "/draft/signatures", False)
    assert problem["detail"] == "The signatures of a draft are a list of objects."


async def test_every_new_key_has_signed_and_nobody_else(hub: Hub, cora: Applicant) -> None:
    form = loads(cora.form(officers=1).to_bytes())
    draft = form["draft"]
    one, other = draft["signatures"]

    async def posted(signatures: list[Any]) -> str:
        status, problem = await cora.post(canonical(form | {"draft": draft | {"signatures": signatures}}))
        assert status in (400, 422), problem
        return str(problem["code"])

    assert await posted([one]) == "signature_missing"
    assert await posted([one, other | {"signature": one["signature"]}]) == "bad_signature"
    complete = cora.form(officers=1).draft.signed_by(hub.speaker.officers[0].statement, hub.clock())
    assert await posted(list(complete.signatures)) == "signed_already"
    stranger = signing_key("nobody")
    found = form | {"alternatives": [{"officer": stranger.kid, "signatures": [one, other]}]}
    status, problem = await cora.post(canonical(found))
    assert (status, problem["code"]) == (422, "unknown_officer_key")


async def test_possession_of_the_inbox_key_is_proven_for_this_actor(hub: Hub, cora: Applicant) -> None:
    thief = Applicant(hub, Actor("mallory-centre", "provider"))
    entry = hub.speaker.public_key(CORA, "inbox")  # seen elsewhere; its proof is for cora-centre
    body = loads(thief.form().draft.octets)["body"]
    body["keys"] = [one for one in body["keys"] if one["purpose"] != "inbox"] + [entry]
    signing = [thief.actor.statement, thief.actor.http]
    signers = [*((key.kid, "introduced") for key in signing), (hub.speaker.officers[0].statement.kid, "officer")]
    octets = payload("member", "mallory-centre", body, signers, network=hub.speaker.network, now=hub.clock())
    form = ApplicationForm.signed(octets, signing, [], hub.clock())
    status, problem = await thief.post(form.to_bytes())
    assert (status, problem["code"]) == (422, "possession_not_proven")


async def test_what_the_register_has_is_not_applied_for(hub: Hub, cora: Applicant) -> None:
    await cora.applied()
    await register(hub, cora)
    hub.clock.now += 1
    status, problem = await Applicant(hub, CORA).post(cora.form().to_bytes())
    assert (status, problem["code"]) == (409, "actor_id_taken")
    other = Applicant(hub, Actor("other-centre", "provider"))
    mixed = other.form()
    keys = [hub.speaker.public_key(CORA, "statement"), *loads(mixed.draft.octets)["body"]["keys"][1:]]
    body = loads(mixed.draft.octets)["body"] | {"keys": keys}
    signing = [CORA.statement, other.actor.http]
    signers = [*((key.kid, "introduced") for key in signing), (hub.speaker.officers[0].statement.kid, "officer")]
    octets = payload("member", "other-centre", body, signers, network=hub.speaker.network, now=hub.clock())
    status, problem = await other.post(ApplicationForm.signed(octets, signing, [], hub.clock()).to_bytes())
    assert (status, problem["code"]) == (409, "key_known")


async def test_a_document_that_is_too_large_is_not_read(cora: Applicant) -> None:
    status, problem = await cora.post(b" " * 32_769)
    assert (status, problem["code"]) == (413, "too_large")
    assert problem["detail"] == "A request body here has at most 32768 bytes."
    status, problem = await cora.post(cora.form().to_bytes(), **{"Content-Type": "text/plain"})
    assert (status, problem["code"]) == (415, "wrong_media_type")


async def test_one_address_applies_so_often(start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(settings="[limits]\naddress_applications_per_hour = 2\n") as hub:
        at = [0.0]
        monkeypatch.setattr(hub.client.app[QUOTAS], "_clock", lambda: at[0])
        first = await Applicant(hub, CORA).applied()
        form = Applicant(hub, DORI).form().to_bytes()
        answer = await hub.client.post("/v1/applications", data=form, headers={"Content-Type": "application/json"})
        problem = await answer.json(content_type=None)
        assert (answer.status, problem["code"], problem["retryable"]) == (429, "application_quota", True)
        assert int(answer.headers["Retry-After"]) == 1800
        assert (await hub.get(f"/v1/applications/{first.id}", CORA.http))[0] == 200
        at[0] += 1800
        assert (await first.post(form))[0] == 201


async def test_what_does_not_hold_or_is_there_already_keeps_nobody_behind_the_same_proxy_out(
    start: Callable[..., Any],
) -> None:
    async with start(settings="[limits]\naddress_applications_per_hour = 4\n") as hub:
        cora, dori = Applicant(hub, CORA), Applicant(hub, DORI)
        form = cora.form().to_bytes()
        assert (await cora.post(form))[0] == 201
        forged = loads(dori.form().to_bytes())
        forged["draft"]["signatures"] = loads(form)["draft"]["signatures"]
        found = []
        for _ in range(10):
            assert (await cora.post(b"{"))[0] == 400
            found.append(await cora.post(canonical(forged)))
            assert (await cora.post(form))[0] == 200
            assert (await cora.post(cora.form(name="Another").to_bytes()))[0] == 409
        await dori.applied()
    assert {(status, problem["code"]) for status, problem in found} == {(422, "signature_missing")}


async def test_no_rate_of_applications_is_no_limit(start: Callable[..., Any]) -> None:
    async with start(settings="[limits]\naddress_applications_per_hour = 0\n") as hub:
        for n in range(40):
            await Applicant(hub, Actor(f"centre-{n}", "observer")).applied(purposes=("statement", "http"))


async def test_nonsense_is_bounded_by_the_rate_of_posts(start: Callable[..., Any]) -> None:
    async with start(settings="[limits]\naddress_posts_per_second = 1\nburst_seconds = 2\n") as hub:
        cora = Applicant(hub, CORA)
        found = [await cora.post(b"{") for _ in range(4)]
    assert [status for status, _ in found][:2] == [400, 400]
    assert (found[-1][0], found[-1][1]["code"]) == (429, "address_quota")


async def test_so_many_applications_wait(hub: Hub, cora: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PENDING", 1)
    await cora.applied()
    other = Applicant(hub, DORI)
    answer = await hub.client.post(
        "/v1/applications", data=other.form().to_bytes(), headers={"Content-Type": "application/json"}
    )
    problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"], answer.headers["Retry-After"]) == (429, "too_many_applications", "3600")
    await cora.declined("A reason.")
    await other.applied()


# --- the self-test ------------------------------------------------------------------------------------


def statement(cora: Applicant, key: Any = None, **changes: Any) -> Any:
    """A test statement; the right one but for ``changes``."""
    key = key or CORA.statement
    right = {
        "kind": "self-test", "issuer": "cora-centre", "role": "provider", "network": None, "now": cora.hub.clock(),
        "body": {"application": cora.id, "nonce": cora.challenge["nonce"]},
    } | changes  # fmt: skip
    signers = [(key.kid, right["role"])]
    octets = payload(right["kind"], right["issuer"], right["body"], signers, network=right["network"], now=right["now"])
    return loads(sign_all(octets, [(key, right["role"])], cora.hub.clock()))


ANSWERS: dict[str, tuple[str, Callable[[Applicant], dict[str, Any]], str]] = {
    "no digest": ("decryption", lambda _: {"sha256": None}, "The SHA-256 of the content is missing: decrypt"),
    "another digest": ("decryption", lambda _: {"sha256": "ab" * 32}, "The SHA-256 of the content is another one:"),
    "no tags": ("owner_tags", lambda _: {"tags": []}, "0 of "),
    "every tag": ("owner_tags", lambda one: {"tags": one.challenge["tags"]}, "and "),
    "no statement": ("test_statement", lambda _: {"statement": None}, "There is no test statement"),
    "no JWS": ("test_statement", lambda _: {"statement": {}}, "does not hold"),
    "another key": ("test_statement", lambda one: {"statement": statement(one, CORA.http)}, "(unknown_key)"),
    "a network": ("test_statement", lambda one: {"statement": statement(one, network="ab" * 32)}, "must: network."),
    "a kind": ("test_statement", lambda one: {"statement": statement(one, kind="member")}, "must: kind."),
    "a role": ("test_statement", lambda one: {"statement": statement(one, role="court")}, "must: signers."),
    "an issuer": ("test_statement", lambda one: {"statement": statement(one, issuer="acme")}, "must: issuer."),
    "a nonce": ("test_statement", lambda one: {"statement": statement(one, body={})}, "must: body."),
    "a time": ("test_statement", lambda one: {"statement": statement(one, now=1_000_000)}, "must: issued_at."),
}


@pytest.mark.parametrize("what", ANSWERS)
async def test_what_the_gateway_can_not_do_is_told_apart(cora: Applicant, what: str) -> None:
    item, changes, told = ANSWERS[what]
    await cora.applied()
    answer = await cora.answered(**changes(cora))
    assert answer["state"] == "testing"
    assert {name for name, state in outcomes(answer).items() if state != "pass"} == {item}
    assert outcomes(answer)[item] == "fail"
    assert told in message(answer, item)
    assert (await cora.answered())["state"] == "ready", "it may try again"
    assert (await cora.answered(**changes(cora)))["state"] == "ready", "what was shown once is enough"


@pytest.mark.parametrize(("ahead", "told"), [(31, "31 s ahead"), (-31, "31 s behind"), (5000, "5000 s ahead")])
async def test_a_wrong_clock_is_found_out_by_the_test(cora: Applicant, ahead: int, told: str) -> None:
    await cora.applied()
    status, answer = await cora.answer(cora.right().json(), ahead=ahead)
    assert (status, answer["state"]) == (200, "testing")
    assert [name for name, state in outcomes(answer).items() if state == "fail"] == ["clock"]
    assert told in message(answer, "clock")
    path = f"/v1/applications/{cora.id}"
    status, _ = await cora.send("GET", path, ahead=ahead * 100)
    assert status == 401, "elsewhere the time of a signature counts"
    status, answer = await cora.answer(cora.right().json(), ahead=30)
    assert (status, answer["state"]) == (200, "ready")


@pytest.mark.parametrize(
    "members",
    [[], {}, {"sha256": 1, "tags": [], "statement": None}, {"sha256": None, "tags": {}, "statement": None},
     {"sha256": None, "tags": [1], "statement": None}, {"sha256": None, "tags": [], "statement": "x"}],
)  # fmt: skip
async def test_an_answer_has_its_form(cora: Applicant, members: Any) -> None:
    await cora.applied()
    status, problem = await cora.answer(members)
    assert (status, problem["code"]) == (400, "bad_answer_form")


async def test_an_answer_is_signed_with_the_http_key_of_the_application(hub: Hub, cora: Applicant) -> None:
    await cora.applied()
    other = await Applicant(hub, DORI).applied()
    status, problem = await cora.answer(cora.right().json(), key=DORI.http)
    assert (status, problem["code"]) == (401, "http_key_unknown")
    status, problem = await cora.answer(cora.right().json(), key=CORA.statement)
    assert (status, problem["code"]) == (401, "http_key_unknown")
    status, problem = await cora.answer(cora.right().json(), key=hub.speaker.officers[0].http)
    assert (status, problem["code"]) == (404, "unknown_application"), "an officer answers for nobody"
    path = f"/v1/applications/{cora.id}/self-test"
    answer = await hub.client.post(path, json=cora.right().json())
    assert answer.status == 401
    assert (await other.answered())["state"] == "ready"


async def test_a_replayed_answer_is_refused(hub: Hub, cora: Applicant) -> None:
    await cora.applied()
    path, body = f"/v1/applications/{cora.id}/self-test", canonical(cora.right().json())
    fields = {"Content-Type": "application/json"}
    signed = fields | hub.signature("POST", path, CORA.http, fields=fields, body=body)
    first = await hub.client.post(path, data=body, headers=signed)
    again = await hub.client.post(path, data=body, headers=signed)
    assert (first.status, again.status) == (200, 401)
    assert (await again.json(content_type=None))["code"] == "nonce_reused"


async def test_the_test_statement_can_not_be_registered(hub: Hub, cora: Applicant) -> None:
    await cora.applied()
    document = cora.right().statement
    assert document is not None
    status, problem = await hub.post(document)
    assert (status, problem["code"]) == (422, "wrong_network")


async def test_an_observer_needs_neither_inbox_nor_monitor_key(hub: Hub) -> None:
    observer = await Applicant(hub, Actor("watch-house", "observer")).applied(purposes=("statement", "http"))
    assert observer.challenge["age"] is None
    answer = await observer.answered()
    assert answer["state"] == "ready"
    assert outcomes(answer) | {"decryption": "not_needed", "owner_tags": "not_needed"} == outcomes(answer)


# --- who sees what ------------------------------------------------------------------------------------


async def test_an_application_is_its_applicants_and_the_officers_alone(hub: Hub, cora: Applicant) -> None:
    member = Actor("acme-odr", "provider")
    await hub.registered(hub.speaker.member(member))
    await cora.applied()
    await Applicant(hub, DORI).applied()
    for key, status in [(None, 401), (DORI.http, 401), (member.http, 404), (CORA.statement, 401)]:
        found, _ = await hub.get(f"/v1/applications/{cora.id}", key)
        assert found == status
    for key, status in [(None, 401), (CORA.http, 401), (member.http, 403)]:
        found, _ = await hub.get("/v1/applications", key)
        assert found == status
        found, _ = await cora.send(
            "POST", f"/v1/applications/{cora.id}/decline", {"reason": "x"}, key or signing_key("x")
        )
        assert found in (401, 403)
    status, problem = await cora.send("POST", f"/v1/applications/{cora.id}/decline", {"reason": "x"})
    assert (status, problem["code"]) == (403, "not_for_you"), "the applicant's key is no officer's"
    status, problem = await hub.get("/v1/applications/no-such-id", hub.speaker.officers[0].http)
    assert (status, problem["code"]) == (404, "unknown_application")
    shown = await cora.shown()
    assert "application" not in shown
    assert "flags" not in shown


async def test_officers_see_the_queue(hub: Hub, cora: Applicant) -> None:
    await cora.applied()
    hub.clock.now += 1
    other = await Applicant(hub, DORI).applied()
    officer = hub.speaker.officers[1].http
    status, page = await hub.get("/v1/applications?limit=1", officer)
    assert (status, [one["id"] for one in page["applications"]]) == (200, [cora.id])
    assert page["applications"][0]["legal_name"] == "Sample cora-centre"
    _, rest = await hub.get(f"/v1/applications?limit=1&after={page['next']}", officer)
    assert ([one["id"] for one in rest["applications"]], rest["next"]) == ([other.id], None)
    _, named = await hub.get("/v1/applications?actor=dori-centre", officer)
    assert [one["id"] for one in named["applications"]] == [other.id]
    await cora.declined("The name is taken in your economy.", officer=1)
    _, left = await hub.get("/v1/applications", officer)
    assert [one["id"] for one in left["applications"]] == [other.id]
    _, everything = await hub.get("/v1/applications?ended=true", officer)
    assert len(everything["applications"]) == 2
    status, problem = await hub.get("/v1/applications?after=x", officer)
    assert (status, problem["code"]) == (400, "bad_parameter")
    ended = await cora.shown()
    assert (ended["state"], ended["reason"]) == ("declined", "The name is taken in your economy.")
    assert ended["ended_by"] == "officer-2"
    assert (await cora.shown(officer))["application"] is None, "what was posted is deleted"


async def test_the_queue_of_one_id_has_pages_too(hub: Hub, cora: Applicant) -> None:
    first = await cora.applied()
    hub.clock.now += 1
    others = await Applicant(hub, Namesake(CORA.id, "provider")).applied()
    hub.clock.now += 1
    await Applicant(hub, DORI).applied()
    officer = hub.speaker.officers[0].http
    _, page = await hub.get("/v1/applications?actor=cora-centre&limit=1", officer)
    assert ([one["id"] for one in page["applications"]], page["next"]) == ([first.id], first.id)
    _, rest = await hub.get(f"/v1/applications?actor=cora-centre&limit=1&after={page['next']}", officer)
    assert ([one["id"] for one in rest["applications"]], rest["next"]) == ([others.id], None)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "in\x00use", None, 7])
async def test_a_decision_has_a_reason(cora: Applicant, reason: Any) -> None:
    await cora.applied()
    officer = cora.hub.speaker.officers[0].http
    status, problem = await cora.send("POST", f"/v1/applications/{cora.id}/decline", {"reason": reason}, officer)
    assert (status, problem["code"]) == (400, "bad_reason")
    body: Any
    for body in ([], {"reason": "x", "more": 1}):
        status, problem = await cora.send("POST", f"/v1/applications/{cora.id}/decline", body, officer)
        assert (status, problem["code"]) in {(400, "bad_reason"), (400, "not_an_object")}


async def test_look_alikes_are_flagged_and_not_refused(hub: Hub, cora: Applicant) -> None:
    await hub.registered(hub.speaker.member(Actor("acme-odr", "provider")))  # "Sample acme-odr"
    alike = await Applicant(hub, Actor("acrne-0dr", "provider")).applied(name="S\u0430mple \u0410cme \u041eDR")
    rival = await Applicant(hub, DORI).applied(name="Sample acme-odr")
    officer = hub.speaker.officers[0].http
    assert {one["code"] for one in (await alike.shown(officer))["flags"]} == {"actor_id_alike", "name_alike"}
    flags = (await rival.shown(officer))["flags"]
    assert {(one["code"], "member acme-odr" in one["message"]) for one in flags} == {
        ("name_same", True), ("name_alike", False),
    }  # fmt: skip
    await cora.applied()
    assert (await cora.shown(officer))["flags"] == []


async def test_two_may_ask_for_one_id_and_one_gets_it(hub: Hub, cora: Applicant) -> None:
    class Rival(Actor):
        @property
        def statement(self) -> Any:
            return signing_key("rival/statement")

    await cora.applied()
    rival = await Applicant(hub, Rival("cora-centre", "provider")).applied()
    officer = hub.speaker.officers[0].http
    assert "actor_id_contested" in {one["code"] for one in (await rival.shown(officer))["flags"]}
    await register(hub, cora)
    assert (await cora.shown())["state"] == "admitted"
    ended = await rival.shown(officer)
    assert (ended["state"], ended["reason"]) == ("declined", "The id asked for was given to somebody else.")


async def test_an_application_expires_and_is_forgotten(hub: Hub, cora: Applicant) -> None:
    await cora.applied()
    hub.clock.now += service.DAYS * DAY - 1
    assert (await cora.shown())["state"] == "received"
    hub.clock.now += 1
    shown = await cora.shown()
    assert (shown["state"], shown["self_test"]["challenge"]) == ("expired", None)
    status, problem = await cora.answer({"sha256": None, "tags": [], "statement": None})
    assert (status, problem["code"]) == (409, "application_ended")
    hub.clock.now += service.DAYS * DAY + 1
    await hub.client.app[APPLICATIONS].sweep()
    status, _ = await hub.get(f"/v1/applications/{cora.id}", CORA.http)
    assert status == 401, "nothing is known of the key any more"


async def test_applications_outlive_a_restart(start: Callable[..., Any]) -> None:
    running = start()
    async with running as hub:
        cora = await Applicant(hub, CORA).applied()
        cora.hub = await running.restart(hub)
        assert (await cora.answered())["state"] == "ready"
