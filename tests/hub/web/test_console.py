"""The console's pages and forms: three officers, a threshold of two, and a network in which everything waits."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.applications import testing
from hub.oversight.exchangerates import ExchangeRates
from hub.storage.watchlist import Watchlist
from hub.web.appkeys import CLOCK, CONSOLE, DATABASE, DESK, DIRECTORY, GATE, LOG
from hub.web.consoleforms import _panel
from signing.compose import timestamp
from signing.drafts import Draft
from signing.encoding import canonical
from tests.fakes.consolenetwork import (
    CONCERNED,
    CONDITIONAL,
    DAY,
    ENDED,
    LISTED,
    NEUTRAL,
    READY,
    REFERRED,
    SCRIPT,
    STUCK,
    SUSPENDED,
    admit,
    decide,
    populate,
)
from tests.fakes.consolescene import Browser, hidden, links_of, told
from tests.fakes.pages import ROOT
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, signing_key

NOBODY = "/console/drafts/0197b1a0-0000-7000-8000-000000000001"
DECISION = {
    "status": "referred", "decided_by": "Sample panel", "decision_date": "2026-11-24", "scheme": "sample_2026",
    "ground_code": "data_missing_or_poor", "provision": f"para 4.1 {SCRIPT}", "institution-0": f"University {SCRIPT}",
    "institution-economy-0": "PE", "reasons": f"Because {SCRIPT}", "by": ["officer-1"],
}  # fmt: skip


@pytest.fixture
def officers() -> list[Actor]:
    return [Actor(f"officer-{number}", "officer") for number in (1, 2, 3)]


@pytest.fixture
async def hub(start: Callable[..., Running]) -> AsyncIterator[Hub]:
    async with start(story=populate) as running:
        yield running


@pytest.fixture
async def browser(hub: Hub, officers: list[Actor]) -> Browser:
    return await Browser(hub).enter(officers[0])


async def application(hub: Hub, actor: Actor) -> str:
    status, answer = await hub.get("/v1/applications", hub.speaker.officers[0].http)
    assert status == 200, answer
    return str(next(one["id"] for one in answer["applications"] if one["actor"] == actor.id))


async def sign(hub: Hub, officer: Actor, link: str) -> dict[str, Any]:
    """Sign as the desk's programs do: fetch the draft by the link, sign it, hand the signature in."""
    found = parse_qs(urlsplit(link).fragment)
    path, headers = f"/v1/drafts/{found['draft'][0]}", {"Authorization": f"Draft {found['secret'][0]}"}
    told = await (await hub.client.get(path, headers=headers)).json()
    draft = Draft.from_bytes(canonical(told["draft"]))
    assert found["network"] == [draft.payload["network"]], "the link names the network of the hub that made it"
    signed = draft.signed_by(officer.statement, hub.clock())
    answer = await hub.client.post(f"{path}/signatures", json={"signature": signed.signatures[-1]}, headers=headers)
    shown: dict[str, Any] = await answer.json(content_type=None)
    assert answer.status == 200, shown
    return shown


async def posted(browser: Browser, text: str) -> list[str]:
    """Put the draft of a page on the desk; its links."""
    status, text = await browser.send("/console/drafts", {"prepared": hidden(text, "prepared")})
    assert status == 200, text
    return links_of(text)


async def test_today_says_first_what_is_late_then_what_comes(browser: Browser) -> None:
    _, text = await browser.get("/console")
    words = told(text)
    order = [
        "1 award is in doubt: a key of neutral-a was revoked",
        f"Accreditation of Meridian {SCRIPT} has ended",
        "Andes ODR: the time for a cure is over",
        "Your signature is awaited: suspended, harbour-odr",
        "This week",
        "an appeal was lodged",
        "Officers made a key for neutral-a",
        "accredited on conditions",
        "Application ready to decide: Cora Centre",
        f"Application stuck in its self-test: Dori {SCRIPT}",
        "In sight",
        "Harbour Online Dispute Resolution Centre ends in 20 days",
        "Baltic Mediation: the panel consults",
    ]
    places = [words.index(one) for one in order]
    assert places == sorted(places)
    assert "4 matters are to be dealt with now. Begin at the top." in words


