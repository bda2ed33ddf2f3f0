"""The page's own arithmetic against ours: strict JSON, canonical form, base64url, keys, signatures, visible text.

The modules run in Chromium as the page has them, put together with a last one that hands them to the test.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.async_api import Page

from providers.printable import printable
from signing.encoding import b64u_decode, b64u_encode, canonical, loads
from signing.errors import FormatError
from signing.keyfile import open_keyfile, seal, to_pkcs8
from signing.keys import PublicKey
from signing.secretkeys import SigningKey
from tests.browser.signpage import PASSPHRASE, PDF, Reader, award, plain_desk, served
from tools.signpage import LANGUAGES, SOURCES, texts
from tools.signpagescript import bundle, read_modules

pytestmark = pytest.mark.asyncio(loop_scope="session")
HANDED = """
import { b64uDecode, b64uEncode, sha256Hex, textOf, utf8 } from "./modules/bytes.js";
import { generate, isNative, sign, verify } from "./modules/ed25519.js";
import { canonical, parseStrict } from "./modules/json.js";
import { parseKeyFile, seal, unlocked } from "./modules/keyfile.js";
import { thumbprint } from "./modules/keys.js";
import { strengthOf } from "./modules/newpassphrase.js";
import { printable } from "./modules/printable.js";
import { timeText } from "./modules/readings.js";
import { chooseLanguage } from "./modules/texts.js";
const octets = (list) => Uint8Array.from(list);
const read = (list, most = 262144) => {
  try { return [textOf(canonical(parseStrict(octets(list), most)))]; } catch (error) { return error.code; }
};
const decoded = (text) => { try { return [...b64uDecode(text)]; } catch (error) { return error.code; } };
Object.assign(globalThis, {
  chooseLanguage, timeText, read, decoded,
  encoded: (list) => b64uEncode(octets(list)), printable, thumbprint, isNative, strengthOf,
  hashed: (list) => sha256Hex(octets(list)),
  signed: async (pkcs8, x, message) => [...await sign(octets(pkcs8), octets(x), octets(message))],
  verified: (x, message, signature) => verify(octets(x), octets(message), octets(signature)),
  sealed: async (passphrase) => textOf((await seal(await generate(), passphrase)).octets),
  opened: async (text, passphrase) => unlocked(await parseKeyFile(utf8(text)), passphrase, async (one) => [...one]),
});
"""
NO_ED25519 = """
for (const name of ["generateKey", "importKey"]) {
  const whole = SubtleCrypto.prototype[name];
  SubtleCrypto.prototype[name] = function (...given) {
    const asked = given.map((one) => one?.name ?? one);
    if (asked.includes("Ed25519")) return Promise.reject(new DOMException("none", "NotSupportedError"));
    return whole.apply(this, given);
  };
}
"""
KEY = SigningKey(bytes(range(32)))


async def modules(page: Page, folder: Path, before: str = "", last: str = HANDED) -> Page:
    """A page from disk in which the modules stand, with ``last`` that hands them to the test."""
    script = bundle({**read_modules(SOURCES), "modules/catalogues.js": catalogues(), "test.js": last}, "test.js")
    (folder / "modules.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>t</title><script>{before}</script><script>{script}</script>",
        encoding="utf-8",
    )
    await page.goto((folder / "modules.html").as_uri())
    return page


def catalogues() -> str:
    return f"export const CATALOGUES = {json.dumps({tag: texts(tag) for tag in LANGUAGES})};\n"


@pytest_asyncio.fixture(loop_scope="session")
async def desk(page: Page, tmp_path: Path) -> Page:
    return await modules(page, tmp_path)


@pytest_asyncio.fixture(params=["native", "bundled"], loop_scope="session")
async def either(page: Page, tmp_path: Path, request: pytest.FixtureRequest) -> Page:
    """With WebCrypto's Ed25519, and where it fails."""
    made = await modules(page, tmp_path, "" if request.param == "native" else NO_ED25519)
    assert await made.evaluate("isNative()") is (request.param == "native")
    return made


def ours(octets: bytes) -> list[str] | str:
    """What ``signing.encoding`` makes of octets: the canonical text, or the code of the rule that is broken."""
    try:
        return [canonical(loads(octets, max_depth=33)).decode()]
    except FormatError as error:
        return error.code


DOCUMENTS = [
    b"{}", b"[]", b' { "a" : [ 1 , -2 , true , null ] } ', b'{"b":1,"a":2}', b'{"a":1,"a":2}', b'{"__proto__":1}',
    b'{"a":1.0}', b'{"a":1e3}', b'{"a":-0}', b'{"a":01}', b'{"a":9007199254740991}', b'{"a":9007199254740992}',
    b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\udc00\\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b"\xef\xbb\xbf{}", b"",
    b"nul",
    b'"\t"', b'"\\u0001\\b\\f\\n\\r\\t\\"\\\\\\/"', '{"é":1}'.encode(), '"é  \u007f"'.encode(),
    b"[" * 33 + b"]" * 33, b"[" * 40 + b"]" * 40, b"[1,]", b'{"a":1,}', b"[1 2]", b"{} {}", b'{"a"}', b"'a'", b'"\\x"',
    b'{"constructor":{"toString":1}}', b'{"10":1,"9":2,"a":3}', b'"open',
]  # fmt: skip


