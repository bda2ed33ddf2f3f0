"""Drafts: from signer to signer as files, complete only when everybody has signed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.compose import payload
from signing.drafts import MAX_DRAFT, Draft
from signing.encoding import b64u_decode, b64u_encode, canonical, loads, sha256_hex
from signing.errors import FormatError, SignatureError
from signing.secretkeys import SigningKey
from signing.statement import parse_statement, verify_signatures
from tests.fakes.refusals import refused

NOW = 1_790_000_000
NETWORK = "ab" * 32
KEYS = [SigningKey(bytes([n]) * 32) for n in range(1, 6)]
A, B, C = KEYS[:3]
ANNEX = b'{"salt":"sample"}'


def draft(annex: bytes | None = None, *, named: object = None) -> Draft:
    signers = [(A.kid, "provider"), (B.kid, "neutral")]
    octets = payload("award", "provider-a", {}, signers, network=NETWORK, now=NOW, annex=annex)
    changes = {} if named is None else {"annex": named}
    return Draft(canonical(json.loads(octets) | changes), annex=annex)


def file(one: Draft, **changes: Any) -> bytes:
    """The draft file with members changed; "absent" removes one."""
    members = json.loads(one.to_bytes()) | changes
    return canonical({name: value for name, value in members.items() if value != "absent"})


def test_a_draft_goes_from_signer_to_signer() -> None:
    one = draft()
    assert one.missing() == {A.kid: "provider", B.kid: "neutral"}
    one = Draft.from_bytes(one.signed_by(A, NOW).to_bytes())
    assert one.missing() == {B.kid: "neutral"}
    one = Draft.from_bytes(one.signed_by(B, NOW + 5).to_bytes())
    assert one.missing() == {}
    made = one.statement()
    verify_signatures(made, {A.kid: A.public, B.kid: B.public})
    assert made.digest == one.digest == sha256_hex(one.octets)
    assert [loads(b64u_decode(one.protected))["iat"] for one in made.signatures] == [NOW, NOW + 5]
    assert parse_statement(made.document).octets == one.octets


@given(
    st.permutations(KEYS),
    st.integers(0, 5),
    st.none() | st.binary(max_size=200),
    st.integers(0, 2_000_000_000),
)
def test_a_draft_file_is_read_back(order: list[SigningKey], count: int, annex: bytes | None, iat: int) -> None:
    signers = [(key.kid, "officer") for key in KEYS]
    one = Draft(payload("policy", "coordinator", {}, signers, network=NETWORK, now=NOW, annex=annex), annex=annex)
    for key in order[:count]:
        one = one.signed_by(key, iat)
    again = Draft.from_bytes(one.to_bytes())
    assert again == one
    assert again.to_bytes() == one.to_bytes()
    assert set(again.missing()) == {key.kid for key in order[count:]}


def test_a_draft_keeps_its_annex() -> None:
    one = Draft.from_bytes(draft(ANNEX).to_bytes())
    assert one.annex == ANNEX
    assert one.payload["annex"]["sha256"] == sha256_hex(ANNEX)


# --- signing ---------------------------------------------------------------------------------------


def test_a_key_that_is_not_announced_does_not_sign() -> None:
    with refused(SignatureError, "signature_extra", "does not announce this key as a signer", C.kid):
        draft().signed_by(C, NOW)


def test_a_key_signs_once() -> None:
    with refused(SignatureError, "already_signed", "has signed the draft already", A.kid):
        draft().signed_by(A, NOW).signed_by(A, NOW + 1)


def test_an_incomplete_draft_is_no_statement_and_says_who_is_missing() -> None:
    with refused(SignatureError, "signature_missing", f"Not everybody has signed yet: neutral {B.kid}."):
        draft().signed_by(A, NOW).statement()
    with refused(SignatureError, "signature_missing", f"provider {A.kid}, neutral {B.kid}."):
        draft().statement()


# --- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"1",
        b"null",
        file(draft(), odr_draft=2),
        file(draft(), odr_draft=True),
        file(draft(), odr_draft="absent"),
    ],
)
def test_what_is_no_draft_is_refused(data: bytes) -> None:
    with refused(FormatError, "bad_draft", "This is not a draft file of version 1."):
        Draft.from_bytes(data)


@pytest.mark.parametrize(
    "data",
    [file(draft(), **{name: "absent"}) for name in ("payload", "signatures", "annex")] + [file(draft(), comment="")],
)
def test_a_draft_with_other_members_is_refused(data: bytes) -> None:
    with refused(FormatError, "bad_draft", "exactly odr_draft, payload, signatures and annex"):
        Draft.from_bytes(data)


@pytest.mark.parametrize("signatures", [None, {}, "ab", [1], [None], ["ab"], [["protected", "signature"]]])
def test_signatures_that_are_no_list_of_objects_are_refused(signatures: object) -> None:
    with refused(FormatError, "bad_draft", "The signatures of a draft are a list of objects.", "/signatures"):
        Draft.from_bytes(file(draft(), signatures=signatures))


def test_a_malformed_signature_is_refused_when_the_file_is_read() -> None:
    with refused(FormatError, "bad_jws", "exactly protected and signature", "/signatures/0"):
        Draft.from_bytes(file(draft(), signatures=[{}]))
    one = draft().signed_by(A, NOW)
    with refused(FormatError, "duplicate_kid", "One key signs twice.", "/signatures"):
        Draft.from_bytes(file(one, signatures=[*one.signatures, *one.signatures]))


@pytest.mark.parametrize("value", [None, 1, "A", "AQ=="])
def test_a_payload_that_is_no_base64url_is_refused(value: object) -> None:
    with pytest.raises(FormatError, match="base64url") as caught:
        Draft.from_bytes(file(draft(), payload=value))
    assert caught.value.where == "/payload"


def test_a_payload_that_is_not_canonical_is_refused() -> None:
    with refused(FormatError, "not_canonical", "not in canonical form"):
        Draft.from_bytes(file(draft(), payload=b64u_encode(draft().octets + b"\n")))


@pytest.mark.parametrize("signers", ["absent", None, 1, [1], ["ab"], [{"kid": "a"}], [{"kid": [], "role": "a"}]])
def test_a_payload_without_proper_signers_is_refused(signers: object) -> None:
    octets = canonical({n: v for n, v in (draft().payload | {"signers": signers}).items() if v != "absent"})
    with refused(FormatError, "bad_signers", "A signer has exactly kid and role.", "/signers"):
        Draft.from_bytes(file(draft(), payload=b64u_encode(octets)))


@pytest.mark.parametrize(
    "data",
    [
        file(draft(ANNEX), annex=b64u_encode(ANNEX + b" ")),
        file(draft(ANNEX), annex=None),
        file(draft(), annex=b64u_encode(ANNEX)),
        file(draft(named="text")),
        file(draft(named=[])),
    ],
    ids=["changed", "taken away", "added", "named by text", "named by a list"],
)
def test_an_annex_that_is_not_the_named_one_is_refused(data: bytes) -> None:
    with refused(FormatError, "annex_mismatch", "not the one that the statement names", "/annex"):
        Draft.from_bytes(data)


def test_an_annex_that_is_no_base64url_is_refused() -> None:
    with refused(FormatError, "bad_base64url", "Expected base64url text.", "/annex"):
        Draft.from_bytes(file(draft(ANNEX), annex=1))


def test_a_draft_beyond_its_size_is_refused() -> None:
    with refused(FormatError, "too_large", f"at most {MAX_DRAFT} are accepted"):
        Draft.from_bytes(b"1" * (MAX_DRAFT + 1))
