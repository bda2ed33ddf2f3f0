"""Five questions over HTTP: who fits, why, in which order, what to relax; and the agreement text."""

import html
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.directory import SCRIPT, populated
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
    raw = await answer.text()
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<(?!script>|img)[^>]*>", " ", raw)))


async def test_who_fits_comes_first_with_the_reasons(hub: Hub) -> None:
    found = await text(hub, "/find?dispute_type=non_delivery&stage=arbitration&language=es&mine=PE&theirs=CN")
    assert "1 accredited provider fits" in found
    fitting, near = found.split("Not quite ", 1)
    assert "Andes ODR (sample)" in fitting
    assert "Fits: is accredited, takes this kind of dispute" in fitting
    assert "Established in Peru, the place of one side." in fitting
    assert "Harbour ODR Centre (sample)" in near
    assert "it works in English, Chinese (Simplified) and Chinese (Traditional) only" in near
    assert "it is not accredited now" in near, "the suspended one is told too"


async def test_those_that_fit_come_by_their_names(hub: Hub) -> None:
    found = await text(hub, "/find?dispute_type=non_delivery")
    fitting, _ = found.split(" Not quite ", 1)
    assert "2 accredited providers fit" in fitting
    assert fitting.index("Andes ODR (sample)") < fitting.index("Harbour ODR Centre (sample)")
    assert "There is no rating" in fitting


async def test_an_amount_outside_the_limits_is_not_quite(hub: Hub) -> None:
    found = await text(hub, "/find?amount=300.000,00&currency=USD&dispute_type=non_delivery&language=en")
    assert "No accredited provider meets all of this." in found
    assert "Leave the amount open · 1 provider fits then." in found
    assert "it accepts amounts from 100 USD to 250,000 USD only" in found


async def test_what_to_relax(hub: Hub) -> None:
    found = await text(hub, "/find?dispute_type=ip_branding&language=es")
    assert "Leave open what the dispute is about · 1 provider fits then." in found
    assert "Leave the language open" not in found, "that would not help"
    found = await text(hub, "/find?dispute_type=ip_branding&language=mi&stage=mediation")
    assert "Leaving one answer open is not enough." in found


async def test_the_link_that_relaxes_leaves_the_other_answers(hub: Hub) -> None:
    answer = await hub.client.get("/find?dispute_type=ip_branding&language=es&lang=fr&mine=PE")
    assert 'href="/find?language=es&amp;lang=fr&amp;mine=PE"' in await answer.text()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("amount=many&currency=USD", "The amount can't be read"),
        ("amount=1,23,4&currency=USD", "The amount can't be read"),
        ("amount=100", "Choose the currency of the amount."),
        ("amount=100&currency=ZZZ", "Choose the currency of the amount."),
    ],
)
async def test_a_mistake_is_said_beside_the_question(hub: Hub, query: str, said: str) -> None:
    found = await text(hub, f"/find?{query}")
    assert said in found
    assert "accredited provider" not in found


async def test_empty_answers_ask_for_nothing(hub: Hub) -> None:
    found = await text(hub, "/find?dispute_type=&mine=&theirs=&amount=&currency=&language=&stage=")
    assert "accredited provider" not in found


async def test_answers_that_no_form_sends_are_refused(hub: Hub) -> None:
    for query in ("stage=war", "language=%3Cscript%3E", "dispute_type=A-B"):
        assert "bad_parameter" in await text(hub, f"/find?{query}", 400)


async def test_the_agreement_names_provider_seat_and_successor_in_four_languages(hub: Hub) -> None:
    found = await text(hub, "/find/agreement?provider=harbour-odr&seat=Lima&successor=andes-odr&language=zh-Hans")
    assert "shall be resolved online by Harbour ODR Centre (sample) (identifier harbour-odr" in found
    assert "The seat of the arbitration is Lima. The language of the proceedings is Chinese (Simplified)." in found
    assert "that Andes ODR (sample) (identifier andes-odr) takes its place" in found
    for part in ("仲裁地为 Lima", "La sede del arbitraje es Lima", "Le siège de l'arbitrage est Lima"):
        assert part in found
    assert "It is no legal advice." in found


async def test_who_is_suspended_is_no_successor_and_is_said_to_be_not_accredited(hub: Hub) -> None:
    found = await text(hub, "/find/agreement?provider=harbour-odr&successor=meridian-odr")
    assert "meridian-odr" not in found
    assert "This provider is not accredited now." in await text(hub, "/find/agreement?provider=meridian-odr")


async def test_the_agreement_needs_a_provider(hub: Hub) -> None:
    assert "bad_parameter" in await text(hub, "/find/agreement", 400)
    for name in ("nobody-here", "n-okafor", "lima-court"):
        assert "not_found" in await text(hub, f"/find/agreement?provider={name}", 404)
    assert "bad_parameter" in await text(hub, f"/find/agreement?provider=harbour-odr&seat={'x' * 101}", 400)


async def test_script_in_a_profile_is_text(hub: Hub) -> None:
    paths = (
        "/directory", "/directory/providers/meridian-odr", "/directory/neutrals", "/directory/neutrals/n-chen",
        "/find?language=es", "/find/agreement?provider=meridian-odr",
        "/find/agreement?provider=andes-odr&seat=<script>",
    )  # fmt: skip
    for path in paths:
        raw = await (await hub.client.get(path)).text()
        assert "<script" not in raw, path
        assert "<img src=x" not in raw, path
    raw = await (await hub.client.get("/directory/providers/meridian-odr")).text()
    assert raw.count(html.escape(SCRIPT).replace("&#x27;", "&#39;")) >= 8, "every text field shows it as text"