async def test_what_is_done_is_gone_and_what_comes_appears(hub: Hub) -> None:
    await decide(hub, CONCERNED, "listed")
    hub.clock.now += 7 * DAY
    other = await Browser(hub).enter(hub.speaker.officers[0], "later")
    words = told((await other.get("/console"))[1])
    assert "Andes ODR" not in words
    assert "the date of its conditions has come" in words
    assert "Officers made a key" not in words


async def test_only_who_is_to_sign_or_has_posted_a_draft_sees_it(hub: Hub, officers: list[Actor]) -> None:
    first, third = await Browser(hub).enter(officers[0]), await Browser(hub).enter(officers[2], "third")
    _, text = await first.get("/console/drafts")
    path = text.split('href="/console/drafts/')[1].split('"')[0]
    status, text = await first.get(f"/console/drafts/{path}")
    assert (status, "Your signature is missing" in told(text)) == (200, True)
    assert "communications_insecure" in told(text) or "subject" in told(text)
    assert "There is none in this state." in told((await third.get("/console/drafts"))[1])
    assert (await third.get(f"/console/drafts/{path}"))[0] == 404
    assert (await first.get(NOBODY))[0] == 404
    assert (await first.get("/console/drafts?state=odd"))[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        "/console", "/console/applications", "/console/concerns", f"/console/subjects/{ENDED.id}", "/console/drafts",
        f"/console/subjects/{ENDED.id}/decision?status=suspended",
    ],
)  # fmt: skip
async def test_script_in_texts_is_shown_as_text(browser: Browser, path: str) -> None:
    status, text = await browser.get(path)
    assert status == 200
    assert "<script" not in text
    assert "<img src=x" not in text


async def test_an_application_says_its_profile_in_words_and_word_for_word(hub: Hub, browser: Browser) -> None:
    _, text = await browser.get(f"/console/applications/{await application(hub, READY)}")
    for words in ("Kinds of dispute", "Goods were not delivered", "Spanish", "dispute_types[1]", "non_delivery"):
        assert words in told(text), words
    for words in ("Member since", "Neutrals that it nominates"):
        assert words not in told(text), "it is no member yet"


async def test_a_decision_is_prepared_shown_and_posted_once(hub: Hub, browser: Browser, officers: list[Actor]) -> None:
    path = f"/console/subjects/{CONCERNED.id}/decision"
    status, text = await browser.send(path, DECISION)
    assert (status, "<script" in text, "<img" in text.replace('<img src="/static', "")) == (200, False, False)
    for words in (f"para 4.1 {SCRIPT}", f"University {SCRIPT}", f"Because {SCRIPT}", "Sample officer-1"):
        assert words in told(text), words
    name = hidden(text, "prepared")
    (link,) = await posted(browser, text)
    status, again = await browser.send("/console/drafts", {"prepared": name})
    assert "This draft was put on the signing desk already" in told(again)
    shown = await sign(hub, officers[0], link)
    assert shown["state"] == "registered"
    status, answer = await hub.get(f"/v1/members/{CONCERNED.id}")
    assert answer["member"]["accreditation"]["status"] == "referred"
    assert "Referred for" in told((await browser.get(f"/console/subjects/{CONCERNED.id}"))[1])


