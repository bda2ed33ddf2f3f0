"""Whoever acts first admits an applicant: a colleague who is away keeps nobody from it, and no page is a dead end."""

import asyncio
import re
from typing import Any

import pytest

from hub.drafts.errors import DraftStateError
from hub.drafts.requests import NewDraft
from hub.web.appkeys import DESK
from providers.application.form import ApplicationForm
from signing.encoding import canonical
from tests.fakes.consolescene import Browser, hidden, told
from tests.hub.applications.applicants import CORA, DORI, Applicant
from tests.hub.running import Hub
from tests.hub.web.test_console import posted, sign
from tests.hub.world import Actor

TEXTS = {
    "en": {
        "waits": "A draft of this admission waits on the signing desk. Put there by Sample officer-1 "
        "on 18 November 2026; still to sign: Sample officer-1; it lapses on 2 December 2026.",
        "own": "choose your own name on the page of the application",
        "nothing": "Nothing was sent",
        "replaced": "that Sample officer-1 had put there on 18 November 2026 is withdrawn",
        "signed": "It can\u2019t be replaced, because it is signed: Sample officer-1.",
        "anew": "decline the application, so that the applicant applies anew",
        "complete": "everybody has signed it. The hub was asked not to register it",
    },
    "zh-Hans": {
        "waits": "签署台上已有本接纳的一份草稿。由Sample officer-1于2026年11月18日送交；"
        "尚待签署：Sample officer-1；于2026年12月2日失效。",
        "own": "请在申请页面选择您自己的姓名",
        "nothing": "未发送任何内容",
        "replaced": "Sample officer-1于2026年11月18日送交的本接纳草稿已撤回",
        "signed": "此草稿已有人签署，不能取代：Sample officer-1。",
        "anew": "请拒绝该申请，由申请人重新申请",
        "complete": "所有人均已签署。送交人要求枢纽不予登记",
    },
}  # fmt: skip


@pytest.fixture
def officers() -> list[Actor]:
    return [Actor(f"officer-{number}", "officer") for number in (1, 2, 3)]


