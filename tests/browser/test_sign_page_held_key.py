"""A key that was made on this page a minute ago signs the entry it was made for, once, and nothing after that.

How long it is held, and that a reload, a left page and another file end it. The page's clock is moved, not waited for.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from signing.keyfile import open_keyfile, seal
from signing.secretkeys import SigningKey
from tests.browser.chromium import grave_violations
from tests.browser.signpage import NETWORK, OFFICER, PASSPHRASE, PICKED, Reader, award, invite, plain_desk, served
from tests.browser.test_sign_page_modules import modules
from tests.fakes.draftdesk import DraftDesk, Waiting

pytestmark = pytest.mark.asyncio(loop_scope="session")
MINUTES = 60_000
LET_GO = """
globalThis.letGo = 0;
const remove = globalThis.removeEventListener;
globalThis.removeEventListener = (type, listener) => {
  if (type === "pagehide") globalThis.letGo += 1;
  remove(type, listener);
};
"""
"""Counts how often a held key is let go of, which ends its watch over the page being left."""
HANDED = """
import { HeldKey } from "./modules/heldkey.js";
globalThis.held = (opener) => new HeldKey(opener);
"""


@dataclass
class Entry:
    """An entry on the screen, and the key that was just made for it."""

    page: Page
    reader: Reader
    desk: DraftDesk
    invited: Waiting
    hub: str
    saved: Path
    kid: str

    async def locked(self) -> None:
        """The passphrase is asked for, and without it nothing is signed."""
        field = self.page.get_by_label(self.reader.text("key.passphrase"), exact=True)
        await expect(field).to_be_visible()
        await self.reader.press("key.sign")
        await self.reader.refused("empty_passphrase")
        assert self.invited.draft is None

    async def signed(self) -> None:
        await self.reader.until_title("outcome.signed")
        assert self.invited.draft is not None
        assert self.kid not in self.invited.draft.missing()


async def clock_says(page: Page, later: int) -> None:
    """Set the page's clock ``later`` milliseconds on, without running any timer."""
    now = await page.evaluate("Date.now()")
    await page.clock.set_fixed_time((now + later) / 1000)
    assert abs(await page.evaluate("Date.now()") - now - later) < 1000


@pytest_asyncio.fixture(loop_scope="session")
async def entry(page: Page, tmp_path: Path) -> AsyncIterator[Entry]:
    await page.clock.install()
    desk, reader, saved = plain_desk(), Reader(page), tmp_path / "key.json"
    invited = invite(desk)
    async with served(desk.application()) as hub:
        await reader.open()
        kid = await reader.accept(invited, hub, saved, NETWORK)
        await reader.tick_all()
        yield Entry(page, reader, desk, invited, hub, saved, kid)


async def test_it_signs_the_entry_and_the_award_after_it_asks_for_the_passphrase(entry: Entry) -> None:
    reader = entry.reader
    await reader.sign_held()
    await entry.signed()
    await reader.press("outcome.another")
    await reader.follow(entry.desk.put(award(entry.kid), entry.kid), entry.hub)
    await reader.pick("document.pick", PICKED)
    await reader.tick_all()
    await reader.press("key.sign")
    await reader.refused("empty_passphrase")
    await reader.sign("another passphrase, not that one")
    await reader.refused("wrong_passphrase")
    assert entry.desk.registered == []
    await reader.sign()
    await reader.until_title("outcome.signed")
    assert len(entry.desk.registered) == 1


async def test_the_saved_file_opens_by_the_passphrase_that_was_typed(entry: Entry) -> None:
    await entry.reader.sign_held()
    await entry.signed()
    assert open_keyfile(entry.saved.read_bytes(), PASSPHRASE).public.kid == entry.kid


async def test_what_is_missing_is_asked_for_before_it_is_used(entry: Entry) -> None:
    """A tick that is missing costs nothing: the key is still held afterwards."""
    box = entry.page.locator("fieldset input").first
    await box.uncheck()
    await entry.reader.press("key.sign")
    await entry.reader.refused("not_ticked")
    await box.check()
    await entry.reader.sign_held()
    await entry.signed()


async def test_an_unreachable_hub_gets_the_same_signature_again(entry: Entry) -> None:
    await entry.page.context.set_offline(True)
    await entry.reader.press("key.sign")
    await entry.reader.refused("hub_unreachable", hub=entry.hub)
    await entry.page.context.set_offline(False)
    await entry.reader.press("key.sign")
    await entry.signed()


async def test_after_five_minutes_the_passphrase_is_asked_for(entry: Entry) -> None:
    await entry.page.clock.fast_forward(4 * MINUTES)
    await expect(entry.page.locator("#key-state")).to_have_text(entry.reader.text("key.held"))
    await entry.page.get_by_text(entry.reader.text("decline.title"), exact=True).click()
    typed = entry.page.get_by_label(entry.reader.text("decline.reason"), exact=True)
    await typed.fill("I am still writing.")
    await entry.page.clock.fast_forward(1 * MINUTES)
    await expect(entry.page.locator("#key-state")).to_have_text(entry.reader.text("key.released"))
    assert await typed.input_value() == "I am still writing.", "nothing else on the screen changes"
    await expect(typed).to_be_focused()
    assert await grave_violations(entry.page) == []
    await entry.locked()
    await entry.reader.sign()
    await entry.signed()