async def test_a_prepared_draft_waits_until_the_hub_takes_it(
    hub: Hub, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a gate that is shut nor a refusal of the desk throws away what was typed."""
    _, text = await browser.send(f"/console/subjects/{CONCERNED.id}/decision", DECISION)
    sent = {"prepared": hidden(text, "prepared")}
    app: Any = hub.client.app
    app[GATE].watch("clock_behind", "The clock is behind.")
    status, problem = await browser.send("/console/drafts", sent)
    assert (status, "clock_behind" in problem) == (503, True)
    app[GATE].watch("clock_behind", None)
    with monkeypatch.context() as crowded:
        crowded.setattr("hub.drafts.desk.MOST_UNFINISHED", 0)
        status, text = await browser.send("/console/drafts", sent)
    assert (status, "too_many_drafts" in text, "The draft is kept as it was" in told(text)) == (200, True, True)
    assert {"prepared": hidden(text, "prepared")} == sent
    assert len(await posted(browser, text)) == 1
    _, again = await browser.send("/console/drafts", sent)
    assert "This draft was put on the signing desk already" in told(again)


async def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(browser: Browser) -> None:
    path = f"/console/subjects/{CONCERNED.id}/decision"
    status, text = await browser.send(path, DECISION | {"institution-economy-0": "Peru", "by": []})
    assert (status, "2 fields must be changed" in told(text)) == (200, True)
    assert 'id="institution-economy-0-fault"' in text
    assert 'aria-describedby="institution-economy-0-fault"' in text
    assert "Choose more officers" in told(text)
    assert "University &lt;script&gt;" in text
    assert 'name="prepared"' not in text


async def test_what_the_rules_refuse_is_said_before_anything_is_sent(hub: Hub, browser: Browser) -> None:
    """A removal that rests on the panel, while no panel was asked."""
    fields = DECISION | {
        "status": "removed", "removal_basis": "cure_failed", "by": ["officer-1", "officer-2"],
        "valid_from": "2026-01-01", "valid_to": "2028-12-31",
    }  # fmt: skip
    status, text = await browser.send(f"/console/subjects/{CONDITIONAL.id}/decision", fields)
    assert (status, "The rules of the network would refuse" in told(text)) == (200, True)
    assert "cure_time_left" in text
    assert [one.id for one in await hub.client.server.app[DESK].list("officer-1", "open", "", 9)] != []  # type: ignore[attr-defined]


async def test_a_grave_decision_needs_the_threshold(browser: Browser) -> None:
    fields = DECISION | {"status": "suspended", "valid_from": "2026-01-01", "valid_to": "2028-12-31"}
    _, text = await browser.send(f"/console/subjects/{LISTED.id}/decision", fields)
    assert "At least 2 officers must sign this." in told(text)
    assert "Choose more officers" in told(text)


async def test_criteria_are_shown_when_they_are_chosen(browser: Browser) -> None:
    path = f"/console/subjects/{LISTED.id}/decision"
    _, text = await browser.get(f"{path}?status=listed")
    assert "Nobody tells a neutral what to decide." in told(text)
    _, text = await browser.send(path, {"status": "listed", "set": "", "step": "criteria", "decided_by": "Typed"})
    assert "Nobody tells a neutral" not in told(text)
    assert 'value="Typed"' in text


async def test_a_form_is_filled_in_with_a_validity_that_counts(
    hub: Hub, browser: Browser, officers: list[Actor]
) -> None:
    """What lapsed and was applied for anew is not listed by days that are over."""

    async def days(status: str) -> list[str]:
        _, text = await browser.get(f"/console/subjects/{again.id}/decision?status={status}")
        return re.findall(r'name="valid_(?:from|to)"[^>]*value="([^"]*)"', text)

    again, now = Actor("again-odr", "provider"), hub.clock.now
    before, later = timestamp(now - DAY), timestamp(now + 2 * DAY)
    await admit(hub, again, "Again ODR")
    await decide(hub, again, "listed", valid_from=before, valid_to=later)
    assert await days("listed") == [before[:10], timestamp(now + 2 * DAY - 1)[:10]]
    hub.clock.now += 10 * DAY
    await browser.enter(officers[0], "another secret")
    assert await days("expired") == [before[:10], timestamp(now + 2 * DAY - 1)[:10]]
    await decide(hub, again, "applied", valid_from=before, valid_to=later)
    assert await days("listed") == [timestamp(hub.clock.now)[:10], timestamp(hub.clock.now + 3 * 365 * DAY)[:10]]
    fields = DECISION | {"status": "listed", "valid_from": before[:10], "valid_to": later[:10]}
    _, text = await browser.send(f"/console/subjects/{again.id}/decision", fields)
    assert ("This must be a day to come." in told(text), 'name="prepared"' in text) == (True, False)


async def test_no_form_for_what_can_not_follow(browser: Browser) -> None:
    for path in (f"{LISTED.id}/decision?status=applied", f"{LISTED.id}/decision", "nobody-here/decision?status=listed"):
        assert (await browser.get(f"/console/subjects/{path}"))[0] == 404
    assert (await browser.get(f"/console/subjects/{LISTED.id}/keys/no-such-key"))[0] == 404


async def test_an_application_is_admitted_by_an_officer_and_listed_by_two(
    hub: Hub, browser: Browser, officers: list[Actor]
) -> None:
    path = f"/console/applications/{await application(hub, READY)}"
    _, text = await browser.get(path)
    assert "ready to decide" in told(text)
    _, text = await browser.send(path, {"step": "admit"})
    assert "Fill this in." in told(text)
    _, text = await browser.send(path, {"step": "admit", "admission": "Sample officer-1"})
    (link,) = await posted(browser, text)
    assert (await sign(hub, officers[0], link))["state"] == "registered"
    _, text = await browser.get(path)
    assert "admitted" in told(text)
    fields = DECISION | {
        "status": "listed", "valid_from": "2026-01-01", "valid_to": "2028-12-31", "set": "sample-criteria/1",
        "finding-0": "met", "finding-1": "met", "by": ["officer-2", "officer-3"],
    }  # fmt: skip
    _, text = await browser.send(f"/console/subjects/{READY.id}/decision", fields)
    links = await posted(browser, text)
    assert (await sign(hub, officers[1], links[0]))["state"] == "open"
    assert (await sign(hub, officers[2], links[1]))["state"] == "registered"
    _, answer = await hub.get(f"/v1/members/{READY.id}")
    assert answer["member"]["accreditation"]["status"] == "listed"


async def test_look_alikes_are_flagged_and_an_application_is_declined(hub: Hub, browser: Browser) -> None:
    path = f"/console/applications/{await application(hub, Actor('harb0ur', 'provider'))}"
    assert "Somebody else has the same name." in told((await browser.get(path))[1])
    path = f"/console/applications/{await application(hub, STUCK)}"
    _, text = await browser.get(path)
    assert "failed" in told(text)
    assert "<script" not in text
    _, chinese = await browser.get(f"{path}?lang=zh-Hans")
    assert "它签署了一份可以验证的测试声明。" in told(chinese)
    assert "它未能打开用其 inbox 密钥加密的文件。" in told(chinese)
    assert re.search(r'<bdi lang="en">The SHA-256 of the content', chinese), (
        "what the applicant was told stays as it is"
    )
    assert "Until it has, nobody can be admitted" in told(text)
    assert 'name="admission"' not in text
    _, text = await browser.send(path, {"step": "admit", "admission": "Sample officer-1"})
    assert "The rules of the network would refuse this decision" in told(text)
    assert "#not_ready" in text
    _, text = await browser.send(path, {"step": "decline", "reason": ""})
    assert "Fill this in." in told(text)
    status, _ = await browser.send(path, {"step": "decline", "reason": "The name is taken."})
    assert status == 303
    assert "The name is taken." in told((await browser.get(path))[1])


def test_the_console_has_words_for_whatever_the_self_test_finds() -> None:
    judged = set(re.findall(r'Outcome\("(\w+)", "(\w+)"', Path(testing.__file__).read_text("utf-8")))
    words = (ROOT / "hub/web/templates/console/application-words.html").read_text("utf-8")
    assert len(judged) == 11
    assert {tuple(one.split()) for one in re.findall(r'found == "([^"]+)"', words)} == judged


async def test_a_key_is_revoked_backwards(hub: Hub, browser: Browser, officers: list[Actor]) -> None:
    path = f"/console/subjects/{LISTED.id}/keys/{LISTED.statement.kid}"
    assert (await browser.get(path))[0] == 200
    size = hub.client.server.app[LOG].size  # type: ignore[attr-defined]
    fields = {"reason": "compromised", "invalid_from": str(size + 1), "by": ["officer-1", "officer-2"]}
    _, text = await browser.send(path, fields)
    assert "not greater than the size of the log" in told(text)
    _, text = await browser.send(path, fields | {"invalid_from": "0"})
    links = await posted(browser, text)
    await sign(hub, officers[0], links[0])
    assert (await sign(hub, officers[1], links[1]))["state"] == "registered"
    words = told((await browser.get("/console"))[1])
    assert "1 award is in doubt: a key of harbour-odr was revoked" in words


async def test_a_suspended_key_is_confirmed_by_the_threshold(hub: Hub, browser: Browser, officers: list[Actor]) -> None:
    """A neutral's key that came in through one revoked later; whoever ticks too few officers is told."""
    later = signing_key("neutral-b/later")
    body = {"action": "add", "owner": SUSPENDED.id, "key": {"purpose": "statement", "jwk": later.public.jwk()}}
    signers = [(SUSPENDED.statement, "neutral"), (later, "introduced")]
    await hub.registered(hub.speaker.compose("key", SUSPENDED.id, body, signers))
    path = f"/console/subjects/{SUSPENDED.id}/keys/{later.kid}/confirmation"
    assert (await browser.get(path))[0] == 404, "there is nothing to confirm yet"
    await hub.registered(hub.speaker.revoke(SUSPENDED, SUSPENDED.statement, invalid_from=0))
    _, text = await browser.get(f"/console/subjects/{SUSPENDED.id}")
    assert path in text
    _, text = await browser.get(path)
    assert SUSPENDED.statement.kid in text, "it names the key through which it came in"
    _, text = await browser.send(path, {"by": ["officer-1"]})
    assert "Choose more officers" in told(text)
    _, text = await browser.send(path, {"by": ["officer-1", "officer-2"]})
    assert f"Confirmation of a key of {SUSPENDED.id}" in told(text)
    links = await posted(browser, text)
    await sign(hub, officers[0], links[0])
    assert (await sign(hub, officers[1], links[1]))["state"] == "registered"
    assert (await browser.get(path))[0] == 404
    _, answer = await hub.get(f"/v1/keys/{later.kid}")
    assert answer["key"]["confirmed_at"] is not None


async def test_an_award_in_doubt_is_reviewed_by_the_threshold(
    hub: Hub, browser: Browser, officers: list[Actor]
) -> None:
    """From the line of today to the registered review; the count and the report say the same at every step."""
    kid = NEUTRAL.statement.kid
    listed = f"/console/subjects/{NEUTRAL.id}/keys/{kid}/awards"
    assert listed in (await browser.get("/console"))[1]
    (award,) = (await hub.get(f"/v1/keys/{kid}/affected", officers[0].http))[1]["awards"]
    _, text = await browser.get(listed)
    assert award["digest"] not in text, "an address or page that is passed on shows nobody the award"
    path = f"{listed}/{award['index']}"
    assert path in text
    fields = {"decision": "reject", "reason_code": "key_safe", "by": ["officer-1", "officer-2"]}
    _, text = await browser.send(path, fields)
    assert "Choose one of those that are offered." in told(text)
    _, text = await browser.send(path, fields | {"reason_code": "key_compromised"})
    assert "Review of an award: it does not stand" in told(text)
    links = await posted(browser, text)
    await sign(hub, officers[0], links[0])
    assert (await sign(hub, officers[1], links[1]))["state"] == "registered"
    assert "1 award is in doubt" not in told((await browser.get("/console"))[1])
    assert "rejected" in told((await browser.get(listed))[1])
    (award,) = (await hub.get(f"/v1/keys/{kid}/affected", officers[0].http))[1]["awards"]
    assert award["status"] == "rejected"
    assert (await browser.get(path))[0] == 404, "there is nothing to review any more"


@pytest.mark.parametrize("index", ["0", "9999", "-1", "x", "9" * 30, "%D9%A3"])
async def test_no_review_of_what_is_not_in_doubt(browser: Browser, index: str) -> None:
    path = f"/console/subjects/{NEUTRAL.id}/keys/{NEUTRAL.statement.kid}/awards/{index}"
    assert (await browser.get(path))[0] == 404
    assert (await browser.send(path, {"decision": "confirm"}))[0] == 404


async def test_a_key_that_is_not_revoked_has_put_nothing_in_doubt(browser: Browser) -> None:
    status, text = await browser.get(f"/console/subjects/{LISTED.id}/keys/{LISTED.statement.kid}/awards")
    assert (status, "it has put no award in doubt" in told(text)) == (200, True)
    assert (await browser.get(f"/console/subjects/{LISTED.id}/keys/{NEUTRAL.statement.kid}/awards"))[0] == 404


async def test_criteria_are_published_in_their_next_version(hub: Hub, browser: Browser, officers: list[Actor]) -> None:
    assert "Sample criteria" in told((await browser.get("/console/references"))[1])
    _, text = await browser.get("/console/references/new?id=sample-criteria")
    assert 'value="independence"' in text
    fields = {
        "id": "sample-criteria", "title": f"Sample {SCRIPT}", "publisher": "Council", "source_title": "Standard",
        "criterion-code-0": "independence", "criterion-title-0": "Independence", "criterion-text-0": SCRIPT,
        "by": ["officer-1", "officer-2"],
    }  # fmt: skip
    _, text = await browser.send("/console/references/new", fields)
    assert "<script" not in text
    links = await posted(browser, text)
    await sign(hub, officers[0], links[0])
    assert (await sign(hub, officers[1], links[1]))["state"] == "registered"
    assert f"Sample {SCRIPT}" in told((await browser.get("/console/references"))[1])


async def test_a_set_larger_than_a_statement_stays_in_the_form_with_what_to_do(hub: Hub, browser: Browser) -> None:
    """Each text is as long as the form allows; only together are they too much."""
    text = "一" * 1080 + "a" * 900
    fields: dict[str, Any] = {
        "id": "big-set", "title": "Big", "publisher": "Council", "source_title": "Standard",
        "by": ["officer-1", "officer-2"],
    }  # fmt: skip
    for n in range(64):
        fields |= {f"criterion-code-{n}": f"c{n}", f"criterion-title-{n}": f"T{n}", f"criterion-text-{n}": text}
    status, page = await browser.send("/console/references/new", fields)
    assert status == 200
    assert page.count(text) == 64
    assert "bytes, and a statement has at most 262,144. Shorten the texts, or leave some for another" in told(page)
    assert 'href="/docs/problems#too_large"' in page
    for n in range(32, 64):
        fields[f"criterion-text-{n}"] = "Short."
    _, page = await browser.send("/console/references/new", fields)
    assert len(await posted(browser, page)) == 2


async def test_the_next_version_of_a_long_set_is_whole(hub: Hub, browser: Browser) -> None:
    criteria = [{"code": f"c{n}", "title": f"Criterion {n}", "text": f"Text {n}.", "place": f"{n}"} for n in range(64)]
    body = {
        "type": "criteria_set", "id": "long-set", "version": 1, "title": "Long",
        "source": {"publisher": "Council", "title": "Standard"}, "criteria": criteria,
    }  # fmt: skip
    await hub.registered(hub.speaker.compose("reference", "coordinator", body, hub.speaker.officer(2)))
    _, text = await browser.get("/console/references/new?id=long-set")
    tags = re.findall(r"<input[^>]*>", text)
    given = {found[1]: found[2] for tag in tags if (found := re.search(r' name="(crit[^"]*)".* value="([^"]*)"', tag))}
    given |= dict(re.findall(r'<textarea[^>]* name="(crit[^"]*)"[^>]*>([^<]*)</textarea>', text))
    shared = {"id": "long-set", "title": "Longer", "publisher": "Council", "source_title": "Standard"}
    status, text = await browser.send("/console/references/new", {**shared, **given, "by": ["officer-1", "officer-2"]})
    assert status == 200
    assert [one["text"] for one in criteria if one["text"] not in told(text)] == []
    assert "Text 63." in text


async def test_a_panel_of_sixteen_is_asked_again_whole(browser: Browser) -> None:
    many = {f"institution-{n}": f"University {n}" for n in range(16)}
    many |= {f"institution-economy-{n}": "PE" for n in range(16)}
    status, text = await browser.send(f"/console/subjects/{CONCERNED.id}/decision", DECISION | many)
    assert (status, "University 15" in told(text), 'name="prepared"' in text) == (200, True, True)
    assert len(_panel([{"institution": f"University {n}", "economy": "PE"} for n in range(16)])) == 32


RATES = {
    "id": "currency-rates", "title": f"Rates {SCRIPT}", "publisher": "Sample bank", "source_title": "Reference rates",
    "date": "2026-09-30", "base": "USD", "currency-0": "EUR", "rate-0": "0.8", "currency-1": "CNY", "rate-1": "7.1",
    "by": ["officer-1", "officer-2"],
}  # fmt: skip


async def test_rates_between_currencies_are_published_and_in_force(
    hub: Hub, browser: Browser, officers: list[Actor]
) -> None:
    assert "No rates are registered." in told((await browser.get("/console/rates"))[1])
    assert 'value="currency-rates"' in (await browser.get("/console/rates/new"))[1]
    _, text = await browser.send("/console/rates/new", {**RATES, "rate-1": "7,1", "currency-2": "EUR", "base": ""})
    for name, words in (
        ("rate-1", "Write a number above zero"), ("currency-2", "This currency stands here already."),
        ("rate-2", "Fill this in."), ("base", "Fill this in."),
    ):  # fmt: skip
        assert words in told(text.split(f'id="{name}-fault"')[1].split("</p>")[0]), name
    assert 'value="0.8"' in text, "what was typed stays"
    _, text = await browser.send("/console/rates/new", RATES | {"id": "sample-criteria"})
    assert "reference_version_not_next" in text or "reference_type_fixed" in text

    for version, rate in enumerate(("0.8", "0.85"), 1):
        status, text = await browser.send("/console/rates/new", RATES | {"rate-0": rate})
        assert (status, "<script" in text) == (200, False)
        assert f"Rates between currencies: Rates {SCRIPT}, for 2026-09-30" in told(text)
        hub.clock.now += 60
        links = await posted(browser, text)
        await sign(hub, officers[0], links[0])
        assert (await sign(hub, officers[1], links[1]))["state"] == "registered"
        words = told((await browser.get("/console/rates"))[1])
        assert f"( currency-rates , version {version})" in words
        assert f"EUR {rate} CNY 7.1" in words
        app: Any = hub.client.app
        newest = await ExchangeRates(app[DIRECTORY]).newest(app[LOG].size)
        assert newest is not None
        assert str(newest.rates["EUR"]) == rate
    _, text = await browser.get("/console/rates/new")
    assert 'value="EUR"' in text
    assert 'value="0.85"' not in text, "rates are typed anew"


async def test_pages_are_in_two_languages_and_wholly_so(browser: Browser) -> None:
    status, text = await browser.get("/console?lang=zh-Hans")
    assert (status, '<html lang="zh-Hans">' in text) == (200, True)
    assert "今日待办事项" in text
    assert "/console/concerns?lang=zh-Hans" in text
    for english in ("To do:", "Do now", "since", "Log out"):
        assert english not in told(text)
    assert re.search(r"。 \S", text) is None, "nothing stands between sentences"
    status, text = await browser.get("/console?lang=fr")
    assert '<html lang="en">' in text


async def test_facts_are_read_again_only_when_an_entry_matters(hub: Hub) -> None:
    app = hub.client.server.app  # type: ignore[attr-defined]
    reader, now = app[CONSOLE], app[CLOCK]()
    first = await reader.facts("officer-1", now)
    assert (await reader.facts("officer-1", now)).decisions is first.decisions
    await decide(hub, REFERRED, "suspended", 2, ground_code="no_roster_or_training")
    second = await reader.facts("officer-1", now)
    assert second.decisions is not first.decisions
    assert {one.subject: one.status for one in second.decisions}[REFERRED.id] == "suspended"


async def test_the_watchlist_is_bounded_and_leaves_out_what_is_in_order(hub: Hub) -> None:
    watchlist = Watchlist(hub.client.server.app[DATABASE])  # type: ignore[attr-defined]
    near = hub.clock() + 30 * DAY
    found = await watchlist.standings(near, 0, 500)
    waiting = {ENDED, LISTED, CONCERNED, REFERRED, CONDITIONAL, SUSPENDED}
    assert {one.subject for one in found} == {one.id for one in waiting}
    bounded = {one.subject for one in await watchlist.standings(near, 0, 1)}
    assert bounded == {one.id for one in waiting} - {LISTED.id}, "of plain listings the one that ends first"
    size = hub.client.server.app[LOG].size  # type: ignore[attr-defined]
    assert set(await watchlist.rings_in_motion(0, size, 500)) == {NEUTRAL.id}
    assert set(await watchlist.rings_in_motion(size, size, 500)) == {NEUTRAL.id}, "its revoked key stays in sight"
