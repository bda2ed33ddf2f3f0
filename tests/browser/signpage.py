"""The signing page, opened from disk, as its reader uses it; and drafts for it."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Page, expect

from signing.compose import new_salt, payload
from signing.drafts import Draft
from signing.encoding import sha256_hex
from signing.keyfile import seal
from signing.secretkeys import SigningKey
from tests.fakes.draftdesk import DraftDesk, Waiting
from tests.hub.world import example, signing_key
from tools.signpage import PAGE, texts

__all__ = [
    "NETWORK", "OFFICER", "PASSPHRASE", "PDF", "PICKED", "PROVIDER", "Reader", "award", "invite", "neutral_body",
    "plain_desk", "served",
]  # fmt: skip

NETWORK = "ab" * 32
PASSPHRASE = "correct horse battery staple"
PDF = (
    b"%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n"
    b"2 0 obj <</Type /Pages /Kids [] /Count 0>> endobj\n%%EOF\n"
)
PICKED = {"name": "award.pdf", "mimeType": "application/pdf", "buffer": PDF}
OFFICER, PROVIDER = signing_key("officer"), signing_key("provider")
OTHERS = [{"kid": PROVIDER.kid, "role": "provider"}, {"kid": OFFICER.kid, "role": "officer"}]
"""Who signs a neutral's entry besides the neutral."""
WAIT = 20_000
SLOTS = ".alert:not(:empty)"
ARRIVALS = """
addEventListener("blur", () => {
  if (document.activeElement?.tagName === "IFRAME") document.activeElement.dataset.arrived = "";
});
"""
ARRIVING = "iframe:not([data-arrived])"


def plain_desk() -> DraftDesk:
    """A desk that knows an officer and a provider."""
    return DraftDesk(
        NETWORK, {OFFICER.kid: (OFFICER.public, "officer-a"), PROVIDER.kid: (PROVIDER.public, "my-centre")}
    )


@asynccontextmanager
async def served(application: web.Application) -> AsyncIterator[str]:
    """The address at which an application listens on this machine."""
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def neutral_body() -> dict[str, Any]:
    """What a neutral is invited to state: an entry without keys."""
    body = example("neutral", "valid-active")["body"] | {"nominated_by": "my-centre", "key_custody": "self"}
    return {name: value for name, value in body.items() if name != "keys"}


def invite(desk: DraftDesk, **changes: str) -> Waiting:
    """A neutral is invited to state an entry."""
    return desk.invite(kind="neutral", issuer="ann", body=neutral_body(), signers=OTHERS, **changes)


def award(signer: str, pdf: bytes = PDF, *, network: str = NETWORK, **changes: Any) -> Draft:
    """An award over ``pdf`` that the provider has signed and that waits for ``signer``."""
    manifestation = {"media_type": "application/pdf", "sha256": sha256_hex(pdf), "size": len(pdf)}
    body = example("award", "valid-final")["body"] | {"manifestation": manifestation} | changes
    now = int(time.time())
    signers = [(signer, "neutral"), (PROVIDER.kid, "provider")]
    octets = payload("award", "my-centre", body, signers, network=network, now=now, salt=new_salt())
    return Draft(octets).signed_by(PROVIDER, now)


