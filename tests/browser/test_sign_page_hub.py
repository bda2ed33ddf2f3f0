"""The signing page with real processes: hub, witness, the provider's gateway and an officer's program.

A neutral who has nothing but a browser is invited by a link, signs the entry, and signs an award; the officers' and the
provider's programs do the rest.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page

from tests.browser.signpage import Reader
from tests.fakes.exchangehouse import house
from tests.fakes.people import ID, OFFICERS, People, admit, found, send_award
from tools.signpage import PAGE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A provider that officers have listed."""
    directory = tmp_path_factory.mktemp("desk")
    with house(directory, officers=3, threshold=2) as hub:
        those = People(directory, hub)
        admit(those)
        yield those


async def invited(people: People, actor: str) -> tuple[str, str]:
    """The id of an invitation on the desk, and its link."""
    profile = people.directory / "neutral.json"
    arguments = ("neutral", "invite", "--dir", people.home, "--id", actor, "--profile", profile)
    told = await asyncio.to_thread(people.gateway, *arguments)
    return found(ID, told), found(r"http\S+#draft=\S+", told)


async def test_from_an_invitation_to_a_registered_award(page: Page, people: People, tmp_path: Path) -> None:
    reader, saved = Reader(page), tmp_path / "odr-key.json"
    name, link = await invited(people, "sample-neutral")
    await reader.open()
    await reader.paste(link)
    await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))
    kid = await reader.make_key(saved)
    await page.get_by_text(reader.text("network.link")).wait_for()
    await reader.pick("network.pick", people.policy)
    await page.get_by_text(reader.text("network.same")).wait_for()
    await reader.tick_all()
    await reader.sign_held()
    await reader.until_title("outcome.signed")
    await asyncio.to_thread(people.gateway, "sign", name, "--dir", people.home, "--yes")
    assert "Registered at log index" in await asyncio.to_thread(people.officer_signs, OFFICERS[0], name)
    await reader.press("outcome.again")
    await page.get_by_text("Everybody has signed, and it is registered").wait_for()

    name, link = await asyncio.to_thread(send_award, people)
    await reader.press("outcome.another")
    await reader.paste(link)
    await reader.until_title("kind.award")
    await page.get_by_text(reader.text("network.known")).wait_for()
    swapped = people.directory / "swapped.pdf"
    swapped.write_bytes((people.directory / "award.pdf").read_bytes() + b"another page\n")
    await reader.pick("document.pick", swapped)
    await reader.refused("document_mismatch", name="swapped.pdf")
    await reader.pick("document.pick", people.directory / "award.pdf")
    await page.locator("#document-shown").wait_for()
    await reader.tick_all()
    await reader.sign()
    await reader.until_title("outcome.signed")
    assert "sample-provider" in await page.get_by_role("region", name=reader.text("outcome.missing")).inner_text()
    document = people.directory / "award.pdf"
    told = await asyncio.to_thread(people.gateway, "sign", name, "--dir", people.home, "--document", document, "--yes")
    assert "Registered at log index" in told
    await reader.press("outcome.again")
    await page.get_by_text("Everybody has signed, and it is registered in the log at position").wait_for()
    await page.get_by_text(reader.text("outcome.record")).click()
    assert kid in await page.inner_text(".signers .you")


async def test_the_hub_offers_this_very_page_and_an_invitation_can_be_declined(page: Page, people: People) -> None:
    reader = Reader(page)
    async with aiohttp.ClientSession() as session, session.get(f"{people.hub.url}/static/sign.html") as response:
        assert await response.read() == PAGE.read_bytes()
        assert response.headers["Content-Disposition"].startswith("attachment")
    await page.goto(f"{people.hub.url}/desk")
    assert hashlib.sha256(PAGE.read_bytes()).hexdigest() in await page.inner_text("main")
    _, link = await invited(people, "another-neutral")
    await reader.open()
    await reader.paste(link)
    await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))
    await page.get_by_text(reader.text("decline.title"), exact=True).click()
    await page.get_by_label(reader.text("decline.reason"), exact=True).fill("I was not asked.")
    await reader.press("decline.send")
    await page.get_by_text(reader.text("state.declined")).wait_for()
    await reader.press("outcome.another")
    await reader.paste(link)
    await page.get_by_text("I was not asked.").wait_for()


async def test_the_finished_entry_may_be_declined(page: Page, people: People, tmp_path: Path) -> None:
    """A key was made for it already, of which the hub knows nothing."""
    reader = Reader(page)
    _, link = await invited(people, "third-neutral")
    await reader.open()
    await reader.paste(link)
    await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))
    await reader.make_key(tmp_path / "odr-key.json")
    await reader.until_title("kind.neutral")
    await page.get_by_text(reader.text("decline.title"), exact=True).click()
    await page.get_by_label(reader.text("decline.reason"), exact=True).fill("My name is misspelt.")
    await reader.press("decline.send")
    assert reader.text("state.declined") in await page.inner_text("main")
    assert "My name is misspelt." in await page.inner_text("main")
