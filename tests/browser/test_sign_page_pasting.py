"""A link that is pasted into the signing page, or followed to it, is opened at once; nothing else that is pasted is."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from signing.secretkeys import SigningKey
from tests.browser.signpage import PASSPHRASE, PICKED, Reader, award, invite, plain_desk, served
from tests.fakes.draftdesk import DraftDesk, Waiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


def award_for(desk: DraftDesk, key: SigningKey) -> Waiting:
    desk.keys[key.kid] = (key.public, "ann")
    return desk.put(award(key.kid), key.kid)


async def test_a_pasted_link_opens_without_the_field_being_sought(page: Page) -> None:
    desk, reader = plain_desk(), Reader(page)
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.copied(invite(desk).link(hub))
        assert await page.evaluate("document.activeElement.tagName") == "H1", "nobody has gone to the field"
        await reader.paste_copied()
        await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))


async def test_a_link_that_is_pasted_into_its_field_opens(page: Page) -> None:
    desk, reader = plain_desk(), Reader(page)
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.copied(f"  {invite(desk).link(hub)} ")
        await page.get_by_label(reader.text("start.link.label")).focus()
        await reader.paste_copied()
        await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))


async def test_a_broken_link_is_only_pasted_and_can_be_mended(page: Page) -> None:
    desk, reader = plain_desk(), Reader(page)
    async with served(desk.application()) as hub:
        link = invite(desk).link(hub)
        await reader.open()
        field = page.get_by_label(reader.text("start.link.label"))
        await field.focus()
        await reader.copied(link.replace("&secret=", "&sec"))
        await reader.paste_copied()
        await reader.until_title("start.title")
        assert await field.input_value() == link.replace("&secret=", "&sec")
        await reader.press("start.open")
        await reader.refused("bad_link")
        await reader.copied(link)
        await reader.paste_copied()
        await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))


async def test_what_a_hub_refuses_to_a_pasted_link_is_explained_beside_it(page: Page) -> None:
    desk, reader = plain_desk(), Reader(page)
    async with served(desk.application()) as hub:
        link = invite(desk).link(hub, "cd" * 32)
        await reader.open()
        await reader.copied(link)
        await reader.paste_copied()
        await reader.refused("link_network")
        assert await page.get_by_label(reader.text("start.link.label")).input_value() == link


async def test_the_next_link_is_pasted_where_the_last_signature_ended(page: Page, tmp_path: Path) -> None:
    desk, reader, key = plain_desk(), Reader(page), SigningKey.generate()
    async with served(desk.application()) as hub:
        await reader.with_key(key, award_for(desk, key), hub, tmp_path)
        await reader.pick("document.pick", PICKED)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
        await reader.copied(award_for(desk, key).link(hub))
        await reader.paste_copied()
        await reader.until_title("kind.award")
        assert reader.text("key.there", kid=key.kid) in await page.inner_text("main")


async def test_a_link_pasted_while_something_is_being_signed_changes_nothing(page: Page, tmp_path: Path) -> None:
    desk, reader, key = plain_desk(), Reader(page), SigningKey.generate()
    async with served(desk.application()) as hub:
        await reader.with_key(key, award_for(desk, key), hub, tmp_path)
        await reader.copied(invite(desk).link(hub))
        before = await page.inner_text("main")
        await page.locator("h1").focus()
        await reader.paste_copied()
        assert await page.inner_text("main") == before
        await page.get_by_label(reader.text("key.passphrase"), exact=True).focus()
        await reader.paste_copied()
        await reader.until_title("kind.award")


async def followed(page: Page, link: str) -> None:
    """A link of a message is opened in the page that is open already, which takes it out of the address."""
    await page.evaluate("one => { location.hash = one; }", link.partition("#")[2])
    await page.wait_for_function("location.hash === ''")


def held_until(released: asyncio.Event, done: str) -> Callable[[Route], Awaitable[None]]:
    """Keeps a request until it may go on; then it is sent, or lost on the way."""

    async def hold(route: Route) -> None:
        await released.wait()
        await (route.continue_() if done == "sent" else route.abort())

    return hold


@pytest.mark.parametrize("done", ["sent", "lost"])
async def test_a_link_that_comes_while_another_is_fetched_is_opened(page: Page, done: str) -> None:
    """Whatever became of the first one."""
    desk, reader, key, released = plain_desk(), Reader(page), SigningKey.generate(), asyncio.Event()
    async with served(desk.application()) as hub:
        first, second = award_for(desk, key), invite(desk)
        await page.route(f"**/{first.id}", held_until(released, done))
        await reader.open()
        async with page.expect_request(f"**/{first.id}"):
            await followed(page, first.link(hub))
        await followed(page, invite(desk).link(hub))
        await followed(page, second.link(hub))
        released.set()
        await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))
        assert [path for _, path, _ in desk.asked][-1].endswith(second.id), "of several the last"


@pytest.mark.parametrize("then", ["the button", "a newer link"])
async def test_a_link_that_comes_during_a_signature_waits_until_its_refusal_was_read(
    page: Page, tmp_path: Path, then: str
) -> None:
    desk, reader, key, released = plain_desk(), Reader(page), SigningKey.generate(), asyncio.Event()
    async with served(desk.application()) as hub:
        await reader.with_key(key, award_for(desk, key), hub, tmp_path)
        await reader.pick("document.pick", PICKED)
        await reader.tick_all()
        await page.route("**/signatures", held_until(released, "lost"))
        await page.get_by_label(reader.text("key.passphrase"), exact=True).fill(PASSPHRASE)
        async with page.expect_request("**/signatures"):
            await page.get_by_role("button", name=reader.text("key.sign"), exact=True).click()
        await followed(page, invite(desk).link(hub))
        await reader.until_title("kind.award")
        released.set()
        await reader.refused("hub_unreachable", hub=hub)
        if then == "the button":
            await reader.press("outcome.another")
            await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))
        else:
            newer = award_for(desk, SigningKey.generate())
            await followed(page, newer.link(hub))
            await page.get_by_text(reader.text("key.none")).wait_for()
            await reader.settled()
            assert desk.asked[-1][1].endswith(newer.id), "the link that waited is older"
            assert await reader.title() == reader.text("kind.award")
