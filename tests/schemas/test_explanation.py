import time
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.catalogue import catalogue
from schemas.explanation import LIMIT, LONGEST, explain, pointer
from tests.schemas.samples import changed, valid


def _sentences(kind: str, document: Any) -> list[str]:
    return [one.message for one in explain(kind, 1, document)]


AWARD = valid("award/final")
MEMBER = valid("member/provider")
COURT = valid("member/court")
KEY = valid("key/retire")


@pytest.mark.parametrize(
    ("kind", "document", "sentence"),
    [
        ("award", changed(AWARD, "version", value=2), "'version' must be 1."),
        ("award", changed(AWARD, "kind", value="member"), "'kind' must be award."),
        ("award", changed(AWARD, "body", "type", value="x"), "'type' must be final, partial, consent or costs."),
        (
            "award",
            changed(AWARD, "body", "brief_reasons", value="yes"),
            "'brief_reasons' must be true or false, not text.",
        ),
        ("award", changed(AWARD, "body", "procedure", value=[]), "'procedure' must be an object, not a list."),
        ("award", changed(AWARD, "body", "seat", "country", value=3), "'country' must be text, not a whole number."),
        (
            "award",
            changed(AWARD, "body", "procedure", "transfers", value=True),
            "'transfers' must be a whole number, not true or false.",
        ),
        (
            "award",
            changed(AWARD, "body", "procedure", "transfers", value=0.5),
            "'transfers' must be a whole number, not a number with a fraction.",
        ),
        ("award", changed(AWARD, "body", "procedure", "transfers", value=100), "'transfers' must be at most 99."),
        ("award", changed(AWARD, "body", "manifestation", "size", value=0), "'size' must be at least 1."),
        (
            "award",
            changed(AWARD, "body", "date", value="2027-02-29"),
            "'date' must be a date of the form YYYY-MM-DD, of a day that exists.",
        ),
        ("award", changed(AWARD, "body", "date", value="tomorrow"), "'date' must be a date of the form YYYY-MM-DD."),
        ("award", changed(AWARD, "network", value=None), "'network' must be text, not null."),
        (
            "award",
            changed(AWARD, "network", value="0" * 65),
            "'network' must be a SHA-256 digest: exactly 64 lowercase hexadecimal digits.",
        ),
        ("award", changed(AWARD, "signers", value=[]), "'signers' must have at least 1 entry, not 0."),
        (
            "award",
            changed(AWARD, "signers", value=AWARD["signers"] * 9),
            "'signers' must have at most 16 entries, not 18.",
        ),
        (
            "award",
            changed(AWARD, "signers", 1, "kid", value="short"),
            "'kid' must be a key id: the RFC 7638 thumbprint, 43 base64url characters without padding.",
        ),
        (
            "member",
            changed(MEMBER, "body", "profile", "languages_file", value=["en", "en"]),
            "'languages_file' must not contain the same entry twice.",
        ),
        (
            "member",
            changed(MEMBER, "body", "profile", "languages_file", value=["en", "x"]),
            "'languages_file[1]' must be a BCP 47 language tag such as en, zh-Hans or es-419.",
        ),
        (
            "member",
            changed(COURT, "body", "keys", value=COURT["body"]["keys"][1:]),
            "'keys' must contain a key of purpose statement.",
        ),
        ("member", changed(MEMBER, "previous", value=5), "'previous' must be text or null, not a whole number."),
        (
            "member",
            changed(MEMBER, "body", "keys", 0, "possession", value="A" * 43),
            "'possession' must be left out: an Ed25519 key proves possession by signing.",
        ),
        (
            "key",
            changed(KEY, "body", "invalid_from", value=1),
            "'invalid_from' must be left out: a log size is given only when a key is revoked.",
        ),
        (
            "genesis",
            changed(valid("genesis/two-officers"), "body", "witness_policy", value=""),
            "'witness_policy' must be a C2SP tlog-policy text in ASCII.",
        ),
        ("award", [], "The document must be an object, not a list."),
    ],
)
def test_sentences(kind: str, document: Any, sentence: str) -> None:
    assert sentence in _sentences(kind, document)


def test_a_missing_member_is_named_with_its_meaning() -> None:
    document = valid("award/final")
    del document["body"]["seat"]
    (violation,) = explain("award", 1, document)
    assert violation.pointer == "/body/seat"
    assert violation.message == "'seat' is missing: legal seat of the arbitration."
    assert violation.rule == "required"


