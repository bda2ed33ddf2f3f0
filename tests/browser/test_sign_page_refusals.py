"""What the signing page refuses: altered drafts, other documents, wrong passphrases and links, and a hub that lies."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from signing.compose import payload
from signing.drafts import Draft
from signing.encoding import b64u_decode, b64u_encode, canonical
from signing.keyfile import seal
from signing.secretkeys import AgreementKey, SigningKey
from tests.browser.signpage import (
    NETWORK,
    OFFICER,
    PASSPHRASE,
    PDF,
    PICKED,
    PROVIDER,
    Reader,
    award,
    invite,
    plain_desk,
    served,
)
from tests.fakes.draftdesk import DraftDesk
from tools.signpage import PAGE

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEY = SigningKey(bytes(range(32)))
EVIL = '<img src=x onerror="document.title=\'run\'"></script><script>document.title="run"</script>'


def known() -> DraftDesk:
    desk = plain_desk()
    desk.keys[KEY.kid] = (KEY.public, "ann")
    return desk


def member(annex: bytes, **changes: Any) -> Draft:
    """A member's entry with an annex that waits for ``KEY``."""
    now = int(time.time())
    signers = [(KEY.kid, "officer"), (PROVIDER.kid, "provider")]
    body = {"type": "provider", "profile": {"legal_name": "Sample"}} | changes
    octets = payload("member", "my-centre", body, signers, network=NETWORK, now=now, previous="cd" * 32, annex=annex)
    return Draft(octets, (), annex)


async def ready(page: Page, desk: DraftDesk, hub: str, folder: Path, draft: Draft | None = None) -> Reader:
    """A reader who has an award, its document and the key, and has ticked everything."""
    reader = Reader(page)
    await reader.with_key(KEY, desk.put(draft or award(KEY.kid), KEY.kid), hub, folder)
    await reader.pick("document.pick", PICKED)
    await reader.tick_all()
    return reader


def payload_with(change: Callable[[bytes], bytes]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda draft: {**draft, "payload": b64u_encode(change(b64u_decode(draft["payload"])))}


ALTERED: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "a space in the payload": ("not_canonical", payload_with(lambda one: one.replace(b'":', b'": ', 1))),
    "one name twice": ("duplicate_name", payload_with(lambda one: b'{"kind":"member",' + one[1:])),
    "a float": ("bad_number", payload_with(lambda one: one.replace(b'"version":1', b'"version":1.0'))),
    "half a character": ("bad_text", payload_with(lambda one: one.replace(b'"2026-01"', b'"\\ud800"'))),
    "no UTF-8": ("not_utf8", payload_with(lambda one: one.replace(b'"2026-01"', b'"\xff"'))),
    "an unknown member": ("bad_envelope", payload_with(lambda one: one.replace(b'"body"', b'"a":1,"body"'))),
    "a network that is none": ("bad_envelope", payload_with(lambda one: one.replace(NETWORK.encode(), b"AB" * 32))),
    "a signer with a wrong kid": ("bad_base64url", payload_with(lambda one: one.replace(KEY.kid.encode(), b"B" * 43))),
    "a signer twice": ("bad_signers", payload_with(lambda one: one.replace(PROVIDER.kid.encode(), KEY.kid.encode()))),
    "an introduced key that is not there": (
        "kid_mismatch", payload_with(lambda one: one.replace(b'"role":"neutral"', b'"role":"introduced"')),
    ),
    "base64 with padding": ("bad_base64url", lambda draft: {**draft, "payload": draft["payload"] + "="}),
    "an annex that is not named": ("annex_mismatch", lambda draft: {**draft, "annex": b64u_encode(b"{}")}),
    "a member too many": ("bad_draft", lambda draft: {**draft, "extra": 1}),
    "another version": ("bad_draft", lambda draft: {**draft, "odr_draft": 2}),
    "a signature of nobody": (
        "bad_signature_form", lambda draft: {**draft, "signatures": [{"protected": "e30", "signature": "A" * 86}]},
    ),
    "one signature twice": ("bad_signature_form", lambda draft: {**draft, "signatures": draft["signatures"] * 2}),
}  # fmt: skip


async def test_an_altered_draft_is_not_shown(page: Page) -> None:
    desk, reader, draft = known(), Reader(page), award(KEY.kid)
    async with served(desk.application()) as hub:
        waiting = desk.put(draft, KEY.kid)
        await reader.open()
        for what, (code, alter) in ALTERED.items():
            desk.changed = {"draft": alter(json.loads(draft.to_bytes()))}
            assert desk.changed["draft"] != json.loads(draft.to_bytes()), what
            await reader.paste(f"{waiting.link(hub)}&of={code}")
            await reader.refused(code)
            await reader.paste("")
            await reader.refused("bad_link")


