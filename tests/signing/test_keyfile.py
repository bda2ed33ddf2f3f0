"""Key files: round trip, strictness, and agreement with WebCrypto in Node."""

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from nacl.exceptions import UnavailableError

from signing import keyfile
from signing.encoding import b64u_encode
from signing.errors import FormatError, KeyRefusedError, SigningError
from signing.keyfile import from_pkcs8, open_keyfile, parse_keyfile, seal, to_pkcs8
from signing.secretkeys import AgreementKey, SigningKey

PASSPHRASE = "six plain words - not a secret ☂"
SIGNING = SigningKey(bytes(range(32)))
AGREEMENT = AgreementKey(bytes(range(1, 33)))

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(SIGNING, PASSPHRASE)


@pytest.mark.parametrize("key", [SIGNING, AGREEMENT], ids=["Ed25519", "X25519"])
def test_opens_what_it_sealed(key: SigningKey | AgreementKey) -> None:
    assert open_keyfile(seal(key, PASSPHRASE), PASSPHRASE) == key


def test_the_file_has_exactly_the_members_of_the_protocol(sealed: bytes) -> None:
    members = json.loads(sealed)
    assert set(members) == {"v", "kid", "jwk", "iterations", "salt", "nonce", "ciphertext"}
    assert members["iterations"] == 600_000
    assert members["kid"] == SIGNING.kid
    assert b64u_encode(SIGNING.seed).encode() not in sealed


def test_salt_and_nonce_are_fresh_each_time(sealed: bytes) -> None:
    again = json.loads(seal(SIGNING, PASSPHRASE))
    first = json.loads(sealed)
    assert first["salt"] != again["salt"]
    assert first["nonce"] != again["nonce"]


def test_a_wrong_passphrase_is_refused_in_plain_words(sealed: bytes) -> None:
    with pytest.raises(KeyRefusedError, match="passphrase is wrong, or the key file has been changed") as caught:
        open_keyfile(sealed, PASSPHRASE + " ")
    assert caught.value.code == "wrong_passphrase"


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(KeyRefusedError, match="needs a passphrase") as caught:
        seal(SIGNING, "")
    assert caught.value.code == "empty_passphrase"


@pytest.mark.parametrize("member", ["ciphertext", "nonce", "salt"])
def test_a_flipped_bit_is_refused(sealed: bytes, member: str) -> None:
    value = json.loads(sealed)
    value[member] = ("B" if value[member][0] == "A" else "A") + value[member][1:]
    with pytest.raises(KeyRefusedError) as caught:
        open_keyfile(json.dumps(value).encode(), PASSPHRASE)
    assert caught.value.code == "wrong_passphrase"


def test_another_public_key_in_the_file_is_noticed(sealed: bytes) -> None:
    value = json.loads(sealed)
    other = SigningKey(bytes(32)).public
    value |= {"kid": other.kid, "jwk": other.jwk()}
    with pytest.raises(KeyRefusedError) as caught:
        open_keyfile(json.dumps(value).encode(), PASSPHRASE)
    assert caught.value.code == "wrong_passphrase"


def test_a_secret_sealed_under_anothers_kid_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(keyfile, "to_pkcs8", lambda _: to_pkcs8(SigningKey(bytes(32))))
        forged = seal(SIGNING, PASSPHRASE)
    with pytest.raises(KeyRefusedError, match="does not belong to its public key") as caught:
        open_keyfile(forged, PASSPHRASE)
    assert caught.value.code == "key_mismatch"


def _set(name: str, new: Any) -> Callable[[dict[str, Any]], None]:
    return lambda value: value.__setitem__(name, new)


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (_set("v", 2), "bad_key_file", "/v"),
        (_set("v", "1"), "bad_key_file", "/v"),
        (_set("iterations", 1), "bad_key_file", "/iterations"),
        (_set("iterations", 2**40), "bad_key_file", "/iterations"),
        (_set("kid", AGREEMENT.kid), "bad_key_file", "/kid"),
        (_set("extra", 1), "bad_key_file", ""),
        (lambda value: value.pop("salt"), "bad_key_file", ""),
        (_set("salt", "AAAA"), "bad_length", "/salt"),
        (_set("nonce", "AAAA"), "bad_length", "/nonce"),
        (_set("ciphertext", "AAAA"), "bad_length", "/ciphertext"),
        (_set("salt", 7), "bad_base64url", "/salt"),
        (_set("jwk", {"crv": "P-256", "kty": "OKP", "x": "AA"}), "bad_curve", "/jwk"),
        (_set("jwk", [1]), "bad_jwk", "/jwk"),
    ],
)
def test_strict_parsing(sealed: bytes, change: Callable[[dict[str, Any]], None], code: str, where: str) -> None:
    value = json.loads(sealed)
    change(value)
    with pytest.raises(SigningError) as caught:
        parse_keyfile(json.dumps(value).encode())
    assert (caught.value.code, caught.value.where) == (code, where)


