"""The signing desk over HTTP: from a posted draft to an entry of the log, and everything that may not happen."""

import json
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from hub.drafts import requests
from hub.drafts.limits import DAY, MOST_UNFINISHED, RESULT_SECONDS
from hub.drafts.registering import Registrar
from hub.drafts.values import DeskDraft
from hub.web.appkeys import DATABASE, DRAFT_SWEEP, JOBS
from signing.compose import sign, timestamp
from signing.drafts import Draft
from signing.encoding import b64u_decode, b64u_encode, canonical, loads
from tests.hub.drafts.scene import ACME, BRIO, LATE, NEUTRAL, OTHER, Scene, key, secret_of, wire
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, example

NEUTRAL_LINK = {NEUTRAL.statement.kid: "neutral"}
ASKED = {name: getattr(requests, name) for name in ("read_new", "read_completion", "read_signature", "read_decline")}
"""What reads the bodies of requests to the desk."""

NOWHERE = "0197b1a0-0000-7000-8000-000000000000"


async def admitted(hub: Hub) -> None:
    await Scene(hub).admit()


@pytest.fixture
async def hub(start: Callable[..., Running]) -> AsyncIterator[Hub]:
    async with start(story=admitted) as running:
        yield running


@pytest.fixture
def scene(hub: Hub) -> Scene:
    return Scene(hub)


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1].get("code")


async def index_count(scene: Scene) -> int:
    return int(
        (await scene.hub.client.app[DATABASE].read(lambda c: c.execute(text("SELECT count(*) FROM entries")))).scalar()
    )


async def test_an_award_is_signed_by_link_and_by_key_and_registered(scene: Scene) -> None:
    draft = scene.award()
    status, answer = await scene.post(draft, links=NEUTRAL_LINK)
    assert (status, answer["state"]) == (201, "open")
    assert answer["expires_at"] == timestamp(scene.hub.clock() + 14 * DAY)
    name = answer["id"]
    status, seen = await scene.get(name, link="neutral")
    assert status == 200
    assert seen["draft"] == wire(draft)
    assert seen["you"] == {"kid": NEUTRAL.statement.kid}
    assert seen["missing"] == [
        {"kid": NEUTRAL.statement.kid, "role": "neutral", "owner": NEUTRAL.id},
        {"kid": ACME.statement.kid, "role": "provider", "owner": ACME.id},
    ]
    status, seen = await scene.sign(name, draft, NEUTRAL.statement, link="neutral")
    assert (status, seen["state"], [one["owner"] for one in seen["signed"]]) == (200, "open", [NEUTRAL.id])
    status, seen = await scene.sign(name, draft, ACME.statement, actor=ACME)
    assert (status, seen["state"], seen["missing"]) == (200, "registered", [])
    assert seen["result"]["digest"] == draft.digest
    found, registered = await scene.hub.get(f"/v1/awards/{draft.digest}")
    assert (found, registered["award"]["receipt"]["index"]) == (200, seen["result"]["index"])


async def test_the_last_signature_may_be_the_first_one_posted(scene: Scene) -> None:
    draft = scene.award().signed_by(NEUTRAL.statement, scene.hub.clock()).signed_by(ACME.statement, scene.hub.clock())
    status, answer = await scene.post(draft)
    assert (status, answer["state"]) == (201, "registered")


async def test_an_annex_goes_with_its_draft(scene: Scene) -> None:
    annex = canonical(example("annex-neutral", "valid-full"))
    invitation = scene.invitation(annex=annex)
    name = await scene.invited(invitation)
    draft = scene.completed(invitation)
    assert (await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}, link="late"))[0] == 200
    assert (await scene.sign(name, draft, ACME.statement, actor=ACME))[0] == 200
    officer = scene.hub.speaker.officers[0]
    status, seen = await scene.sign(name, draft, officer.statement, actor=officer)
    assert (status, seen["state"]) == (200, "registered"), seen["result"]
    status, kept = await scene.hub.get(f"/v1/statements/{draft.digest}/annex", ACME.http)
    assert (status, kept) == (200, json.loads(annex))


async def test_the_same_signature_twice_changes_nothing_and_another_one_is_refused(scene: Scene) -> None:
    draft = scene.award()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    first = await scene.sign(name, draft, NEUTRAL.statement, link="neutral")
    assert await scene.sign(name, draft, NEUTRAL.statement, link="neutral") == first
    scene.hub.clock.now += 1
    assert code(await scene.sign(name, draft, NEUTRAL.statement, link="neutral")) == (409, "already_signed")


async def test_register_false_leaves_it_to_the_poster(scene: Scene) -> None:
    draft = scene.award().signed_by(NEUTRAL.statement, scene.hub.clock()).signed_by(ACME.statement, scene.hub.clock())
    status, answer = await scene.post(draft, register=False)
    assert (status, answer["state"]) == (201, "complete")
    await scene.hub.client.app[DRAFT_SWEEP].run()
    _, seen = await scene.get(answer["id"], actor=ACME)
    assert (seen["state"], seen["result"]) == ("complete", None)
    assert len(seen["draft"]["signatures"]) == 2
    assert (await scene.ask("DELETE", f"/v1/drafts/{answer['id']}", actor=ACME))[1]["state"] == "withdrawn"


