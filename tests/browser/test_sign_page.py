"""A neutral's way through the signing page: from an invitation to a signed award, with nothing installed."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Page

from providers.cli import main
from signing.drafts import Draft
from signing.encoding import b64u_encode, canonical
from signing.keyfile import open_keyfile, seal
from signing.keys import PublicKey
from signing.secretkeys import SigningKey
from signing.statement import parse_statement
from tests.browser.chromium import grave_violations
from tests.browser.signpage import (
    NETWORK,
    OFFICER,
    PASSPHRASE,
    PDF,
    PROVIDER,
    Reader,
    award,
    invite,
    plain_desk,
    served,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
ANNEX = canonical({"nationality": ["FR"], "salt": "A" * 43})


async def test_a_neutral_goes_from_invitation_to_signed_award(page: Page, tmp_path: Path) -> None:
    desk, reader, saved, pdf = plain_desk(), Reader(page), tmp_path / "key.json", tmp_path / "award.pdf"
    pdf.write_bytes(PDF)
    async with served(desk.application()) as hub:
        invited = invite(desk, annex=b64u_encode(ANNEX))
        await reader.open()
        await reader.follow(invited, hub)
        await reader.until_title("invitation.title", kind=reader.text("kind.neutral"))
        kid = await reader.make_key(saved)
        await reader.tick_all()
        await reader.sign_held()
        await reader.until_title("outcome.signed")
        entered = invited.draft
        assert entered is not None
        assert entered.annex == ANNEX
        assert entered.missing() == {PROVIDER.kid: "provider", OFFICER.kid: "officer"}
        assert entered.payload["body"]["keys"][0]["purpose"] == "statement"
        assert PublicKey.from_jwk(entered.payload["body"]["keys"][0]["jwk"]).kid == kid
        assert "my-centre" in await page.get_by_role("region", name=reader.text("outcome.missing")).inner_text()

        waiting = desk.put(award(kid), kid)
        await reader.press("outcome.another")
        await reader.follow(waiting, hub)
        await reader.until_title("kind.award")
        assert reader.text("key.there", kid=kid) in await page.inner_text("main"), "the browser has kept the locked key"
        await reader.pick("document.pick", pdf)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
        assert reader.text("state.registered.at", index="7") in await page.inner_text("main")
    statement = parse_statement(desk.registered[0])
    assert statement.kind == "award"
    assert set(statement.roles) == {kid, PROVIDER.kid}


WATCHED = """
const make = URL.createObjectURL;
window.blobs = {};
URL.createObjectURL = (blob) => {
  const address = make.call(URL, blob);
  window.blobs[address] = blob;
  return address;
};
"""
"""Remembers what each address of the page stands for."""


async def test_the_document_is_shown_from_the_octets_that_were_hashed(page: Page, tmp_path: Path) -> None:
    desk, reader, key, pdf = plain_desk(), Reader(page), SigningKey.generate(), tmp_path / "award.pdf"
    desk.keys[key.kid] = (key.public, "ann")
    await page.add_init_script(WATCHED)
    async with served(desk.application()) as hub:
        pdf.write_bytes(PDF)
        await reader.with_key(key, desk.put(award(key.kid), key.kid), hub, tmp_path)
        await reader.pick("document.pick", pdf)
        pdf.write_bytes(b"%PDF another document, put there after the first was opened")
        address = (await page.locator("iframe").get_attribute("src") or "").partition("#")[0]
        octets = await page.evaluate("async a => [...new Uint8Array(await window.blobs[a].arrayBuffer())]", address)
        assert bytes(octets) == PDF
        assert await page.evaluate("a => window.blobs[a].type", address) == "application/pdf"
        assert hashlib.sha256(PDF).hexdigest() in await page.inner_text(".facts")


async def test_whose_keys_sign_is_told_as_the_hubs_word(page: Page) -> None:
    """A kid stands in what is signed; whose it is, the hub alone says; where it says nothing, nothing is marked."""
    desk, reader, key = plain_desk(), Reader(page), SigningKey.generate()
    async with served(desk.application()) as hub:
        waiting = desk.put(award(key.kid), key.kid)
        await reader.open()
        await reader.follow(waiting, hub)
        assert "my-centre" in await page.inner_text(".signers")
        assert await page.get_by_text(reader.text("summary.owners"), exact=True).count() == 1
        desk.changed = {"missing": [], "signed": []}
        await reader.open()
        await reader.follow(waiting, hub)
        assert "my-centre" not in await page.inner_text(".signers")
        assert await page.get_by_text(reader.text("summary.owners"), exact=True).count() == 0


async def test_a_wiped_browser_is_recovered_from_the_file(page: Page, tmp_path: Path) -> None:
    desk, reader, saved, key = plain_desk(), Reader(page), tmp_path / "key.json", SigningKey.generate()
    pdf = tmp_path / "award.pdf"
    pdf.write_bytes(PDF)
    saved.write_bytes(seal(key, PASSPHRASE))
    desk.keys[key.kid] = (key.public, "ann")
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.without_link()
        await reader.pick("keys.add", saved)
        assert key.kid in await page.inner_text("main")
        await page.evaluate("localStorage.clear()")
        await reader.open()
        await reader.without_link()
        assert reader.text("keys.empty") in await page.inner_text("main")
        await reader.follow(desk.put(award(key.kid), key.kid), hub)
        assert reader.text("key.none") in await page.inner_text("main")
        await reader.pick("key.pick", saved)
        await reader.pick("document.pick", pdf)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
        await reader.press("outcome.another")
        assert key.kid in await page.inner_text("main")
    assert len(desk.registered) == 1


async def test_a_key_made_without_an_invitation_opens_in_the_gateway(page: Page, tmp_path: Path) -> None:
    """The page's recovery file signs in ``odr-gateway sign``; its public key is the one handed over."""
    reader, saved, public = Reader(page), tmp_path / "key.json", tmp_path / "public.json"
    await reader.open()
    await reader.without_link()
    await reader.press("keys.make")
    kid = await reader.make_key(saved)
    await reader.until_title("reopening.title")
    await reader.pick("key.pick", saved)
    await page.get_by_label(reader.text("key.passphrase"), exact=True).fill(PASSPHRASE)
    await reader.press("reopening.open")
    await reader.until_title("made.title")
    async with page.expect_download() as download:
        await page.get_by_role("link", name=reader.text("made.save")).click()
    await (await download.value).save_as(public)
    assert PublicKey.from_jwk(json.loads(public.read_bytes())).kid == kid
    assert open_keyfile(saved.read_bytes(), PASSPHRASE).public.kid == kid

    draft, pdf, secret = tmp_path / "award.draft.json", tmp_path / "award.pdf", tmp_path / "passphrase"
    draft.write_bytes(award(kid).to_bytes())
    pdf.write_bytes(PDF)
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    arguments = ["sign", draft, "--key", saved, "--document", pdf, "--passphrase-file", secret, "--yes"]
    assert main([str(one) for one in arguments]) == 0
    assert Draft.from_bytes(draft.read_bytes()).missing() == {}