async def test_a_computer_that_slept_does_not_wake_up_with_an_open_key(entry: Entry) -> None:
    """Timers stand still while a computer sleeps; the clock does not, and it is asked."""
    await clock_says(entry.page, 6 * MINUTES)
    await entry.reader.press("key.sign")
    await entry.reader.refused("empty_passphrase")
    assert entry.invited.draft is None


async def test_a_clock_that_was_set_back_does_not_keep_it_open(entry: Entry) -> None:
    await clock_says(entry.page, -60 * MINUTES)
    await entry.reader.press("key.sign")
    await entry.reader.refused("empty_passphrase")
    assert entry.invited.draft is None


async def test_a_left_page_has_none_of_it_when_somebody_comes_back(entry: Entry) -> None:
    """Browsers keep pages that were left, with all their memory, to come back to them."""
    await entry.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    await entry.locked()


async def test_a_reload_has_none_of_it(entry: Entry) -> None:
    """The page begins anew; the key signs only from its file, with its passphrase."""
    await entry.page.reload()
    await entry.reader.until_title("start.title")
    assert await entry.page.evaluate("Object.keys(localStorage).filter(one => one.includes('key/')).length") == 0
    await entry.reader.follow(entry.invited, entry.hub)
    await entry.page.get_by_text(entry.reader.text("invitation.have"), exact=True).click()
    await entry.reader.pick("key.pick", entry.saved)
    await entry.reader.until_title("kind.neutral")
    await entry.reader.tick_all()
    await entry.locked()
    await entry.reader.sign()
    await entry.signed()


async def test_another_link_ends_it(entry: Entry) -> None:
    """An address with a link opens another screen: the key is let go of, not only out of sight."""
    fragment = entry.desk.put(award(OFFICER.kid), OFFICER.kid).link(entry.hub).partition("#")[2]
    await entry.page.evaluate(LET_GO)
    await entry.page.evaluate("one => { location.hash = one; }", fragment)
    await entry.reader.until_title("kind.award")
    await entry.page.get_by_label(entry.reader.text("key.passphrase"), exact=True).wait_for()
    assert entry.reader.text("key.held") not in await entry.page.inner_text("main")
    assert await entry.page.evaluate("letGo") == 1


async def test_it_is_handed_over_once(page: Page, tmp_path: Path) -> None:
    await modules(page, tmp_path, last=HANDED)
    taken = "() => { const one = held('opener'); return [one.open, one.take(), one.open, one.take()]; }"
    assert await page.evaluate(taken) == [True, "opener", False, None]


async def test_a_recovery_file_can_be_picked_instead(entry: Entry, tmp_path: Path) -> None:
    reader, other = entry.reader, tmp_path / "other.json"
    key = SigningKey.generate()
    other.write_bytes(seal(key, PASSPHRASE))
    await entry.page.get_by_text(reader.text("key.other"), exact=True).click()
    await expect(entry.page.get_by_label(reader.text("key.pick"), exact=True)).to_be_visible()
    await reader.pick("key.pick", other)
    await reader.refused("not_a_signer", kid=key.kid)
    await reader.pick("key.pick", entry.saved)
    assert reader.text("key.opened", kid=entry.kid) in await entry.page.inner_text("#key-state")
    await reader.tick_all()
    await entry.locked()
    await reader.sign()
    await entry.signed()


async def test_it_signs_by_keyboard_alone(entry: Entry) -> None:
    await entry.page.locator("fieldset input").first.uncheck()
    await entry.page.locator("h1").focus()
    for _ in range(40):
        await entry.page.keyboard.press("Tab")
        name = await entry.page.evaluate("document.activeElement.type ?? document.activeElement.tagName")
        if name == "checkbox" and not await entry.page.evaluate("document.activeElement.checked"):
            await entry.page.keyboard.press("Space")
        if name == "submit":
            await entry.page.keyboard.press("Enter")
            break
    await entry.signed()
    assert await entry.page.evaluate("document.activeElement.tagName") == "H1", "the new screen is announced"
    assert await grave_violations(entry.page) == []


async def test_no_secret_of_it_is_kept_or_shown(entry: Entry) -> None:
    """While it is held, neither the storage nor the page has the passphrase or the open key."""
    secret = open_keyfile(entry.saved.read_bytes(), PASSPHRASE)
    assert isinstance(secret, SigningKey)
    kept = await entry.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    seen = kept + await entry.page.evaluate("document.documentElement.outerHTML.replace(/<script[^]*?<\\/script>/, '')")
    seen += "".join(await entry.page.evaluate("[...document.querySelectorAll('input')].map(one => one.value)"))
    assert PASSPHRASE not in seen
    assert secret.seed.hex() not in seen
    assert await entry.page.evaluate("indexedDB.databases()") == []
