"""What a hub holds about a neutral, on the neutral's own page: asked of a real hub, and of hubs that lie."""

import copy
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page

from signing.encoding import b64u_decode, b64u_encode, canonical
from signing.keyfile import seal
from signing.secretkeys import SigningKey
from tests.browser.chromium import grave_violations
from tests.browser.pictures import keep
from tests.browser.signpage import PASSPHRASE, Reader, served
from tests.browser.test_sign_page_modules import modules
from tests.fakes.exchangehouse import free_port
from tests.hub.drafts.scene import ACME, NEUTRAL, OTHER, Scene
from tests.hub.running import Hub, Served
from tests.hub.world import Actor, example
from tools.signpage import LANGUAGES

pytestmark = pytest.mark.asyncio(loop_scope="session")
ANNEX = example("annex-neutral", "valid-full")
STRANGER = Actor("stranger", "neutral")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kept(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """A hub that holds something of every sort about a neutral; another neutral's key is revoked."""
    officers = [Actor("officer-a", "officer"), Actor("officer-b", "officer")]
    data = tmp_path_factory.mktemp("held") / "data"
    async with Served(data, officers, port=free_port(), now=int(time.time())) as hub:
        speaker, scene = hub.speaker, Scene(hub)
        await hub.registered(speaker.member(ACME))
        await hub.registered(speaker.accreditation(ACME))
        annex = canonical(ANNEX)
        status, answer = await hub.post(speaker.neutral(NEUTRAL, ACME, annex=annex), annex)
        assert status == 201, answer
        await hub.registered(speaker.neutral(OTHER, ACME))
        await hub.registered(speaker.accreditation(NEUTRAL))
        await hub.registered(speaker.revoke(NEUTRAL, NEUTRAL.http))
        await hub.registered(speaker.revoke(OTHER, OTHER.statement))
        await scene.posted(scene.award(), links={NEUTRAL.statement.kid: "neutral"})
        yield hub


@pytest_asyncio.fixture(loop_scope="session")
async def hub(kept: Hub) -> Hub:
    kept.clock.now = int(time.time())
    return kept


async def held_by(hub: Hub, name: str) -> dict[str, Any]:
    """What an officer reads of it."""
    status, held = await hub.get(f"/v1/neutrals/{name}/held", hub.speaker.officers[0].http)
    assert status == 200
    return dict(held)


def recovery_file(key: SigningKey, folder: Path) -> Path:
    file = folder / f"{key.kid}.json"
    file.write_bytes(seal(key, PASSPHRASE))
    return file


class Asking(Reader):
    """Somebody who asks."""

    async def begin(self, key: SigningKey, folder: Path) -> None:
        """Open the page, go to the screen and load the recovery file of ``key``."""
        await self.open()
        await self.without_link()
        await self.press("holding.begin")
        await self.pick("key.pick", recovery_file(key, folder))

    async def ask(self, address: str, passphrase: str = PASSPHRASE) -> None:
        await self.page.get_by_label(self.text("holding.hub"), exact=True).fill(address)
        await self.page.get_by_label(self.text("key.passphrase"), exact=True).fill(passphrase)
        await self.press("holding.send")

    async def answered(self) -> str:
        await self.until_title("held.title")
        return await self.page.inner_text("main")

    async def told(self, code: str) -> None:
        """Until the page says in the reader's words what the hub refused."""
        await self.page.get_by_text(self.text(f"problem.{code}")).wait_for()
        await self.page.get_by_text(self.text(f"problem.{code}.do")).wait_for()


async def test_a_neutral_reads_and_saves_what_is_held(page: Page, hub: Hub, tmp_path: Path) -> None:
    reader, sent = Asking(page), list[str]()
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    await reader.begin(NEUTRAL.statement, tmp_path)
    await reader.ask(f"{hub.url}/desk#draft=whole-links-may-be-pasted")
    shown = await reader.answered()
    for expected in (
        "Dr Ifeoma Sample",
        "neutral-a",
        "acme-odr",
        "takes cases",
        "accredited",
        "signs statements",
        "revoked",
    ):
        assert expected in shown
    for kind in ("neutral", "accreditation", "key"):
        assert reader.text(f"kind.{kind}") in shown
    assert f"{reader.text('kind.award')} · acme-odr" in " ".join(shown.split())
    assert ANNEX["disclosures_standing"][0] not in shown
    await page.get_by_text(reader.text("kind.neutral")).click()
    assert ANNEX["disclosures_standing"][0] in await page.inner_text("main")
    assert reader.text("held.signature.yours") in await page.inner_text("main")
    async with page.expect_download() as download:
        await page.get_by_role("link", name=reader.text("held.save")).click()
    saved = json.loads(Path(await (await download.value).path()).read_bytes())
    assert saved | {"time": ""} == await held_by(hub, NEUTRAL.id) | {"time": ""}
    assert [one["kind"] for one in saved["drafts"]] == ["award"]
    asked = [one for one in sent if "/v1/" in one]
    assert [one.partition(" ")[0] for one in asked] == [f"{hub.url}/v1/held"]
    for secret in (PASSPHRASE, b64u_encode(NEUTRAL.statement.seed), NEUTRAL.statement.seed.hex(), "draft="):
        assert secret not in "".join(asked)
    assert "odr-held" not in await page.evaluate("JSON.stringify({...localStorage})")


async def test_what_is_refused_says_what_to_do(page: Page, hub: Hub, tmp_path: Path) -> None:
    reader = Asking(page)
    await reader.open()
    await reader.without_link()
    await reader.press("holding.begin")
    await reader.ask(hub.url)
    await reader.refused("key_needed")
    await reader.pick("key.pick", recovery_file(NEUTRAL.statement, tmp_path))
    await reader.ask(hub.url, "not the passphrase")
    await reader.refused("wrong_passphrase")
    await reader.ask(hub.url, "")
    await reader.refused("empty_passphrase")
    for address in ("", "a hub", "http://hub.example", "ftp://127.0.0.1"):
        await reader.ask(address)
        await reader.refused("bad_hub")
    away = f"http://127.0.0.1:{free_port()}"
    await reader.ask(away)
    await reader.refused("hub_unreachable", hub=away)
    await reader.ask(hub.url.replace("127.0.0.1", "localhost"))
    await reader.told("bad_held_request")
    hub.clock.now += 120
    await reader.ask(hub.url)
    await reader.told("held_request_untimely")
    hub.clock.now -= 120
    for key, code in (
        (STRANGER.statement, "holder_unknown"), (NEUTRAL.http, "holder_unknown"), (OTHER.statement, "holder_refused"),
        (ACME.statement, "not_found"),
    ):  # fmt: skip
        await reader.pick("key.other", recovery_file(key, tmp_path))
        await reader.ask(hub.url)
        await reader.told(code)


def other_signature(held: dict[str, Any]) -> None:
    for one in held["statements"][0]["statement"]["signatures"]:
        if NEUTRAL.statement.kid in b64u_decode(one["protected"]).decode():
            one["signature"] = b64u_encode(bytes(64))


def script(held: dict[str, Any]) -> None:
    held["neutral"]["profile"]["display_name"] = "<img src=x onerror=\"document.title='taken'\">\u202e"


LIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "digest": (lambda held: held["statements"][0].update(digest="ab" * 32), "held_differs 3"),
    "receipt": (lambda held: held["statements"][0]["receipt"].update(digest="ab" * 32), "held_differs 3"),
    "index": (lambda held: held["statements"][1].update(index=99), "held_differs 99"),
    "proof": (lambda held: held["statements"][0]["receipt"].update(proof="index 99"), "held_differs 3"),
    "annex": (lambda held: held["statements"][0]["annex"].update(fee_band="high"), "held_differs 3"),
    "signature": (other_signature, "held_unsigned 3"),
    "text": (lambda held: held["statements"][0]["statement"].update(payload="e30"), "held_differs 3"),
    "left out": (lambda held: held["statements"].pop(0), "held_of_another"),
    "no key": (lambda held: held["keys"].clear(), "held_of_another"),
    "another key": (lambda held: held["keys"][0].update(x="A" * 43), "held_of_another"),
    "renamed": (lambda held: held["neutral"].update(id="neutral-b"), "held_of_another"),
    "no list": (lambda held: held.update(drafts=None), "strange_answer"),
}