async def test_a_key_of_the_gateway_signs_in_the_page(page: Page, tmp_path: Path) -> None:
    desk, reader, saved, secret = plain_desk(), Reader(page), tmp_path / "officer.key.json", tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    arguments = ["keygen", "--out", str(saved), "--passphrase-file", str(secret)]
    assert main(arguments) == 0
    key = open_keyfile(saved.read_bytes(), PASSPHRASE)
    pdf = tmp_path / "award.pdf"
    pdf.write_bytes(PDF)
    desk.keys[key.public.kid] = (key.public, "ann")
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.follow(desk.put(award(key.public.kid), key.public.kid), hub)
        await reader.pick("key.pick", saved)
        await reader.pick("document.pick", pdf)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
    assert len(desk.registered) == 1


async def test_no_secret_is_kept_or_shown(page: Page, tmp_path: Path) -> None:
    """Neither link nor passphrase nor open key stands in the storage, the address, the console or the page."""
    desk, reader, key, said = plain_desk(), Reader(page), SigningKey.generate(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    pdf = tmp_path / "award.pdf"
    pdf.write_bytes(PDF)
    desk.keys[key.kid] = (key.public, "ann")
    async with served(desk.application()) as hub:
        waiting = desk.put(award(key.kid), key.kid)
        (tmp_path / "key.json").write_bytes(seal(key, PASSPHRASE))
        await reader.open("#" + waiting.link(hub).partition("#")[2])
        await reader.until_title("kind.award")
        assert await page.evaluate("location.href") == page.url
        assert "#" not in page.url
        await reader.pick("key.pick", tmp_path / "key.json")
        await reader.pick("document.pick", pdf)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
        kept = await page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.length])"
        )
        seen = kept + await page.evaluate("document.documentElement.outerHTML.replace(/<script[^]*?<\\/script>/, '')")
        seen += "".join(said) + "".join(
            await page.evaluate("[...document.querySelectorAll('input')].map(one => one.value)")
        )
    for secret in (waiting.secret, PASSPHRASE, b64u_encode(key.seed), key.seed.hex()):
        assert secret not in seen
    assert await page.evaluate("indexedDB.databases()") == []
    assert {authorization for _, _, authorization in desk.asked if authorization} == {f"Draft {waiting.secret}"}
    assert key.kid in kept


