"""Pictures of pages for people to look at: kept where ``PAGE_PICTURES`` names a directory, otherwise not made."""

import os
from pathlib import Path

from playwright.async_api import Page

__all__ = ["keep"]

_PICTURES = os.environ.get("PAGE_PICTURES", "")


async def keep(page: Page, name: str, *, wide: bool = False) -> None:
    """Leave the whole page as ``<name>.png``; if ``wide``, also as it is on a desk's screen."""
    if not _PICTURES:
        return
    await page.screenshot(path=Path(_PICTURES) / f"{name}.png", full_page=True)
    size = page.viewport_size
    if wide and size is not None:
        await page.set_viewport_size({"width": 1280, "height": 900})
        await page.screenshot(path=Path(_PICTURES) / f"{name}-wide.png", full_page=True)
        await page.set_viewport_size(size)