async def test_json_is_read_as_strictly_as_by_the_hub(desk: Page) -> None:
    found = await desk.evaluate("all => all.map(one => read(one))", [list(one) for one in DOCUMENTS])
    assert dict(zip(DOCUMENTS, found, strict=True)) == {one: ours(one) for one in DOCUMENTS}


async def test_json_of_any_kind_has_one_canonical_form(desk: Page) -> None:
    names = st.text(st.characters(max_codepoint=127), max_size=4)
    texts_ = st.text(max_size=6)
    leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts_
    values = st.recursive(leaves, lambda one: st.lists(one, max_size=3) | st.dictionaries(names, one, max_size=3))
    given_: list[Any] = []

    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(values)
    def collect(value: Any) -> None:
        given_.append(value)

    collect()
    written = [json.dumps(one, ensure_ascii=False, indent=1).encode() for one in given_]
    found = await desk.evaluate("all => all.map(one => read(one))", [list(one) for one in written])
    assert found == [[canonical(one).decode()] for one in given_]


PIECES = (b"", b'"', b"0", b"\\", b"}")


async def test_broken_json_is_refused_wherever_the_hub_refuses_it(desk: Page) -> None:
    whole = b'{"a":[1,-20,"x\\u00e9",{"b":null}],"c":"\xe6\xb5\xb7"}'
    broken = [whole[:at] + one + whole[at + 1 :] for at in range(len(whole)) for one in PIECES]
    found = await desk.evaluate("all => all.map(one => read(one))", [list(one) for one in broken])
    for octets, theirs in zip(broken, found, strict=True):
        assert isinstance(theirs, str) == isinstance(ours(octets), str), octets
        assert isinstance(theirs, str) or theirs == ours(octets), octets


async def test_a_document_above_its_limit_is_not_read(desk: Page) -> None:
    assert await desk.evaluate("read([123, 125], 1)") == "too_large"


async def test_what_is_no_number_of_json_is_refused(desk: Page) -> None:
    for text in (b'{"a":NaN}', b'{"a":Infinity}', b'{"a":0x1}', b'{"a":+1}', b'{"a":.5}'):
        assert await desk.evaluate("one => read(one)", list(text)) == "not_json", text


async def test_base64url_is_strict(desk: Page) -> None:
    texts_ = ["", "AA", "AB", "A", "AAA", "AAB", "AAAA", "AA==", "A+A", "A/A", "-_-_", "AA\n", "AA AA", "é"]
    found = await desk.evaluate("all => all.map(one => decoded(one))", texts_)
    for text, theirs in zip(texts_, found, strict=True):
        try:
            assert theirs == list(b64u_decode(text)), text
        except FormatError:
            assert theirs == "bad_base64url", text
    every = bytes(range(256)) * 3
    assert await desk.evaluate("one => encoded(one)", list(every)) == b64u_encode(every)


async def test_what_hides_is_made_visible_at_least_as_the_gateway_does(desk: Page) -> None:
    lines = [
        "ok\x1b[2Jno\u202e\u200b\n",
        "海牙 é",
        "a\u00a0b\u3000c\ufeff",
        "\U000e0041\ud83d",
        "👍🏽",
        "a\u2066b\u2069",
    ]
    found = await desk.evaluate("all => all.map(one => printable(one))", lines)
    assert found == [printable(one) for one in lines]
    blank = "\u3164\u115f\u034f\ufe0f\u2800"
    assert await desk.evaluate("one => printable(one)", blank) == "\\u{3164}\\u{115f}\\u{34f}\\u{fe0f}\\u{2800}"


async def test_a_key_is_named_by_its_thumbprint(desk: Page) -> None:
    assert await desk.evaluate("one => thumbprint(one)", KEY.public.jwk()) == KEY.kid


