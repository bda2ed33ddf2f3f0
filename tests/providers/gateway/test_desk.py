"""The signing desk: everything is shown, nothing can disguise itself, and the document must be the one named."""

from pathlib import Path
from typing import Any

import pytest

from providers.errors import GatewayError
from providers.gateway.desk import (
    DocumentFacts,
    check_document,
    describe,
    measure,
    read_draft,
    sign_draft,
)
from providers.printable import printable
from schemas.errors import SchemaViolationError
from signing.compose import payload
from signing.drafts import Draft
from signing.encoding import canonical, sha256_hex
from signing.errors import FormatError
from signing.secretkeys import SigningKey
from tests.providers.gateway.samples import AWARD_DETAILS, CASE, PDF, PROVIDER_PROFILE

NEUTRAL, PROVIDER = SigningKey(bytes(32)), SigningKey(bytes([1]) * 32)
NOW = 1_790_000_000
FACTS = DocumentFacts("award.pdf", sha256_hex(PDF), len(PDF))


def award(**changes: Any) -> Draft:
    body = {
        **AWARD_DETAILS,
        "award_id": CASE[:-1] + "2",
        "case_id": CASE,
        "manifestation": {"media_type": "application/pdf", "sha256": sha256_hex(PDF), "size": len(PDF)},
        **changes,
    }
    signers = [(NEUTRAL.kid, "neutral"), (PROVIDER.kid, "provider")]
    octets = payload("award", "sample-provider", body, signers, network="ab" * 32, now=NOW, salt="A" * 43)
    return Draft(octets)


def member(annex: bytes | None = None) -> Draft:
    body = {"type": "provider", "profile": PROVIDER_PROFILE}
    signers = [(PROVIDER.kid, "provider"), (NEUTRAL.kid, "officer")]
    octets = payload(
        "member", "sample-provider", body, signers, network="ab" * 32, now=NOW, previous="cd" * 32, annex=annex
    )
    return Draft(octets, annex=annex)


def shown(draft: Draft, document: DocumentFacts | None = FACTS) -> str:
    return "\n".join(describe(draft, NEUTRAL.kid, document))


def test_an_award_is_told_in_plain_words() -> None:
    text = shown(award().signed_by(PROVIDER, NOW))
    for expected in (
        "AN ARBITRAL AWARD",
        "sample-provider",
        f"Case                     {CASE}",
        "Date of the award        2026-09-20",
        "Seat                     SGSIN, SG",
        f"SHA-256 {sha256_hex(PDF)}",
        "computed here; it is the document that the draft names",
        f"neutral with key {NEUTRAL.kid}: YOU, by this signature",
        f"provider with key {PROVIDER.kid}: a signature is there (not verified here)",
    ):
        assert expected in text


def test_every_member_of_the_body_is_shown() -> None:
    text = shown(award())
    for expected in (
        "type                   final",
        "expression.language    en",
        "brief_reasons          yes",
        "procedure.notices[1].purpose notice",
        "procedure.disclosures  none",
        "procedure.transfers    0",
        "procedure.agreement_sha256 " + "ef" * 32,
    ):
        assert expected in text


def test_a_missing_signature_is_said() -> None:
    assert f"provider with key {PROVIDER.kid}: signature still missing" in shown(award())


def test_control_characters_cannot_rewrite_the_screen() -> None:
    assert printable("ok\x1b[2Jno\u202e\u200b\n") == "ok\\u{1b}[2Jno\\u{202e}\\u{200b}\\u{a}"
    assert printable("海牙 é") == "海牙 é"


def test_the_annex_is_shown(tmp_path: Path) -> None:
    annex = canonical({"salt": "A" * 43, "insurance": "policy 7"})
    assert "  insurance              policy 7" in shown(member(annex), None)


def test_an_award_needs_its_document() -> None:
    with pytest.raises(GatewayError, match="--document") as caught:
        check_document(award().payload, None)
    assert caught.value.code == "document_needed"


@pytest.mark.parametrize(
    "facts",
    [DocumentFacts("other.pdf", "00" * 32, len(PDF)), DocumentFacts("longer.pdf", sha256_hex(PDF), len(PDF) + 1)],
)
def test_another_document_is_refused(facts: DocumentFacts) -> None:
    with pytest.raises(GatewayError, match="Do not sign") as caught:
        check_document(award().payload, facts)
    assert caught.value.code == "document_mismatch"


def test_other_kinds_need_no_document() -> None:
    check_document(member().payload, None)


def test_measuring_reads_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "big.pdf"
    path.write_bytes(b"x" * (3 << 20))
    assert measure(path) == DocumentFacts("big.pdf", sha256_hex(b"x" * (3 << 20)), 3 << 20)


def test_a_missing_document_is_named(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="No such file") as caught:
        measure(tmp_path / "absent.pdf")
    assert caught.value.code == "document_unreadable"


def test_signing_adds_one_signature_and_completes_the_draft() -> None:
    draft = sign_draft(sign_draft(award(), NEUTRAL, NOW), PROVIDER, NOW)
    assert draft.missing() == {}
    assert draft.statement().kind == "award"


def test_a_key_that_is_not_asked_for_does_not_sign() -> None:
    with pytest.raises(GatewayError, match="does not ask for a signature of this key") as caught:
        sign_draft(award(), SigningKey(bytes([9]) * 32), NOW)
    assert caught.value.code == "not_a_signer"


def test_nobody_signs_twice() -> None:
    with pytest.raises(GatewayError, match="signed this draft already") as caught:
        sign_draft(sign_draft(award(), NEUTRAL, NOW), NEUTRAL, NOW)
    assert caught.value.code == "already_signed"


def test_a_draft_file_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "award.draft.json"
    draft = award()
    path.write_bytes(draft.to_bytes())
    assert read_draft(path) == draft


def test_a_draft_that_breaks_its_schema_is_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "award.draft.json"
    path.write_bytes(award(date="yesterday").to_bytes())
    with pytest.raises(SchemaViolationError) as caught:
        read_draft(path)
    assert caught.value.where == "/body/date"


def test_a_draft_without_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    path.write_bytes(Draft(canonical({"signers": []})).to_bytes())
    with pytest.raises(GatewayError, match="no kind and version") as caught:
        read_draft(path)
    assert caught.value.code == "bad_draft"


def test_something_else_is_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    path.write_bytes(b'{"odr_draft": 2}')
    with pytest.raises(FormatError, match="not a draft file"):
        read_draft(path)
    with pytest.raises(GatewayError) as caught:
        read_draft(tmp_path / "absent.json")
    assert caught.value.code == "draft_unreadable"