async def test_an_annex_that_was_changed_is_not_shown(page: Page) -> None:
    desk, reader = known(), Reader(page)
    annex = canonical({"salt": "A" * 43, "insurance": "policy 7"})
    draft = member(annex)
    async with served(desk.application()) as hub:
        waiting = desk.put(draft, KEY.kid)
        await reader.open()
        await reader.follow(waiting, hub)
        assert "policy 7" in await page.inner_text("main")
        changed = json.loads(draft.to_bytes()) | {"annex": b64u_encode(annex.replace(b"7", b"8"))}
        desk.changed = {"draft": changed}
        await reader.open()
        await reader.follow(waiting, hub)
        await reader.refused("annex_mismatch")


async def test_another_document_is_refused(page: Page, tmp_path: Path) -> None:
    """Longer, as long, and the right one swapped for another after it was shown."""
    desk = known()
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        for name, octets in (("longer.pdf", PDF + b" "), ("as-long.pdf", PDF.replace(b"1.4", b"1.5"))):
            await reader.pick("document.pick", {**PICKED, "name": name, "buffer": octets})
            await reader.refused("document_mismatch", name=name)
        await reader.tick_all()
        await reader.sign()
        await page.get_by_text(reader.text("refusal.document_needed")).wait_for()
    assert desk.registered == []


async def test_a_document_that_is_no_pdf_is_hashed_but_not_shown(page: Page, tmp_path: Path) -> None:
    desk, document = known(), b"<script>document.title='run'</script>"
    async with served(desk.application()) as hub:
        reader = Reader(page)
        await reader.with_key(KEY, desk.put(award(KEY.kid, document), KEY.kid), hub, tmp_path)
        await reader.pick("document.pick", {**PICKED, "buffer": document})
        assert reader.text("document.notpdf") in await page.inner_text("main")
        assert await page.locator("iframe").count() == 0


async def test_nothing_is_signed_before_every_tick(page: Page, tmp_path: Path) -> None:
    desk = known()
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        for box in await page.locator("fieldset input").all():
            await box.uncheck()
            await reader.sign()
            await reader.refused("not_ticked")
            await box.check()
        assert await page.locator("fieldset input").count() == 3
    assert desk.registered == []


@pytest.mark.parametrize("wrong", ["another document", "a file that is too large"])
async def test_a_file_that_is_refused_leaves_neither_document_nor_ticks(page: Page, tmp_path: Path, wrong: str) -> None:
    """What is on the screen is what the page goes by: nothing is ticked, and no document is there."""
    desk, large = known(), tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(513 * 1024 * 1024)
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        if wrong == "another document":
            await reader.pick("document.pick", {**PICKED, "name": "other.pdf", "buffer": PDF + b"%"})
            await reader.refused("document_mismatch", name="other.pdf")
        else:
            await reader.pick("document.pick", large)
            await reader.refused("file_too_large")
        assert reader.text("document.same") not in await page.inner_text("main")
        assert await page.locator("iframe").count() == 0
        assert await page.locator("fieldset input:checked").count() == 0
        await reader.sign()
        await page.get_by_text(reader.text("refusal.document_needed")).wait_for()
        await reader.pick("document.pick", PICKED)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")


async def test_a_wrong_passphrase_is_refused_and_the_right_one_still_works(page: Page, tmp_path: Path) -> None:
    desk = known()
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        await reader.sign("correct horse battery stapler")
        await reader.refused("wrong_passphrase")
        assert await page.get_by_label(reader.text("key.passphrase"), exact=True).input_value() == ""
        await reader.sign("")
        await reader.refused("empty_passphrase")
        await reader.sign()
        await reader.until_title("outcome.signed")


UNSAFE = "#draft=0197b1a0-0000-7000-8000-000000000001&secret=AAAAAAAAAAAAAAAAAAAAAA&hub={}"
LINKS = {
    "no link": "https://hub.example/desk",
    "no secret": "#draft=0197b1a0-0000-7000-8000-000000000001&hub=https://hub.example",
    "a short secret": "#draft=0197b1a0-0000-7000-8000-000000000001&secret=AAAA&hub=https://hub.example",
    "no draft": "#draft=1&secret=AAAAAAAAAAAAAAAAAAAAAA&hub=https://hub.example",
    "no hub": "#draft=0197b1a0-0000-7000-8000-000000000001&secret=AAAAAAAAAAAAAAAAAAAAAA&hub=there",
}


