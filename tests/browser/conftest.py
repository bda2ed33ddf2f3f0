"""One browser for all tests of a worker, with contexts of its own for each of them."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.chromium import chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_browser() -> AsyncIterator[Browser]:
    """Starting it takes seconds, so it is started once. Whatever uses it runs in the session's loop."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def browser(started_browser: Browser) -> AsyncIterator[Browser]:
    """A browser without pages, storage or cookies; what a test opens in it is closed after the test."""
    yield started_browser
    for context in started_browser.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> Page:
    """A new page; whatever it writes to its console as an error fails nothing by itself."""
    return await browser.new_page()
