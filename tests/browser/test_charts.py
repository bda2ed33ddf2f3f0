"""All charts on a page with the site's templates and policy: no barriers, nothing too small, nothing too wide."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp_jinja2
import jinja2
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, Page

from hub.charts.figure import figure
from hub.settings import read_settings
from hub.web import rendering
from hub.web.appkeys import LANGUAGE, SETTINGS
from hub.web.charttext import chart_words
from hub.web.languages import TAGS
from tests.browser.chromium import grave_violations
from tools import chartsamples

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGE = """{% extends "layout.html" %}{% from "charts.html" import figure with context %}{% set here = "" %}
{% block title %}Charts{% endblock %}{% block content %}<h1>Charts</h1>
{% for one in figures %}{{ figure(one, open=true) }}{% endfor %}{% endblock %}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll("svg.chart text")]
  .filter(one => one.getBoundingClientRect().width)
  .map(one => parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getBoundingClientRect().width
    / one.ownerSVGElement.viewBox.baseVal.width))"""
SHOWN = """() => [...document.querySelectorAll("svg.chart")].filter(one => one.getBoundingClientRect().width)
  .map(one => one.classList[1])"""
OUTSIDE = """() => [...document.querySelectorAll("svg.chart text")].filter(one => {
  const own = one.getBoundingClientRect(), all = one.ownerSVGElement.getBoundingClientRect();
  return own.width && (own.left < all.left - 1 || own.right > all.right + 1 || own.bottom > all.bottom + 1);
}).map(one => one.textContent)"""
TOUCHING = """() => [...document.querySelectorAll("svg.chart g.labels")].flatMap(group => {
  const all = [...group.querySelectorAll("text")].map(one => [one.textContent, one.getBoundingClientRect()]);
  return all.flatMap(([a, one], number) => all.slice(number + 1).filter(([b, other]) => one.width && other.width
    && one.left < other.right && other.left < one.right && one.top + 3 < other.bottom - 3
    && other.top + 3 < one.bottom - 3).map(([b]) => a + " / " + b));
})"""


@rendering.page("charts-page.html")
async def charts_page(request: web.Request) -> dict[str, Any]:
    words = chart_words(request[LANGUAGE].language)
    figures = [figure(chart, words, name) for name, chart in chartsamples.charts().items()]
    return {"figures": [*figures, figure(chartsamples.steps(6), words, "six")]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address() -> AsyncIterator[str]:
    app = web.Application(middlewares=[rendering.page_headers])
    app[SETTINGS] = read_settings('[hub]\nurl = "https://hub.example"\n')
    rendering.set_up(app)
    environment = aiohttp_jinja2.get_env(app)
    assert environment.loader is not None
    environment.loader = jinja2.ChoiceLoader([environment.loader, jinja2.DictLoader({"charts-page.html": PAGE})])
    app.add_routes([web.get("/", charts_page), web.get("/static/{file}", rendering.static_file)])
    async with TestClient(TestServer(app)) as client:
        yield str(client.make_url("/"))


async def opened(browser: Browser, address: str, tag: str, **more: Any) -> tuple[Page, list[str]]:
    context = await browser.new_context(**more)
    page, said = await context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"{address}?lang={tag}")
    return page, said


@pytest.mark.parametrize(
    ("tag", "width", "scheme", "size"),
    [
        ("en", 1200, "light", "wide"),
        ("fr", 1200, "dark", "wide"),
        ("zh-Hans", 380, "light", "narrow"),
        ("es", 320, "dark", "narrow"),
    ],
)
async def test_charts_are_readable_on_every_screen(
    browser: Browser, address: str, tag: str, width: int, scheme: str, size: str
) -> None:
    page, said = await opened(browser, address, tag, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert tag in TAGS
    assert await grave_violations(page) == []
    assert said == [], "the page's policy was broken"
    assert set(await page.evaluate(SHOWN)) == {size}
    assert await page.evaluate(SMALLEST) >= 12
    assert await page.evaluate(OUTSIDE) == []
    assert await page.evaluate(TOUCHING) == []
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    await page.context.close()


async def test_print_has_wide_drawings_and_every_table(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, address, "en", viewport={"width": 680, "height": 960})
    await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false })")
    await page.emulate_media(media="print")
    assert set(await page.evaluate(SHOWN)) == {"wide"}
    assert await page.evaluate("[...document.querySelectorAll('table.values')].every(one => one.offsetHeight > 50)")
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    await page.context.close()


async def test_a_program_that_reads_aloud_finds_an_image_with_a_name(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, address, "en", viewport={"width": 1200, "height": 800})
    image = page.get_by_role("img", name="How cases end, and by when")
    assert await image.count() == 1
    assert await page.get_by_role("img", name="providers in order of name, part 2 of 2").count() == 1
    await page.context.close()