def test_a_court_profile_is_not_blamed_for_lacking_fees() -> None:
    assert _sentences("member", changed(COURT, "body", "profile", "economy", value="Netherlands")) == [
        "'economy' must be an ISO 3166-1 alpha-2 code: two capital letters."
    ]


def test_a_forbidden_member_is_not_offered_as_known() -> None:
    document = changed(valid("transfer-brief/service-payment"), "parties", 0, "ssn", value="1")
    (sentence,) = _sentences("transfer-brief", document)
    assert sentence.startswith("'ssn' is not known in 'parties[0]'; known there: role, number, ")
    assert "tax_id" not in sentence


def test_values_are_never_repeated() -> None:
    secret = "Claimant Ltd owes 5,000"
    document = changed(AWARD, "body", "seat", "country", value=secret)
    document = changed(document, "body", "type", value=secret)
    document = changed(document, "issuer", value=secret)
    assert len(_sentences("award", document)) == 3
    assert not any(secret in sentence for sentence in _sentences("award", document))


@pytest.mark.parametrize("name", ["x" * 61, "new\nline", "\u202egnp.exe"])
def test_hostile_member_names_are_not_repeated(name: str) -> None:
    (violation,) = explain("award", 1, changed(AWARD, "body", name, value=1))
    assert violation.message.startswith("A member is not known in 'body'; known there: award_id, ")


def test_a_line_feed_at_the_end_is_seen() -> None:
    assert explain("award", 1, changed(AWARD, "issuer", value=AWARD["issuer"] + "\n"))


@pytest.mark.parametrize("hidden", ["\u0000", "\u007f", "\u2028", "\u202e", "\u2066", "\n"])
def test_control_and_direction_characters_are_refused_in_names(hidden: str) -> None:
    document = changed(MEMBER, "body", "profile", "legal_name", value=f"Harbour{hidden}ODR")
    (violation,) = explain("member", 1, document)
    assert violation.pointer == "/body/profile/legal_name"


def test_names_in_any_script_are_accepted() -> None:
    for name in ("海港网上争议解决中心", "مركز المرفأ", "Œuvre d'arbitrage Ñandú", "😀 ODR"):
        assert explain("member", 1, changed(MEMBER, "body", "profile", "legal_name", value=name)) == ()


def test_pointers_escape_slash_and_tilde() -> None:
    assert pointer(["a/b", 0, "c~d"]) == "/a~1b/0/c~0d"
    (violation,) = explain("award", 1, changed(AWARD, "body", "a/b~", value=1))
    assert violation.pointer == "/body/a~1b~0"


HOSTILE = {
    "signers that differ": [{"kid": f"k{number}"} for number in range(20_000)],
    "signers with members of their own": [{f"m{number}": {}} for number in range(20_000)],
    "nothing, often": [{}] * 100_000,
}


@pytest.mark.parametrize("signers", HOSTILE.values(), ids=list(HOSTILE))
def test_a_list_that_is_too_long_is_not_looked_into(signers: list[Any]) -> None:
    """The engine compares every entry with every other: half a minute for what fits into one request."""
    started = time.process_time()
    told = _sentences("member", changed(MEMBER, "signers", value=signers))
    assert time.process_time() - started < 1
    assert told == [f"'signers' must have at most 16 entries, not {len(signers)}."]


def test_no_list_may_be_longer_than_what_is_looked_into() -> None:
    def bounds(node: Any) -> Iterator[int]:
        for name, value in node.items() if isinstance(node, dict) else enumerate(node):
            if name == "maxItems":
                yield value
            elif isinstance(value, dict | list):
                yield from bounds(value)

    assert max(bound for schema in catalogue().schemas() for bound in bounds(schema.document)) == LONGEST


@pytest.mark.parametrize("entries", [[1, True], [0, False], ["1", 1], [[1], [True]], [{"a": 1}, {"a": True}]])
def test_entries_of_different_types_are_not_the_same(entries: list[Any]) -> None:
    document = changed(MEMBER, "body", "profile", "languages_procedure", value=entries)
    assert not [one for one in explain("member", 1, document) if one.rule == "uniqueItems"]


def test_a_hostile_document_gets_a_bounded_answer() -> None:
    document = {**AWARD, **{f"member{number}": 1 for number in range(5 * LIMIT)}}
    assert len(explain("award", 1, document)) == LIMIT