async def test_what_the_rules_refuse_is_refused_and_says_why(scene: Scene) -> None:
    revoked = scene.hub.speaker.revoke(NEUTRAL, NEUTRAL.statement)
    draft = scene.award()
    name = await scene.posted(draft)
    await scene.hub.registered(revoked)
    await scene.sign(name, draft, NEUTRAL.statement, actor=ACME)  # its poster may hand in anybody's
    status, seen = await scene.sign(name, draft, ACME.statement, actor=ACME)
    assert (status, seen["state"], seen["draft"]) == (200, "refused", None)
    assert (seen["result"]["problem"]["code"], seen["result"]["problem"]["status"]) == ("key_revoked", 403)


async def test_a_threshold_is_not_met_twice_by_one_officer(scene: Scene) -> None:
    """One officer has two statement keys; the draft is complete with both, and is refused all the same."""
    speaker, second = scene.hub.speaker, key("officer-1/second")
    one = speaker.officers[0]
    body = json.loads(json.dumps(speaker.genesis.body))
    body["officers"][0]["keys"].append({"purpose": "statement", "jwk": second.public.jwk()})
    speaker.chains["policy/coordinator"] = speaker.genesis.digest
    signers = [*speaker.officer(2), (second, "introduced")]
    await scene.hub.registered(speaker.compose("policy", "coordinator", body, signers))
    draft = scene.suspension([(one.statement, "officer"), (second, "officer")])
    name = await scene.posted(draft, one)
    _, seen = await scene.sign(name, draft, one.statement, actor=one)
    assert seen["state"] == "open"
    _, seen = await scene.sign(name, draft, second, actor=one)
    assert (seen["state"], seen["result"]["problem"]["code"]) == ("refused", "threshold_not_met")


async def test_two_officers_decide_together_without_mailing_files(scene: Scene) -> None:
    one, two = scene.hub.speaker.officers
    draft = scene.suspension(scene.hub.speaker.officer(2)).signed_by(one.statement, scene.hub.clock())
    name = await scene.posted(draft, one)
    _, listed = await scene.ask("GET", "/v1/drafts?state=open", actor=two)
    assert [line["id"] for line in listed["drafts"]] == [name]
    assert "draft" not in listed["drafts"][0]
    _, seen = await scene.sign(name, draft, two.statement, actor=two)
    assert seen["state"] == "registered", seen
    _, listed = await scene.ask("GET", "/v1/drafts?state=open", actor=two)
    assert listed == {"drafts": [], "next": None}


# --- invitations


async def test_who_is_invited_makes_a_key_and_signs(scene: Scene) -> None:
    invitation = scene.invitation()
    name = await scene.invited(invitation)
    _, seen = await scene.get(name, link="late")
    assert (seen["state"], seen["you"], seen["draft"], seen["digest"]) == ("invited", None, None, None)
    assert seen["invitation"] == invitation.to_json()
    assert seen["missing"][0]["kid"] is None
    draft = scene.completed(invitation)
    status, seen = await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}, link="late")
    assert (status, seen["state"], seen["you"]) == (200, "open", {"kid": LATE.statement.kid})
    assert "invitation" not in seen
    again = await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}, link="late")
    assert again == (status, seen)
    other = scene.completed(invitation, key("another key"))
    assert code(await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(other)}, link="late")) == (
        409, "wrong_draft_state",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda p: p["body"].update(key_custody="provider-held"), "/body"),
        (lambda p: p.update(issuer="neutral-else", id=p["id"].replace(LATE.id, "neutral-else")), "/issuer"),
        (lambda p: p["signers"].pop(), "/signers"),
        (lambda p: p["signers"][1].update(role="officer"), "/signers"),
        (lambda p: p["signers"].append({"kid": NEUTRAL.statement.kid, "role": "neutral"}), "/signers"),
        (lambda p: p["signers"].reverse(), "/signers"),
        (lambda p: p.update(previous="ab" * 32), "/previous"),
        (lambda p: p.update(salt="A" * 43), "/salt"),
        (lambda p: p["body"]["keys"].append(p["body"]["keys"][0]), "/body/keys"),
        (lambda p: p["body"]["keys"][0].update(purpose="http"), "/body/keys/0"),
        (lambda p: p["body"]["keys"][0]["jwk"].update(x="A" * 43), "/body/keys/0/jwk"),
        (lambda p: p["body"].pop("keys"), "/body/keys"),
    ],
)
async def test_a_completed_invitation_that_says_anything_else_is_refused(
    scene: Scene, change: Callable[[dict[str, Any]], None], where: str
) -> None:
    invitation = scene.invitation()
    name = await scene.invited(invitation)
    altered = scene.completed(invitation).payload
    change(altered)
    draft = Draft(canonical(altered))
    if LATE.statement.kid in draft.missing():
        draft = draft.signed_by(LATE.statement, scene.hub.clock())
    status, answer = await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}, link="late")
    assert (status, answer["code"], answer["where"]) == (422, "invitation_changed", where)
    assert (await scene.get(name, link="late"))[1]["state"] == "invited"


