"""What everybody has signed and the rules refuse for now: it waits, says what for, and is registered in the end."""

import pytest
from sqlalchemy import text

from hub import maintenance
from hub.drafts.limits import DAY
from hub.drafts.values import DeskDraft
from hub.storage.drafts import DraftStore
from hub.storage.errors import FullError
from hub.web.appkeys import DATABASE, DRAFT_SWEEP
from signing.drafts import Draft
from tests.fakes.consolescene import Browser, told
from tests.hub.drafts.scene import ACME, Scene, wire
from tests.hub.running import Hub
from tests.hub.web.described import fits

REASON = "The nominating provider's accreditation is not in force."


@pytest.fixture
async def scene(hub: Hub) -> Scene:
    """A provider that is a member and not accredited yet."""
    found = Scene(hub)
    await hub.registered(hub.speaker.member(ACME))
    return found


async def nominated(scene: Scene) -> tuple[str, Draft]:
    """A neutral's entry that everybody but the officer has signed."""
    invitation = scene.invitation()
    name, draft = await scene.invited(invitation), scene.completed(invitation)
    await scene.ask("PUT", f"/v1/drafts/{name}", {"draft": wire(draft)}, link="late")
    await scene.sign(name, draft, ACME.statement, actor=ACME)
    return name, draft


async def test_what_a_draft_waits_for_is_told_until_it_is_registered(scene: Scene) -> None:
    officer = scene.hub.speaker.officers[0]
    name, draft = await nominated(scene)
    assert "waits" not in (await scene.get(name, actor=ACME))[1]
    status, signed = await scene.sign(name, draft, officer.statement, actor=officer)
    assert (status, signed["state"], signed["result"]) == (200, "complete", None)
    waits = signed["waits"]
    assert (waits["code"], waits["detail"], waits["retryable"]) == ("nominator_not_accredited", REASON, True)
    await scene.hub.client.app[DRAFT_SWEEP].run()
    for who in ({"actor": ACME}, {"actor": officer}, {"link": "late"}):
        _, seen = await scene.get(name, **who)
        assert (seen["state"], seen["waits"]) == ("complete", waits)
        fits("/v1/drafts/{id}", seen)
    _, listed = await scene.ask("GET", "/v1/drafts?state=complete", actor=ACME)
    assert [one["waits"] for one in listed["drafts"]] == [waits]
    fits("/v1/drafts", listed)
    await scene.hub.registered(scene.hub.speaker.accreditation(ACME))
    await scene.hub.client.app[DRAFT_SWEEP].run()
    _, seen = await scene.get(name, actor=ACME)
    assert (seen["state"], seen["result"]["digest"], "waits" in seen) == ("registered", draft.digest, False)
    problem = text("SELECT problem FROM drafts")
    assert await scene.hub.client.app[DATABASE].read(lambda connection: connection.scalar(problem)) is None


async def test_what_waits_in_vain_expires_without_a_reason(scene: Scene) -> None:
    officer = scene.hub.speaker.officers[0]
    name, draft = await nominated(scene)
    await scene.sign(name, draft, officer.statement, actor=officer)
    scene.hub.clock.now += 14 * DAY
    await scene.hub.client.app[DRAFT_SWEEP].run()
    _, seen = await scene.get(name, actor=ACME)
    assert (seen["state"], seen["result"], "waits" in seen) == ("expired", None, False)


async def test_fsck_finds_a_reason_to_wait_sound_and_one_of_an_open_draft_not(scene: Scene) -> None:
    officer = scene.hub.speaker.officers[0]
    name, draft = await nominated(scene)
    await scene.sign(name, draft, officer.statement, actor=officer)
    assert (await maintenance.check(scene.hub.data, quiet=True)).findings == ()
    for change in ("state = 'open'", "register = 0", "state = 'refused', problem = NULL"):
        await put_in_its_place(scene, change)
        found = [(one.where, one.message) for one in (await maintenance.check(scene.hub.data, quiet=True)).findings]
        assert (f"draft {name}", "The row contradicts itself.") in found, change


async def put_in_its_place(scene: Scene, change: str) -> None:
    statement = text(f"UPDATE drafts SET {change}")  # noqa: S608  # written above
    await scene.hub.client.app[DATABASE].write(lambda connection: connection.execute(statement))


async def test_on_a_full_disk_the_answer_tells_the_reason_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, change = scene.hub.speaker.officers[0], DraftStore.change
    name, draft = await nominated(scene)

    async def full(self: DraftStore, name: str, work: object) -> DeskDraft | None:
        if getattr(work, "keywords", None):
            raise FullError
        return await change(self, name, work)  # type: ignore[arg-type]

    monkeypatch.setattr(DraftStore, "change", full)
    status, seen = await scene.sign(name, draft, officer.statement, actor=officer)
    assert (status, seen["state"], seen["waits"]["detail"]) == (200, "complete", REASON)


async def test_the_console_says_what_a_draft_waits_for(scene: Scene) -> None:
    officer = scene.hub.speaker.officers[0]
    name, draft = await nominated(scene)
    await scene.sign(name, draft, officer.statement, actor=officer)
    browser = await Browser(scene.hub).enter(officer)
    _, text_of_list = await browser.get("/console/drafts?state=complete")
    _, text_of_one = await browser.get(f"/console/drafts/{name}")
    assert f"{REASON} (nominator_not_accredited)" in told(text_of_list)
    words = told(text_of_one)
    assert f"Waits, and is tried again by itself, because {REASON} (nominator_not_accredited)" in words
    assert "Refused because" not in words
