"""Finding a provider among more than one page of them: who fits is found wherever it stands, and counts are true."""

import html
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.directory import member
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, example

pytestmark = pytest.mark.asyncio(loop_scope="module")
OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
SMALL = {"value_threshold": {"max": "5000", "currency": "EUR"}}
COUNT = 54
ASKED = "language=es&dispute_type=non_delivery"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """Many providers that take small amounts only, and behind them by id one that takes any."""
    profile = example("member", "valid-provider-minimal")["body"]["profile"]
    plain = {name: value for name, value in profile.items() if name != "value_threshold"}
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS) as running:
        for name in [*(f"p{n:02}-odr" for n in range(COUNT)), "zenith-odr"]:
            actor = Actor(name, "provider")
            more = {} if name == "zenith-odr" else SMALL
            if name == "p00-odr":
                more |= {"run_off_plan": {"text": "To Zenith.", "successor": "zenith-odr"}}
            await running.registered(member(running.speaker, actor, plain | more | {"legal_name": name.title()}))
            await running.registered(running.speaker.accreditation(actor))
        await running.followed()
        yield running


async def text(hub: Hub, path: str) -> str:
    answer = await hub.client.get(path)
    assert answer.status == 200, path
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", await answer.text())))


async def test_the_only_one_that_fits_is_found_behind_the_others(hub: Hub) -> None:
    found = await text(hub, f"/find?amount=20000&currency=EUR&{ASKED}")
    assert "1 accredited provider fits" in found
    assert "Zenith-Odr accredited zenith-odr Fits:" in found
    near = found.split(" Not quite ", 1)[1]
    assert near.count("it accepts amounts up to 5,000 EUR only") == 12


async def test_all_that_fit_are_counted_and_the_first_by_name_shown(hub: Hub) -> None:
    found = await text(hub, f"/find?{ASKED}")
    assert f"{COUNT + 1} accredited providers fit" in found
    assert "The first 50 are shown; answer more questions." in found
    assert found.count("Fits: ") == 50
    assert found.index("P00-Odr") < found.index("P49-Odr")


async def test_what_could_be_relaxed_is_counted_whole(hub: Hub) -> None:
    found = await text(hub, "/find?dispute_type=non_delivery&language=mi")
    assert f"Leave the language open · {COUNT + 1} providers fit then." in found
    found = await text(hub, "/find?dispute_type=non_delivery&language=mi&amount=20000&currency=EUR")
    assert "Leave the language open · 1 provider fits then." in found
    assert "Leave the amount open" not in found, "nobody works in that language"


async def test_where_not_all_were_looked_at_the_page_says_so(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("hub.storage.search", "hub.web.findpages"):
        monkeypatch.setattr(f"{module}.LOOKED_AT", 20)
    found = await text(hub, f"/find?amount=20000&currency=EUR&{ASKED}")
    assert "There are more: only the first 20 by identifier were looked at." in found
    assert "None of them meets all of this." in found
    assert "No accredited provider meets all of this." not in found


async def test_a_successor_is_found_wherever_it_stands(hub: Hub) -> None:
    for asked in ("provider=p00-odr", "provider=p01-odr&successor=zenith-odr"):
        found = await text(hub, f"/find/agreement?{asked}")
        assert "the parties consent now that Zenith-Odr (identifier zenith-odr) takes its place" in found, asked
    found = await text(hub, "/find/agreement?provider=p00-odr&successor=")
    assert "[name of the successor provider]" in found, "left blank is left blank"


async def test_a_successor_beyond_what_is_looked_at_is_looked_up(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.storage.search.LOOKED_AT", 20)
    found = await text(hub, "/find/agreement?provider=p00-odr")
    assert "(identifier zenith-odr) takes its place" in found
    found = await text(hub, "/find/agreement?provider=p00-odr&successor=nobody%20here")
    assert "[name of the successor provider]" in found
