"""What an applicant took back, or an officer declined, is admitted by no signature that comes later."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from hub.applications import service
from hub.drafts.values import COMPLETE
from hub.storage.drafts import DraftStore
from hub.web.appkeys import ADMISSIONS, APPLICATIONS, DATABASE, DESK, INTAKE, SEQUENCER
from providers.application.form import ApplicationForm
from signing.encoding import canonical, loads
from tests.fakes.consolescene import Browser, told
from tests.hub.applications.applicants import CORA, Applicant
from tests.hub.running import Hub
from tests.hub.web.test_applications import register
from tests.hub.web.test_console_admissions import chosen, id_of, on_desk
from tests.hub.world import Actor

DAY = 86_400
JOSE = {"Content-Type": "application/jose+json"}


@pytest.fixture
def officers() -> list[Actor]:
    return [Actor(f"officer-{number}", "officer") for number in (1, 2)]


@pytest.fixture
async def ready(hub: Hub) -> Applicant:
    one = await Applicant(hub, CORA).applied(officers=2)
    await one.answered()
    return one


async def waiting(ready: Applicant, officer: Actor) -> str:
    """Put the admission of ``officer`` on the desk; the draft's id."""
    return id_of(await on_desk(ready.hub, officer, f"/console/applications/{ready.id}", f"Sample {officer.id}"))


async def signed(ready: Applicant, form: ApplicationForm, draft: str, officer: Actor) -> tuple[int, str]:
    """Hand in an officer's signature; status, and state or code."""
    text = form.draft_for(officer.statement.kid).signed_by(officer.statement, ready.hub.clock())
    address = f"/v1/drafts/{draft}/signatures"
    status, answer = await ready.send("POST", address, {"signature": text.signatures[-1]}, officer.http)
    return status, str(answer.get("code", answer.get("state")))


async def form_of(ready: Applicant) -> ApplicationForm:
    shown = await ready.shown(ready.hub.speaker.officers[0].http)
    return ApplicationForm.from_bytes(canonical(shown["application"]))


async def test_who_withdraws_is_not_admitted(hub: Hub, ready: Applicant, officers: list[Actor]) -> None:
    form, draft = await form_of(ready), await waiting(ready, officers[0])
    assert (await ready.send("DELETE", f"/v1/applications/{ready.id}"))[1]["state"] == "withdrawn"
    left = await hub.client.app[DESK].find(draft)
    assert left is not None
    assert (left.state, left.payload, left.annex, left.statement) == ("withdrawn", None, None, None)
    assert await signed(ready, form, draft, officers[0]) == (409, "wrong_draft_state")
    assert (await hub.get(f"/v1/members/{CORA.id}"))[0] == 404


async def test_whom_an_officer_declines_is_not_admitted(hub: Hub, ready: Applicant, officers: list[Actor]) -> None:
    form, draft = await form_of(ready), await waiting(ready, officers[0])
    two = await Browser(hub).enter(officers[1], "another secret")
    page = f"/console/applications/{ready.id}"
    assert "The draft on the signing desk ends with the application" in told((await two.get(page))[1])
    assert (await two.send(page, {"step": "decline", "reason": "Not a legal person."}))[0] == 303
    assert await signed(ready, form, draft, officers[0]) == (409, "wrong_draft_state")
    assert (await hub.get(f"/v1/members/{CORA.id}"))[0] == 404


async def test_who_applies_anew_as_the_page_advises_is_admitted_on_the_new_text(
    hub: Hub, ready: Applicant, officers: list[Actor]
) -> None:
    form, draft = await form_of(ready), await waiting(ready, officers[0])
    await ready.declined("Please apply anew.")
    hub.clock.now += 1
    anew = await Applicant(hub, CORA).applied(name="Cora, corrected")
    await anew.answered()
    assert await signed(anew, form, draft, officers[0]) == (409, "wrong_draft_state")
    newer = await waiting(anew, officers[1])
    assert await signed(anew, await form_of(anew), newer, officers[1]) == (200, "registered")
    assert (await anew.shown())["state"] == "admitted"