async def test_the_network_of_the_policy_file_is_remembered_with_the_key(page: Page, tmp_path: Path) -> None:
    desk, reader, key = plain_desk(), Reader(page), SigningKey.generate()
    desk.keys[key.kid] = (key.public, "ann")
    policy, pdf = tmp_path / "verification-policy.txt", tmp_path / "award.pdf"
    policy.write_text(f"odr-policy/1\nnetwork {NETWORK}\npolicy {'cd' * 32} 0\nquorum none\n", encoding="utf-8")
    pdf.write_bytes(PDF)
    async with served(desk.application()) as hub:
        await reader.with_key(key, desk.put(award(key.kid), key.kid), hub, tmp_path)
        assert reader.text("network.unchecked") in await page.inner_text("main")
        await reader.pick("network.pick", policy)
        assert reader.text("network.same") in await page.inner_text("main")
        await reader.pick("document.pick", pdf)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
        foreign = desk.put(award(key.kid, network="cd" * 32), key.kid)
        await reader.open()
        await reader.follow(foreign, hub)
        assert reader.text("network.other") in await page.inner_text("main")
        await reader.pick("document.pick", pdf)
        await reader.tick_all()
        await reader.sign()
        await reader.refused("wrong_network")


async def test_a_signer_declines_with_a_reason(page: Page) -> None:
    desk, reader = plain_desk(), Reader(page)
    async with served(desk.application()) as hub:
        invited = invite(desk)
        await reader.open()
        await reader.follow(invited, hub)
        await page.get_by_text(reader.text("decline.title"), exact=True).click()
        await reader.press("decline.send")
        await reader.refused("reason_needed")
        await page.get_by_label(reader.text("decline.reason"), exact=True).fill("My name is misspelt.")
        await reader.press("decline.send")
        await reader.until_title("outcome.title")
        assert reader.text("state.declined") in await page.inner_text("main")
        assert "My name is misspelt." in await page.inner_text("main")
    assert invited.declined is not None
    assert (invited.declined["kid"], invited.declined["reason"]) == (None, "My name is misspelt.")


async def test_the_record_prints_without_controls(page: Page, tmp_path: Path) -> None:
    desk, reader, key, pdf = plain_desk(), Reader(page), SigningKey.generate(), tmp_path / "award.pdf"
    pdf.write_bytes(PDF)
    desk.keys[key.kid] = (key.public, "ann")
    async with served(desk.application()) as hub:
        await reader.with_key(key, desk.put(award(key.kid), key.kid), hub, tmp_path)
        await reader.pick("document.pick", pdf)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
        assert await page.get_by_text(key.kid).filter(visible=True).count() == 0, "the record is folded on the screen"
        await page.pdf()
        await page.emulate_media(media="print")
        printed = await page.inner_text("body")
    for expected in ("An arbitral award", hashlib.sha256(PDF).hexdigest(), key.kid, hub, reader.text("outcome.yours")):
        assert expected in printed
    assert await page.locator("button:visible, select:visible, input:visible").count() == 0
    assert re.search(r"[\w-]{86}", printed), "the signature is on paper"


async def test_it_can_be_used_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    """The document is no PDF: the browser's viewer takes the focus when it likes and reads the keyboard itself."""
    desk, reader, key, document = plain_desk(), Reader(page), SigningKey.generate(), tmp_path / "award.txt"
    document.write_bytes(b"A sample award.")
    desk.keys[key.kid] = (key.public, "ann")
    async with served(desk.application()) as hub:
        await reader.with_key(key, desk.put(award(key.kid, b"A sample award."), key.kid), hub, tmp_path)
        await reader.pick("document.pick", document)
        await page.locator("h1").focus()
        ticked = 0
        for _ in range(60):
            await page.keyboard.press("Tab")
            name = await page.evaluate("document.activeElement.type ?? document.activeElement.tagName")
            if name == "checkbox" and not await page.evaluate("document.activeElement.checked"):
                await page.keyboard.press("Space")
                ticked += 1
            if name == "password":
                await page.keyboard.type(PASSPHRASE)
                await page.keyboard.press("Enter")
                break
        await reader.until_title("outcome.signed")
        assert ticked == 3
        assert await page.evaluate("document.activeElement.tagName") == "H1", "the new screen is announced"
    assert await grave_violations(page) == []