async def test_a_completed_invitation_with_another_annex_is_refused(scene: Scene) -> None:
    annex = example("annex-neutral", "valid-full")
    invitation = scene.invitation(annex=canonical(annex))
    name = await scene.invited(invitation)
    for other in (canonical(annex | {"salt": "B" * 43}), None):
        draft = scene.completed(scene.invitation(annex=other))
        answer = await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}, link="late")
        assert (*code(answer), answer[1]["where"]) == (422, "invitation_changed", "/annex")


async def test_a_completed_invitation_is_signed_by_the_new_key_and_nobody_else(scene: Scene) -> None:
    invitation = scene.invitation()
    name = await scene.invited(invitation)
    path, now = f"/v1/drafts/{name}", scene.hub.clock()
    unsigned = Draft(invitation.payload(LATE.statement.public, now))
    for draft in (unsigned, unsigned.signed_by(ACME.statement, now)):
        answer = await scene.ask("PUT", path, {"draft": wire(draft)}, link="late")
        assert (*code(answer), answer[1]["where"]) == (422, "invitation_changed", "/signatures")
    forged = sign(b"{}", LATE.statement, "introduced", now)
    draft = Draft(unsigned.octets, (forged,))
    assert code(await scene.ask("PUT", path, {"draft": wire(draft)}, link="late")) == (422, "bad_signature")
    taken = scene.completed(invitation, NEUTRAL.statement)
    assert code(await scene.ask("PUT", path, {"draft": wire(taken)}, link="late")) == (409, "key_known")
    assert code(await scene.ask("PUT", path, {"draft": wire(scene.completed(invitation))}, actor=ACME)) == (
        403, "draft_not_yours",
    )  # fmt: skip


async def test_who_is_invited_may_decline(scene: Scene) -> None:
    name = await scene.invited(scene.invitation())
    status, seen = await scene.decline(name, None, "no time", link="late")
    assert (status, seen["state"]) == (200, "declined")
    assert seen["declined"] == {"kid": None, "reason": "no time", "at": timestamp(scene.hub.clock())}


async def test_who_was_invited_may_decline_what_was_completed_in_another_window(scene: Scene) -> None:
    """Whoever comes by a link does not know whether the hub has taken the key."""
    name = await scene.invited(invitation := scene.invitation())
    completed = scene.completed(invitation)
    status, _ = await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(completed)}, link="late")
    assert status == 200
    assert code(await scene.decline(name, None, "no time", actor=ACME)) == (403, "draft_not_yours")
    status, seen = await scene.decline(name, None, "no time", link="late")
    assert (status, seen["state"]) == (200, "declined")
    assert seen["declined"]["kid"] == completed.payload["signers"][0]["kid"]


async def test_an_invitation_that_could_never_be_registered_is_not_taken(scene: Scene) -> None:
    good = scene.invitation().to_json()
    for change, expected in (
        ({"kind": "member"}, (422, "bad_invitation")),
        ({"issuer": 5}, (422, "bad_invitation")),
        ({"network": "ab" * 32}, (422, "bad_invitation")),
        ({"body": good["body"] | {"keys": []}}, (422, "bad_invitation")),
        ({"body": {}}, (422, "schema_violation")),
        ({"annex": "%%"}, (422, "bad_invitation")),
        ({"signers": []}, (422, "bad_invitation")),
        ({"signers": [*good["signers"], good["signers"][0]]}, (422, "bad_invitation")),
        ({"signers": [{"kid": key("x").kid, "role": "officer"}]}, (403, "unknown_key")),
        ({"issuer": NEUTRAL.id}, (409, "actor_id_taken")),
        ({"more": 1}, (422, "bad_invitation")),
    ):
        answer = await scene.post(None, invitation=good | change, links={"": "late"})
        assert code(answer) == expected, (change, answer)
    assert code(await scene.post(None, invitation=good)) == (422, "bad_links")


# --- who may see and do what


async def test_wrong_unknown_and_expired_links_look_alike(scene: Scene) -> None:
    draft = scene.award()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    answers = [
        await scene.get(NOWHERE, link="neutral"),
        await scene.get("no-id-at-all", link="neutral"),
        await scene.get(name, link="somebody"),
        await scene.get(name),
        await scene.get(name, actor=BRIO),
        await scene.get(name, actor=scene.hub.speaker.officers[0]),
        await scene.get(name, link="somebody", actor=ACME),
        await scene.sign(name, draft, NEUTRAL.statement, link="somebody"),
        await scene.decline(name, NEUTRAL.statement.kid, actor=BRIO),
        await scene.ask("DELETE", f"/v1/drafts/{name}", actor=BRIO),
        await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}),
    ]
    scene.hub.clock.now += 14 * DAY
    answers += [await scene.get(name, link="neutral"), await scene.sign(name, draft, NEUTRAL.statement, link="neutral")]
    told = {json.dumps({k: v for k, v in one.items() if k != "correlation_id"}, sort_keys=True) for _, one in answers}
    assert {code(one) for one in answers} == {(404, "draft_not_found")}
    assert len(told) == 1
    _, seen = await scene.get(name, actor=ACME)
    assert (seen["state"], seen["draft"]) == ("expired", None)


