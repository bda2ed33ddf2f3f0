"""A browser for each test, and a check of accessibility."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import chromium


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture
async def page(browser: Browser) -> Page:
    """A new page; whatever it writes to its console as an error fails nothing by itself."""
    return await browser.new_page()
