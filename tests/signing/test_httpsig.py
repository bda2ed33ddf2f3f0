"""The profile of RFC 9421: official vectors, both directions against a library, and every rule of strictness."""

import base64
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from hypothesis import given
from hypothesis import strategies as st

from signing import httpsig
from signing.encoding import b64u_decode, b64u_encode
from signing.errors import FormatError, KeyRefusedError, SignatureError, SigningError
from signing.httpsig import Request, Response
from signing.keys import PublicKey
from signing.secretkeys import SigningKey

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/rfc9421/ed25519.json").read_text())
RFC_KEY = SigningKey(b64u_decode(VECTORS["key"]["d"], 32))
KEY = SigningKey(bytes(range(32)))
NOW = 1_790_000_000
NONCE = bytes(range(16))
URI = "https://hub.example/v1/statements?dry_run=true"
BODY = b'{"hello":"world"}'
FIELDS = {"Content-Type": "application/jose+json", "Prefer": "wait=2", "User-Agent": "ours"}


def signed(request: Request) -> Request:
    return replace(
        request, fields=[*dict(request.fields).items(), *httpsig.sign_request(request, KEY, NOW, NONCE).items()]
    )


def post() -> Request:
    return signed(Request("POST", URI, FIELDS, BODY))


def get() -> Request:
    return signed(Request("GET", "https://hub.example/v1/inbox?after=7", {}))


def changed(request: Request, name: str, value: str | None) -> Request:
    """The request with one field replaced, or removed when ``value`` is None."""
    kept = [(key, old) for key, old in dict(request.fields).items() if key.lower() != name.lower()]
    return replace(request, fields=kept if value is None else [*kept, (name, value)])


def forged(
    components: Sequence[tuple[str, str]], parameters: str, body: bytes = b"", fields: dict[str, str] | None = None
) -> Request:
    """A GET signed by KEY over whatever components and parameters, so that only the profile can refuse it."""
    covered = f"({' '.join(name for name, _ in components)}){parameters}"
    signature = base64.b64encode(KEY.sign(httpsig.signature_base(components, covered))).decode()
    added = {"Signature-Input": f"odr={covered}", "Signature": f"odr=:{signature}:"}
    return Request("GET", URI, {**(fields or {}), **added}, body)


TARGET = [('"@method"', "GET"), ('"@target-uri"', URI)]


def parameters(without: str = "", **values: Any) -> str:
    members = {
        "created": NOW, "expires": NOW + 60, "nonce": b64u_encode(NONCE), "keyid": KEY.kid,
        "alg": "ed25519", "tag": "odr-hub-req/1",
    } | values  # fmt: skip
    members.pop(without, None)
    return "".join(f";{name}={json.dumps(value)}" for name, value in members.items())


def test_b26_is_reproduced_byte_for_byte() -> None:
    vector = VECTORS["b26"]
    assert b64u_encode(RFC_KEY.public.x) == VECTORS["key"]["x"]
    base = httpsig.signature_base(lines(vector, vector["fields"], vector["derived"]), vector["parameters"])
    assert (len(base), sha256(base).hexdigest()) == (vector["base_length"], vector["base_sha256"])
    assert base64.b64encode(RFC_KEY.sign(base)).decode() == vector["signature"]
    RFC_KEY.public.verify(base, base64.b64decode(vector["signature"]))


@pytest.mark.parametrize("variant", VECTORS["b4"]["variants"], ids=lambda variant: str(variant["name"]))
def test_b4_transformations(variant: dict[str, Any]) -> None:
    vector = VECTORS["b4"]
    derived = {"@method": variant["method"], "@path": "/demo", "@authority": variant["authority"]}
    base = httpsig.signature_base(lines(vector, variant["fields"], derived), vector["parameters"])
    if variant["valid"]:
        RFC_KEY.public.verify(base, base64.b64decode(vector["signature"]))
    else:
        with pytest.raises(SignatureError, match="does not fit the key"):
            RFC_KEY.public.verify(base, base64.b64decode(vector["signature"]))


def lines(vector: dict[str, Any], fields: list[list[str]], derived: dict[str, str]) -> list[tuple[str, str]]:
    pairs = [(name, value) for name, value in fields]
    return [(f'"{name}"', derived.get(name) or httpsig.field_value(pairs, name) or "") for name in vector["components"]]