@pytest.mark.parametrize("given", ["Draft", "Draft ", "Bearer x", "Draft " + "A" * 21, "Draft " + "A" * 23, "draft x"])
async def test_an_authorization_that_is_no_link_opens_nothing(scene: Scene, given: str) -> None:
    name = await scene.posted(scene.award(), links=NEUTRAL_LINK)
    response = await scene.hub.client.get(f"/v1/drafts/{name}", headers={"Authorization": given})
    assert (response.status, (await response.json(content_type=None))["code"]) == (404, "draft_not_found")


async def test_the_hub_keeps_no_secret_of_a_link(scene: Scene) -> None:
    await scene.posted(scene.award(), links=NEUTRAL_LINK)
    stored = scene.hub.data.glob("hub.sqlite3*")
    assert not any(secret_of("neutral").encode() in path.read_bytes() for path in stored)


async def test_a_link_signs_and_declines_for_its_own_signer_alone(scene: Scene) -> None:
    draft = scene.award()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    assert code(await scene.sign(name, draft, ACME.statement, link="neutral")) == (403, "draft_not_yours")
    assert code(await scene.decline(name, ACME.statement.kid, link="neutral")) == (403, "draft_not_yours")
    assert code(await scene.ask("DELETE", f"/v1/drafts/{name}", link="neutral")) == (403, "draft_not_yours")
    assert code(await scene.decline(name, NEUTRAL.statement.kid, actor=ACME)) == (403, "draft_not_yours")
    assert (await scene.decline(name, NEUTRAL.statement.kid, actor=NEUTRAL))[1]["state"] == "declined"


async def test_a_signer_with_an_http_key_needs_no_link(scene: Scene) -> None:
    draft = scene.award()
    name = await scene.posted(draft)
    status, seen = await scene.get(name, actor=NEUTRAL)
    assert (status, seen["you"]) == (200, {"kid": NEUTRAL.statement.kid})
    assert code(await scene.sign(name, draft, ACME.statement, actor=NEUTRAL)) == (403, "draft_not_yours")
    assert (await scene.sign(name, draft, NEUTRAL.statement, actor=NEUTRAL))[0] == 200
    assert (await scene.get(name, actor=ACME))[1]["you"] == {"kid": ACME.statement.kid}


async def test_who_has_no_part_in_a_draft_does_not_post_it(scene: Scene) -> None:
    assert code(await scene.post(scene.award(), actor=None)) == (401, "signature_needed")
    assert code(await scene.post(scene.award(), actor=BRIO)) == (403, "not_a_draft_party")
    assert code(await scene.post(None, BRIO, invitation=scene.invitation().to_json(), links={"": "late"})) == (
        403, "not_a_draft_party",
    )  # fmt: skip
    assert (await scene.post(scene.award(), actor=NEUTRAL))[0] == 201  # its key is announced
    assert (await scene.post(scene.award(), actor=scene.hub.speaker.officers[1]))[0] == 201


async def test_lists_show_each_their_own(scene: Scene) -> None:
    names = [await scene.posted(scene.award()) for _ in range(3)]
    _, listed = await scene.ask("GET", "/v1/drafts?limit=2", actor=NEUTRAL)
    first = [one["id"] for one in listed["drafts"]]
    assert first == sorted(names)[:2]
    assert listed["next"] == first[-1]
    _, listed = await scene.ask("GET", f"/v1/drafts?after={first[-1]}", actor=NEUTRAL)
    assert ([one["id"] for one in listed["drafts"]], listed["next"]) == (sorted(names)[2:], None)
    assert (await scene.ask("GET", "/v1/drafts", actor=BRIO))[1]["drafts"] == []
    assert (await scene.ask("GET", "/v1/drafts?state=registered", actor=ACME))[1]["drafts"] == []
    assert code(await scene.ask("GET", "/v1/drafts?state=lost", actor=ACME)) == (400, "bad_parameter")
    assert code(await scene.ask("GET", "/v1/drafts?after=x", actor=ACME)) == (400, "bad_parameter")
    assert code(await scene.ask("GET", "/v1/drafts")) == (401, "signature_needed")
    scene.hub.clock.now += 14 * DAY
    assert (await scene.ask("GET", "/v1/drafts", actor=ACME))[1]["drafts"] == []


# --- bad input


async def test_a_signature_over_another_payload_is_refused(scene: Scene) -> None:
    """Somebody altered the draft between signers, or a provider swapped the PDF: the payload here stays the first."""
    draft, swapped = scene.award(), scene.award(b"%PDF-1.7 another document")
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    assert code(await scene.sign(name, swapped, NEUTRAL.statement, link="neutral")) == (422, "bad_signature")
    assert (await scene.get(name, link="neutral"))[1]["draft"] == wire(draft)