@pytest.mark.parametrize("length", [0, 1, 64, 5_000])
async def test_signatures_are_those_of_libsodium(either: Page, length: int) -> None:
    message = bytes(range(256)) * (length // 256) + bytes(length % 256)
    given_ = [list(to_pkcs8(KEY)), list(KEY.public.x), list(message)]
    made = await either.evaluate("one => signed(...one)", given_)
    assert bytes(made) == KEY.sign(message)
    assert await either.evaluate("one => verified(...one)", [*given_[1:], made]) is True
    assert await either.evaluate("one => verified(...one)", [*given_[1:], [made[0] ^ 1, *made[1:]]]) is False


async def test_a_secret_that_does_not_fit_its_public_key_signs_nothing(either: Page) -> None:
    foreign = SigningKey(bytes(32)).public.x
    code = "one => signed(...one).catch(error => error.code)"
    assert await either.evaluate(code, [list(to_pkcs8(KEY)), list(foreign), [1]]) == "key_mismatch"
    assert await either.evaluate(code, [list(to_pkcs8(KEY))[:-1], list(KEY.public.x), [1]]) == "bad_pkcs8"
    changed = [0x31, *list(to_pkcs8(KEY))[1:]]
    assert await either.evaluate(code, [changed, list(KEY.public.x), [1]]) == "bad_pkcs8"


@pytest.mark.parametrize("passphrase", [PASSPHRASE, "口令 é 👍 " * 3])
async def test_key_files_open_in_both(either: Page, passphrase: str) -> None:
    made = await either.evaluate("one => sealed(one)", passphrase)
    key = open_keyfile(made.encode(), passphrase)
    assert isinstance(key, SigningKey)
    assert made.encode() == canonical(json.loads(made)) + b"\n"
    assert PublicKey.from_jwk(json.loads(made)["jwk"]) == key.public
    theirs = seal(KEY, passphrase).decode()
    assert bytes(await either.evaluate("one => opened(...one)", [theirs, passphrase])) == to_pkcs8(KEY)
    wrong = "one => opened(...one).catch(error => error.code)"
    assert await either.evaluate(wrong, [theirs, passphrase + "x"]) == "wrong_passphrase"


async def test_two_keys_are_never_sealed_alike(desk: Page) -> None:
    first, second = [json.loads(await desk.evaluate("sealed('correct horse battery')")) for _ in range(2)]
    assert [name for name in first if first[name] == second[name]] == ["iterations", "v"]


async def test_the_hint_about_a_passphrase(desk: Page) -> None:
    given_ = ["", "short", "aaaaaaaaaaaaaaaaaaaa", "one two thr", "correct horse battery staple"]
    assert await desk.evaluate("all => all.map(strengthOf)", given_) == ["weak", "weak", "weak", "fair", "good"]


async def test_a_day_is_read_as_the_language_writes_it(desk: Page) -> None:
    days = ["2018-06-01", "2018-06-11T08:05:09Z"]
    assert await said(desk, "fr", days) == ["1er juin 2018", "11 juin 2018 à 08:05:09 UTC"]
    assert await said(desk, "es", days) == ["1 de junio de 2018", "11 de junio de 2018 a las 08:05:09 UTC"]
    assert await said(desk, "en", days) == ["June 1, 2018", "June 11, 2018, 08:05:09 UTC"]


async def test_what_is_no_day_of_the_calendar_is_read_word_for_word(desk: Page) -> None:
    """Engines take 30 February for a day of March; no reading tells year 1 from the year before it."""
    others = ["soon", "2026-02-30", "2026-13-01", "2026-01-01T24:00:00Z", "2026-01-01T10:00:60Z", "0001-01-01"]
    assert await said(desk, "en", others) == others
    assert await said(desk, "en", ["2024-02-29", "1000-01-01"]) == ["February 29, 2024", "January 1, 1000"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_two_times_are_never_read_alike(desk: Page, language: str) -> None:
    first = datetime(2024, 2, 27, 23, 59, 57, tzinfo=UTC)
    steps = [timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=12), timedelta(days=1), timedelta(days=31)]
    times = sorted({first + step * count for step in steps for count in range(400)})
    texts = [one.strftime("%Y-%m-%dT%H:%M:%SZ") for one in times] + [f"{one:%Y-%m-%d}" for one in times[::9]]
    different = set(texts)
    assert len(set(await said(desk, language, sorted(different)))) == len(different)


async def said(desk: Page, language: str, times: list[str]) -> list[str]:
    """How days and times are read in a language."""
    read: list[str] = await desk.evaluate(
        "([tag, times]) => { chooseLanguage(tag); return times.map(timeText); }", [language, times]
    )
    return read


async def test_a_signature_is_made_without_webcrypto_ed25519(page: Page, tmp_path: Path) -> None:
    """The whole page, with the bundled implementation."""
    await page.add_init_script(NO_ED25519)
    waiting_desk, reader = plain_desk(), Reader(page)
    waiting_desk.keys[KEY.kid] = (KEY.public, "ann")
    async with served(waiting_desk.application()) as hub:
        await reader.with_key(KEY, waiting_desk.put(award(KEY.kid), KEY.kid), hub, tmp_path)
        await reader.pick("document.pick", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
        await reader.tick_all()
        await reader.sign()
        await reader.until_title("outcome.signed")
    assert len(waiting_desk.registered) == 1
