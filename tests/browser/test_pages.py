"""Every page in every language: readable without barriers, without script, on narrow screens, and wholly translated."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from hub.web.languages import TAGS
from tests.browser.chromium import grave_violations
from tests.browser.directory import populated
from tests.browser.pictures import keep
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
ALLOWED = {
    "ODR",
    "Hub",
    "UTC",
    "PDF",
    "Cookie",
    "OpenAPI",
    "SHA",
    "HTTP",
    "http",
    "Aalen",
    "Johansen",
    "Genuine",
    "Status",
}
MONEY = {"USD", "EUR", "CNY"}
"""Latin words that stand in Chinese sentences: names, standards, what the verifier prints."""
LATIN_TEXT = """() => {
  const skipped = "code, pre, .hash, bdi, [lang]:not(html):not([lang|=zh]), option, noscript, .agreement, a.outside, "
    + ".tongues";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(skipped)) found.push(walker.currentNode.textContent);
  }
  for (const one of document.querySelectorAll("[placeholder], [aria-label], [alt], [title]")) {
    found.push(...["placeholder", "aria-label", "alt", "title"].map(name => one.getAttribute(name) || ""));
  }
  return [...found, document.querySelector("meta[name=description]").content];
}"""
pytestmark = pytest.mark.asyncio(loop_scope="session")
OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
PATHS = {
    "home": "/",
    "directory": "/directory",
    "directory-filtered": "/directory?stage=arbitration&language=zh&accredited_only=true",
    "directory-past": "/directory?at=3",
    "directory-nobody": "/directory?economy=FR&stage=negotiation",
    "neutrals": "/directory/neutrals",
    "others": "/directory/others",
    "provider": "/directory/providers/harbour-odr",
    "provider-suspended": "/directory/providers/meridian-odr",
    "neutral": "/directory/neutrals/n-okafor",
    "find": "/find",
    "find-results": "/find?dispute_type=non_conformity&mine=PE&theirs=CN&amount=12%2C500&currency=USD&language=es"
    "&stage=arbitration",
    "find-nothing": "/find?dispute_type=ip_branding&language=es&stage=mediation&amount=9&currency=USD",
    "find-mistake": "/find?amount=many&currency=USD",
    "agreement": "/find/agreement?provider=harbour-odr&seat=Singapore&successor=andes-odr",
    "desk": "/desk",
    "feedback": "/feedback",
    "oversight": "/oversight?from=2025-01-01&to=2025-12-31",
    "docs": "/docs",
    "problems": "/docs/problems",
    "nothing-here": "/directory/providers/nobody",
    "for-programs": "/v1/inbox",
}
LONG = {"docs", "problems"}
"""Long, and in English but for their frame, which is that of every page: looked at in two languages, not in four."""

STATUS = {"nothing-here": 404, "for-programs": 401}
"""What addresses answer that lead nowhere; all others answer 200."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """A hub with providers, neutrals, a court, decisions of every kind, and case events."""
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        await populated(running)
        yield running


def address(hub: Hub, path: str, tag: str) -> str:
    return str(hub.client.make_url(path + ("&" if "?" in path else "?") + f"lang={tag}"))


async def wider(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    found: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


@pytest.mark.parametrize("tag", TAGS)
async def test_every_page_in_every_language(hub: Hub, browser: Browser, tag: str) -> None:
    """No barrier that axe-core calls serious; no error; nothing wider than a narrow screen."""
    context = await browser.new_context(viewport={"width": 380, "height": 800})
    page = await context.new_page()
    for name, path in PATHS.items():
        if name in LONG and tag not in {"en", "zh-Hans"}:
            continue
        answer = await page.goto(address(hub, path, tag))
        assert answer is not None
        assert (answer.status, answer.headers["content-language"]) == (STATUS.get(name, 200), tag), name
        assert await grave_violations(page) == [], f"{name} in {tag}"
        assert await wider(page) <= 0, f"{name} in {tag} is wider than the screen"
        await keep(page, f"page-{name}-{tag}", wide=True)
    await context.close()


async def test_no_english_is_left_on_a_chinese_page(hub: Hub, browser: Browser) -> None:
    """Outside of codes, names, members' own texts and what is marked as another language."""
    page = await browser.new_page()
    for name, path in PATHS.items():
        await page.goto(address(hub, path, "zh-Hans"))
        left = {word for text in await page.evaluate(LATIN_TEXT) for word in WORD.findall(text)} - ALLOWED - MONEY
        assert left == set(), name
    await page.close()


async def test_english_that_is_left_would_be_found(hub: Hub, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(address(hub, "/directory", "en"))
    assert {"Directory", "providers"} <= {
        word for text in await page.evaluate(LATIN_TEXT) for word in WORD.findall(text)
    }
    await page.close()


async def test_a_visitor_finds_a_provider_and_copies_the_text(hub: Hub, browser: Browser) -> None:
    """From the home page to the text by clicks and the keyboard alone, in French."""
    page = await browser.new_page()
    await page.goto(address(hub, "/", "en"))
    await page.get_by_role("link", name="Français").click()
    await page.get_by_role("link", name="Trouver un prestataire").first.click()
    await page.get_by_label("Sur quoi porte le litige").select_option("non_delivery")
    await page.get_by_label("Votre côté").select_option("PE")
    await page.get_by_label("Montant").fill("12 500,50")
    await page.get_by_label("Devise").select_option("USD")
    await page.get_by_label("Dans quelle langue").select_option("es")
    await page.get_by_label("Arbitrage").check()
    await page.get_by_role("button", name="Afficher les prestataires").click()
    await page.get_by_role("link", name="Texte à convenir").click()
    await page.get_by_label("Siège").fill("Genève, Suisse")
    await page.get_by_role("button", name="Récrire le texte").click()
    text = page.locator(".agreement").first
    assert "Le siège de l'arbitrage est Genève, Suisse." in await text.inner_text()
    await text.click()
    selected = str(await page.evaluate("getSelection().toString()"))
    assert selected.startswith("1. Tout litige né du présent contrat")
    assert "consentement de toutes les parties" in selected
    await page.close()


async def test_dark_pages_have_enough_contrast(hub: Hub, browser: Browser) -> None:
    context = await browser.new_context(color_scheme="dark")
    page = await context.new_page()
    for name in PATHS.keys() - LONG:
        await page.goto(address(hub, PATHS[name], "en"))
        assert await grave_violations(page) == [], name
    await context.close()