async def test_the_text_of_a_draft_can_not_change_under_its_id(scene: Scene) -> None:
    draft = scene.award()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    statement_id = draft.payload["id"]
    altered = scene.award(b"%PDF-1.7 another document", statement_id=statement_id)
    assert code(await scene.post(altered)) == (409, "draft_exists")
    assert code(await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(altered)}, actor=ACME)) == (
        409, "wrong_draft_state",
    )  # fmt: skip
    status, again = await scene.post(draft, links=NEUTRAL_LINK)
    assert (status, again["id"]) == (200, name)  # the very same, after a lost answer
    assert code(await scene.post(draft, links={NEUTRAL.statement.kid: "other"})) == (409, "draft_exists")
    assert (await scene.get(name, link="neutral"))[1]["draft"] == wire(draft)
    await scene.ask("DELETE", f"/v1/drafts/{name}", actor=ACME)
    assert (await scene.post(altered))[0] == 201


async def test_signatures_that_come_with_a_draft_posted_again_are_taken(scene: Scene) -> None:
    draft, now = scene.award(), scene.hub.clock()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    by_neutral = draft.signed_by(NEUTRAL.statement, now)
    status, answer = await scene.post(by_neutral, links=NEUTRAL_LINK)
    assert (status, answer["id"], answer["state"]) == (200, name, "open")
    _, seen = await scene.get(name, actor=ACME)
    assert [one["owner"] for one in seen["missing"]] == [ACME.id]
    assert seen["draft"] == wire(by_neutral)
    forged = Draft(draft.octets, (sign(scene.award().octets, ACME.statement, "provider", now),))
    assert code(await scene.post(forged, links=NEUTRAL_LINK)) == (422, "bad_signature")
    later = draft.signed_by(NEUTRAL.statement, now + 1)  # it has signed already; the first signature stays
    assert (await scene.post(later, links=NEUTRAL_LINK))[0] == 200
    assert (await scene.get(name, actor=ACME))[1]["draft"] == wire(by_neutral)
    status, answer = await scene.post(by_neutral.signed_by(ACME.statement, now), links=NEUTRAL_LINK)
    assert (status, answer["id"], answer["state"]) == (200, name, "registered")


async def test_a_draft_whose_time_is_over_is_posted_again_before_the_hub_has_noted_it(scene: Scene) -> None:
    draft, now = scene.award(), scene.hub.clock()
    _, first = await scene.post(draft, links=NEUTRAL_LINK, expires_at=timestamp(now + 3600))
    scene.hub.clock.now += 3600
    until = timestamp(now + 5 * DAY)
    status, second = await scene.post(draft, links={NEUTRAL.statement.kid: "other"}, expires_at=until)
    assert (status, second["state"], second["expires_at"]) == (201, "open", until)
    assert second["id"] != first["id"]
    status, again = await scene.post(draft, links={NEUTRAL.statement.kid: "other"}, expires_at=until)
    assert (status, again["id"]) == (200, second["id"])
    assert code(await scene.post(draft, links=NEUTRAL_LINK)) == (409, "draft_exists")
    assert (await scene.get(first["id"], actor=ACME))[1]["state"] == "expired"


async def test_drafts_whose_time_is_over_are_no_longer_counted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.drafts.desk.MOST_UNFINISHED", 1)
    soon = timestamp(scene.hub.clock() + 3600)
    assert (await scene.post(scene.award(), links=NEUTRAL_LINK, expires_at=soon))[0] == 201
    assert code(await scene.post(scene.award(), links=NEUTRAL_LINK)) == (429, "too_many_drafts")
    scene.hub.clock.now += 3600
    assert (await scene.post(scene.award(), links=NEUTRAL_LINK))[0] == 201


async def test_a_draft_posted_again_is_registered_if_that_is_wished_now_and_never_less(scene: Scene) -> None:
    draft = scene.award()
    _, first = await scene.post(draft, links=NEUTRAL_LINK, register=False)
    full = draft.signed_by(NEUTRAL.statement, scene.hub.clock()).signed_by(ACME.statement, scene.hub.clock())
    _, answer = await scene.post(full, links=NEUTRAL_LINK, register=False)
    assert (answer["id"], answer["state"]) == (first["id"], "complete")
    _, answer = await scene.post(full, links=NEUTRAL_LINK, register=True)
    assert (answer["id"], answer["state"]) == (first["id"], "registered")
    other = scene.award()
    await scene.post(other, links=NEUTRAL_LINK, register=True)
    full = other.signed_by(NEUTRAL.statement, scene.hub.clock()).signed_by(ACME.statement, scene.hub.clock())
    assert (await scene.post(full, links=NEUTRAL_LINK, register=False))[1]["state"] == "registered"


async def test_signatures_that_come_with_a_draft_are_verified(scene: Scene) -> None:
    draft, other, now = scene.award(), scene.award(), scene.hub.clock()
    forged = Draft(draft.octets, (sign(other.octets, NEUTRAL.statement, "neutral", now),))
    assert code(await scene.post(forged)) == (422, "bad_signature")
    wrong_role = Draft(draft.octets, (sign(draft.octets, NEUTRAL.statement, "provider", now),))
    assert code(await scene.post(wrong_role)) == (403, "role_mismatch")
    stranger = Draft(draft.octets, (sign(draft.octets, OTHER.statement, "neutral", now),))
    assert code(await scene.post(stranger)) == (422, "signature_extra")
    twice = Draft(draft.octets, (sign(draft.octets, NEUTRAL.statement, "neutral", now),) * 2)
    assert code(await scene.post(twice)) == (400, "duplicate_kid")


