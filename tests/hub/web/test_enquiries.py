"""Enquiries from the console's page to the provider's answer, and who may see, send and answer what.

One hub: a small simulated federation has reported a year, with a slow and a hiding provider.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from hub.enquiries.desk import KEPT_DAYS, LONGEST
from hub.web.appkeys import COMPARING, ENQUIRIES
from metrics.comparison.flags import COMMENT_DAYS
from metrics.comparison.observed import Apart
from metrics.comparison.quarters import Quarters
from metrics.samples import as_reported
from metrics.simulation.federation import Federation
from metrics.simulation.setting import Setting
from signing.encoding import canonical
from signing.secretkeys import SigningKey
from tests.fakes.consolescene import Browser, told
from tests.fakes.federationscene import BEGINS, HIDING, NAMES, NOW, SLOW, register, small
from tests.hub.oversight.test_matters import quarters
from tests.hub.running import Hub, Running
from tests.hub.web.described import fits
from tests.hub.world import Actor, signing_key

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
ASKED, OTHER, COURT = Actor(SLOW, "provider"), Actor("provider-01", "provider"), Actor("court-a", "court")
DAY = 86_400
FORM = "/console/oversight/enquiry"
FLAG = {"provider": SLOW, "about": "flag", "code": "resolved_in_time"}
QUERY = "&".join(f"{name}={value}" for name, value in FLAG.items())
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    async with Running(tmp_path_factory.mktemp("hub"), OFFICERS, now=BEGINS) as running:
        await register(running, small(), NOW, 65, plain=True)
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def browser(hub: Hub) -> Browser:
    return await Browser(hub).enter(OFFICERS[0], f"at {hub.clock.now}")


async def send(hub: Hub, path: str, members: Any, key: SigningKey | None) -> tuple[int, dict[str, Any]]:
    body, fields = canonical(members), {"Content-Type": "application/json"}
    signed = hub.signature("POST", path, key, fields=fields, body=body) if key else {}
    response = await hub.client.post(path, data=body, headers=fields | signed)
    return response.status, await response.json(content_type=None)


async def listed(hub: Hub, actor: Actor) -> list[dict[str, Any]]:
    status, answer = await hub.get("/v1/enquiries", actor.http)
    assert status == 200, answer
    fits("/v1/enquiries", answer)
    found: list[dict[str, Any]] = answer["enquiries"]
    return found


async def test_the_page_answers_who_why_since_when_on_how_many_how_sure_and_what_was_said(browser: Browser) -> None:
    status, text = await browser.get("/console/oversight")
    words = told(text)
    assert status == 200
    assert "2 providers are to be asked: Estuary ODR and Fjord Conciliation House." in words
    for part in (
        "Estuary ODR : fewer cases resolved within 90 days than expected",
        "Which share of the cases filed in the quarter is resolved within 90 days? Found:",
        "1 July 2025: 2 quarters in a row.",
        "39 cases filed from 1 October 2025 to 31 December 2025.",
        "of such findings about",
        "Nothing: it has not been asked yet.",
        "registered awards that its reports leave out",
        "What has changed since the quarter before",
        "How far the reports can be trusted",
    ):
        assert part in words, part
    order = [words.index(name) for name in ("Estuary ODR : fewer deadlines", "Estuary ODR : fewer cases", "House :")]
    assert order == sorted(order), "by name, then by indicator"


async def test_an_order_by_value_is_asked_for_and_every_row_says_between_which_ranks_it_lies(browser: Browser) -> None:
    asked = "/console/oversight?show=resolved_in_time&order=value"
    status, text = await browser.get(asked)
    assert status == 200
    words = told(text)
    assert "A rank interval says between which ranks a provider lies with a probability of 95 %" in words
    (count,) = re.findall(r"Here (\d+) of 11 intervals", words)
    table = text.split('id="values-resolved-in-time"')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = [told(one) for one in table.split("<tr>")[1:]]
    spans = [tuple(map(int, found)) for one in rows for found in re.findall(r"(\d+) to (\d+) of 11", one)]
    assert len(rows) == len(spans) == 11
    assert int(count) == sum(2 * (last - first + 1) > 11 for first, last in spans)
    assert rows[0].startswith("Estuary ODR"), "it has the smallest share"
    shares = [float(re.findall(r"([\d.]+)\s%", one)[0]) for one in rows]
    assert shares == sorted(shares)
    assert 'id="names-resolved-in-time"' not in text
    assert (await browser.get(asked))[1].count(table) == 1, "the same again"
    _, text = await browser.get("/console/oversight?show=resolved_in_time")
    assert 'id="names-resolved-in-time"' in text
    assert "order=value" in text
    assert "rank interval</th>" not in text
    _, text = await browser.get("/console/oversight?show=discontinuation&order=value")
    assert text.count('<figure class="figure" id="values-') == 1, "only what was asked for"
    assert 'id="names-resolved-in-time"' in text


@pytest.mark.parametrize("path", ["/oversight?order=value&show=resolved_in_time", "/v1/indicators?order=value"])
async def test_the_public_gets_no_order_by_value(hub: Hub, path: str) -> None:
    response = await hub.client.get(path)
    text = (await response.text()).lower()
    assert response.status == 200
    assert "rank interval" not in text
    assert not [name for name in NAMES if name.lower() in text], "no provider is named at all"


async def test_the_draft_has_the_figures_and_an_enquiry_is_sent_once(hub: Hub, browser: Browser) -> None:
    status, text = await browser.get(f"{FORM}?{QUERY}")
    assert status == 200
    draft = told(text.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0])
    assert "39 cases filed from 1 October 2025 to 31 December 2025" in draft
    assert "Please tell us within 28 days" in draft
    for wrong in ("", " ", "x" * (LONGEST + 1)):
        status, text = await browser.send(FORM, {**FLAG, "text": wrong})
        assert (status, "Write at least a word" in told(text)) == (200, True)
    status, text = await browser.send(FORM, {**FLAG, "text": "Why\x00?"})
    assert (status, "be stored (U+0000). It is taken out" in told(text)) == (200, True)
    assert "Write at least a word" not in told(text)
    assert ">Why?</textarea>" in text
    status, text = await browser.send(f"{FORM}?lang=zh-Hans", {**FLAG, "text": "Why\x00?"})
    assert (status, "（U+0000）" in text) == (200, True)
    assert await listed(hub, OFFICERS[0]) == []
    assert (await browser.send(FORM, {**FLAG, "text": draft}))[0] == 303
    status, text = await browser.send(FORM, {**FLAG, "text": "Again"})
    assert (status, "Somebody has sent an enquiry about this already." in told(text)) == (200, True)
    (sent,) = await listed(hub, ASKED)
    assert (sent["text"], sent["comment"], sent["about"], sent["code"]) == (draft.strip(), None, "flag", FLAG["code"])
    evidence = sent["evidence"]
    assert (evidence["n"], evidence["since"], evidence["quarters"]) == (39, "2025-07-01", 2)
    assert float(evidence["interval"]["low"]) < float(evidence["value"]) < float(evidence["expected"])


@pytest.mark.parametrize("changed", [{"provider": "provider-01"}, {"about": "odd"}, {"code": "incoming"}])
async def test_there_is_no_enquiry_without_a_matter(browser: Browser, changed: dict[str, str]) -> None:
    assert (await browser.send(FORM, {**FLAG, **changed, "text": "Why?"}))[0] == 404


async def test_only_the_provider_concerned_and_officers_see_an_enquiry(hub: Hub) -> None:
    assert [one["provider"] for one in await listed(hub, ASKED)] == [SLOW]
    assert await listed(hub, OTHER) == []
    (seen,) = await listed(hub, OFFICERS[1])
    assert seen["asked_by"] == OFFICERS[0].id
    assert "asked_by" not in (await listed(hub, ASKED))[0]
    assert (await hub.get("/v1/enquiries"))[0] == 401
    assert (await hub.get("/v1/enquiries", signing_key("nobody")))[0] == 401


async def test_the_provider_concerned_comments_once_and_nobody_else(hub: Hub, browser: Browser) -> None:
    (sent,) = await listed(hub, ASKED)
    path, said = f"/v1/enquiries/{sent['id']}/comment", {"comment": "Two of three left. <script>alert(1)</script>"}
    assert (await send(hub, path, said, None))[0] == 401
    for actor, expected in ((OTHER, (404, "not_found")), (OFFICERS[0], (403, "not_for_you"))):
        status, problem = await send(hub, path, said, actor.http)
        assert (status, problem["code"]) == expected
    refused: list[Any] = [{}, {"comment": ""}, {"comment": 1}, {"comment": "x", "more": 1}, [], {"comment": "x" * 4001}]
    refused.append({"comment": "Two of\x00three left."})
    for wrong in refused:
        status, problem = await send(hub, path, wrong, ASKED.http)
        assert (status, problem["code"]) == (400, "bad_enquiry"), wrong
    status, kept = await send(hub, path, said, ASKED.http)
    assert (status, kept["comment"]) == (200, said["comment"])
    assert (await send(hub, path, said, ASKED.http))[0] == 200
    status, problem = await send(hub, path, {"comment": "Otherwise."}, ASKED.http)
    assert (status, problem["code"]) == (409, "enquiry_commented")
    status, text = await browser.get("/console/oversight")
    assert (status, "<script" in text) == (200, False)
    assert "Two of three left. <script>alert(1)</script>" in told(text)
    assert "has answered" in told(text)
    assert "Not for the public, because the provider's reports are not good enough." in told(text)


async def test_a_discrepancy_is_asked_about_with_what_it_concerns_and_time_runs_out(hub: Hub) -> None:
    browser = await Browser(hub).enter(OFFICERS[1], "discrepancy")
    matter = {"provider": HIDING, "about": "discrepancy", "code": "award_not_reported"}
    status, text = await browser.get(f"{FORM}?{urlencode(matter)}")
    assert (status, "Your reports and the register disagree." in told(text)) == (200, True)
    assert (await browser.send(FORM, {**matter, "text": "Where are these?"}))[0] == 303
    (sent,) = await listed(hub, Actor(HIDING, "provider"))
    assert sent["evidence"]["n"] == len(sent["evidence"]["of"]) > 10
    _, text = await browser.get("/console/oversight")
    assert "An answer is awaited from Fjord Conciliation House." in told(text)
    today = told((await browser.get("/console"))[1])
    assert "1 enquiry waits for the provider\u2019s comment The provider may comment until 7 May 2026." in today
    hub.clock.now += COMMENT_DAYS * DAY
    path = f"/v1/enquiries/{sent['id']}/comment"
    status, problem = await send(hub, path, {"comment": "Too late."}, Actor(HIDING, "provider").http)
    assert (status, problem["code"]) == (409, "enquiry_over")
    later = await Browser(hub).enter(OFFICERS[1], "later")
    assert "its time to comment ended on 7 May 2026" in told((await later.get("/console/oversight"))[1])
    status, text = await later.get("/console")
    assert "1 enquiry was not commented on in 28 days" in told(text)
    assert 'href="/console/oversight">See the enquiries<' in text


async def test_own_figures_stand_beside_others_without_names(hub: Hub) -> None:
    status, answer = await hub.get("/v1/indicators?view=own", ASKED.http)
    assert status == 200, answer
    fits("/v1/indicators", answer)
    found = {one["indicator"]: one for one in answer["comparison"]["indicators"]}
    own, peers = found["resolved_in_time"]["own"], found["resolved_in_time"]["peers"]
    assert (own["n"], own["level"], own["withheld"]) == (39, "enquiry", [])
    assert float(own["value"]) < float(own["expected"])
    assert len(peers) == 9, "one of the ten others has too few cases"
    assert [one["n"] for one in peers] == sorted(one["n"] for one in peers)
    assert {tuple(one) for one in peers} == {("n", "value")}
    assert "provider-0" not in str(answer["comparison"]).replace(SLOW, "")
    status, answer = await hub.get("/v1/indicators?view=own", OFFICERS[0].http)
    assert (status, answer["comparison"]) == (200, None)
    assert "comparison" not in (await hub.get("/v1/indicators"))[1]


async def test_comparisons_are_kept_until_something_is_new(hub: Hub) -> None:
    app = hub.client.app
    assert app is not None
    first = await app[COMPARING].quarters()
    assert await app[COMPARING].quarters() is first
    hub.clock.now += DAY
    assert await app[COMPARING].quarters() is not first


async def test_early_signs_say_who_what_since_when_and_how_rarely_and_nobody_else_sees_them(hub: Hub) -> None:
    browser = await Browser(hub).enter(OFFICERS[1], "before the signs")
    signs = (
        told((await browser.get("/console/oversight"))[1]).split("Early signs since")[1].split("What has changed")[0]
    )
    assert "None: nowhere have outcomes turned worse than is usual there." in signs
    cases = Federation(2, Setting(year=2026, providers=5, smallest=150, largest=160)).told(0, 0).events
    await hub.report(OTHER, [as_reported(one._replace(provider=OTHER.id)) for one in cases if one.type == "filed"])
    _, text = await browser.get("/console/oversight")
    signs = told(text).split("Early signs since")[1].split("What has changed")[0]
    assert "Each is a reason to look and not a finding; none is ever published." in signs
    (row,) = re.findall(r"Outcomes for one false alarm (.+)", signs)
    assert re.fullmatch(
        r"Andes Online Mediation Cases resolved within 90 days: fewer than usual "
        r"\(its reports are not good enough to rely on\) 1 January 2026 75 75 \d\d [\d,]+ ?",
        row,
    ), row
    assert f'<a href="/console/subjects/{OTHER.id}"><bdi>Andes Online Mediation</bdi></a>' in text
    _, text = await browser.get("/console/oversight?lang=zh-Hans")
    assert "少于平时" in told(text).split("上一季度以来的早期迹象")[1]
    for path, key in (("/v1/indicators?view=own", OTHER.http), ("/v1/indicators", None), ("/oversight", None)):
        status, answer = await hub.get(path, key)
        assert (status, "alarm" in str(answer), "run_length" in str(answer)) == (200, False, False)


async def test_enquiries_about_an_earlier_quarter_stay_with_what_was_said(hub: Hub) -> None:
    app = hub.client.app
    assert app is not None
    hub.clock.now += 91 * DAY
    browser = await Browser(hub).enter(OFFICERS[1], "a quarter later")
    _, text = await browser.get("/console/oversight")
    words = told(text).split("Other enquiries")[1].split("What has changed")[0]
    assert words.count("1 October 2025 \u2013 31 December 2025") == 2
    assert "Two of three left. <script>alert(1)</script>" in words
    assert "Fjord Conciliation House An award is registered and no event reports it" in words
    assert "not commented on" not in told((await browser.get("/console"))[1]), "its quarter is not the newest any more"


async def test_enquiries_go_after_three_years(hub: Hub) -> None:
    app = hub.client.app
    assert app is not None
    await app[ENQUIRIES].sweep()
    assert len(await app[ENQUIRIES].enquiries()) == 2
    hub.clock.now += KEPT_DAYS * DAY
    await app[ENQUIRIES].sweep()
    assert await app[ENQUIRIES].enquiries() == []


async def test_a_draft_about_answers_of_parties_has_no_numbers(
    hub: Hub, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The officer sees the figures, and what the provider will read has none of them."""

    async def found(_: object) -> Quarters:
        return quarters("satisfaction")

    monkeypatch.setattr(type(hub.client.app[COMPARING]), "quarters", found)
    status, text = await browser.get(f"{FORM}?provider=p00&about=flag&code=satisfaction")
    assert status == 200
    assert "34.3" in text.split("<textarea")[0]
    draft = told(text.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0])
    assert "At your place it is smaller than is expected" in draft
    assert "1 October 2025" in draft
    assert not [one for one in ("34.3", "80", "%", " 12 ", " 35 ") if one in draft]


async def test_who_cannot_be_compared_is_named_with_its_cases(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub.client.app is not None
    browser = await Browser(hub).enter(OFFICERS[0], "before the apart")
    usual = quarters("resolved_in_time")
    apart = replace(usual.newest[0], apart=(Apart("p30", 100, 7),))

    async def found(_: object) -> Quarters:
        return replace(usual, comparisons=((apart,),))

    assert "can't be compared" not in told((await browser.get("/console/oversight"))[1])
    monkeypatch.setattr(type(hub.client.app[COMPARING]), "quarters", found)
    words = told((await browser.get("/console/oversight"))[1]).split("Providers that have cases of the quarter")[1]
    assert "p30 Cases resolved within 90 days 100 7" in words