@pytest.mark.parametrize(("data", "code"), [(b"[]", "bad_key_file"), (b"{", "not_json"), (b" " * 5000, "too_large")])
def test_what_is_no_key_file_at_all(data: bytes, code: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_keyfile(data)
    assert caught.value.code == code


def test_a_processor_without_aes_is_named(sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> bytes:
        raise UnavailableError("Construction requires hardware acceleration")

    monkeypatch.setattr("nacl.bindings.crypto_aead_aes256gcm_encrypt", unavailable)
    monkeypatch.setattr("nacl.bindings.crypto_aead_aes256gcm_decrypt", unavailable)
    for action in (lambda: seal(SIGNING, PASSPHRASE), lambda: open_keyfile(sealed, PASSPHRASE)):
        with pytest.raises(KeyRefusedError, match="no AES instructions") as caught:
            action()
        assert caught.value.code == "aes_unavailable"


@pytest.mark.parametrize("key", [SIGNING, AGREEMENT], ids=["Ed25519", "X25519"])
def test_pkcs8_is_48_bytes_and_reads_back(key: SigningKey | AgreementKey) -> None:
    assert len(to_pkcs8(key)) == 48
    assert from_pkcs8(to_pkcs8(key)) == key


def test_pkcs8_matches_rfc_8410_section_10_3() -> None:
    der = bytes.fromhex(
        "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
    )
    key = from_pkcs8(der)
    assert key.public.x.hex() == "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
    assert to_pkcs8(key) == der


@pytest.mark.parametrize(
    "data", [b"", to_pkcs8(SIGNING)[:-1], to_pkcs8(SIGNING) + b"\0", b"\x31" + to_pkcs8(SIGNING)[1:]]
)
def test_other_pkcs8_forms_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        from_pkcs8(data)
    assert caught.value.code == "bad_pkcs8"


_NODE_COMMON = """
const { subtle } = globalThis.crypto, enc = new TextEncoder();
const b64 = (data) => Buffer.from(data).toString("base64url"), raw = (text) => Buffer.from(text, "base64url");
const stretch = async (passphrase, salt, iterations, usage) => subtle.deriveKey(
  { name: "PBKDF2", hash: "SHA-256", salt, iterations },
  await subtle.importKey("raw", enc.encode(passphrase), "PBKDF2", false, ["deriveKey"]),
  { name: "AES-GCM", length: 256 }, false, [usage]);
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
"""

_NODE_OPEN = """
(async () => {
  const f = input.file, key = await stretch(input.passphrase, raw(f.salt), f.iterations, "decrypt");
  const pkcs8 = await subtle.decrypt(
    { name: "AES-GCM", iv: raw(f.nonce), additionalData: enc.encode("odr-key/1" + f.kid) }, key, raw(f.ciphertext));
  const signer = await subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  console.log(b64(await subtle.sign("Ed25519", signer, enc.encode("from the browser"))));
})();
"""

_NODE_SEAL = """
(async () => {
  const pair = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const { x } = await subtle.exportKey("jwk", pair.publicKey), jwk = { crv: "Ed25519", kty: "OKP", x };
  const kid = b64(await subtle.digest("SHA-256", enc.encode(JSON.stringify(jwk))));
  const salt = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const nonce = globalThis.crypto.getRandomValues(new Uint8Array(12));
  const key = await stretch(input.passphrase, salt, 600000, "encrypt");
  const sealed = await subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: enc.encode("odr-key/1" + kid) }, key,
    await subtle.exportKey("pkcs8", pair.privateKey));
  console.log(JSON.stringify(
    { v: 1, kid, jwk, iterations: 600000, salt: b64(salt), nonce: b64(nonce), ciphertext: b64(sealed) }));
})();
"""


def _node(script: str, given: object) -> str:
    done = subprocess.run(
        ["node", "-e", _NODE_COMMON + script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@needs_node
def test_webcrypto_opens_ours_and_signs_with_it(sealed: bytes) -> None:
    signature = _node(_NODE_OPEN, {"file": json.loads(sealed), "passphrase": PASSPHRASE})
    assert signature == b64u_encode(SIGNING.sign(b"from the browser"))


@needs_node
def test_one_made_by_webcrypto_opens_here() -> None:
    made = _node(_NODE_SEAL, {"passphrase": PASSPHRASE})
    key = open_keyfile(made.encode(), PASSPHRASE)
    assert isinstance(key, SigningKey)
    assert key.kid == json.loads(made)["kid"]