async def test_a_draft_of_another_application_stays(hub: Hub, ready: Applicant, officers: list[Actor]) -> None:
    draft = await waiting(ready, officers[0])
    other = await Applicant(hub, Actor("dori-centre", "provider")).applied()
    await other.declined("Not now.")
    found = await hub.client.app[DESK].find(draft)
    assert found is not None
    assert found.state == "open"


async def test_what_the_hub_is_registering_is_neither_declined_nor_withdrawn(
    hub: Hub, ready: Applicant, officers: list[Actor]
) -> None:
    draft = await waiting(ready, officers[0])
    await DraftStore(hub.client.app[DATABASE]).change(draft, lambda one: replace(one, state=COMPLETE))
    status, problem = await ready.send("DELETE", f"/v1/applications/{ready.id}")
    assert (status, problem["code"], problem["where"]) == (409, "admission_signed", ready.id)
    two = await Browser(hub).enter(officers[1], "another secret")
    page = f"/console/applications/{ready.id}"
    _, text = await two.send(page, {"step": "decline", "reason": "Not a legal person."})
    assert "Everybody has signed the admission and the hub registers it" in told(text)
    assert (await ready.shown())["state"] == "ready"


async def test_an_admission_beside_the_desk_leaves_no_text_there(
    hub: Hub, ready: Applicant, officers: list[Actor]
) -> None:
    draft = await waiting(ready, officers[0])
    await register(hub, ready)
    await hub.client.app[APPLICATIONS].settle()
    found = await hub.client.app[DESK].find(draft)
    assert found is not None
    assert (found.state, found.payload) == ("withdrawn", None)


async def test_what_was_prepared_before_the_end_is_not_put_on_the_desk(
    hub: Hub, ready: Applicant, officers: list[Actor]
) -> None:
    one = await Browser(hub).enter(officers[0], "another secret")
    form = await form_of(ready)
    prepared = await chosen(one, f"/console/applications/{ready.id}", "Sample officer-1")
    await ready.send("DELETE", f"/v1/applications/{ready.id}")
    for lead in ("The application has ended: withdrawn. (application_ended)", "prepared too long ago"):
        _, text = await one.send("/console/drafts", prepared)
        assert lead in told(text)
    assert await hub.client.app[DESK].waiting(CORA.id, form.draft.payload["id"]) is None


async def admission(ready: Applicant, officer: Actor) -> bytes:
    """What an officer's program has at hand once it has fetched the application and the officer has said yes."""
    draft = (await form_of(ready)).draft_for(officer.statement.kid)
    return draft.signed_by(officer.statement, ready.hub.clock()).statement().document


async def ended(ready: Applicant, how: str) -> None:
    """End the application: its applicant takes it back, or an officer declines it."""
    if how == "withdrawn":
        assert (await ready.send("DELETE", f"/v1/applications/{ready.id}"))[0] == 200
    else:
        await ready.declined("We do not admit you.")
    assert (await ready.shown())["state"] == how


@pytest.mark.parametrize("how", ["withdrawn", "declined"])
async def test_an_officer_who_fetched_it_before_admits_nobody(
    hub: Hub, ready: Applicant, officers: list[Actor], how: str
) -> None:
    document = await admission(ready, officers[1])
    await ended(ready, how)
    for query in ("", "?dry_run=true"):
        answer = await hub.client.post(f"/v1/statements{query}", data=document, headers=JOSE)
        problem = await answer.json(content_type=None)
        assert (answer.status, problem["code"], problem["where"]) == (409, "application_ended", ready.id)
        assert problem["detail"].startswith(f"The application of this statement has ended: {how}.")
        assert problem["retryable"] is False
    assert (await hub.get(f"/v1/members/{CORA.id}"))[0] == 404
    assert (await ready.shown())["state"] == how