READ = """
import { utf8 } from "./modules/bytes.js";
import { readHeld } from "./modules/heldanswer.js";
import { publicOctets } from "./modules/keys.js";
globalThis.read = async (text, kid, jwk) => {
  try { return (await readHeld(utf8(text), { kid, x: publicOctets(jwk) })).answer.neutral.id; }
  catch (error) { return `${error.code} ${error.values?.index ?? ""}`.trim(); }
};
"""


async def test_an_answer_that_does_not_fit_is_not_shown(page: Page, hub: Hub, tmp_path: Path) -> None:
    await modules(page, tmp_path, last=READ)
    mine, other = await held_by(hub, NEUTRAL.id), await held_by(hub, OTHER.id)

    async def read(text: str) -> str:
        key = NEUTRAL.statement
        return str(await page.evaluate("all => read(...all)", [text, key.kid, key.public.jwk()]))

    assert await read(json.dumps(mine)) == NEUTRAL.id
    for name, (change, refusal) in LIES.items():
        told = copy.deepcopy(mine)
        change(told)
        assert await read(json.dumps(told)) == refusal, name
    assert await read(json.dumps(other)) == "held_of_another"
    for text in ("<html>", "[]", "{}", json.dumps(mine).replace('"size": 8', '"size": 8.5')):
        assert await read(text) == "strange_answer"


