"""The page of a provider and of a neutral: everything that was registered, and nothing that is restricted."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import jinja2
import pytest
import pytest_asyncio

from hub.web.formats import FILTERS
from hub.web.languages import language
from tests.browser.directory import HARBOUR, LONG, MERIDIAN, populated
from tests.hub.running import Hub, Running
from tests.hub.world import Actor

pytestmark = pytest.mark.asyncio(loop_scope="module")
OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        await populated(running)
        yield running


async def text(hub: Hub, path: str, status: int = 200) -> str:
    answer = await hub.client.get(path)
    assert answer.status == status, path
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", await answer.text())))


@pytest.mark.parametrize(
    "told",
    [
        "Negotiation, Mediation and Arbitration", "Goods were not delivered", "Wholesale and retail trade (G46)",
        "Does an arbitration bind? yes", "The value is outside the accepted range",
        "Established in Hong Kong SAR China",
        "Procedure in English, Chinese (Simplified) and Chinese (Traditional)", "Claims accepted in English",
        "Appearing in person never", "https://harbour.example/fees", "from 100 USD to 250,000 USD",
        "41 days", "May a party withdraw? yes", "version 2026-01 , in force from 1 January 2026",
        "6c621d1a05138a7888d37d9269a9da8e2e11e4aced2f6cfd24b05ab1b9e61bb0", "36 months", "APEC ODR framework",
        "The centre appoints a sole neutral from its roster.", "Machine translation of filings only",
        "1 Example Quay, Hong Kong", "registry@harbour.example", "security@harbour.example",
        "Case data stored in Hong Kong SAR China and Singapore", "transparency : met", "Coordination committee",
        "1 January 2026 to 1 January 2029", "signs statements", HARBOUR.statement.kid, HARBOUR.inbox.kid,
        "Open cases are offered to the successor. https://harbour.example/plan", "andes-odr",
        "Harbour ODR Centre (sample) From a public register · compared on 1 October 2026 · https://register.example/1",
        "41 days Stated by the coordinator",
    ],
)  # fmt: skip
async def test_a_provider_in_full(hub: Hub, told: str) -> None:
    found = await text(hub, "/directory/providers/harbour-odr")
    assert told.replace(" ,", ",").replace(" :", ":") in found.replace(" ,", ",").replace(" :", ":")


async def test_every_decision_stands_with_its_entry_newest_first(hub: Hub) -> None:
    answer = await hub.client.get("/directory/providers/meridian-odr")
    page = await answer.text()
    assert re.findall(r">entry (\d+)</a>", page) == ["10", "9"]
    assert page.index('tag bad">suspended') < page.index('tag good">accredited')
    assert "This provider is suspended: it may not take new cases." in page
    assert "The feedback questionnaire was not sent" in page
    assert "Agreement text that names this provider" not in page
    for address in re.findall(r'href="(/v1/statements/[^"]+)"', page):
        assert (await hub.client.get(address)).status == 200


async def test_before_its_suspension_it_was_accredited(hub: Hub) -> None:
    found = await text(hub, "/directory/providers/meridian-odr?at=10")
    assert "suspended" not in found
    assert "You see the directory as of" in found
    assert "not_found" in await text(hub, "/directory/providers/meridian-odr?at=2", 404)


async def test_a_name_that_looks_like_another_is_shown_with_a_notice_on_both(hub: Hub) -> None:
    for one, other in (("harbour-odr", "harbor-odr"), ("harbor-odr", "harbour-odr")):
        found = await text(hub, f"/directory/providers/{one}")
        notice = found[found.index("easily mistaken") :][:200]
        assert other in notice
        assert one not in notice
    assert "easily mistaken" not in await text(hub, "/directory/providers/andes-odr")
    assert "easily mistaken" not in await text(hub, "/directory/providers/harbour-odr?at=3"), "it was alone then"


async def test_a_revoked_key_is_said_to_be_revoked(hub: Hub) -> None:
    await hub.registered(hub.speaker.revoke(MERIDIAN, MERIDIAN.statement))
    answer = await hub.client.get("/directory/providers/meridian-odr")
    row = re.search(rf"{MERIDIAN.statement.kid}</a>.*?</tr>", await answer.text(), re.DOTALL)
    assert row is not None
    assert "revoked" in row[0]


async def test_a_neutral(hub: Hub) -> None:
    found = await text(hub, "/directory/neutrals/n-okafor")
    for told in (
        "Mediator and Arbitrator", "takes cases", "English and French", "Sale of goods", "Common law", "United Kingdom",
        "harbour-odr", "Harbour code of conduct 2025", "Fellow", "1 June 2018", "NGLOS",
        "Signing key held by the neutral",
    ):  # fmt: skip
        assert told in found, told


async def test_the_annex_of_a_neutral_is_not_on_the_page(hub: Hub) -> None:
    answer = await hub.client.get("/directory/neutrals/n-okafor")
    page = (await answer.text()).lower()
    assert '"nationality"' not in page
    assert "nigerian" not in page


async def test_only_its_own_register_has_somebody(hub: Hub) -> None:
    for path in ("neutrals/harbour-odr", "providers/n-okafor", "providers/lima-court", "providers/nobody"):
        assert "not_found" in await text(hub, f"/directory/{path}", 404)
    assert "bad_parameter" in await text(hub, "/directory/providers/UPPER", 400)


async def test_members_texts_are_isolated_and_links_are_https_alone(hub: Hub) -> None:
    page = await (await hub.client.get("/directory/providers/meridian-odr")).text()
    assert f"{LONG}</bdi>" in page
    outside = re.findall(r'<a class="outside" rel="external nofollow noreferrer" href="([^"]+)"', page)
    assert len(outside) == 3
    assert all(one.startswith("https://") for one in outside)


def outside(address: str) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path("hub/web/templates")), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    environment.filters |= dict(FILTERS)
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    template = environment.from_string('{% import "parts.html" as parts with context %}{{ parts.outside(address) }}')
    return template.render(address=address, language=language("en")).strip()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "address", ["http://a.example/", "javascript:alert(1)", "//a.example", "data:text/html,x", "HTTPS:x"]
)
async def test_other_addresses_never_become_links(address: str) -> None:
    assert outside(address) == f"<code>{html.escape(address)}</code>"
    assert 'href="https://a.example/?a=&#34;&gt;"' in outside('https://a.example/?a=">')