async def test_what_is_no_link_is_refused(page: Page) -> None:
    reader = Reader(page)
    await reader.open()
    for link in LINKS.values():
        await reader.paste(link)
        await reader.refused("bad_link")
        await reader.paste(UNSAFE.format("http://hub.example"))
        await reader.refused("unsafe_hub")


async def test_a_hub_without_a_safe_address_is_not_asked(page: Page) -> None:
    reader, asked = Reader(page), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    await reader.open()
    for address in ("http://hub.example", "javascript:alert(1)", "https://user:word@hub.example", "ftp://hub.example"):
        await reader.paste(UNSAFE.format(address))
        await reader.refused("unsafe_hub")
        await reader.paste("")
        await reader.refused("bad_link")
    assert asked == [PAGE.as_uri()]


async def test_a_wrong_secret_finds_no_draft(page: Page) -> None:
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        waiting = desk.put(award(KEY.kid), KEY.kid)
        await reader.open()
        await reader.paste(waiting.link(hub).replace(waiting.secret, "A" * 22))
        slot = page.locator(".alert:not(:empty)")
        await expect(slot).to_contain_text(reader.text("problem.draft_not_found"))
        assert "There is no such draft." in await slot.inner_text(), "the hub's own words stand there too"


async def test_a_draft_whose_time_is_over_says_so(page: Page) -> None:
    desk, reader = known(), Reader(page)
    desk.changed = {"state": "expired", "draft": None}
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.follow(desk.put(award(KEY.kid), KEY.kid), hub)
        await reader.until_title("outcome.title")
        assert reader.text("state.expired") in await page.inner_text("main")


async def test_a_refusal_of_the_log_is_told_in_plain_words(page: Page) -> None:
    desk, reader = known(), Reader(page, "fr")
    problem = {"code": "stale_previous", "detail": f"Not the newest. {EVIL}", "status": 409, "retryable": False}
    desk.changed = {"state": "refused", "draft": None, "result": {"problem": problem}}
    async with served(desk.application()) as hub:
        await reader.open()
        await page.get_by_role("combobox").select_option("fr")
        await reader.follow(desk.put(award(KEY.kid), KEY.kid), hub)
        await reader.until_title("outcome.title")
        shown = await page.inner_text("main")
        for expected in ("state.refused", "problem.stale_previous", "problem.stale_previous.do"):
            assert reader.text(expected) in shown
        assert EVIL in shown


PROBLEMS: dict[str, tuple[dict[str, Any], int, str]] = {
    "known": ({"code": "draft_not_yours", "detail": "No."}, 403, "problem.draft_not_yours"),
    "unknown": ({"code": "something_new", "detail": "Something new."}, 422, "problem.other"),
    "to be tried again": ({"code": "disk_full", "detail": "No room.", "retryable": True}, 503, "problem.later"),
    "no problem document": ({}, 502, "problem.other"),
}


async def test_every_problem_of_the_hub_is_explained(page: Page, tmp_path: Path) -> None:
    desk = known()
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        for document, status, key in PROBLEMS.values():
            desk.problem = (status, document)
            await reader.sign()
            slot = page.locator(".alert:not(:empty)")
            await expect(slot).to_contain_text(document.get("code", f"http_{status}"))
            for expected in (key, f"{key}.do"):
                await expect(slot).to_contain_text(reader.text(expected))


async def test_a_computer_whose_clock_is_behind_is_told_so(page: Page, tmp_path: Path) -> None:
    """An entry that was completed on the page has this computer's date; nobody else can prepare a better one."""
    desk, reader, saved = plain_desk(), Reader(page), tmp_path / "key.json"
    await page.clock.install(time=time.time() - 365 * 86_400)
    async with served(desk.application()) as hub:
        invited = invite(desk)
        await reader.open()
        await reader.accept(invited, hub, saved, NETWORK)
        desk.problem = (422, {"code": "issued_too_early", "detail": "Issued more than 30 days ago."})
        await reader.tick_all()
        await reader.sign_held()
        slot = page.locator(".alert:not(:empty)")
        for expected in (
            *map(reader.text, ("problem.dated_too_early", "problem.dated_too_early.do")),
            "issued_too_early",
        ):
            await expect(slot).to_contain_text(expected)
        desk.problem = None
        await page.clock.set_system_time(time.time())
        await reader.open()
        await reader.paste(invited.link(hub, NETWORK))
        await page.get_by_text(reader.text("invitation.have")).click()
        await reader.pick("key.pick", saved)
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")


