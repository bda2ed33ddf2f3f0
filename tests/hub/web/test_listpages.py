"""Lists of the directory: filters without script, counts, pages, the past; and what pages never tell."""

import html
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.directory import HARBOUR, populated
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

pytestmark = pytest.mark.asyncio(loop_scope="module")
OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        await populated(running)
        yield running


async def raw(hub: Hub, path: str, status: int = 200) -> str:
    answer = await hub.client.get(path)
    assert answer.status == status, path
    return await answer.text()


def ids(page: str) -> list[str]:
    return re.findall(r"<dt>Id</dt><dd><code>([a-z-]+)</code>", page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["andes-odr", "harbor-odr", "harbour-odr", "lotus-odr", "meridian-odr"]),
        ("accredited_only=true", ["andes-odr", "harbour-odr"]),
        ("language=zh", ["harbour-odr", "lotus-odr"]),
        ("text=%E8%8E%B2%E8%8A%B1", ["lotus-odr"]),
        ("sector=C&text=&stage=&language=&economy=&dispute_type=", ["harbour-odr"]),
        ("economy=CN", ["lotus-odr"]),
        ("economy=FR", []),
    ],
)
async def test_filters(hub: Hub, query: str, found: list[str]) -> None:
    page = await raw(hub, f"/directory?{query}")
    assert ids(page) == found
    assert f'<h2 id="found">{len(found)} provider{"" if len(found) == 1 else "s"}</h2>' in page
    assert ("Nobody meets all of these conditions." in page) == (not found)


async def test_a_form_shows_what_was_asked_and_how_many_each_value_has(hub: Hub) -> None:
    page = await raw(hub, "/directory?language=zh-Hans&text=%22%3E%3Cb%3E")
    assert '<option value="zh-Hans" selected>Chinese (Simplified) (0)</option>' in page, "nobody has this text"
    assert 'value="&#34;&gt;&lt;b&gt;"' in page
    page = await raw(hub, "/directory?accredited_only=true")
    assert '<option value="es">Spanish (1)</option>' in page
    assert 'value="true" checked' in page


async def test_neutrals(hub: Hub) -> None:
    assert ids(await raw(hub, "/directory/neutrals")) == ["n-chen", "n-okafor"]
    assert ids(await raw(hub, "/directory/neutrals?role=mediator")) == ["n-okafor"]
    assert ids(await raw(hub, "/directory/neutrals?available_only=true&legal_system=common_law")) == ["n-okafor"]
    page = await raw(hub, "/directory/neutrals?provider=andes-odr")
    assert ids(page) == ["n-chen"]
    assert '<input type="hidden" name="provider" value="andes-odr">' in page
    assert "Remove all filters" in page


async def test_nationality_is_no_matter_of_pages(hub: Hub) -> None:
    page = await raw(hub, "/directory/neutrals?exclude_nationality=NG")
    assert ids(page) == ["n-chen", "n-okafor"], "the condition is left out, so that the answer tells nothing"
    assert "nationality" not in page[page.index("<main") :].lower()


async def test_courts_and_observers(hub: Hub) -> None:
    assert ids(await raw(hub, "/directory/others")) == ["lima-court"]


async def test_the_past_is_kept_in_links_and_form_and_said(hub: Hub) -> None:
    page = html.unescape(await raw(hub, "/directory?at=3&lang=en&stage=mediation"))
    assert ids(page) == ["andes-odr", "harbour-odr"]
    assert "You see the directory as of 18 November 2026, 11:06 UTC, log size 3" in page
    assert 'href="/directory?lang=en&stage=mediation">See it today' in page
    assert '<input type="hidden" name="at" value="3">' in page
    assert 'href="/directory/providers/andes-odr?at=3&lang=en"' in page
    assert 'href="/directory/neutrals?at=3&lang=en"' in page
    assert "as of" not in (await raw(hub, "/directory")).split("<footer")[0]


async def test_pages_follow_each_other(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.web.listpages._ROWS", 2)
    page = html.unescape(await raw(hub, "/directory?language=es&lang=en"))
    assert ids(page) == ["andes-odr", "harbor-odr"]
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert following == "/directory?after=harbor-odr&language=es&lang=en"
    page = html.unescape(await raw(hub, following))
    assert ids(page) == ["meridian-odr"]
    assert 'rel="next"' not in page
    assert 'rel="first" href="/directory?language=es&lang=en"' in page


@pytest.mark.parametrize(
    "query", ["stage=war", "economy=Peru", "at=999999", "at=yesterday", "after=UP", "accredited_only=1"]
)
async def test_what_no_form_sends_is_refused(hub: Hub, query: str) -> None:
    assert "bad_parameter" in await raw(hub, f"/directory?{query}", 400)


async def test_a_member_may_sign_a_request_that_carries_a_body(hub: Hub) -> None:
    for path in ("/directory?stage=", "/directory/providers/harbour-odr?at=", "/find?stage=mediation&language="):
        fields = {"Content-Type": "text/plain"}
        signed = hub.signature("GET", path, HARBOUR.http, body=b"x=1", fields=fields)
        answer = await hub.client.get(path, headers=fields | signed, data=b"x=1")
        assert answer.status == 200, path