async def test_nor_does_one_who_puts_it_on_the_desk_afterwards(
    hub: Hub, ready: Applicant, officers: list[Actor]
) -> None:
    draft = (await form_of(ready)).draft_for(officers[1].statement.kid)
    await ended(ready, "withdrawn")
    signed_draft = loads(draft.signed_by(officers[1].statement, hub.clock()).to_bytes())
    status, answer = await ready.send("POST", "/v1/drafts", {"draft": signed_draft}, officers[1].http)
    assert (status, answer["state"]) == (201, "refused")
    _, shown = await hub.get(f"/v1/drafts/{answer['id']}", officers[1].http)
    assert shown["result"]["problem"]["code"] == "application_ended"
    assert (await hub.get(f"/v1/members/{CORA.id}"))[0] == 404


async def test_as_long_as_its_statement_may_be_posted_it_is_known_that_it_ended(
    hub: Hub, officers: list[Actor]
) -> None:
    ahead = await Applicant(hub, CORA).applied(now=hub.clock() + 300)
    document = await admission(ahead, officers[0])
    await ended(ahead, "withdrawn")
    hub.clock.now += service.DAYS * DAY + 300
    await hub.client.app[APPLICATIONS].sweep()
    assert (await hub.post(document))[1]["code"] == "application_ended"
    hub.clock.now += 1
    await hub.client.app[APPLICATIONS].sweep()
    assert (await hub.post(document))[1]["code"] == "issued_too_early"


async def test_the_same_application_posted_again_is_open_again(
    hub: Hub, ready: Applicant, officers: list[Actor]
) -> None:
    form, document = await form_of(ready), await admission(ready, officers[1])
    await ended(ready, "withdrawn")
    status, answer = await ready.post(form.to_bytes())
    assert (status, answer["state"]) == (201, "received")
    await hub.registered(document)
    assert (await hub.post(document))[0] == 200, "what is registered is not refused"
    status, again = await hub.get(f"/v1/applications/{answer['id']}", CORA.http)
    assert (status, again["state"]) == (200, "admitted")
    assert (await ready.shown())["state"] == "withdrawn"


class Slow:
    """A log that answers when it is told to."""

    def __init__(self, hub: Hub) -> None:
        self._submit = hub.client.app[SEQUENCER].submit
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def submit(self, *statement: Any) -> Any:
        self.reached.set()
        await self.go_on.wait()
        return await self._submit(*statement)


@pytest.mark.parametrize("poster", ["waits", "has gone"])
async def test_what_is_being_registered_does_not_end_otherwise(
    hub: Hub, ready: Applicant, officers: list[Actor], monkeypatch: pytest.MonkeyPatch, poster: str
) -> None:
    slow, document = Slow(hub), await admission(ready, officers[1])
    monkeypatch.setattr(hub.client.app[SEQUENCER], "submit", slow.submit)
    statement = (await hub.client.app[INTAKE].verify(document)).statement
    registering = asyncio.create_task(
        hub.client.app[ADMISSIONS].register(statement, partial(hub.client.app[SEQUENCER].submit, statement))
    )
    await slow.reached.wait()
    if poster == "has gone":
        registering.cancel()
        await asyncio.wait([registering])
    status, problem = await ready.send("DELETE", f"/v1/applications/{ready.id}")
    assert (status, problem["code"], problem["where"]) == (409, "admission_signed", ready.id)
    hub.clock.now += service.DAYS * DAY  # it does not expire either
    assert (await ready.shown())["state"] == "ready"
    hub.clock.now -= service.DAYS * DAY
    slow.go_on.set()
    await asyncio.wait([registering])
    await hub.followed()
    while (await hub.get(f"/v1/members/{CORA.id}"))[0] != 200:
        await asyncio.sleep(0.01)
    assert (await ready.shown())["state"] == "admitted"
