"""The console's page of comparisons in Chromium: no barriers, and from the page to an enquiry and back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from hub.web.languages import CONSOLE
from metrics.simulation.federation import Federation
from metrics.simulation.setting import Setting
from tests.browser.chromium import grave_violations
from tests.browser.pictures import keep
from tests.browser.test_console import OFFICERS, enter
from tests.fakes.exchangehouse import free_port
from tests.fakes.federationscene import NOW, register
from tests.hub.running import Hub, Served

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """Three providers of some 35 cases a quarter have reported two quarters; one of them leaves lost cases out."""
    port, begins = free_port(), int(datetime(2025, 6, 29, tzinfo=UTC).timestamp())
    async with Served(tmp_path / "data", OFFICERS, port=port, now=begins) as running:
        setting = Setting(year=2025, providers=3, slow=0, padding=0, hiding=1, late=0, smallest=34, largest=40)
        await register(running, Federation(2, setting), NOW, 65, plain=True, first=2)
        yield running


async def test_from_the_page_to_an_enquiry_without_barriers(hub: Hub, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 380, "height": 800})
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await enter(hub, page)
    for tag in CONSOLE:
        await page.goto(f"{hub.url}/console/oversight?lang={tag}")
        assert await grave_violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 380
        assert await page.locator(".matter").count() == 1
        assert await page.locator("figure").count() == 0, "nobody is judged, so nothing is drawn unasked"
        await page.goto(f"{hub.url}/console/oversight?lang={tag}&show=resolved_in_time")
        assert await page.locator("figure").count() == 2, "a funnel and a caterpillar"
        assert await grave_violations(page) == []
        await keep(page, f"console-oversight-{tag}", wide=True)
        await page.click("a[href*='order=value']")
        await page.wait_for_selector("#ranks")
        assert await page.locator("figure").count() == 2, "the caterpillar is in another order"
        assert await page.locator("#values-resolved-in-time tbody tr").count() == 3
        assert await grave_violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 380
        await keep(page, f"console-oversight-by-value-{tag}", wide=True)
    await page.goto(f"{hub.url}/console/oversight")
    await page.click("text=Draft the enquiry")
    assert await grave_violations(page) == []
    assert "Your reports and the register disagree." in await page.input_value("#text")
    await keep(page, "console-enquiry", wide=True)
    await page.click("text=Send the enquiry")
    await page.wait_for_selector(".matter.waits")
    assert "may comment until" in await page.inner_text(".matter")
    assert "#" in page.url
    assert wrong == []