@dataclass
class Reader:
    """Somebody in front of the page. Finds everything by what it is called in their language."""

    page: Page
    language: str = "en"

    def text(self, key: str, **values: str) -> str:
        return texts(self.language)[key].format(**values)

    async def open(self, fragment: str = "") -> None:
        """Open the file from disk, in a document of its own."""
        await self.page.goto("about:blank")
        await self.page.add_init_script(ARRIVALS)
        await self.page.goto(PAGE.as_uri() + fragment)
        await self.page.wait_for_selector("h1:focus", timeout=WAIT)

    async def again(self) -> None:
        """Load the document once more, in the process that has it: another one may not see yet what is kept there."""
        await self.page.reload()
        await self.page.wait_for_selector("h1:focus", timeout=WAIT)

    async def without_link(self) -> None:
        """Unfold what is there for people without a link, unless a key in the browser has unfolded it."""
        if not await self.page.get_by_text(self.text("keys.title"), exact=True).is_visible():
            await self.page.get_by_text(self.text("start.more"), exact=True).click()

    async def follow(self, waiting: Waiting, hub: str) -> None:
        """Paste a link into the first field and open it."""
        await self.paste(waiting.link(hub))
        await self.settled()

    async def paste(self, link: str) -> None:
        await self.page.get_by_label(self.text("start.link.label")).fill(link)
        await self.press("start.open")

    async def copied(self, text: str) -> None:
        """Copy a text out of another page, as out of a message."""
        browser = self.page.context.browser
        assert browser is not None
        message = await browser.new_page()
        await message.set_content("<textarea></textarea>")
        await message.locator("textarea").fill(text)
        await message.keyboard.press("Control+A")
        await message.keyboard.press("Control+C")
        await message.close()
        await self.page.bring_to_front()

    async def paste_copied(self) -> None:
        """Press the keys that paste, wherever the focus is."""
        await self.page.keyboard.press("Control+V")
        await self.settled()

    async def settled(self) -> None:
        """Until the page has done what it was asked, and the viewer of a document has had its moment of focus.

        It takes the focus a second or more after it has loaded. A reader types a letter at a time and gets the focus
        back; a program that fills a field at once would fill the viewer instead.
        """
        await self.page.wait_for_selector("#page:not(.busy)", timeout=WAIT)
        await self.page.wait_for_selector(ARRIVING, state="detached", timeout=WAIT)

    async def title(self) -> str:
        return (await self.page.inner_text("h1")).strip()

    async def until_title(self, key: str, **values: str) -> None:
        await self.page.get_by_role("heading", level=1, name=self.text(key, **values), exact=True).wait_for(
            timeout=WAIT
        )

    async def press(self, key: str) -> None:
        await self.page.get_by_role("button", name=self.text(key), exact=True).click()
        await self.settled()

    async def pick(self, key: str, file: Path | dict[str, Any]) -> None:
        await self.page.get_by_label(self.text(key), exact=True).set_input_files(file)  # type: ignore[arg-type]
        await self.settled()

    async def tick_all(self) -> None:
        for box in await self.page.locator("fieldset input").all():
            await box.check()

    async def sign(self, passphrase: str = PASSPHRASE) -> None:
        await self.page.get_by_label(self.text("key.passphrase"), exact=True).fill(passphrase)
        await self.press("key.sign")

    async def sign_held(self) -> None:
        """Sign with the key that was just made, which asks for neither its file nor its passphrase."""
        assert self.text("key.held") in await self.page.inner_text("#key-state")
        assert await self.page.get_by_label(self.text("key.passphrase"), exact=True).count() == 0
        assert await self.page.get_by_label(self.text("key.pick"), exact=True).filter(visible=True).count() == 0
        await self.press("key.sign")

    async def make_key(self, saved: Path, passphrase: str = PASSPHRASE) -> str:
        """Choose a passphrase, save the recovery file and go on; returns the kid."""
        await self.choose(passphrase)
        return await self.save(saved)

    async def choose(self, passphrase: str) -> None:
        """Choose a passphrase, for which a key is made."""
        await self.page.get_by_label(self.text("making.once"), exact=True).fill(passphrase)
        await self.press("making.make")
        await self.until_title("saving.title")

    async def save(self, saved: Path) -> str:
        """Save the recovery file and go on; returns the kid."""
        async with self.page.expect_download() as download:
            await self.page.get_by_role("link", name=self.text("saving.save")).click()
        await (await download.value).save_as(saved)
        await self.press("saving.next")
        return str(json.loads(saved.read_bytes())["kid"])

    async def refused(self, code: str, **values: str) -> None:
        """Until the one alert on the page says this refusal, and has the focus."""
        slot = self.page.locator(SLOTS)
        await expect(slot).to_contain_text(self.text(f"refusal.{code}", **values), timeout=WAIT)
        await expect(slot).to_be_focused(timeout=WAIT)

    async def accept(self, invited: Waiting, hub: str, saved: Path, network: str | None = None) -> str:
        """From an invitation to the entry that waits for the signature of a new key; returns the kid."""
        await self.paste(invited.link(hub, network))
        await self.until_title("invitation.title", kind=self.text("kind.neutral"))
        kid = await self.make_key(saved)
        await self.until_title("kind.neutral")
        return kid

    async def with_key(self, key: SigningKey, waiting: Waiting, hub: str, folder: Path) -> None:
        """Open a draft and load the recovery file of ``key``."""
        file = folder / "held.json"
        file.write_bytes(seal(key, PASSPHRASE))
        await self.open()
        await self.follow(waiting, hub)
        await self.pick("key.pick", file)
