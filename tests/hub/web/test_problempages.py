"""Problems as pages for people, and as RFC 9457 for programs."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import make_mocked_request

from hub.log.errors import SequencerStopped
from hub.web.appkeys import SEQUENCER
from hub.web.catalogue import CATALOGUE
from hub.web.languages import TAGS
from hub.web.problempages import problem_page, wants_page
from hub.web.problems import Problem
from hub.web.wording import LISTS
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""What browsers send when an address is opened."""

here = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """One hub for all of them: they only read."""
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    async with Running(tmp_path_factory.mktemp("hub"), officers) as running:
        yield running


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML; charset=utf-8", True),
        ("text/html, application/json;q=0.9", True),
        ("text/html;q=0.8, application/json", False),
        ("text/html;q=0.8, application/problem+json;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;level=1;q=0", False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/*", False),
        ("text/html;q=nonsense, application/json;q=0.5", True),
        (",;,text/html2,;q=1", False),
        ("x" * 5000 + ",text/html", False),
    ],
)
def test_a_page_is_for_who_names_it(accept: str, page: bool) -> None:  # noqa: FBT001
    assert wants_page(make_mocked_request("GET", "/", headers={"Accept": accept})) is page


def test_signed_requests_never_get_pages() -> None:
    headers = {"Accept": BROWSER, "Signature-Input": "odr=()"}
    assert not wants_page(make_mocked_request("GET", "/", headers=headers))


async def opened(hub: Hub, path: str, **headers: str) -> tuple[Any, str]:
    response = await hub.client.get(path, headers={"Accept": BROWSER, **headers})
    return response, await response.text()


@pytest.mark.parametrize(
    ("path", "status", "code", "words"),
    [
        ("/no/such/page", 404, "no_such_page", "There is no such address on this hub."),
        ("/directory/providers/nobody", 404, "not_found", "There is nothing here"),
        ("/directory?at=never", 400, "bad_parameter", "Something in this address is not right"),
        ("/v1/inbox", 401, "signature_needed", "Read it with a program that has a registered key"),
        ("/v1/drafts/00000000-0000-7000-8000-000000000000", 404, "draft_not_found", "whoever gave you the link"),
        ("/log/tile/0/000", 404, "beyond_log", "There is nothing here"),
    ],
)
@here
async def test_wrong_links_show_a_page_with_the_same_code(
    hub: Hub, path: str, status: int, code: str, words: str
) -> None:
    response, text = await opened(hub, path)
    asked = await hub.client.get(path)
    problem = json.loads(await asked.text())
    assert (response.status, response.content_type) == (status, "text/html")
    assert (asked.status, asked.content_type, problem["code"]) == (status, "application/problem+json", code)
    assert f'href="/docs/problems#{code}"' in text
    assert words in text
    assert response.headers["Correlation-Id"] in text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Vary"] == "Accept, Accept-Language"
    assert asked.headers["Vary"] == "Accept"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers.get("Accept-Signature") == asked.headers.get("Accept-Signature")


@here
async def test_the_page_is_in_the_readers_language(hub: Hub) -> None:
    response, text = await opened(hub, "/directory?at=never", **{"Accept-Language": "fr"})
    assert (response.headers["Content-Language"], response.headers.getall("Content-Language")) == ("fr", ["fr"])
    assert '<html lang="fr">' in text
    assert "Quelque chose ne va pas dans cette adresse" in text
    assert "Un paramètre ou une partie de l&#39;adresse n&#39;est pas valable." in text
    assert "In detail, in English" not in text
    assert 'lang="en">' in text, "what can't be translated is marked"
    response, text = await opened(hub, "/nothing?lang=zh-Hans", **{"Accept-Language": "fr"})
    assert "这里什么也没有" in text
    assert '<a href="/directory?lang=zh-Hans"' in text


@here
async def test_the_console_says_it_in_its_own_languages(hub: Hub) -> None:
    response, text = await opened(hub, "/console/nothing", **{"Accept-Language": "fr, zh;q=0.5"})
    assert (response.status, response.headers["Content-Language"]) == (404, "zh-Hans")
    assert 'hreflang="fr"' not in text


@here
async def test_a_form_from_elsewhere_shows_a_page(hub: Hub) -> None:
    headers = {"Accept": BROWSER, "Origin": "http://elsewhere.example"}
    response = await hub.client.post("/console/drafts", data={"prepared": "x"}, headers=headers)
    text = await response.text()
    assert response.status == 403
    assert "This is not for you" in text
    assert "<code>foreign_form</code>" in text


@here
async def test_a_hub_that_can_not_answer_says_when_to_try_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = SequencerStopped("sequencer_stopped", "For this test.")
    monkeypatch.setattr(hub.client.server.app[SEQUENCER], "_error", stopped)  # type: ignore[attr-defined]
    response, text = await opened(hub, "/readyz", **{"Accept-Language": "es"})
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    assert "El nodo no puede responder ahora" in text
    assert "Pruebe la misma dirección de nuevo dentro de un momento." in text


@here
async def test_the_hubs_own_mistakes_too(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(hub.client.server.app[SEQUENCER], "submit", broken)  # type: ignore[attr-defined]
    document = hub.speaker.member(Actor("provider-a", "provider"))
    headers = {"Accept": BROWSER, "Content-Type": "application/jose+json"}
    response = await hub.client.post("/v1/statements", data=document, headers=headers)
    text = await response.text()
    assert response.status == 500
    assert "The operator of this hub has to mend it." in text
    assert "secret" not in text
    assert response.headers["Correlation-Id"] in text


@pytest.mark.parametrize("path", ["//evil.example/x", "/%5Cevil.example/x", "/%2F%2Fevil.example", "///evil.example/"])
@here
async def test_no_link_leaves_the_hub(hub: Hub, path: str) -> None:
    reader, writer = await asyncio.open_connection(hub.client.host, hub.client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: hub\r\nAccept: text/html\r\nConnection: close\r\n\r\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    assert " 404 " in text.splitlines()[0]
    assert 'hreflang="fr"' in text
    for start in ('href="//', 'href="/\\', 'href="http', 'src="//'):
        assert start not in text


@here
async def test_what_somebody_wrote_into_the_address_is_text(hub: Hub) -> None:
    response, text = await opened(
        hub, "/directory/providers/%3Cscript%3Ealert(1)%3C%2Fscript%3E?lang=%22%3E%3Cscript%3E"
    )
    assert response.status == 400
    assert "<script" not in text


@here
async def test_every_problem_has_a_page_in_every_language(hub: Hub) -> None:
    """Nothing in the template fails for any code, and what people meet is translated."""
    app = hub.client.server.app  # type: ignore[attr-defined]
    for tag in TAGS:
        for entry in (one for one in CATALOGUE.values() if one.status is not None):
            request = make_mocked_request("GET", f"/x?lang={tag}", headers={"Accept": BROWSER}, app=app)
            response = problem_page(request, Problem(entry, "A detail.", "/where"), "n1")
            text = response.text or ""
            assert response.status == entry.status
            assert f"<code>{entry.code}</code>" in text
            if tag != "en" and entry.code in LISTS["problems"]:
                assert entry.title.replace("'", "&#39;") not in text, (tag, entry.code)


@here
async def test_how_long_to_wait_is_said(hub: Hub) -> None:
    app = hub.client.server.app  # type: ignore[attr-defined]
    for seconds, words in ((30, "in 30 seconds."), (1, "in a moment.")):
        request = make_mocked_request("GET", "/v1/x", headers={"Accept": BROWSER}, app=app)
        problem = Problem(CATALOGUE["address_quota"], "Wait.", headers={"Retry-After": str(seconds)})
        response = problem_page(request, problem, "n1")
        assert words in (response.text or "")
        assert response.headers["Retry-After"] == str(seconds)