def test_a_signed_request_is_exactly_this() -> None:
    assert httpsig.sign_request(Request("POST", URI, FIELDS, BODY), KEY, NOW, NONCE) == {
        "Content-Digest": "sha-256=:k6I5cakU5erL8KjSUVTNownDwccvu5kU1Hxg88toFYg=:",
        "Signature-Input": (
            'odr=("@method" "@target-uri" "content-digest" "content-type" "prefer")'
            ";created=1790000000;expires=1790000060"
            ';nonce="AAECAwQFBgcICQoLDA0ODw";keyid="1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y"'
            ';alg="ed25519";tag="odr-hub-req/1"'
        ),
        "Signature": "odr=:byRbLAM3IVluZsWxcbuWBghwgqAqxEVuwkkPOE7L4Tlo/2W/OjF+9LigkRG/jkrp0D7AjqCPZZBdNjJDJYqzCg==:",
    }


def test_a_verified_request_says_who_when_and_what() -> None:
    request = post()
    assert httpsig.unverified_keyid(request.fields) == KEY.kid
    verified = httpsig.verify_request(request, KEY.public, NOW)
    assert verified == httpsig.VerifiedRequest(KEY.kid, b64u_encode(NONCE), NOW, NOW + 60, sha256(BODY).digest())
    assert httpsig.verify_request(get(), KEY.public, NOW).body_sha256 is None


def test_nonces_are_random_unless_given() -> None:
    made = {httpsig.sign_request(Request("GET", URI, {}), KEY, NOW)["Signature-Input"] for _ in range(8)}
    assert len(made) == 8


def test_uncovered_fields_may_change_on_the_way() -> None:
    request = changed(changed(post(), "User-Agent", "a proxy"), "Via", "1.1 proxy")
    httpsig.verify_request(request, KEY.public, NOW)


def test_the_upload_fields_are_covered_when_they_are_there() -> None:
    fields = {
        "Prefer": "wait=2", "Upload-Metadata": "sha256 YQ==,purpose YnJpZWY=", "Upload-Length": "9",
        "Idempotency-Key": '"a"', "Upload-Offset": "0",
    }  # fmt: skip
    request = signed(Request("PATCH", URI, fields))
    covered = '"idempotency-key" "upload-offset" "upload-length" "upload-metadata" "prefer"'
    assert f'("@method" "@target-uri" {covered})' in dict(request.fields)["Signature-Input"]
    httpsig.verify_request(request, KEY.public, NOW)
    for name in fields:
        refuse(changed(request, name, '"b"'), "bad_signature")
        refuse(changed(request, name, None), "bad_http_signature")


def refuse(request: Request, code: str, *, now: int = NOW, key: PublicKey = KEY.public) -> SigningError:
    with pytest.raises(SigningError) as caught:
        httpsig.verify_request(request, key, now)
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda r: replace(r, method="PUT"), "bad_signature"),
        (lambda r: replace(r, target_uri=URI + "0"), "bad_signature"),
        (lambda r: replace(r, target_uri=URI.replace("https", "http")), "bad_signature"),
        (lambda r: changed(r, "Content-Type", "text/plain"), "bad_signature"),
        (lambda r: changed(r, "Prefer", "wait=3"), "bad_signature"),
        (lambda r: changed(r, "Content-Digest", httpsig.content_digest(b"x")), "bad_signature"),
        (lambda r: replace(r, body=BODY + b" "), "digest_mismatch"),
        (lambda r: replace(r, body=b""), "digest_mismatch"),
        (lambda r: changed(r, "Content-Digest", None), "bad_http_signature"),
        (lambda r: changed(r, "Prefer", None), "bad_http_signature"),
        (lambda r: changed(r, "Upload-Offset", "0"), "bad_http_signature"),
        (lambda r: changed(r, "Content-Type", None), "bad_field"),
        (lambda r: changed(r, "Signature", None), "bad_http_signature"),
        (lambda r: changed(r, "Signature-Input", None), "signature_needed"),
        (lambda r: replace(r, method="post"), "bad_field"),
    ],
)  # fmt: skip
def test_a_changed_request_is_refused(tamper: Callable[[Request], Request], code: str) -> None:
    refuse(tamper(post()), code)


