"""The console in Chromium: in by a link of the officer's own program, decisions that two sign, no barriers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from hub.officers.entering import console_link
from hub.web.languages import CONSOLE
from providers.errors import HubRefusedError
from signing.keyfile import seal
from tests.browser.chromium import grave_violations
from tests.browser.pictures import keep
from tests.browser.signpage import PASSPHRASE, Reader
from tests.fakes.consolenetwork import CONCERNED, LISTED, NEUTRAL, READY, STUCK, populate
from tests.fakes.exchangehouse import free_port
from tests.hub.running import Hub, Served
from tests.hub.world import Actor

pytestmark = pytest.mark.asyncio(loop_scope="session")
OFFICERS = [Actor(f"officer-{number}", "officer") for number in (1, 2, 3)]


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    port = free_port()
    async with Served(tmp_path / "data", OFFICERS, port=port) as running:
        await populate(running)
        yield running


async def enter(hub: Hub, page: Page, query: str = "") -> None:
    link = await console_link(hub.url, OFFICERS[0].http, hub.clock)
    address, _, secret = link.partition("#")
    await page.goto(f"{address}{query}#{secret}")
    await page.wait_for_selector(".console-bar")
    assert "#" not in page.url


async def test_a_link_works_once_and_leaves_no_trace_in_the_address(hub: Hub, browser: Browser) -> None:
    link = await console_link(hub.url, OFFICERS[0].http, hub.clock)
    first, second = await browser.new_context(), await browser.new_context()
    page, other = await first.new_page(), await second.new_page()
    await page.goto(link)
    await page.wait_for_selector(".console-bar")
    assert page.url == f"{hub.url}/console"
    await other.goto(link)
    await other.wait_for_selector("[data-state=refused]:not([hidden])")
    assert await other.locator(".console-bar").count() == 0
    await page.click("text=Log out")
    await page.wait_for_selector("text=How to get in")


async def test_nobody_else_gets_a_link(hub: Hub) -> None:
    with pytest.raises(HubRefusedError) as caught:
        await console_link(hub.url, LISTED.http, hub.clock)
    assert caught.value.code == "not_an_officer"


async def sign(hub: Hub, browser: Browser, officer: Actor, link: str, folder: Path) -> str:
    """Sign in ``sign.html``, at a computer of one's own, with a key file as officers have it; what the page says."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.clock.install(time=hub.clock())
    key = folder / f"{officer.id}.statement.key"
    key.write_bytes(seal(officer.statement, PASSPHRASE))
    reader = Reader(page)
    await reader.open()
    await reader.paste(link)
    await reader.pick("key.pick", key)
    await reader.tick_all()
    await reader.sign()
    await reader.until_title("outcome.signed")
    said = await page.inner_text("main")
    await context.close()
    return said


async def test_three_officers_of_whom_two_decide(hub: Hub, page: Page, browser: Browser, tmp_path: Path) -> None:
    """From an application to a listed provider: prepared in the console, signed in ``sign.html`` by two of three."""
    await enter(hub, page)
    await page.click("text=Application ready to decide >> xpath=ancestor::li >> a")
    await page.check("input[name=admission] >> nth=0")
    await page.click("text=Show the draft word for word")
    await page.click("text=Put it on the signing desk")
    (link,) = await links_on(page)
    assert "Everybody has signed, and it is registered" in await sign(hub, browser, OFFICERS[0], link, tmp_path)

    await page.goto(f"{hub.url}/console/subjects/{READY.id}")
    await page.click(".choices a >> text=/^accredited$/")
    await page.fill("#decided_by", "Sample panel")
    await page.fill("#scheme", "sample_2026")
    for number in (0, 1):
        await page.check(f"input[name=finding-{number}][value=met]")
    await page.check("#by-officer-2")
    await page.click("text=Show the draft word for word")
    await page.click("text=Put it on the signing desk")
    links = await links_on(page)
    first, second = [
        await sign(hub, browser, officer, one, tmp_path) for officer, one in zip(OFFICERS[:2], links, strict=True)
    ]
    assert "Others must still sign." in first
    assert "Everybody has signed, and it is registered" in second
    await page.goto(f"{hub.url}/console/subjects/{READY.id}")
    assert "accredited" in await page.locator(".lead").inner_text()


@pytest.mark.parametrize("tag", CONSOLE)
async def test_every_page_without_barriers_and_script(hub: Hub, browser: Browser, tag: str) -> None:
    context = await browser.new_context(viewport={"width": 380, "height": 800})
    page = await context.new_page()
    wrong: list[str] = []
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    assert await grave_violations_at(page, f"{hub.url}/console?lang={tag}") == []
    await enter(hub, page, f"?lang={tag}")
    _, drafts = await hub.get("/v1/drafts", OFFICERS[0].http)
    _, found = await hub.get("/v1/applications", OFFICERS[0].http)
    _, doubted = await hub.get(f"/v1/keys/{NEUTRAL.statement.kid}/affected", OFFICERS[0].http)
    ids = {one["actor"]: one["id"] for one in found["applications"]}
    for number, path in enumerate((
        "", "/applications", f"/applications/{ids[READY.id]}", f"/applications/{ids[STUCK.id]}", "/concerns",
        f"/subjects/{CONCERNED.id}", f"/subjects/{NEUTRAL.id}", f"/subjects/{CONCERNED.id}/decision?status=referred",
        f"/subjects/{CONCERNED.id}/decision?status=conditional", f"/subjects/{CONCERNED.id}/decision?status=removed",
        f"/subjects/{LISTED.id}/keys/{LISTED.statement.kid}", "/references", "/references/new", "/rates",
        "/rates/new", "/drafts",
        f"/drafts/{drafts['drafts'][0]['id']}", f"/subjects/{NEUTRAL.id}/keys/{NEUTRAL.statement.kid}/awards",
        f"/subjects/{NEUTRAL.id}/keys/{NEUTRAL.statement.kid}/awards/{doubted['awards'][0]['index']}",
    )):  # fmt: skip
        address = f"{hub.url}/console{path}{'&' if '?' in path else '?'}lang={tag}"
        assert await grave_violations_at(page, address) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= 380, path
        await keep(page, f"console-{number:02}-{tag}", wide=True)
    await page.goto(f"{hub.url}/console/subjects/{CONCERNED.id}/decision?status=referred&lang={tag}")
    await page.click("button[value=prepare]")
    assert await page.locator(".fault").count() == 2
    assert await grave_violations(page) == []
    assert wrong == []


async def links_on(page: Page) -> list[str]:
    return [await one.input_value() for one in await page.locator(".desk-link textarea").all()]


async def grave_violations_at(page: Page, address: str) -> list[str]:
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    return await grave_violations(page)