async def test_one_signature_is_held_to_the_profile(scene: Scene) -> None:
    draft, now = scene.award(), scene.hub.clock()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    path = f"/v1/drafts/{name}/signatures"

    async def refused(signature: Any) -> tuple[int, str]:
        return code(await scene.ask("POST", path, {"signature": signature}, link="neutral"))

    good = sign(draft.octets, NEUTRAL.statement, "neutral", now)
    header = loads(b64u_decode(good["protected"]))
    assert await refused(sign(draft.octets, OTHER.statement, "neutral", now)) == (422, "signature_extra")
    assert await refused(sign(draft.octets, NEUTRAL.statement, "provider", now)) == (403, "role_mismatch")
    assert await refused(sign(draft.octets, NEUTRAL.statement, "neutral", now, "odr-index+jws")) == (400, "bad_type")
    none = good | {"protected": b64u_encode(canonical(header | {"alg": "none"}))}
    assert await refused(none) == (400, "bad_algorithm")
    more = good | {"protected": b64u_encode(canonical(header | {"crit": "b64"}))}
    assert await refused(more) == (400, "bad_header")
    assert await refused(good | {"header": {}}) == (400, "bad_draft_request")
    assert await refused(good | {"signature": 5}) == (400, "bad_draft_request")
    assert await refused(good | {"signature": good["signature"] + "="}) == (400, "bad_base64url")
    assert await refused(good | {"signature": "A" * 86}) == (422, "bad_signature")
    assert await refused("x") == (400, "bad_draft_request")


async def test_a_draft_that_could_never_be_registered_is_not_taken(scene: Scene) -> None:
    now = scene.hub.clock()
    signers = [(key("nobody").kid, "neutral"), (ACME.statement.kid, "provider")]
    http = [(NEUTRAL.http.kid, "neutral"), (ACME.statement.kid, "provider")]
    big = scene.award()
    payload = big.payload
    payload["body"]["brief_reasons"] = "x" * 300_000
    for draft, expected in (
        (scene.award(network="ab" * 32), (422, "wrong_network")),
        (scene.award(signers=signers), (403, "unknown_key")),
        (scene.award(signers=http), (403, "wrong_purpose")),
        (scene.award(now=now - 30 * DAY), (422, "issued_too_early")),
        (scene.award(now=now + 301), (422, "issued_in_future")),
        (Draft(canonical(payload)), (413, "too_large")),
        (Draft(canonical(scene.award().payload | {"more": 1})), (400, "bad_envelope")),
        (Draft(canonical({**scene.award().payload, "version": 9})), (422, "unknown_version")),
    ):
        assert code(await scene.post(draft)) == expected
    broken = scene.award().payload
    del broken["body"]["seat"]
    status, answer = await scene.post(Draft(canonical(broken)))
    assert (status, answer["code"]) == (422, "schema_violation")
    assert any("seat" in one["message"] for one in answer["errors"])
    assert (await scene.post(scene.award(now=now - 30 * DAY + 1)))[0] == 201


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([], (400, "bad_draft_request")),
        ({}, (400, "bad_draft_request")),
        ({"draft": {}, "invitation": {}}, (400, "bad_draft_request")),
        ({"draft": {}, "more": 1}, (400, "bad_draft_request")),
        ({"draft": {"odr_draft": 2}}, (400, "bad_draft_request")),
        ({"draft": {"odr_draft": 1, "payload": "e30", "signatures": {}, "annex": None}}, (400, "bad_draft_request")),
        ({"draft": {"odr_draft": 1, "payload": "e30", "signatures": [], "annex": None}}, (400, "bad_signers")),
        ({"draft": {"odr_draft": 1, "payload": "%%", "signatures": [], "annex": None}}, (400, "bad_base64url")),
        ({"draft": {"odr_draft": 1, "payload": "e30", "signatures": [], "annex": "e30"}}, (422, "annex_mismatch")),
    ],
)
async def test_a_request_of_another_form_is_refused(scene: Scene, members: Any, expected: tuple[int, str]) -> None:
    assert code(await scene.ask("POST", "/v1/drafts", members, actor=ACME)) == expected


async def test_requests_that_are_no_json_or_too_large(scene: Scene) -> None:
    for body, kind, expected in (
        (b"{", "application/json", (400, "not_json")),
        (b"{}", "text/plain", (415, "wrong_media_type")),
        (b" " * 786_433, "application/json", (413, "too_large")),
    ):
        fields = {"Content-Type": kind}
        headers = fields | scene.hub.signature("POST", "/v1/drafts", ACME.http, body=body, fields=fields)
        response = await scene.hub.client.post("/v1/drafts", data=body, headers=headers)
        assert (response.status, (await response.json(content_type=None))["code"]) == expected