def test_a_body_without_a_digest_is_refused() -> None:
    error = refuse(replace(get(), body=b"smuggled"), "digest_missing")
    assert str(error) == "The message has a body that its signature does not cover."


def test_a_streamed_body_is_left_to_the_caller() -> None:
    request = replace(post(), body=b"")
    assert httpsig.verify_request(request, KEY.public, NOW, streamed=True).body_sha256 == sha256(BODY).digest()


def test_a_digest_given_in_the_fields_is_kept() -> None:
    fields = FIELDS | {"Content-Digest": httpsig.content_digest(BODY)}
    request = signed(Request("PATCH", URI, fields))
    httpsig.verify_request(replace(request, body=BODY), KEY.public, NOW)


@pytest.mark.parametrize(
    ("now", "code"),
    [(NOW - 31, "http_signature_early"), (NOW + 91, "http_signature_expired"), (NOW - 30, ""), (NOW + 90, "")],
)
def test_a_signature_counts_for_its_time_with_thirty_seconds_allowance(now: int, code: str) -> None:
    if code:
        refuse(get(), code, now=now)
    else:
        httpsig.verify_request(get(), KEY.public, now)


def test_another_key_is_refused_before_the_signature_is_looked_at() -> None:
    other = SigningKey.generate().public
    with pytest.raises(KeyRefusedError, match="names another key"):
        httpsig.verify_request(changed(get(), "Signature", f"odr=:{'A' * 86}==:"), other, NOW)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (parameters(expires=NOW + 301), "lives 1 to 300 seconds"),
        (parameters(expires=NOW), "lives 1 to 300 seconds"),
        (parameters(created=str(NOW)), "parameters are exactly"),
        (parameters(alg="ecdsa-p256-sha256"), "algorithm is ed25519"),
        (parameters(nonce=b64u_encode(bytes(15))), "Expected 16 bytes"),
        (parameters(nonce="AAECAwQFBgcICQoLDA0ODw=="), "padded or not canonical"),
        (parameters(extra="1"), "parameters are exactly"),
        *[
            (parameters(without=name), "parameters are exactly")
            for name in ("created", "expires", "nonce", "keyid", "alg")
        ],
        (parameters() + f";created={NOW}", "names 'created' twice"),
    ],
)
def test_parameters_outside_the_profile_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        httpsig.verify_request(forged(TARGET, text), KEY.public, NOW)


def test_a_signature_with_another_tag_is_none() -> None:
    for text in (parameters(without="tag"), parameters(tag="odr-hub-res/1")):
        with pytest.raises(SignatureError, match="no signature with the tag odr-hub-req/1"):
            httpsig.unverified_keyid(forged(TARGET, text).fields)


@pytest.mark.parametrize(
    "components",
    [
        [],
        TARGET[:1],
        TARGET[::-1],
        [*TARGET, TARGET[0]],
        [*TARGET, ('"host"', "hub.example")],
        [('"@method";req', "GET"), TARGET[1]],
    ],
    ids=["nothing", "only the method", "another order", "one twice", "one more", "a parameter"],
)
def test_components_outside_the_profile_are_refused(components: list[tuple[str, str]]) -> None:
    with pytest.raises(FormatError, match="must cover exactly"):
        httpsig.verify_request(forged(components, parameters(), fields={"Host": "hub.example"}), KEY.public, NOW)


def test_the_helper_that_forges_makes_acceptable_requests_too() -> None:
    httpsig.verify_request(forged(TARGET, parameters(expires=NOW + 300)), KEY.public, NOW)