async def test_an_unreachable_hub_loses_nothing(page: Page, tmp_path: Path) -> None:
    """The signature that was made is sent again, the same one, without the passphrase."""
    desk = known()
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        await page.context.set_offline(True)
        await reader.sign()
        await reader.refused("hub_unreachable", hub=hub)
        await page.context.set_offline(False)
        await reader.sign("")
        await reader.until_title("outcome.signed")
    assert len(desk.registered) == 1


async def test_an_answer_that_is_none_is_refused(page: Page) -> None:
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        waiting = desk.put(award(KEY.kid), KEY.kid)
        await reader.open()
        for answer in ({"state": "strange"}, {"id": "another"}, {"draft": None}):
            desk.changed = answer
            await reader.paste(waiting.link(hub))
            await reader.refused("strange_answer")
            await reader.paste("")
            await reader.refused("bad_link")


async def test_a_text_that_changes_after_the_signature_is_noticed(page: Page, tmp_path: Path) -> None:
    desk = known()
    async with served(desk.application()) as hub:
        reader = await ready(page, desk, hub, tmp_path)
        desk.changed = {"draft": json.loads(award(KEY.kid).to_bytes())}
        await reader.sign()
        await reader.refused("draft_changed")


async def test_a_key_that_is_not_asked_for_does_not_sign(page: Page, tmp_path: Path) -> None:
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.follow(desk.put(award(KEY.kid), KEY.kid), hub)
        for key, code, values in (
            (OFFICER, "not_a_signer", {"kid": OFFICER.kid}),
            (PROVIDER, "already_signed", {}),
            (AgreementKey(bytes(range(32))), "key_signs_nothing", {}),
        ):
            (tmp_path / "key.json").write_bytes(seal(key, PASSPHRASE))
            await reader.pick("key.pick", tmp_path / "key.json")
            await reader.refused(code, **values)


async def test_a_link_for_another_signer_is_refused(page: Page, tmp_path: Path) -> None:
    desk, reader = known(), Reader(page)
    annex = canonical({"salt": "A" * 43, "insurance": "policy 7"})
    (tmp_path / "key.json").write_bytes(seal(PROVIDER, PASSPHRASE))
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.follow(desk.put(member(annex), KEY.kid), hub)
        await reader.pick("key.pick", tmp_path / "key.json")
        await reader.refused("link_of_another", kid=KEY.kid)


def damaged() -> dict[str, bytes]:
    whole = json.loads(seal(KEY, PASSPHRASE))
    other = {"jwk": OFFICER.public.jwk()}
    changes = {
        "fewer iterations": {"iterations": 1},
        "another version": {"v": 2},
        "a member more": {"note": ""},
        "a name that does not fit": other,
        "a name that is none": {"jwk": other["jwk"] | {"x": None}},
        "a short nonce": {"nonce": "AAAA"},
        "padding": {"salt": f"{whole['salt']}=="},
    }
    return {name: canonical(whole | change) for name, change in changes.items()} | {
        "no JSON": b"key",
        "one name twice": b'{"v":1,' + canonical(whole)[1:],
    }


async def test_damaged_recovery_files_are_refused(page: Page, tmp_path: Path) -> None:
    """As such, whatever is damaged: there is no link, and nobody who could send another."""
    reader = Reader(page)
    await reader.open()
    for octets in damaged().values():
        (tmp_path / "key.json").write_bytes(octets)
        await reader.without_link()
        await reader.pick("keys.add", tmp_path / "key.json")
        await reader.refused("bad_key_file")
    assert await page.evaluate("Object.keys(localStorage).length") == 0


async def test_a_recovery_file_whose_halves_were_exchanged_does_not_open(page: Page, tmp_path: Path) -> None:
    """Public half and name of the right key around the sealed secret of another."""
    desk, reader = known(), Reader(page)
    mine, other = json.loads(seal(KEY, PASSPHRASE)), json.loads(seal(SigningKey.generate(), PASSPHRASE))
    (tmp_path / "key.json").write_bytes(canonical(other | {"kid": mine["kid"], "jwk": mine["jwk"]}))
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.follow(desk.put(award(KEY.kid), KEY.kid), hub)
        await reader.pick("key.pick", tmp_path / "key.json")
        await reader.pick("document.pick", PICKED)
        await reader.tick_all()
        await reader.sign()
        await reader.refused("wrong_passphrase")


