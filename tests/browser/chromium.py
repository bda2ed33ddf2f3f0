"""The system's Chromium, driven from outside, and what every page of ours must stand up to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, Page, async_playwright

from tests.interop.programs import require

_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_GRAVE = frozenset({"serious", "critical"})


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser with a profile of its own; skips the test where Chromium is not installed."""
    program = require("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


async def grave_violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands, serious or worse: rule and place, one line each.

    The script runs in a world of its own of the browser, so that the page's own policy for scripts holds.
    """
    session = await page.context.new_cdp_session(page)
    frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
    script = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
    run = 'axe.run({resultTypes: ["violations"]})'
    found = await session.send(
        "Runtime.evaluate",
        {
            "expression": f"{script}; {run}.then(found => JSON.parse(JSON.stringify(found.violations)))",
            "contextId": world["executionContextId"],
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    return [line for one in _value(found) if one["impact"] in _GRAVE for line in _lines(one)]


def _value(answer: dict[str, Any]) -> list[dict[str, Any]]:
    if "exceptionDetails" in answer:
        raise AssertionError(answer["exceptionDetails"])
    found: list[dict[str, Any]] = answer["result"]["value"]
    return found


def _lines(violation: dict[str, Any]) -> list[str]:
    return [f"{violation['id']} at {node['target'][0]}: {node['failureSummary']}" for node in violation["nodes"]]
