"""What an applicant took back, or an officer declined, is admitted by nothing that waits on the desk."""

from dataclasses import replace

import pytest

from hub.drafts.values import COMPLETE
from hub.storage.drafts import DraftStore
from hub.web.appkeys import APPLICATIONS, DATABASE, DESK
from providers.application.form import ApplicationForm
from signing.encoding import canonical
from tests.fakes.consolescene import Browser, told
from tests.hub.applications.applicants import CORA, Applicant
from tests.hub.running import Hub
from tests.hub.web.test_applications import register
from tests.hub.web.test_console_admissions import chosen, id_of, on_desk
from tests.hub.world import Actor


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
