"""A new passphrase is seen while it is typed, or is hidden and typed twice (decision 0055)."""

import pytest
from playwright.async_api import Locator, Page

from tests.browser.signpage import PASSPHRASE, Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")
SLIP = "correct horse batttery staple"


async def making(page: Page) -> Reader:
    """Somebody who is about to make a key."""
    reader = Reader(page)
    await reader.open()
    await reader.without_link()
    await reader.press("keys.make")
    return reader


def field(reader: Reader, key: str) -> Locator:
    return reader.page.get_by_label(reader.text(key), exact=True)


async def test_what_is_typed_is_seen(page: Page) -> None:
    reader = await making(page)
    await field(reader, "making.once").press_sequentially(SLIP)
    assert SLIP in await page.inner_text(".typed")
    await field(reader, "making.once").fill(f"{PASSPHRASE} \u200b")
    assert await page.inner_text(".typed bdi") == f"{PASSPHRASE} \\u{{200b}}", "what hides is seen too"
    await field(reader, "making.once").fill("")
    assert not await page.locator(".typed").is_visible()


async def test_the_field_is_one_that_browsers_neither_keep_nor_check(page: Page) -> None:
    """Text fields are written to the file from which windows are restored, and go to spelling checkers."""
    reader = await making(page)
    await field(reader, "making.once").fill(PASSPHRASE)
    assert await field(reader, "making.once").get_attribute("type") == "password"
    assert (
        await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])") == "[{},{},null]"
    )
    assert (
        await page.locator(".typed").evaluate("one => one.closest('[role=status], [role=alert], [aria-live]')") is None
    )


async def test_no_translator_reads_it_nor_what_is_signed(page: Page) -> None:
    """A translator of the browser sends what a page shows to somebody else, and changes what its reader sees."""
    reader = await making(page)
    await field(reader, "making.once").fill(PASSPHRASE)
    assert await page.locator(".typed bdi").evaluate("one => one.translate") is False
    assert await page.get_attribute("meta[name=google]", "content") == "notranslate"


async def test_it_stays_hidden_in_another_language(page: Page) -> None:
    reader = await making(page)
    await field(reader, "making.hide").check()
    await page.get_by_role("combobox").select_option("es")
    spanish = Reader(page, "es")
    await spanish.until_title("keys.make")
    assert await field(spanish, "making.hide").is_checked()
    await field(spanish, "making.once").fill(PASSPHRASE)
    assert PASSPHRASE not in await page.inner_text("main")
    assert await field(spanish, "making.twice").is_visible()


async def test_it_is_gone_once_the_key_is_made(page: Page) -> None:
    reader = await making(page)
    await reader.choose(PASSPHRASE)
    assert PASSPHRASE not in await page.content()
    assert await page.evaluate("[...document.querySelectorAll('input')].every(one => one.value === '')")


async def test_whoever_hides_it_types_it_twice(page: Page) -> None:
    reader = await making(page)
    await field(reader, "making.once").fill(PASSPHRASE)
    await field(reader, "making.hide").check()
    assert PASSPHRASE not in await page.inner_text("main")
    await field(reader, "making.twice").fill(SLIP)
    await reader.press("making.make")
    await reader.refused("passphrases_differ")
    await field(reader, "making.twice").fill(PASSPHRASE)
    await reader.press("making.make")
    await reader.until_title("saving.title")


async def test_whoever_shows_it_again_types_it_once(page: Page) -> None:
    reader = await making(page)
    await field(reader, "making.hide").check()
    await field(reader, "making.once").fill(PASSPHRASE)
    await field(reader, "making.twice").fill(SLIP)
    await field(reader, "making.hide").uncheck()
    assert PASSPHRASE in await page.inner_text(".typed")
    assert await field(reader, "making.twice").count() == 0
    await reader.press("making.make")
    await reader.until_title("saving.title")
