"""The brief: sealed for the inbox key, bound by the offer's hash, and clean."""

import io
from typing import Any

import pytest

from providers.package.brief import MAX_BRIEF, check_brief, open_brief, seal_brief
from providers.package.errors import PackageRefusedError
from signing.agefile import encrypt
from signing.encoding import canonical
from signing.secretkeys import SigningKey
from tests.providers.package.samples import (
    CASE_ID,
    ESCROW_KEY,
    OTHER_KEY,
    TRANSFER_ID,
    offer,
    refused,
    sha256,
    validate,
)

INBOX = ESCROW_KEY
BRIEF: dict[str, Any] = {
    "kind": "transfer-brief",
    "version": 1,
    "transfer_id": TRANSFER_ID,
    "case_id": CASE_ID,
    "claim_summary": "Of 600 lamps 214 are cracked. 灯具破裂。",
}


def body(sealed: bytes, **changes: Any) -> dict[str, Any]:
    return offer(**{"brief": {"sha256": sha256(sealed), "size": len(sealed)}} | changes)


def raw(octets: bytes) -> bytes:
    out = io.BytesIO()
    encrypt(io.BytesIO(octets), out, [INBOX.public])
    return out.getvalue()


def test_what_is_sealed_is_opened() -> None:
    sealed = seal_brief(BRIEF, INBOX.public, validate=validate)
    assert open_brief(sealed, INBOX, body(sealed), validate=validate) == BRIEF
    assert b"lamps" not in sealed


@pytest.mark.parametrize(
    ("brief", "code", "where"),
    [
        (BRIEF | {"kind": "x"}, "schema_violation", "brief/kind"),
        (BRIEF | {"iban": "x"}, "bank_details", "brief/iban"),
        (BRIEF | {"claim_summary": "x" * MAX_BRIEF}, "brief_too_large", "brief"),
    ],
)
def test_what_is_not_sealed(brief: dict[str, Any], code: str, where: str) -> None:
    for attempt in (seal_brief, check_brief):
        key = (INBOX.public,) if attempt is seal_brief else ()
        with pytest.raises(PackageRefusedError) as caught:
            attempt(brief, *key, validate=validate)
        assert (caught.value.code, caught.value.where, caught.value.actor) == (code, where, "you")


def test_only_an_agreement_key_receives_one() -> None:
    with pytest.raises(PackageRefusedError) as caught:
        seal_brief(BRIEF, SigningKey(bytes(32)).public, validate=validate)
    assert caught.value.code == "wrong_purpose"


@pytest.mark.parametrize(
    ("octets", "code", "says", "where"),
    [
        (canonical(BRIEF | {"kind": "x"}), "schema_violation", "not a transfer-brief", "brief/kind"),
        (canonical(BRIEF | {"bank": "x"}), "bank_details", "bank details", "brief/bank"),
        (canonical(BRIEF | {"transfer_id": "x"}), "other_transfer", "another transfer", "brief/transfer_id"),
        (canonical(BRIEF | {"case_id": "x"}), "other_case", "another case", "brief/case_id"),
        (b" " + canonical(BRIEF), "not_canonical", "canonical", "brief"),
        (b"[]", "not_an_object", "JSON object", "brief"),
        (b"\xff", "not_utf8", "UTF-8", "brief"),
    ],
)
def test_what_is_not_accepted(octets: bytes, code: str, says: str, where: str) -> None:
    sealed = raw(octets)
    with refused(code, says, where):
        open_brief(sealed, INBOX, body(sealed), validate=validate)


def test_the_offer_names_it() -> None:
    sealed = seal_brief(BRIEF, INBOX.public, validate=validate)
    other = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for data, named, key, code, reason in (
        (other, sealed, INBOX, "ciphertext_differs", "hash_mismatch"),
        (sealed[:-1], sealed, INBOX, "ciphertext_size_differs", "truncated"),
        (other, other, INBOX, "age_chunk_forged", "package_invalid"),
        (sealed, sealed, OTHER_KEY, "no_matching_key", "wrong_key"),
        (bytes(MAX_BRIEF + 1), sealed, INBOX, "brief_too_large", "package_invalid"),
    ):
        with pytest.raises(PackageRefusedError) as caught:
            open_brief(data, key, body(named), validate=validate)
        error = caught.value
        assert (error.code, error.reason, error.actor) == (code, reason, "sender")
