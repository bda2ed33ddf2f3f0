"""The check of accessibility can fail, and passes what is well made, under a policy that forbids every script."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.chromium import grave_violations

pytestmark = pytest.mark.asyncio(loop_scope="session")
HEAD = (
    '<!doctype html><html lang="en"><meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    "<title>A page</title><main><h1>A page</h1>"
)


async def test_a_field_without_a_label_is_found(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f"{HEAD}<input type=text></main>", encoding="utf-8")
    await page.goto((tmp_path / "page.html").as_uri())
    assert [line.split(" at ")[0] for line in await grave_violations(page)] == ["label"]


async def test_nothing_is_found_where_nothing_is_wrong(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f"{HEAD}<label>Name <input type=text></label></main>", encoding="utf-8")
    await page.goto((tmp_path / "page.html").as_uri())
    assert await grave_violations(page) == []