@pytest.mark.parametrize(
    ("name", "edit", "sentence"),
    [
        ("Signature-Input", lambda v: v + ", " + v.replace("odr=", "two=", 1), "Exactly one signature"),
        ("Signature-Input", lambda v: v.replace("odr=", "sig1=", 1), "its label is odr"),
        ("Signature-Input", lambda v: v + ", " + v, "names 'odr' twice"),
        ("Signature-Input", lambda v: v[:-1], "not a dictionary"),
        ("Signature-Input", lambda v: "odr=1;" + v.partition(");")[2], "its label is odr"),
        ("Signature", lambda v: v + ", " + v, "names 'odr' twice"),
        ("Signature", lambda _: "odr=:AAAA:", "needs the 64 bytes"),
        ("Signature", lambda v: v + ";a=1", "needs the 64 bytes"),
        ("Signature", lambda v: v.replace("odr", "two"), "needs the 64 bytes"),
        ("Signature", lambda _: f'odr="{"t" * 64}"', "needs the 64 bytes"),
        ("Signature-Input", lambda v: v + "\r\nx: y", "not plain ASCII"),
        ("Signature-Input", lambda v: v + ", other=(" + '"a" ' * 3000 + ")", "longer than 8192"),
    ],
)  # fmt: skip
def test_malformed_signature_fields_are_refused(name: str, edit: Callable[[str], str], sentence: str) -> None:
    request = get()
    with pytest.raises(FormatError, match=sentence):
        httpsig.verify_request(changed(request, name, edit(dict(request.fields)[name])), KEY.public, NOW)


def test_signatures_of_others_are_left_alone() -> None:
    request = get()
    fields = [*request.fields, ("Signature-Input", 'proxy=("@method");tag="other"'), ("Signature", "proxy=:AA==:")]
    httpsig.verify_request(replace(request, fields=fields), KEY.public, NOW)


@pytest.mark.parametrize(
    ("digest", "sentence"),
    [
        ("sha-512=:AAAA:", "exactly one member"),
        ("sha-256=:AAAA:", "exactly one member"),
        (f'sha-256="{"t" * 32}"', "exactly one member"),
        (f"{httpsig.content_digest(BODY)}, sha-512=:AAAA:", "exactly one member"),
        (f"{httpsig.content_digest(BODY)}, {httpsig.content_digest(b'x')}", "names 'sha-256' twice"),
        (f"{httpsig.content_digest(BODY)};a=1", "exactly one member"),
    ],
)
def test_other_digests_are_refused_even_when_signed(digest: str, sentence: str) -> None:
    request = signed(Request("POST", URI, FIELDS | {"Content-Digest": digest}, BODY))
    with pytest.raises(FormatError, match=sentence):
        httpsig.verify_request(request, KEY.public, NOW)


@pytest.mark.parametrize(
    ("origin", "path"),
    [
        ("https://hub.example", "https://evil.example/v1"),
        ("https://hub.example", "v1/statements"),
        ("https://hub.example", "/a#b"),
        ("https://hub.example", "/a b"),
        ("https://hub.example", "/ä"),
        ("https://hub.example", "/a\n"),
        ("https://hub.example/", "/a"),
        ("ftp://hub.example", "/a"),
        ("https://HUB.example", "/a"),
        ("https://user@hub.example", "/a"),
    ],
)
def test_targets_that_are_no_plain_path_are_refused(origin: str, path: str) -> None:
    with pytest.raises(FormatError) as caught:
        httpsig.target_uri(origin, path)
    assert caught.value.code == "bad_target"


@pytest.mark.parametrize("path", ["/", "/a/../b", "/%2F?x=%7E&y", '/?"'])
def test_targets_are_taken_as_they_are(path: str) -> None:
    assert httpsig.target_uri("http://[::1]:8600", path) == f"http://[::1]:8600{path}"


def answer(request: Request, status: int = 201, body: bytes = b"{}") -> Response:
    fields = {"Content-Type": "application/json"} if body else {}
    response = Response(status, fields, body)
    return replace(response, fields=fields | httpsig.sign_response(response, request, KEY, NOW, NONCE))


def test_a_response_answers_exactly_one_request() -> None:
    question = post()
    response = answer(question)
    httpsig.verify_response(response, question, KEY.public, NOW)
    again = replace(question, fields=FIELDS | httpsig.sign_request(Request("POST", URI, FIELDS, BODY), KEY, NOW))
    with pytest.raises(SignatureError, match="does not fit the key"):
        httpsig.verify_response(response, again, KEY.public, NOW)


