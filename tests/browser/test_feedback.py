"""The questionnaire in a browser: from the link to the answer, on a phone, by keyboard, and without script."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from hub.feedback.questions import Wanted
from hub.web.appkeys import FEEDBACK
from hub.web.languages import TAGS
from signing.encoding import b64u_decode, loads
from tests.browser.chromium import grave_violations
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
ACME = Actor("acme", "provider")
PHONE = {"width": 360, "height": 740}
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        await running.registered(running.speaker.member(ACME))
        yield running


async def link(hub: Hub, name: str, tag: str = "en", role: str = "claimant") -> str:
    """The address of a new slot at the port where this hub listens."""
    (slot,) = await hub.client.app[FEEDBACK].issue(ACME.id, Wanted(name.ljust(22, "_"), {role: tag}))
    return str(hub.client.make_url(f"/feedback?lang={tag}#{slot.token}"))


async def opened(browser: Browser, address: str, **more: object) -> Page:
    context = await browser.new_context(viewport=PHONE, **more)  # type: ignore[arg-type]
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto(address)
    return page


async def fill(page: Page, overall: int = 4) -> None:
    await page.locator("#outcome-won").check()
    await page.locator(f'[name="overall"][value="{overall}"]').check()
    await page.locator('[name="cost"][value="2"]').check()


async def shown(page: Page, state: str) -> str:
    """The text of a state, once it is shown."""
    found = page.locator(f'#told [data-state="{state}"]')
    await found.wait_for(state="visible")
    return await found.inner_text()


@pytest.mark.parametrize("tag", TAGS)
async def test_a_party_answers_on_a_phone(hub: Hub, browser: Browser, tag: str) -> None:
    page = await opened(browser, await link(hub, f"phone-{tag}", tag, "respondent"))
    await page.locator("#send:enabled").wait_for()
    lead = await page.locator(".lead:visible").inner_text()
    assert lead.count("Sample acme") == 1
    assert "2027" in await page.locator(".expires:visible").inner_text()
    assert await grave_violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    await fill(page)
    await page.locator("#send").click()
    assert await shown(page, "sent")
    assert await grave_violations(page) == []
    assert not await page.locator("#survey").is_visible()
    assert "#" not in page.url
    kept = await hub.client.app[FEEDBACK]._store.answers("acme")
    (mine,) = [one for one in kept if one.case == f"phone-{tag}".ljust(22, "_")]
    assert (mine.role, mine.source, mine.outcome_side) == ("respondent", "party", "won")
    assert mine.scores == {"overall": 4, "cost": 2}
    await page.context.close()


async def test_what_is_needed_is_asked_for_before_anything_is_sent(hub: Hub, browser: Browser) -> None:
    page = await opened(browser, await link(hub, "needed"))
    await page.locator("#send:enabled").click()
    missing = "[...document.querySelectorAll('#survey :invalid[type=radio]')].map(one => one.name)"
    assert set(await page.evaluate(missing)) == {"outcome_side", "overall"}
    assert await page.locator("#survey").is_visible()
    await page.context.close()


async def test_by_keyboard_alone(hub: Hub, browser: Browser) -> None:
    page = await opened(browser, await link(hub, "keyboard"))
    await page.locator("#send:enabled").wait_for()
    await page.locator("#outcome-won").focus()
    for key in ("Space", "Tab", "Space", "ArrowRight", "ArrowRight", *("Tab",) * 9, "Enter"):
        await page.keyboard.press(key)
    assert await shown(page, "sent")
    kept = await hub.client.app[FEEDBACK]._store.answers("acme")
    (mine,) = [one for one in kept if one.case.startswith("keyboard")]
    assert (mine.outcome_side, mine.scores) == ("won", {"overall": 3})
    await page.context.close()


async def test_a_link_that_was_used_says_so_when_other_answers_are_sent(hub: Hub, browser: Browser) -> None:
    address = await link(hub, "used")
    for overall, state in ((4, "sent"), (4, "sent"), (1, "used")):
        page = await opened(browser, address)
        await page.locator("#send:enabled").wait_for()
        await fill(page, overall)
        await page.locator("#send").click()
        told = await shown(page, state)
        await page.context.close()
    assert told.startswith("This link was used before, with other answers.")


@pytest.mark.parametrize(
    ("fragment", "state"), [("", "bare"), ("#" + "A" * 22, "unknown"), ("#" + "A" * 21, "unknown"), ("#%00", "unknown")]
)
async def test_links_that_are_not_valid(hub: Hub, browser: Browser, fragment: str, state: str) -> None:
    page = await opened(browser, str(hub.client.make_url("/feedback")) + fragment)
    assert await shown(page, state)
    assert await page.locator("#send").is_disabled()
    assert await grave_violations(page) == []
    await page.context.close()


async def test_the_choice_of_another_language_keeps_the_link(hub: Hub, browser: Browser) -> None:
    page = await opened(browser, await link(hub, "tongue"))
    await page.locator("#send:enabled").wait_for()
    await page.get_by_role("link", name="Español").click()
    await page.locator("#send:enabled").wait_for()
    assert (await page.locator(".lead:visible").inner_text()).startswith("Usted presentó un caso ante Sample acme.")
    await page.context.close()


TICKED = "[...document.querySelectorAll('#survey :checked')].map(one => one.value).filter(one => one)"


async def follow(page: Page, address: str) -> None:
    """Open a link where the page is open already, which loads nothing anew."""
    await page.evaluate("(token) => { location.hash = token; }", address.split("#")[1])


async def test_a_late_answer_about_an_earlier_link_changes_nothing(hub: Hub, browser: Browser) -> None:
    zenith = Actor("zenith", "provider")
    await hub.registered(hub.speaker.member(zenith))
    (slot,) = await hub.client.app[FEEDBACK].issue(zenith.id, Wanted("later".ljust(22, "_"), {"respondent": "en"}))
    page = await opened(browser, str(hub.client.make_url("/feedback?lang=en")))
    earlier, late = (await link(hub, "earlier")).split("#")[1], asyncio.Event()

    async def slowly(route: Route) -> None:
        if earlier in route.request.headers.get("authorization", ""):
            await late.wait()
        await route.continue_()

    await page.route("**/v1/feedback/slot", slowly)
    async with page.expect_request("**/v1/feedback/slot"):
        await follow(page, f"#{earlier}")
    await follow(page, f"#{slot.token}")
    await page.locator("#send:enabled").wait_for()
    async with page.expect_response("**/v1/feedback/slot"):
        late.set()
    await page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    assert "Sample zenith" in await page.locator(".lead:visible").inner_text()
    await page.context.close()


async def test_what_was_ticked_for_one_link_is_not_ticked_for_the_next(hub: Hub, browser: Browser) -> None:
    first = await link(hub, "one")
    page = await opened(browser, first)
    await page.locator("#send:enabled").wait_for()
    await fill(page, 1)
    await page.locator("#send").click()
    await shown(page, "sent")
    await follow(page, await link(hub, "two"))
    await page.locator("#send:enabled").wait_for()
    assert await page.evaluate(TICKED) == []
    await page.context.close()


async def test_an_answer_that_is_on_its_way_does_not_end_the_next_link(hub: Hub, browser: Browser) -> None:
    page, late = await opened(browser, await link(hub, "sending")), asyncio.Event()

    async def slowly(route: Route) -> None:
        await late.wait()
        await route.continue_()

    await page.locator("#send:enabled").wait_for()
    await page.route("**/v1/feedback/answers", slowly)
    await fill(page)
    async with page.expect_request("**/v1/feedback/answers"):
        await page.locator("#send").click()
    await follow(page, await link(hub, "next"))
    await page.locator("#send:enabled").wait_for()
    async with page.expect_response("**/v1/feedback/answers"):
        late.set()
    await page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    assert await page.locator("#survey").is_visible()
    assert "#" in page.url
    await page.context.close()


async def test_what_was_entered_survives_a_connection_that_breaks(hub: Hub, browser: Browser) -> None:
    page = await opened(browser, await link(hub, "broken"))
    await page.locator("#send:enabled").wait_for()
    await fill(page)
    await page.context.set_offline(True)
    await page.locator("#send").click()
    await page.locator('#survey [data-state="failed"]').wait_for(state="visible")
    await page.context.set_offline(False)
    await page.locator("#send").click()
    assert await shown(page, "sent")
    await page.context.close()


async def test_without_script_everything_is_read_and_the_page_says_what_it_lacks(hub: Hub, browser: Browser) -> None:
    page = await opened(browser, await link(hub, "plain"), java_script_enabled=False)
    notice = page.locator("noscript p")
    assert await notice.is_visible()
    assert (await notice.inner_text()).startswith("Your browser runs no script here,")
    assert await page.get_by_text("I was treated fairly").is_visible()
    assert await page.locator("#send").is_disabled()
    await page.context.close()


async def test_a_provider_s_name_is_text_and_nothing_else(hub: Hub, browser: Browser) -> None:
    """What a member calls itself never becomes markup."""
    sly = Actor("sly", "provider")
    told = loads(hub.speaker.member(sly))
    body = loads(b64u_decode(told["payload"]))["body"]
    body["profile"]["legal_name"] = "<img src=x onerror=alert(1)>"
    signers = [(sly.statement, "introduced"), (sly.http, "introduced"), *hub.speaker.officer()]
    hub.speaker.chains.pop("member/sly")
    await hub.registered(hub.speaker.compose("member", sly.id, body, signers))
    (slot,) = await hub.client.app[FEEDBACK].issue(sly.id, Wanted("sly".ljust(22, "_"), {"claimant": "en"}))
    page = await opened(browser, str(hub.client.make_url(f"/feedback#{slot.token}")))
    await page.locator("#send:enabled").wait_for()
    assert "<img src=x onerror=alert(1)>" in await page.locator(".lead:visible").inner_text()
    assert await page.locator(".provider img").count() == 0
    await page.context.close()
