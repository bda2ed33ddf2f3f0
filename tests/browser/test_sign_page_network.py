"""Which network a statement is held against: a policy file's, what the browser remembers, or the word of the link."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from signing.keyfile import seal
from signing.secretkeys import SigningKey
from tests.browser.chromium import grave_violations
from tests.browser.signpage import NETWORK, PASSPHRASE, Reader, award, invite, plain_desk, served
from tests.fakes.draftdesk import DraftDesk

pytestmark = pytest.mark.asyncio(loop_scope="session")
OTHER = "cd" * 32
KEY = SigningKey(bytes(range(32)))


def policy(network: str) -> dict[str, str | bytes]:
    text = f"odr-policy/1\nnetwork {network}\npolicy {'ef' * 32} 0\nquorum none\n"
    return {"name": "verification-policy.txt", "mimeType": "text/plain", "buffer": text.encode()}


@pytest.fixture
def desk() -> DraftDesk:
    desk = plain_desk()
    desk.keys[KEY.kid] = (KEY.public, "ann")
    return desk


@pytest_asyncio.fixture(loop_scope="session")
async def hub(desk: DraftDesk) -> AsyncIterator[str]:
    async with served(desk.application()) as address:
        yield address


async def said(page: Page) -> str:
    return await page.inner_text("#network-state")


async def kept(page: Page, network: str | None) -> None:
    """Leave ``KEY`` in the browser as it is after a signature on ``network``."""
    text = json.dumps({"sealed": seal(KEY, PASSPHRASE).decode(), "network": network})
    await page.evaluate("([name, text]) => localStorage.setItem(name, text)", [f"odr-desk/key/{KEY.kid}", text])


async def networks_kept(page: Page) -> list[str | None]:
    found: list[str | None] = await page.evaluate(
        "Object.entries(localStorage).filter(([one]) => one.includes('key/')).map(([, one]) => JSON.parse(one).network)"
    )
    return found


async def test_the_links_network_is_said_and_remembered(page: Page, desk: DraftDesk, hub: str, tmp_path: Path) -> None:
    reader = Reader(page)
    await reader.open()
    kid = await reader.accept(invite(desk), hub, tmp_path / "key.json", NETWORK)
    assert await said(page) == reader.text("network.link"), "it is never called checked"
    assert not await page.get_by_label(reader.text("network.pick"), exact=True).is_visible()
    assert await grave_violations(page) == []
    await reader.tick_all()
    await reader.sign_held()
    await reader.until_title("outcome.signed")
    assert await networks_kept(page) == [NETWORK]
    await reader.press("outcome.another")
    await reader.follow(desk.put(award(kid), kid), hub)
    assert await said(page) == reader.text("network.known")


async def test_a_link_without_a_network_asks_for_the_file(
    page: Page, desk: DraftDesk, hub: str, tmp_path: Path
) -> None:
    reader = Reader(page)
    await reader.open()
    await reader.accept(invite(desk), hub, tmp_path / "key.json")
    assert await said(page) == reader.text("network.unchecked")
    assert await page.get_by_label(reader.text("network.pick"), exact=True).is_visible()
    await reader.pick("network.pick", policy(NETWORK))
    assert await said(page) == reader.text("network.same")


@pytest.mark.parametrize("asked", ["an invitation", "an award"])
async def test_a_hub_that_answers_with_another_network_is_refused(
    page: Page, desk: DraftDesk, hub: str, asked: str
) -> None:
    """The link names one network, and what the hub sends is for another: nothing of it is shown."""
    waiting = (
        invite(desk, network=OTHER) if asked == "an invitation" else desk.put(award(KEY.kid, network=OTHER), KEY.kid)
    )
    reader = Reader(page)
    await reader.open()
    await reader.paste(waiting.link(hub, NETWORK))
    await reader.refused("link_network")
    await reader.until_title("start.title")


async def test_a_policy_file_outweighs_the_link(page: Page, desk: DraftDesk, hub: str, tmp_path: Path) -> None:
    """A forged link and hub agree on their network; the coordinator's file does not."""
    reader = Reader(page)
    await reader.open()
    await reader.accept(invite(desk), hub, tmp_path / "key.json", NETWORK)
    await reader.pick("network.pick", policy(OTHER))
    assert await said(page) == reader.text("network.other")
    await reader.tick_all()
    await reader.press("key.sign")
    await reader.refused("wrong_network")