@pytest.fixture(params=sorted(TEXTS))
def tag(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def application(hub: Hub, officers: int = 2) -> str:
    """The page of an application that is ready, signed for the first ``officers`` officers."""
    applicant = await Applicant(hub, CORA).applied(officers=officers)
    assert (await applicant.answered())["state"] == "ready"
    return f"/console/applications/{applicant.id}"


async def form_of(hub: Hub, path: str) -> ApplicationForm:
    """The application that the page at ``path`` is about."""
    _, answer = await hub.get(path.replace("/console", "/v1"), hub.speaker.officers[0].http)
    return ApplicationForm.from_bytes(canonical(answer["application"]))


async def chosen(browser: Browser, path: str, name: str, tag: str = "en") -> dict[str, str]:
    """Choose an officer's alternative, which must be offered; the form that puts it on the desk."""
    _, text = await browser.send(f"{path}?lang={tag}", {"step": "admit", "admission": name})
    return {"prepared": hidden(text, "prepared")}


async def on_desk(hub: Hub, officer: Actor, path: str, name: str) -> str:
    """Put an alternative on the desk as an officer does; its link."""
    browser = await Browser(hub).enter(officer, f"secret of {officer.id}")
    _, text = await browser.send(path, {"step": "admit", "admission": name})
    (link,) = await posted(browser, text)
    return link


def id_of(link: str) -> str:
    found = re.search(r"draft=([0-9a-f-]{36})", link)
    assert found is not None, link
    return found[1]


async def state_of(hub: Hub, link: str) -> str:
    found = await hub.client.app[DESK].find(id_of(link))
    return str(found.state)


async def test_a_second_officer_admits_though_the_first_is_away(hub: Hub, officers: list[Actor], tag: str) -> None:
    path, words = await application(hub), TEXTS[tag]
    first = await on_desk(hub, officers[0], path, "Sample officer-1")
    two = await Browser(hub).enter(officers[1], "another secret")
    _, text = await two.get(f"{path}?lang={tag}")
    assert words["waits"] in told(text)
    assert words["own"] in told(text)
    assert f"odr-hub officer sign {id_of(first)}" in told(text)
    assert f"/console/drafts/{id_of(first)}" not in text, "it is shown to its poster and its signers"
    _, text = await two.send(f"/console/drafts?lang={tag}", await chosen(two, path, "Sample officer-2", tag))
    assert words["replaced"] in told(text)
    (second,) = re.findall(r"<textarea readonly[^>]*>([^<]*)</textarea>", text)
    second = second.replace("&amp;", "&")
    assert [await state_of(hub, one) for one in (first, second)] == ["withdrawn", "open"]
    assert (await sign(hub, officers[1], second))["state"] == "registered"
    _, member = await hub.get(f"/v1/members/{CORA.id}")
    assert member["member"]["id"] == CORA.id


async def test_the_first_link_says_that_nothing_is_to_be_signed(hub: Hub, officers: list[Actor]) -> None:
    path = await application(hub)
    first = await on_desk(hub, officers[0], path, "Sample officer-1")
    draft = await hub.client.app[DESK].find(id_of(first))
    await on_desk(hub, officers[1], path, "Sample officer-2")
    secret = re.search(r"secret=([\w-]+)", first)
    assert secret is not None
    headers = {"Authorization": f"Draft {secret[1]}"}
    address = f"/v1/drafts/{id_of(first)}"
    seen = await (await hub.client.get(address, headers=headers)).json()
    assert (seen["state"], seen["draft"]) == ("withdrawn", None)
    late = draft.draft.signed_by(officers[0].statement, hub.clock()).signatures[-1]
    answer = await hub.client.post(f"{address}/signatures", json={"signature": late}, headers=headers)
    assert (answer.status, (await answer.json(content_type=None))["code"]) == (409, "wrong_draft_state")


async def test_whoever_lost_the_links_makes_new_ones(hub: Hub, officers: list[Actor]) -> None:
    path = await application(hub)
    first = await on_desk(hub, officers[0], path, "Sample officer-1")
    one = await Browser(hub).enter(officers[0], "another secret")
    _, text = await one.get(path)
    assert f"/console/drafts/{id_of(first)}" in text, "it leads to their own draft"
    second = await on_desk(hub, officers[0], path, "Sample officer-1")
    assert [await state_of(hub, each) for each in (first, second)] == ["withdrawn", "open"]


async def test_links_are_made_anew_however_many_drafts_wait(
    hub: Hub, officers: list[Actor], tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.drafts.desk.MOST_UNFINISHED", 1)
    path = await application(hub)
    first = await on_desk(hub, officers[0], path, "Sample officer-1")
    second = await on_desk(hub, officers[0], path, "Sample officer-1")
    assert [await state_of(hub, each) for each in (first, second)] == ["withdrawn", "open"]
    one, two = [await Browser(hub).enter(each, f"{each.id}'s secret") for each in officers[:2]]
    _, text = await one.get(f"/console/drafts/{id_of(second)}?lang={tag}")
    assert f"odr-hub officer drafts --withdraw {id_of(second)}" in told(text)
    other = await Applicant(hub, DORI).applied(officers=2)
    await other.answered()
    page = f"/console/applications/{other.id}"
    _, text = await one.send("/console/drafts", await chosen(one, page, "Sample officer-1"))
    assert "Take some back first: odr-gateway draft withdraw ID, officers odr-hub officer drafts --withdraw" in told(
        text
    )
    await on_desk(hub, officers[1], page, "Sample officer-2")
    _, text = await two.send("/console/drafts", await chosen(two, path, "Sample officer-2"))
    assert "too_many_drafts" in text, "the draft of a colleague that gives way makes no room for one's own"
    assert await state_of(hub, second) == "open"


async def test_who_has_no_part_in_it_replaces_nothing_and_is_told_what_can_be_done(
    hub: Hub, officers: list[Actor], tag: str
) -> None:
    path, words = await application(hub), TEXTS[tag]
    first = await on_desk(hub, officers[0], path, "Sample officer-1")
    three = await Browser(hub).enter(officers[2], "another secret")
    fields = await chosen(three, path, "Sample officer-2", tag)
    status, text = await three.send(f"/console/drafts?lang={tag}", fields)
    assert status == 200
    for expected in ("nothing", "waits", "own"):
        assert words[expected] in told(text)
    assert "make a new id" not in told(text)
    assert f'href="{path}' in text, "a way back to the application"
    assert await state_of(hub, first) == "open"


async def test_what_an_officer_has_signed_is_completed_by_who_is_missing(
    hub: Hub, officers: list[Actor], tag: str
) -> None:
    """An application for two officers together, of whom the first has signed."""
    applicant, words = Applicant(hub, CORA), TEXTS[tag]
    both = [{"kid": one.statement.kid, "role": "officer"} for one in officers[:2]]
    single = applicant.form(officers=1).draft.payload
    new = [one for one in single["signers"] if one["role"] != "officer"]
    octets = canonical({**single, "signers": [*new, *both]})
    form = ApplicationForm.signed(octets, [CORA.statement, CORA.http], [], hub.clock())
    status, answer = await applicant.post(form.to_bytes())
    assert status == 201, answer
    applicant.id, applicant.challenge = answer["id"], answer["self_test"]["challenge"]
    await applicant.answered()
    path = f"/console/applications/{applicant.id}"
    desk: Any = hub.client.app[DESK]
    draft = form.draft.signed_by(officers[0].statement, hub.clock())
    waiting, _ = await desk.post(NewDraft(draft, None, {}), "officer-1", officer=True)
    two = await Browser(hub).enter(officers[1], "another secret")
    _, text = await two.get(f"{path}?lang={tag}")
    assert words["signed"] in told(text)
    assert words["anew"] in told(text)
    assert f"/console/drafts/{waiting.id}" in text, "who is missing sees the draft"
    _, text = await two.get(f"/console/drafts/{waiting.id}?lang={tag}")
    assert f"odr-hub officer sign {waiting.id}" in told(text)
    name = "Sample officer-1, Sample officer-2"
    _, text = await two.send(f"/console/drafts?lang={tag}", await chosen(two, path, name, tag))
    assert words["nothing"] in told(text)
    assert words["signed"] in told(text)
    found = await desk.find(waiting.id)
    assert [one.owner for one in found.missing] == ["officer-2"]


async def test_what_everybody_has_signed_stays(hub: Hub, officers: list[Actor], tag: str) -> None:
    path, words = await application(hub), TEXTS[tag]
    desk: Any = hub.client.app[DESK]
    draft = (await form_of(hub, path)).draft.signed_by(officers[0].statement, hub.clock())
    await desk.post(NewDraft(draft, None, {}, register=False), "officer-1", officer=True)
    two = await Browser(hub).enter(officers[1], "another secret")
    _, text = await two.get(f"{path}?lang={tag}")
    assert words["complete"] in told(text)
    _, text = await two.send(f"/console/drafts?lang={tag}", await chosen(two, path, "Sample officer-2", tag))
    assert words["nothing"] in told(text)
    assert words["complete"] in told(text)


async def test_an_officer_signs_while_another_puts_their_own_there(hub: Hub, officers: list[Actor]) -> None:
    """Whichever comes first: there is one entry and one draft that counts, never two."""
    path = await application(hub)
    statement = str((await form_of(hub, path)).draft.payload["id"])
    first = await on_desk(hub, officers[0], path, "Sample officer-1")
    two = await Browser(hub).enter(officers[1], "another secret")
    fields = await chosen(two, path, "Sample officer-2")
    results = await asyncio.gather(
        sign(hub, officers[0], first), two.send("/console/drafts", fields), return_exceptions=True
    )
    status, _ = await hub.get(f"/v1/members/{CORA.id}")
    assert (await state_of(hub, first), status) in {("registered", 200), ("withdrawn", 404)}, results
    waiting = await hub.client.app[DESK].waiting(CORA.id, statement)
    assert (waiting is None) == (status == 200)


async def test_who_is_no_officer_replaces_nothing(hub: Hub, officers: list[Actor]) -> None:
    path = await application(hub)
    first = await on_desk(hub, officers[0], path, "Sample officer-1")
    form = await form_of(hub, path)
    desk: Any = hub.client.app[DESK]
    with pytest.raises(DraftStateError, match="waits for signatures already"):
        await desk.post(NewDraft(form.drafts()[1], None, {}), "officer-2", officer=False)
    assert await state_of(hub, first) == "open"
