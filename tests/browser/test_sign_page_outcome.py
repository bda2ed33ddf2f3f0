"""What became of a draft: neither another text nor a forged signature of the reader's is taken, whoever sends it."""

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page

from signing.drafts import Draft
from signing.encoding import b64u_decode, b64u_encode
from signing.keyfile import seal
from signing.secretkeys import SigningKey
from tests.browser.signpage import NETWORK, PASSPHRASE, Reader, award, invite, served
from tests.browser.test_sign_page_network import OTHER, kept
from tests.browser.test_sign_page_refusals import KEY, known, ready

pytestmark = pytest.mark.asyncio(loop_scope="session")
ELSEWHERE = {"country": "KP", "place": "Pyongyang"}
"""A seat that nobody was shown before."""


def as_answered(draft: Draft) -> dict[str, object]:
    return {"draft": json.loads(draft.to_bytes())}


async def unfolded(page: Page) -> str:
    """Everything on the screen, with the record of what was signed."""
    for one in await page.locator("details.forpaper > summary").all():
        await one.click()
    return await page.inner_text("main")


async def test_another_text_is_not_shown_as_the_one_that_was_signed(page: Page, tmp_path: Path) -> None:
    desk = known()
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        desk.changed = {"state": "open"}
        await reader.sign()
        await reader.until_title("outcome.signed")
        desk.changed |= as_answered(award(KEY.kid, seat=ELSEWHERE))
        await reader.press("outcome.again")
        await reader.refused("draft_changed")
        assert "Pyongyang" not in await unfolded(page)
        desk.changed = {}
        await reader.press("outcome.again")
        await page.get_by_text(reader.text("state.registered.at", index="7")).wait_for()


@pytest.mark.parametrize("state", ["complete", "registered", "refused"])
async def test_a_draft_of_another_network_is_not_shown_whatever_became_of_it(page: Page, state: str) -> None:
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        waiting = desk.put(award(KEY.kid, network=OTHER), KEY.kid)
        waiting.state = state
        await reader.open()
        await reader.paste(waiting.link(hub, NETWORK))
        await reader.refused("link_network")
        await reader.until_title("start.title")


async def test_a_text_that_comes_only_later_is_held_against_the_link(page: Page) -> None:
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        waiting = desk.put(award(KEY.kid, network=OTHER, seat=ELSEWHERE), KEY.kid)
        desk.changed = {"state": "complete", "draft": None}
        await reader.open()
        await reader.paste(waiting.link(hub, NETWORK))
        await reader.until_title("outcome.title")
        desk.changed = {"state": "complete"}
        await reader.press("outcome.again")
        await reader.refused("link_network")
        assert "Pyongyang" not in await page.inner_text("main")


async def test_the_record_has_the_signed_time_and_what_verifies_the_signature(page: Page, tmp_path: Path) -> None:
    """The hub is reached only an hour after the signature was made."""
    desk = known()
    await page.clock.install(time=time.time() - 3600)
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        await page.context.set_offline(True)
        await reader.sign()
        await reader.refused("hub_unreachable", hub=hub)
        await page.context.set_offline(False)
        await page.clock.set_system_time(time.time())
        await reader.sign("")
        await reader.until_title("outcome.signed")
        await unfolded(page)
        record = await page.get_by_role("region", name=reader.text("outcome.yours")).inner_text()
    (waiting,) = desk.drafts.values()
    assert waiting.draft is not None
    made = waiting.draft.signatures[-1]
    signed_at = datetime.fromtimestamp(json.loads(b64u_decode(str(made["protected"])))["iat"], UTC)
    assert f"{signed_at:%B} {signed_at.day}, {signed_at:%Y, %H:%M:%S} UTC" in record
    assert waiting.draft.digest in record
    header, signature = re.findall(r"^[\w-]{80,}$", record, re.MULTILINE)
    assert (header, signature) == (made["protected"], made["signature"])
    KEY.public.verify(f"{header}.{b64u_encode(waiting.draft.octets)}".encode(), b64u_decode(signature))


def forged(draft: Draft, key: SigningKey) -> dict[str, object]:
    """The answer of a hub that puts a signature under the name of ``key`` which it has not made."""
    document = json.loads(draft.signed_by(key, 1).to_bytes())
    document["signatures"][-1]["signature"] = "A" * 86
    return {"draft": document}


async def test_a_forged_signature_of_a_key_of_this_browser_is_refused(page: Page) -> None:
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        waiting = desk.put(award(KEY.kid), KEY.kid)
        desk.changed = forged(award(KEY.kid), KEY)
        await reader.open()
        await kept(page, NETWORK)
        await reader.paste(waiting.link(hub, NETWORK))
        await reader.refused("false_signature")
        await reader.until_title("start.title")


async def test_a_forged_signature_of_a_picked_key_is_refused(page: Page, tmp_path: Path) -> None:
    """The link is for no one signer, and somebody else must sign too, so that the draft is shown to be signed."""
    desk, reader = known(), Reader(page)
    (tmp_path / "key.json").write_bytes(seal(KEY, PASSPHRASE))
    draft = Draft(award(KEY.kid).octets)
    desk.changed = forged(draft, KEY)
    async with served(desk.application()) as hub:
        waiting = desk.put(draft, None)
        await reader.open()
        await reader.paste(waiting.link(hub, NETWORK))
        await reader.until_title("kind.award")
        await reader.pick("key.pick", tmp_path / "key.json")
        await reader.refused("false_signature")


async def test_a_forged_signature_of_an_introduced_key_is_refused(page: Page, tmp_path: Path) -> None:
    """The key stands in the draft itself, so that its signature can be verified without the key in the browser."""
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        waiting = invite(desk)
        await reader.open()
        await reader.accept(waiting, hub, tmp_path / "key.json", NETWORK)
        await reader.tick_all()
        await reader.sign_held()
        await reader.until_title("outcome.signed")
        await page.evaluate("localStorage.clear()")
        await reader.open()
        await reader.paste(waiting.link(hub, NETWORK))
        await reader.until_title("outcome.title")
        assert reader.text("outcome.named") in await page.inner_text("main")
        assert waiting.draft is not None
        document = json.loads(waiting.draft.to_bytes())
        document["signatures"][0]["signature"] = "A" * 86
        desk.changed = {"draft": document}
        await reader.press("outcome.again")
        await reader.refused("false_signature")


async def test_you_have_signed_is_said_of_a_verified_signature_alone(page: Page) -> None:
    desk, reader = known(), Reader(page)
    desk.changed = {"state": "open"}
    async with served(desk.application()) as hub:
        waiting = desk.put(award(KEY.kid).signed_by(KEY, int(time.time())), KEY.kid)
        await reader.open()
        await reader.follow(waiting, hub)
        await reader.until_title("outcome.title")
        assert reader.text("outcome.named") in await page.inner_text("main")
        assert await page.locator(".signers .state").first.inner_text() == reader.text("signer.named")
        await kept(page, NETWORK)
        await reader.press("outcome.another")
        await reader.follow(waiting, hub)
        await reader.until_title("outcome.signed")
        assert await page.locator(".signers .you .state").inner_text() == reader.text("signer.yours")