async def test_a_new_key_is_used_only_after_its_file_was_saved_and_opened(page: Page, tmp_path: Path) -> None:
    reader = Reader(page)
    await reader.open()
    await reader.without_link()
    await reader.press("keys.make")
    await page.get_by_label(reader.text("making.once"), exact=True).fill("short")
    await reader.press("making.make")
    await reader.refused("passphrase_short", fewest="10")
    await page.get_by_label(reader.text("making.once"), exact=True).fill(PASSPHRASE)
    await reader.press("making.make")
    await reader.until_title("saving.title")
    await reader.press("saving.next")
    await reader.refused("save_first")
    async with page.expect_download():
        await page.get_by_role("link", name=reader.text("saving.save")).click()
    await reader.press("saving.next")
    await page.get_by_label(reader.text("key.passphrase"), exact=True).fill(PASSPHRASE)
    await reader.press("reopening.open")
    await reader.refused("reopen_needed")
    (tmp_path / "key.json").write_bytes(seal(KEY, PASSPHRASE))
    await reader.pick("key.pick", tmp_path / "key.json")
    await reader.press("reopening.open")
    await reader.refused("other_file")
    assert await page.evaluate("Object.keys(localStorage).filter(one => one.includes('key/')).length") == 0


@pytest.mark.parametrize("kind", ["award", "member"])
async def test_script_in_every_text_is_shown_and_never_run(page: Page, tmp_path: Path, kind: str) -> None:
    desk, reader = known(), Reader(page)
    hidden = f"{EVIL}\u202e\u200b\u0007"
    annex = canonical({"salt": "A" * 43, "note": hidden, hidden.encode("ascii", "ignore").decode(): hidden})
    body = {"type": hidden, "profile": {"legal_name": hidden, "list": [hidden, {"deep": hidden}]}}
    draft = member(annex, **body) if kind == "member" else award(
        KEY.kid, date=hidden, seat={"country": hidden, "place": hidden}, award_id=hidden, case_id=hidden
    )  # fmt: skip
    desk.keys[PROVIDER.kid] = (PROVIDER.public, hidden)
    desk.changed = {"missing": [{"kid": hidden, "role": hidden, "owner": hidden}]}
    async with served(desk.application()) as hub:
        await reader.open()
        await reader.follow(desk.put(draft, KEY.kid), hub)
        shown = await page.inner_text("main")
        assert shown.count(EVIL) >= 4
        assert "\\u{202e}\\u{200b}\\u{7}" in shown
        assert "\u202e" not in shown
        assert await page.locator("main img, main script").count() == 0
        assert await page.title() == f"{await reader.title()} · ODR signing page"
        await page.get_by_text(reader.text("summary.technical")).click()
        assert "\u202e" not in await page.inner_text("pre")


async def test_a_file_name_is_text_too(page: Page, tmp_path: Path) -> None:
    desk, reader = known(), Reader(page)
    async with served(desk.application()) as hub:
        await reader.with_key(KEY, desk.put(award(KEY.kid), KEY.kid), hub, tmp_path)
        await reader.pick("document.pick", {**PICKED, "name": "a<img src=x>\u202efdp.pdf"})
        assert "a<img src=x>\\u{202e}fdp.pdf" in await page.inner_text("#document-shown")


async def test_a_page_that_a_server_sends_uses_no_key(page: Page) -> None:
    async def send(_: web.Request) -> web.Response:
        return web.Response(text=PAGE.read_text(encoding="utf-8"), content_type="text/html")

    application, reader = web.Application(), Reader(page)
    application.router.add_get("/sign.html", send)
    async with served(application) as hub:
        await page.goto(f"{hub}/sign.html")
        await reader.until_title("page.cannot")
        assert reader.text("refusal.served_page") in await page.inner_text("main")
        assert await page.locator("input, button").count() == 0


async def test_without_webcrypto_the_page_says_so(page: Page) -> None:
    await page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })")
    reader = Reader(page)
    await reader.open()
    await reader.until_title("page.cannot")
    assert reader.text("refusal.no_secure_context.do") in await page.inner_text("main")


async def test_the_policy_lets_no_other_script_run(page: Page) -> None:
    reader = Reader(page)
    await reader.open()
    done = await page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
          const script = document.createElement("script");
          document.body.append(script);
          try { script.text = "document.title = 'run'"; } catch (error) { done(error.name); }
        })"""
    )
    assert done in {"TypeError", "script-src-elem", "require-trusted-types-for"}
    assert (
        await page.evaluate("() => { try { document.body.innerHTML = '<p>'; } catch (error) { return error.name; } }")
        == "TypeError"
    )
    assert await page.title() != "run"