async def test_a_hub_that_lies_shows_nothing_and_runs_nothing(page: Page, hub: Hub, tmp_path: Path) -> None:
    reader, held = Asking(page), await held_by(hub, NEUTRAL.id)
    renamed = {**held, "neutral": {**held["neutral"], "id": "neutral-b"}}
    script(held)
    answers = [json.dumps(one).encode() for one in (renamed, held)]

    async def answer(request: web.Request) -> web.Response:
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "Content-Type"}
        body = answers.pop(0) if request.method == "POST" else b""
        return web.Response(body=body, content_type="application/json", headers=headers)

    liar = web.Application()
    liar.router.add_route("*", "/v1/held", answer)
    async with served(liar) as url:
        await reader.begin(NEUTRAL.statement, tmp_path)
        await reader.ask(url)
        await reader.refused("held_of_another")
        assert "Ifeoma" not in await page.inner_text("main")
        await reader.ask(url)
        shown = await reader.answered()
    assert "<img src=x onerror=" in shown
    assert "\\u{202e}" in shown
    assert "taken" not in await page.title()


async def test_both_screens_in_every_language(page: Page, hub: Hub, tmp_path: Path) -> None:
    reader = Asking(page)
    await reader.begin(NEUTRAL.statement, tmp_path)
    await in_every_language(page, "15-holding")
    await reader.ask(hub.url)
    await reader.answered()
    await in_every_language(page, "16-held")
    await page.get_by_text(reader.text("kind.neutral")).click()
    assert await grave_violations(page) == [], "a statement that is open"


async def in_every_language(page: Page, name: str) -> None:
    """Hold one screen in all languages, wide and narrow, and come back to English."""
    for language in (*LANGUAGES[1:], LANGUAGES[0]):
        await page.get_by_role("combobox").select_option(language)
        await page.wait_for_selector(f"html[lang={language}]")
        assert await grave_violations(page) == [], language
        for width in (380, 1200):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, language
            await keep(page, f"sign-{language}-light-{name}-{width}")