async def test_bodies_are_read_beside_the_event_loop(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest that is refused takes a fifth of a second to read, in which nobody else would be answered."""
    seen: dict[str, bool] = {}

    def told(name: str, body: bytes, *more: Any, **given: Any) -> Any:
        seen[name] = threading.current_thread() is not threading.main_thread()
        return ASKED[name](body, *more, **given)

    for name in ASKED:
        monkeypatch.setattr(requests, name, partial(told, name))
    name = await scene.posted(scene.award())
    address = f"/v1/drafts/{name}"
    for method, path in (("PUT", address), ("POST", f"{address}/signatures"), ("POST", f"{address}/decline")):
        assert code(await scene.ask(method, path, {"x": 1}, actor=ACME)) == (400, "bad_draft_request")
    assert seen == dict.fromkeys(ASKED, True)


async def test_links_and_times_are_checked(scene: Scene) -> None:
    now = scene.hub.clock()
    for more, expected in (
        ({"links": {ACME.http.kid: "x"}}, (422, "bad_links")),
        ({"links": {"": "x"}}, (422, "bad_links")),
        ({"links": {NEUTRAL.statement.kid: "x", ACME.statement.kid: "x"}}, (422, "bad_links")),
        ({"expires_at": timestamp(now)}, (422, "bad_expiry")),
        ({"expires_at": timestamp(now + 30 * DAY + 1)}, (422, "bad_expiry")),
        ({"expires_at": "tomorrow"}, (400, "bad_time")),
        ({"register": "yes"}, (400, "bad_draft_request")),
    ):
        assert code(await scene.post(scene.award(), **more)) == expected, more
    wrong: tuple[Any, ...] = (
        {},
        [5],
        [{"kid": NEUTRAL.statement.kid, "secret_sha256": "x"}],
        [{}],
        [{"kid": None}] * 17,
    )
    for links in wrong:
        answer = await scene.ask("POST", "/v1/drafts", {"draft": wire(scene.award()), "links": links}, actor=ACME)
        assert code(answer) == (422, "bad_links"), links
    status, answer = await scene.post(scene.award(), expires_at=timestamp(now + 30 * DAY))
    assert (status, answer["expires_at"]) == (201, timestamp(now + 30 * DAY))


async def test_declines_need_a_reason(scene: Scene) -> None:
    name = await scene.posted(scene.award(), links=NEUTRAL_LINK)
    kid = NEUTRAL.statement.kid
    for reason in ("", " ", "x" * 501, "not\x00mine"):
        assert code(await scene.decline(name, kid, reason, link="neutral")) == (400, "bad_draft_request")
    answer = await scene.ask("POST", f"/v1/drafts/{name}/decline", {"kid": 5, "reason": "x"}, link="neutral")
    assert code(answer) == (400, "bad_draft_request")
    status, seen = await scene.decline(name, kid, "<script>x</script>", link="neutral")
    assert (status, seen["declined"]["reason"]) == (200, "<script>x</script>")
    assert seen["draft"] is None


async def test_nothing_follows_the_end(scene: Scene) -> None:
    draft = scene.award()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    assert (await scene.decline(name, NEUTRAL.statement.kid, link="neutral"))[0] == 200
    for answer in (
        await scene.sign(name, draft, NEUTRAL.statement, link="neutral"),
        await scene.decline(name, NEUTRAL.statement.kid, link="neutral"),
        await scene.ask("DELETE", f"/v1/drafts/{name}", actor=ACME),
        await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(scene.award())}, actor=ACME),
    ):
        assert code(answer) == (409, "wrong_draft_state")


async def test_a_poster_has_so_many_drafts_and_no_more(scene: Scene) -> None:
    await scene.posted(scene.award())
    copies = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) INSERT INTO drafts "
        "SELECT 'copy-' || i, poster, kind, issuer, state, digest, register, created_at, expires_at, 'id-' || i, "
        "payload, annex, invitation, ended_at, declined_kid, decline_reason, result_index, problem FROM drafts, n"
    ).bindparams(most=MOST_UNFINISHED - 1)
    await scene.hub.client.app[DATABASE].write(lambda connection: connection.execute(copies))
    assert code(await scene.post(scene.award())) == (429, "too_many_drafts")
    assert (await scene.post(scene.award(), actor=NEUTRAL))[0] == 201


# --- what happens by itself


async def test_texts_go_when_a_draft_ends_and_the_rest_later(scene: Scene) -> None:
    app, clock = scene.hub.client.app, scene.hub.clock
    draft, late = scene.award(), scene.award()
    name, other = await scene.posted(draft, links=NEUTRAL_LINK), await scene.posted(late)
    await scene.sign(name, draft, NEUTRAL.statement, link="neutral")
    await scene.sign(name, draft, ACME.statement, actor=ACME)
    clock.now += RESULT_SECONDS - 1
    await app[DRAFT_SWEEP].run()
    _, seen = await scene.get(name, link="neutral")
    assert (seen["state"], seen["draft"]["payload"]) == ("registered", wire(draft)["payload"])
    clock.now += 1
    await app[DRAFT_SWEEP].run()
    assert code(await scene.get(name, link="neutral")) == (404, "draft_not_found")
    _, seen = await scene.get(name, actor=ACME)
    assert (seen["draft"], seen["result"]["digest"]) == (None, draft.digest)
    clock.now += 14 * DAY
    await app[DRAFT_SWEEP].run()
    _, seen = await scene.get(other, actor=ACME)
    assert (seen["state"], seen["draft"]) == ("expired", None)
    clock.now += 30 * DAY
    await app[DRAFT_SWEEP].run()
    assert code(await scene.get(name, actor=ACME)) == (404, "draft_not_found")
    left = text("SELECT (SELECT count(*) FROM drafts) + (SELECT count(*) FROM draft_signers)")
    assert await app[DATABASE].read(lambda connection: connection.scalar(left)) == 0


async def test_what_can_not_be_registered_now_is_tried_again(scene: Scene) -> None:
    from hub.web.appkeys import GATE, QUOTAS, SEQUENCER

    app = scene.hub.client.app
    draft = scene.award()
    name = await scene.posted(draft, links=NEUTRAL_LINK)
    await scene.sign(name, draft, NEUTRAL.statement, link="neutral")
    submit = app[SEQUENCER].submit

    async def overloaded(*_: Any) -> Any:
        from hub.log.errors import Overloaded

        raise Overloaded(5)

    app[SEQUENCER].submit = overloaded
    status, seen = await scene.sign(name, draft, ACME.statement, actor=ACME)
    assert (status, seen["state"], seen["result"], seen["missing"]) == (200, "complete", None, [])
    assert code(await scene.ask("DELETE", f"/v1/drafts/{name}", actor=ACME)) == (409, "wrong_draft_state")
    app[SEQUENCER].submit = submit
    app[GATE].watch("disk_floor", "The disk has no room.")
    await app[DRAFT_SWEEP].run()
    assert (await scene.get(name, link="neutral"))[1]["state"] == "complete"
    assert code(await scene.post(scene.award())) == (503, "disk_floor")
    app[GATE].watch("disk_floor", None)
    await app[JOBS].run("drafts")
    assert (await scene.get(name, link="neutral"))[1]["state"] == "registered"
    assert QUOTAS in app


# --- from a page on disk


async def test_pages_from_disk_may_ask(scene: Scene) -> None:
    name = await scene.posted(scene.award(), links=NEUTRAL_LINK)
    for path in ("/v1/drafts", f"/v1/drafts/{name}", f"/v1/drafts/{name}/signatures", f"/v1/drafts/{name}/decline"):
        answer = await scene.hub.client.options(path, headers={"Origin": "null"})
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE"
        assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    good = {"Authorization": f"Draft {secret_of('neutral')}", "Origin": "null"}
    for headers in (good, {"Origin": "null"}):
        answer = await scene.hub.client.get(f"/v1/drafts/{name}", headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers


async def test_the_page_of_a_link_runs_nothing(hub: Hub) -> None:
    response = await hub.client.get("/desk")
    page = await response.text()
    assert response.status == 200
    assert "<script" not in page
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    response = await hub.client.get("/static/sign.html")
    if response.status == 404:
        assert (await response.json(content_type=None))["code"] == "not_found"
        assert "offers no signing page" in page
    else:
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.content_type == "application/octet-stream"


async def test_a_restarted_hub_finishes_what_was_complete(start: Callable[..., Running]) -> None:
    running = start()
    async with running as hub:
        scene = Scene(hub)
        await scene.admit()
        draft = scene.award()
        name = await scene.posted(draft, links=NEUTRAL_LINK)
        await scene.sign(name, draft, NEUTRAL.statement, link="neutral")
        signature = sign(draft.octets, ACME.statement, "provider", hub.clock())
        change = text(
            "UPDATE draft_signers SET signed = 1, protected = :protected, signature = :signature WHERE kid = :kid"
        ).bindparams(kid=ACME.statement.kid, **signature)
        complete = text("UPDATE drafts SET state = 'complete'")
        await hub.client.app[DATABASE].write(lambda c: (c.execute(change), c.execute(complete)))
        scene.hub = await running.restart(hub)
        await scene.hub.client.app[JOBS].run("drafts")
        _, seen = await scene.get(name, link="neutral")
        assert seen["state"] == "registered"


def test_actors_are_those_of_the_scene() -> None:
    assert isinstance(ACME, Actor)


async def test_drafts_that_must_wait_keep_no_others_waiting(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.storage.drafts._AT_ONCE", 2)
    hub, register, ready = scene.hub, Registrar.register, set[str]()

    async def waits(self: Registrar, draft: DeskDraft) -> DeskDraft:
        """As for a refusal that may pass; nothing is in the way of those in ``ready``."""
        return await register(self, draft) if draft.id in ready else draft

    monkeypatch.setattr(Registrar, "register", waits)
    names = []
    for _ in range(5):
        draft = scene.award().signed_by(NEUTRAL.statement, hub.clock()).signed_by(ACME.statement, hub.clock())
        status, answer = await scene.post(draft)
        assert (status, answer["state"]) == (201, "complete")
        names.append(answer["id"])
        hub.clock.now += 1
    ready.add(names[-1])
    await hub.client.app[DRAFT_SWEEP].run()
    states = [(await scene.get(name, actor=ACME))[1]["state"] for name in names]
    assert states == ["complete"] * 4 + ["registered"]
