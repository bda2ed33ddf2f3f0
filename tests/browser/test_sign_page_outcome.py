"""What became of a draft: the page takes no other text for it, whatever a hub that lies sends when it is asked again."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page

from signing.drafts import Draft
from tests.browser.signpage import NETWORK, Reader, award, served
from tests.browser.test_sign_page_network import OTHER
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