def test_a_response_without_a_body_covers_none() -> None:
    question = get()
    response = answer(question, 204, b"")
    assert dict(response.fields)["Signature-Input"].startswith(
        'odr=("@status" "@method";req "@target-uri";req "signature";req;key="odr");created='
    )
    httpsig.verify_response(response, question, KEY.public, NOW)


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda r: replace(r, status=200), "bad_signature"),
        (lambda r: replace(r, body=b"[]"), "digest_mismatch"),
        (lambda r: replace(r, fields=dict(r.fields) | {"Content-Type": "text/html"}), "bad_signature"),
        (lambda r: replace(r, fields={}), "signature_needed"),
    ],
)
def test_a_changed_response_is_refused(tamper: Callable[[Response], Response], code: str) -> None:
    question = get()
    with pytest.raises(SigningError) as caught:
        httpsig.verify_response(tamper(answer(question)), question, KEY.public, NOW)
    assert caught.value.code == code


def test_an_unsigned_request_gets_no_signed_answer() -> None:
    with pytest.raises(FormatError, match="needs the 64 bytes of odr"):
        httpsig.sign_response(Response(200, {}), Request("GET", URI, {}), KEY, NOW)


@dataclass
class Message:
    """What the library calls a message."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class LibraryResponse:
    """What the library calls a response."""

    status_code: int
    headers: dict[str, str]
    request: Message


class Keys(HTTPSignatureKeyResolver):
    """The one key, both halves."""

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == KEY.kid
        return Ed25519PublicKey.from_public_bytes(KEY.public.x)

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        assert key_id == KEY.kid
        return Ed25519PrivateKey.from_private_bytes(KEY.seed)


def test_the_library_accepts_ours() -> None:
    now = int(time.time())
    fields = {"Content-Type": "application/jose+json", "Prefer": "wait=2"}
    headers = fields | httpsig.sign_request(Request("POST", URI, fields, BODY), KEY, now)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys())
    found = verifier.verify(
        Message("POST", URI, headers),
        expect_tag="odr-hub-req/1",
        require_components=["@method", "@target-uri", "content-digest", "content-type", "prefer"],
        body=BODY,
    )
    assert [one.label for one in found] == ["odr"]


def test_the_library_accepts_our_responses() -> None:
    now = int(time.time())
    headers = httpsig.sign_request(Request("GET", URI, {}), KEY, now)
    fields = {"Content-Type": "application/json"}
    response = LibraryResponse(200, fields, Message("GET", URI, headers))
    response.headers |= httpsig.sign_response(Response(200, fields, b"{}"), Request("GET", URI, headers), KEY, now)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys())
    assert len(verifier.verify(response, expect_tag="odr-hub-res/1", body=b"{}")) == 1


def test_we_accept_the_librarys() -> None:
    message = Message("POST", URI, {"Content-Type": "application/json"})
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Keys()).sign(
        message,
        key_id=KEY.kid,
        created=datetime.fromtimestamp(NOW, UTC),
        expires=datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=60),
        nonce=b64u_encode(NONCE),
        label="odr",
        tag="odr-hub-req/1",
        covered_component_ids=["@method", "@target-uri", "content-digest", "content-type"],
        body=BODY,
    )
    httpsig.verify_request(Request("POST", URI, message.headers, BODY), KEY.public, NOW)


PATHS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#"), max_size=40)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
OPTIONAL = st.dictionaries(
    st.sampled_from(["Idempotency-Key", "Upload-Offset", "Upload-Length", "Prefer", "X-Other"]), VALUES
)


@given(st.sampled_from(["GET", "POST", "PATCH"]), PATHS, OPTIONAL, VALUES, st.binary(max_size=64))
def test_what_is_signed_verifies_and_answers(
    method: str, path: str, optional: dict[str, str], media_type: str, body: bytes
) -> None:
    uri = httpsig.target_uri("https://hub.example:8443", "/" + path)
    request = signed(Request(method, uri, optional | {"Content-Type": media_type}, body))
    verified = httpsig.verify_request(request, KEY.public, NOW)
    assert (verified.body_sha256 is None) == (not body)
    httpsig.verify_response(answer(request), request, KEY.public, NOW)


@given(st.binary(max_size=200))
def test_any_field_is_refused_or_read_but_never_breaks_the_reader(noise: bytes) -> None:
    text = noise.decode("latin-1")
    for name in ("Signature-Input", "Signature", "Content-Digest", "Content-Type"):
        with suppress(SigningError):
            httpsig.verify_request(changed(post(), name, text), KEY.public, NOW)
