"""The trust mark on somebody else's site, in a visitor's browser: what is shown, and what never is.

The hub and the site have different origins. Both clocks are the test's: nothing waits.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from hub.trustmark.look import LANGUAGES, THEMES, WORDS
from hub.trustmark.memberstatus import MEMBER_STATUS_TYPE
from hub.trustmark.script import BUILT, integrity
from signing.compose import sign_all
from signing.encoding import b64u_decode, b64u_encode, canonical
from signing.secretkeys import SigningKey
from signing.statement import seconds
from tests.browser.chromium import grave_violations
from tests.browser.foreignsite import Liar, Site, address, mark, result, serving
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, example, signing_key

pytestmark = pytest.mark.asyncio(loop_scope="session")
PROVIDER, OTHER = Actor("provider-a", "provider"), Actor("provider-b", "provider")
NEUTRAL = Actor("neutral-a", "neutral")
OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
STATUS = "/v1/members/provider-a/status"
NO_ED25519 = """
for (const name of ["importKey"]) SubtleCrypto.prototype[name] = () =>
  Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
"""


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with Running(tmp_path / "data", OFFICERS) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    one = Site()
    async with serving(one):
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def liar() -> AsyncIterator[Liar]:
    one = Liar()
    async with serving(one):
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, hub: Hub, site: Site) -> Callable[..., Any]:
    """Opens the site, with the visitor's clock stopped at the hub's time."""

    async def opened(html: str, *, ahead: int = 0, init: str = "", **headers: str) -> Page:
        site.html, site.headers = html, headers
        page = await browser.new_page()
        if init:
            await page.add_init_script(init)
        session = await page.context.new_cdp_session(page)  # the browser's cache has a clock of its own
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        await page.clock.install(time=hub.clock.now + ahead - 1)
        await page.clock.pause_at(datetime.fromtimestamp(hub.clock.now + ahead, UTC))
        await page.goto(site.origin)
        return page

    return opened


async def decide(hub: Hub, *statuses: str, actor: Actor = PROVIDER) -> None:
    """Admit the provider, if it is none yet, and let the officers decide."""
    if (await hub.get(f"/v1/members/{PROVIDER.id}"))[0] == 404:
        await hub.registered(hub.speaker.member(PROVIDER))
    for status in statuses:
        await hub.registered(hub.speaker.accreditation(actor, status, 2))


async def pass_seconds(hub: Hub, page: Page, count: int) -> None:
    """Let time pass for hub and visitor."""
    hub.clock.now += count
    await page.clock.run_for(count * 1000)
    await page.wait_for_function("() => !document.querySelector('odr-trust-mark').busy")


async def signed_by(hub: Hub, key: SigningKey | None = None, typ: str = MEMBER_STATUS_TYPE, **changes: Any) -> bytes:
    """The hub's status of provider-a with changes, signed again with ``key`` (the hub's own if None)."""
    _, answer = await hub.get(STATUS)
    payload = json.loads(b64u_decode(answer["payload"])) | changes
    return sign_all(canonical(payload), [(key or hub.speaker.hub.statement, "hub")], hub.clock.now, typ)


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        (["listed"], "accredited"),
        (["applied", "conditional"], "conditional"),
        (["listed", "concern"], "concern"),
        (["listed", "suspended"], "suspended"),
        (["listed", "removed"], "removed"),
        ([], "not_accredited"),
    ],
)
async def test_each_state_is_shown_in_words(
    hub: Hub, visit: Callable[..., Any], decisions: list[str], state: str
) -> None:
    await decide(hub, *decisions)
    shown, code, text = await result(await visit(mark(hub)))
    assert (shown, code) == (state, None)
    assert "Sample provider-a" in text
    assert WORDS["en"][state] in text
    assert "checked here 2026-11-18 11:06 UTC" in text
    assert address(hub).removeprefix("http://") in text
    assert ("2026-01-01 to 2029-01-01" in text) == (state in ("accredited", "conditional"))


async def test_a_lapse_and_somebody_unknown(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    hub.clock.now = seconds("2029-01-01T00:00:00Z")
    assert (await result(await visit(mark(hub))))[0] == "expired"
    state, code, text = await result(await visit(mark(hub, member="nobody-here")))
    assert (state, code) == ("unknown", None)
    assert WORDS["en"]["unknown"] in text
    assert "nobody-here" in text


async def test_a_neutral(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    await hub.registered(hub.speaker.neutral(NEUTRAL, PROVIDER))
    await decide(hub, "listed", actor=NEUTRAL)
    state, _, text = await result(await visit(mark(hub, neutral="neutral-a")))
    assert state == "accredited"
    assert "Dr Ifeoma Sample" in text


LIES = {
    "unsigned": "not_genuine",
    "no JSON": "not_genuine",
    "huge": "not_genuine",
    "signature flipped": "not_genuine",
    "payload changed": "not_genuine",
    "another key": "key_changed",
    "another key under the pinned name": "not_genuine",
    "another type": "not_genuine",
    "another member": "not_genuine",
    "a neutral": "not_genuine",
    "another network": "not_genuine",
    "expired": "stale",
    "of the past": "stale",
    "valid too long": "stale",
    "from the future": "stale",
    "unknown state": "not_genuine",
    "approval without a decision": "not_genuine",
    "approval of a suspended one": "not_genuine",
    "approval that lapsed": "not_genuine",
    "error": "unreachable",
}


async def lie(hub: Hub, what: str) -> bytes:
    """An answer that must not be believed."""
    now, honest = hub.clock.now, await signed_by(hub)
    jws = json.loads(honest)
    head = jws["signatures"][0]
    payload = json.loads(b64u_decode(jws["payload"]))
    flipped = bytearray(b64u_decode(head["signature"]))
    flipped[9] ^= 1
    stranger = signing_key("stranger")
    forged = json.loads(await signed_by(hub, stranger))
    forged["signatures"][0]["protected"] = head["protected"]
    decision = payload["accreditation"]
    lies: dict[str, Callable[[], Any]] = {
        "unsigned": lambda: canonical(payload),
        "no JSON": lambda: b"<html>accredited</html>",
        "huge": lambda: honest + b" " * 20_000,
        "signature flipped": lambda: canonical(
            jws | {"signatures": [head | {"signature": b64u_encode(bytes(flipped))}]}
        ),
        "payload changed": lambda: canonical(jws | {"payload": b64u_encode(canonical(payload | {"name": "Other"}))}),
        "another key under the pinned name": lambda: canonical(forged),
        "error": lambda: honest,
    }
    if what in lies:
        answer: bytes = lies[what]()
        return answer
    changes: dict[str, dict[str, Any]] = {
        "another key": {"key": stranger},
        "another type": {"typ": "odr-status+jws"},
        "another member": {"member": "provider-b"},
        "a neutral": {"type": "neutral"},
        "another network": {"network": "0" * 64},
        "expired": {"time": now - 60, "expires": now},
        "of the past": {"time": now, "expires": now},
        "valid too long": {"expires": now + 61},
        "from the future": {"time": now + 61, "expires": now + 121},
        "unknown state": {"state": "excellent"},
        "approval without a decision": {"accreditation": None},
        "approval of a suspended one": {"accreditation": decision | {"status": "suspended"}},
        "approval that lapsed": {"accreditation": decision | {"lapsed": True}},
    }
    return await signed_by(hub, **changes[what])


@pytest.mark.parametrize("init", ["", NO_ED25519], ids=["WebCrypto", "fallback"])
async def test_no_lie_is_shown_as_approval(hub: Hub, visit: Callable[..., Any], liar: Liar, init: str) -> None:
    await decide(hub, "listed")
    liar.body = await signed_by(hub)
    page = await visit(mark(hub, at=liar.origin), init=init)
    assert (await result(page))[0] == "accredited", "it is the content that makes the lies below fail"
    for what, code in LIES.items():
        liar.body, liar.status = await lie(hub, what), 500 if what == "error" else 200
        await page.evaluate("document.querySelector('odr-trust-mark').setAttribute('lang', 'en')")  # it begins anew
        shown = await result(page)
        assert shown[:2] == ("unverified", code), what
        assert WORDS["en"]["unverified"] in shown[2], what
        assert WORDS["en"][code] in shown[2], what
        assert WORDS["en"]["accredited"] not in shown[2], what


async def test_another_members_status_at_this_members_address(hub: Hub, visit: Callable[..., Any], liar: Liar) -> None:
    await decide(hub, "listed", "suspended")
    await hub.registered(hub.speaker.member(OTHER))
    await hub.registered(hub.speaker.accreditation(OTHER))
    liar.body = (await hub.get("/v1/members/provider-b/status"))[1] and await (
        await hub.client.get("/v1/members/provider-b/status")
    ).read()
    assert (await result(await visit(mark(hub, at=liar.origin))))[:2] == ("unverified", "not_genuine")
    assert (await result(await visit(mark(hub, at=liar.origin, member="provider-b"))))[0] == "accredited"


async def test_a_signed_answer_about_the_past_is_no_approval(hub: Hub, visit: Callable[..., Any], liar: Liar) -> None:
    await decide(hub, "listed", "suspended")
    liar.body = await (await hub.client.get(f"{STATUS}?at=3")).read()
    assert json.loads(b64u_decode(json.loads(liar.body)["payload"]))["state"] == "accredited"
    assert (await result(await visit(mark(hub, at=liar.origin))))[:2] == ("unverified", "stale")


async def test_a_hub_that_is_down(hub: Hub, visit: Callable[..., Any], liar: Liar) -> None:
    await decide(hub, "listed")
    liar.body = await signed_by(hub)
    page = await visit(mark(hub, at="http://127.0.0.1:9"))
    state, code, text = await result(page)
    assert (state, code) == ("unverified", "unreachable")
    assert WORDS["en"]["unreachable"] in text


async def _after(hub: Hub, page: Page, count: int) -> str:
    await pass_seconds(hub, page, count)
    return (await result(page))[0]


async def test_a_suspension_is_visible_within_60_seconds(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    page = await visit(mark(hub))
    assert (await result(page))[0] == "accredited"
    await decide(hub, "suspended")
    shown = [state for _ in range(12) if (state := await _after(hub, page, 5))]
    assert shown[:8] == ["accredited"] * 8, "it has not asked yet"
    assert shown[8:] == ["suspended"] * 4, "within 45 seconds, and from then on"
    assert "suspended" in await page.locator("odr-trust-mark [role=status]").text_content()


async def test_an_approval_ends_when_the_hub_goes_silent(hub: Hub, visit: Callable[..., Any], liar: Liar) -> None:
    await decide(hub, "listed")
    liar.body = await signed_by(hub)
    page = await visit(mark(hub, at=liar.origin))
    assert (await result(page))[0] == "accredited"
    liar.status = 503
    await pass_seconds(hub, page, 50)
    assert (await result(page))[0] == "accredited", "it is valid still"
    assert liar.asked > 1
    await pass_seconds(hub, page, 10)
    assert (await result(page))[:2] == ("unverified", "unreachable")
    liar.body, liar.status = await signed_by(hub), 200
    await pass_seconds(hub, page, 30)
    assert (await result(page))[0] == "accredited", "it recovers by itself"


@pytest.mark.parametrize("back", [3600, 40])
async def test_an_approval_ends_though_the_visitors_clock_is_set_back(
    hub: Hub, visit: Callable[..., Any], liar: Liar, back: int
) -> None:
    """Far back, and less far than the approval is shown already."""
    await decide(hub, "listed")
    liar.body = await signed_by(hub)
    page = await visit(mark(hub, at=liar.origin))
    assert (await result(page))[0] == "accredited"
    await page.clock.set_system_time(datetime.fromtimestamp(hub.clock.now - back, UTC))
    await decide(hub, "suspended")
    liar.status = 503
    shown = [await _after(hub, page, 20) for _ in range(3)]
    assert shown[-1] == "unverified", "its 60 seconds are over, whatever the clock says"
    asked, liar.status, liar.body = liar.asked, 200, await signed_by(hub)
    shown = [await _after(hub, page, 5) for _ in range(12)]  # in steps: each question gets the time it really takes
    assert liar.asked > asked, "it goes on asking"
    assert "accredited" not in shown
    assert (await result(page))[0] != "accredited"


async def test_it_asks_as_often_when_the_visitors_clock_is_behind(hub: Hub, visit: Callable[..., Any]) -> None:
    """To such a clock an answer seems valid for longer than any is."""
    await decide(hub, "listed")
    page = await visit(mark(hub), ahead=-60)
    assert (await result(page))[0] == "accredited"
    await decide(hub, "suspended")
    assert await _after(hub, page, 50) == "suspended"


async def test_an_older_answer_does_not_replace_a_newer_one(hub: Hub, visit: Callable[..., Any], liar: Liar) -> None:
    await decide(hub, "listed")
    old = await signed_by(hub)
    await decide(hub, "suspended")
    hub.clock.now += 1
    liar.body = await signed_by(hub, time=hub.clock.now, expires=hub.clock.now + 60)
    page = await visit(mark(hub, at=liar.origin))
    assert (await result(page))[0] == "suspended"
    liar.body = old
    await pass_seconds(hub, page, 50)
    assert liar.asked > 1
    assert (await result(page))[0] == "suspended"


@pytest.mark.parametrize(
    ("ahead", "state"), [(-61, "unverified"), (-60, "accredited"), (30, "accredited"), (60, "unverified")]
)
async def test_a_visitors_clock_may_be_a_little_wrong(
    hub: Hub, visit: Callable[..., Any], ahead: int, state: str
) -> None:
    await decide(hub, "listed")
    found = await result(await visit(mark(hub), ahead=ahead))
    assert found[0] == state
    assert found[1] == ("stale" if state == "unverified" else None)


async def test_a_new_key_of_the_hub(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    old, current = signing_key("the key before").public, hub.speaker.hub.statement.public
    assert (await result(await visit(mark(hub, keys=(old,)))))[:2] == ("unverified", "key_changed")
    assert (await result(await visit(mark(hub, keys=(old, current)))))[0] == "accredited", "during the change"


@pytest.mark.parametrize(
    "attributes",
    [
        {"network": "123"}, {"hub-key": ""}, {"hub-key": "short"}, {"member": "No One"}, {"hub": "nowhere"},
        {"hub": "http://hub.example"}, {"hub": "javascript:alert(1)"}, {"neutral": "x-y", "member": "provider-a"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_mark_that_is_set_up_wrongly(hub: Hub, visit: Callable[..., Any], attributes: dict[str, Any]) -> None:
    await decide(hub, "listed")
    page = await visit(mark(hub, **attributes))
    assert (await result(page))[:2] == ("unverified", "wrong_setup")
    href = await page.locator("odr-trust-mark a").last.get_attribute("href")
    assert href is None or href.startswith(address(hub))


async def test_a_page_without_https(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    init = "Object.defineProperty(globalThis, 'isSecureContext', {value: false})"
    assert (await result(await visit(mark(hub), init=init)))[:2] == ("unverified", "insecure")


async def test_script_in_a_name_is_shown_as_text(hub: Hub, visit: Callable[..., Any]) -> None:
    name = "<img src=x onerror=\"document.title='owned'\"><script>alert(1)</script>"
    profile = example("member", "valid-provider-minimal")["body"]["profile"] | {"legal_name": name}
    keys = [hub.speaker.public_key(PROVIDER, one) for one in ("statement", "http", "monitor", "inbox")]
    signers = [(PROVIDER.statement, "introduced"), (PROVIDER.http, "introduced"), *hub.speaker.officer()]
    body = {"type": "provider", "profile": profile, "keys": keys}
    await hub.registered(hub.speaker.compose("member", PROVIDER.id, body, signers))
    await decide(hub, "listed")
    badge = f'<img id="badge" alt="" src="{address(hub)}/v1/members/provider-a/badge.svg">'
    page = await visit(mark(hub) + badge)
    state, _, text = await result(page)
    assert state == "accredited"
    assert name in text
    assert await page.title() == "Trade portal"
    assert await page.locator("odr-trust-mark img, odr-trust-mark script").count() == 0
    await page.goto(f"{address(hub)}/v1/members/provider-a/badge.svg")
    assert await page.evaluate("document.querySelectorAll('script, img').length") == 0


def how_to(hub: Hub) -> tuple[str, str]:
    """What the how-to tells a site to copy (mark, then badge), and its policy, with this hub's values."""
    page = Path("docs/how-to/show-the-trust-mark.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"```http\nContent-Security-Policy: (.*?)\n```", page)
    html = "".join(re.findall(r"```html\n(.*?)```", page, re.DOTALL))
    values = {
        "https://hub.example": address(hub),
        "harbour-odr": PROVIDER.id,
        '"NETWORK"': f'"{hub.speaker.network}"',
        '"KEY"': f'"{b64u_encode(hub.speaker.hub.statement.public.x)}"',
    }
    for written, value in values.items():
        assert written in html, written
        html, policy = html.replace(written, value), policy.replace(written, value)
    return html, policy


async def test_what_the_how_to_says_works_under_the_policy_that_it_asks_for(
    hub: Hub, visit: Callable[..., Any]
) -> None:
    await decide(hub, "listed")
    html, policy = how_to(hub)
    policy += "; require-trusted-types-for 'script'; trusted-types 'none'"
    complaints: list[str] = []
    page = await visit(html, **{"Content-Security-Policy": policy})
    page.on("console", lambda message: complaints.append(message.text))
    await page.reload()
    assert (await result(page))[0] == "accredited"
    assert await page.evaluate("document.querySelector('img').naturalWidth") == 344
    assert [one for one in complaints if "data:," not in one] == [], "but for the icon of this test's own page"
    box = await page.locator("odr-trust-mark a").last.bounding_box()
    assert box is not None
    assert box["width"] == 344, "its style was not held back by the policy"


async def test_another_script_is_refused_and_the_link_remains(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    html, policy = how_to(hub)
    html = html.replace(integrity(BUILT.read_bytes()), integrity(b"other"))
    page = await visit(html, **{"Content-Security-Policy": policy})
    await page.wait_for_load_state("networkidle")
    assert await page.evaluate("customElements.get('odr-trust-mark') === undefined")
    assert (await page.locator("odr-trust-mark").inner_text()).strip() == "Is Harbour ODR accredited?"


async def test_the_badge_of_nobody_is_an_image_too(hub: Hub, visit: Callable[..., Any]) -> None:
    page = await visit(f'<img alt="" src="{address(hub)}/v1/members/nobody/badge.svg">')
    assert await page.evaluate("document.querySelector('img').naturalWidth") == 344


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_can_be_read_by_everybody(
    hub: Hub, visit: Callable[..., Any], tmp_path: Path, theme: str, language: str
) -> None:
    await decide(hub, "listed")
    marks = mark(hub, theme=theme, lang=language) + mark(hub, theme=theme, lang=language, member="nobody")
    page = await visit(marks)
    await result(page)
    await page.wait_for_function(
        "[...document.querySelectorAll('odr-trust-mark')].every(one => one.result.state !== 'checking')"
    )
    assert await grave_violations(page) == []
    body = page.locator("odr-trust-mark").first
    assert WORDS[language]["accredited"] in await body.locator(".state").inner_text()
    assert await body.locator("[role=group]").get_attribute("lang") == language
    await page.keyboard.press("Tab")
    link = await page.evaluate("document.activeElement.shadowRoot.activeElement.href")
    assert link == f"{address(hub)}/directory/providers/provider-a?lang={language}"
    assert (await hub.client.get(link.removeprefix(address(hub)))).status == 200, "it leads somewhere"
    await page.screenshot(path=tmp_path / "mark.png")
    assert (tmp_path / "mark.png").stat().st_size > 1000


async def test_languages_are_found_from_the_page(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    for tag, language in (("fr-CA", "fr"), ("zh-CN", "zh-Hans"), ("de", "en"), ("ES", "es")):
        page = await visit(f'<div lang="{tag}">{mark(hub)}</div>')
        assert WORDS[language]["accredited"] in (await result(page))[2]


async def test_a_site_is_told_by_an_event(hub: Hub, visit: Callable[..., Any]) -> None:
    await decide(hub, "listed")
    listener = "document.addEventListener('odr-trust-mark', one => (globalThis.told ??= []).push(one.detail.state))"
    page = await visit(mark(hub), init=listener)
    await result(page)
    assert await page.evaluate("globalThis.told") == ["checking", "accredited"]
    await page.evaluate("document.querySelector('odr-trust-mark').setAttribute('member', 'nobody')")
    assert (await result(page))[0] == "unknown"
    await page.evaluate("document.querySelector('odr-trust-mark').remove()")