async def test_a_key_whose_network_is_known_signs_by_no_link_of_another(page: Page, desk: DraftDesk, hub: str) -> None:
    reader = Reader(page)
    await reader.open()
    await kept(page, OTHER)
    await reader.paste(desk.put(award(KEY.kid), KEY.kid).link(hub, NETWORK))
    await reader.refused("other_network")
    await reader.until_title("start.title")


async def test_a_picked_key_whose_network_is_known_is_refused_too(
    page: Page, desk: DraftDesk, hub: str, tmp_path: Path
) -> None:
    """The draft is shown, since the link is not for one signer; the key brings the network that it was used on."""
    (tmp_path / "key.json").write_bytes(seal(KEY, PASSPHRASE))
    reader = Reader(page)
    await reader.open()
    await reader.paste(desk.put(award(KEY.kid), KEY.kid).link(hub, NETWORK))
    assert await said(page) == reader.text("network.link")
    await kept(page, OTHER)
    await reader.pick("key.pick", tmp_path / "key.json")
    await reader.refused("other_network")


async def test_an_invitation_elsewhere_needs_a_policy_file(
    page: Page, desk: DraftDesk, hub: str, tmp_path: Path
) -> None:
    """The keys of this browser were used on another network: the link's word alone is not enough."""
    reader = Reader(page)
    await reader.open()
    await kept(page, OTHER)
    await reader.accept(invite(desk), hub, tmp_path / "key.json", NETWORK)
    assert await said(page) == reader.text("network.foreign")
    await reader.tick_all()
    await reader.press("key.sign")
    await reader.refused("foreign_network")
    await reader.pick("network.pick", policy(NETWORK))
    assert await said(page) == reader.text("network.same")
    await reader.sign_held()
    await reader.until_title("outcome.signed")
    assert sorted(map(str, await networks_kept(page))) == [NETWORK, OTHER]


async def test_an_invitation_to_a_network_that_is_known_needs_none(
    page: Page, desk: DraftDesk, hub: str, tmp_path: Path
) -> None:
    reader = Reader(page)
    await reader.open()
    await kept(page, NETWORK)
    await reader.accept(invite(desk), hub, tmp_path / "key.json", NETWORK)
    assert await said(page) == reader.text("network.link")


async def test_a_key_brought_back_from_its_file_keeps_its_network(page: Page, tmp_path: Path) -> None:
    """Only removing the key from the browser forgets the network, which mends one that a forged link left."""
    (tmp_path / "key.json").write_bytes(seal(KEY, PASSPHRASE))
    reader = Reader(page)
    await reader.open()
    await kept(page, NETWORK)
    await reader.again()
    await reader.pick("keys.add", tmp_path / "key.json")
    assert await networks_kept(page) == [NETWORK]
    page.on("dialog", lambda dialog: dialog.accept())
    await reader.press("keys.forget")
    await reader.without_link()
    await reader.pick("keys.add", tmp_path / "key.json")
    assert await networks_kept(page) == [None]


async def test_a_network_of_no_known_form_is_no_link(page: Page, desk: DraftDesk, hub: str) -> None:
    reader, link = Reader(page), invite(desk).link(hub)
    await reader.open()
    for wrong in ("", NETWORK[1:], NETWORK.upper(), f"{NETWORK}&network={NETWORK}", f"{NETWORK}&network={OTHER}"):
        await reader.paste(f"{link}&network={wrong}")
        await reader.refused("bad_link")
        await reader.paste("http://hub.example")
        await reader.refused("bad_link")
        await reader.paste(link.replace("hub=http://127.0.0.1", "hub=http://hub.example"))
        await reader.refused("unsafe_hub")
