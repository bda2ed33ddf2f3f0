"""What waits for officers is shown however much others put before them; what is not shown is counted and reached."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import insert

from hub.console import wiring
from hub.drafts.requests import NewDraft
from hub.storage.applications import ApplicationStore
from hub.storage.models import RuleStateRow
from hub.web import console, consoleapplications
from hub.web.appkeys import DATABASE, DESK
from signing.compose import payload, timestamp, uuid7
from signing.drafts import Draft
from tests.fakes.consolenetwork import DAY, admit, decide
from tests.fakes.consolescene import Browser, told
from tests.hub.applications.applicants import CORA, DORI, Applicant
from tests.hub.drafts.scene import ACME, Scene
from tests.hub.running import Hub
from tests.hub.world import Actor, example

CROWD = 6
LEADS = {
    "en": {
        "now": "1 matter is to be dealt with now.",
        "nothing": "Nothing needs you today.",
        "looked_at": "Of what this page looks at, nothing is to be dealt with now.",
    },
    "zh-Hans": {
        "now": "有 1 件事项须立即处理。",
        "nothing": "今日没有需要您处理的事项。",
        "looked_at": "本页已查看的事项中，没有须立即处理的。",
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three, so that a crowd of six is one."""
    for module in (wiring, console, consoleapplications):
        monkeypatch.setattr(module, "SHOWN", 3)


async def crowd_of_drafts(scene: Scene, officers: list[Actor]) -> None:
    """A member's updates of its own profile, which name the officers' keys."""
    hub = scene.hub
    profile = example("member", "valid-provider-minimal")["body"]["profile"]
    signers = [(ACME.statement.kid, "provider"), *((one.statement.kid, "officer") for one in officers)]
    for number in range(CROWD):
        body = {"type": "provider", "profile": profile | {"legal_name": f"Sample {number}"}}
        made = payload(
            "member", ACME.id, body, signers, network=hub.speaker.network, now=hub.clock(),
            previous=hub.speaker.chains[f"member/{ACME.id}"],
        )  # fmt: skip
        status, answer = await scene.post(Draft(made))
        assert status == 201, answer


async def test_a_suspension_that_waits_is_seen_behind_a_crowd_of_drafts(hub: Hub, officers: list[Actor]) -> None:
    scene = Scene(hub)
    await scene.admit()
    await crowd_of_drafts(scene, officers)
    hub.clock.now += 60
    grave = scene.suspension([(one.statement, "officer") for one in officers])
    status, posted = await scene.post(grave.signed_by(officers[1].statement, hub.clock()), officers[1])
    assert status == 201, posted
    browser = await Browser(hub).enter(officers[0])
    _, today = await browser.get("/console")
    assert posted["id"] in today
    assert f"and {CROWD - 2} more drafts that are not looked at here" in told(today)
    assert 'href="/console/drafts?start=3"' in today
    _, first = await browser.get("/console/drafts")
    assert posted["id"] in first
    assert "Next page: 4 more" in told(first)
    _, last = await browser.get("/console/drafts?start=6")
    assert "First page" in told(last)
    assert "Next page" not in told(last)
    assert (await browser.get("/console/drafts?start=-1"))[0] == 400


@pytest.mark.parametrize("tag", ["en", "zh-Hans"])
async def test_a_suspension_that_waits_is_seen_behind_what_the_officer_has_signed(
    hub: Hub, officers: list[Actor], tag: str
) -> None:
    scene, desk = Scene(hub), hub.client.app[DESK]
    await scene.admit()
    signers = [(one.statement, "officer") for one in officers]
    own = await Browser(hub).enter(officers[0])
    for _ in range(CROWD):  # decisions of a season, which wait for the other officer
        draft = scene.suspension(signers).signed_by(officers[0].statement, hub.clock())
        await desk.post(NewDraft(draft, None, {}), officers[0].id, officer=True)
    words = told((await own.get(f"/console?lang={tag}"))[1])
    assert LEADS[tag]["looked_at"] in words
    assert LEADS[tag]["nothing"] not in words
    hub.clock.now += 60
    grave = scene.suspension(signers).signed_by(officers[1].statement, hub.clock())
    yours, _ = await desk.post(NewDraft(grave, None, {}), officers[1].id, officer=True)
    _, today = await own.get(f"/console?lang={tag}")
    assert yours.id in today
    assert LEADS[tag]["now"] in told(today)
    assert LEADS[tag]["looked_at"] not in told(today)
    assert yours.id in (await own.get("/console/drafts"))[1]


async def test_nothing_needs_an_officer_for_whom_nothing_waits(hub: Hub, officers: list[Actor]) -> None:
    browser = await Browser(hub).enter(officers[0])
    assert LEADS["en"]["nothing"] in told((await browser.get("/console"))[1])


async def test_an_application_that_is_ready_is_seen_behind_a_crowd(hub: Hub, officers: list[Actor]) -> None:
    one = await Applicant(hub, CORA).applied()
    store = ApplicationStore(hub.client.server.app[DATABASE])  # type: ignore[attr-defined]
    sample = await store.application(one.id)
    assert sample is not None
    for number in range(CROWD - 1):  # as POST /v1/applications stores them
        name = uuid7((hub.clock() + 1) * 1000 + number)
        new = replace(sample, id=name, kid=f"{number}" * 43, actor=f"junk-{number}")
        await store.add(new, (), lambda _, new=new: new)  # type: ignore[misc]
    hub.clock.now += 60
    good = await Applicant(hub, DORI).applied()
    await good.answered()
    browser = await Browser(hub).enter(officers[0])
    _, today = await browser.get("/console")
    assert good.id in today
    assert f"and {CROWD - 2} more applications that are not looked at here" in told(today)
    _, queue = await browser.get("/console/applications")
    assert good.id in queue
    assert 'href="/console/applications?start=3"' in queue


async def test_a_passed_deadline_is_seen_behind_a_season_of_listings(hub: Hub, officers: list[Actor]) -> None:
    now = hub.clock.now
    await admit(hub, ACME, "Acme ODR")
    await decide(hub, ACME, "listed")
    ending = {"status": "listed", "begins": now - 900 * DAY, "ends": now + 30 * DAY, "digest": "0" * 64, "index": 1}
    rows = [{"key": f"accreditation/n-{n:05}", "value": json.dumps(ending), "updated": 1} for n in range(500)]
    database = hub.client.server.app[DATABASE]  # type: ignore[attr-defined]
    await database.write(lambda connection: connection.execute(insert(RuleStateRow), rows))
    await decide(hub, ACME, "concern", ground_code="data_missing_or_poor", cure_deadline=timestamp(now + 5 * DAY))
    hub.clock.now += 6 * DAY
    browser = await Browser(hub).enter(officers[0])
    for path in ("/console", "/console/concerns"):
        assert "Acme ODR" in told((await browser.get(path))[1]), path
