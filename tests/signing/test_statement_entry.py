"""The log entry of a statement: what it shows, what it hides, and the two tags."""

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.compose import payload, sign_all
from signing.encoding import b64u_decode, b64u_encode, canonical
from signing.entryform import parse_entry
from signing.errors import FormatError, KeyRefusedError
from signing.keys import x25519, x25519_base
from signing.secretkeys import AgreementKey, SigningKey, owns_tag, tag_point
from signing.statement import (
    MAX_ENTRY,
    Statement,
    entry_octets,
    entry_time,
    owner_tag,
    parse_statement,
    reference_tag,
)
from tests.fakes.refusals import refused

NOW = 1_790_000_000
DIGEST = "ab" * 32
KEY = SigningKey(b"\x01" * 32)
MONITOR = AgreementKey(b"\x02" * 32)
OTHER = AgreementKey(b"\x03" * 32)
SECRETS = st.binary(min_size=32, max_size=32)


def statement(salt: bytes | None = None) -> Statement:
    text = None if salt is None else b64u_encode(salt)
    made = payload("award", "provider-a", {}, [(KEY.kid, "provider")], network=DIGEST, now=NOW, salt=text)
    return parse_statement(sign_all(made, [(KEY, "provider")], NOW))


PUBLIC = statement()
SEALED = statement(b"\x07" * 32)


def test_a_public_statement_is_entered_in_clear() -> None:
    assert parse_entry(entry_octets(PUBLIC, NOW)) == {
        "v": 1, "kind": "award", "issuer": "provider-a", "digest": PUBLIC.digest, "time": NOW,
        "sigs": hashlib.sha256(PUBLIC.document).hexdigest(),
    }  # fmt: skip


def test_a_public_statement_needs_no_monitor_key_and_shows_none() -> None:
    assert entry_octets(PUBLIC, NOW, MONITOR.public) == entry_octets(PUBLIC, NOW)


def test_a_confidential_statement_is_sealed() -> None:
    octets = entry_octets(SEALED, NOW, MONITOR.public)
    entry = parse_entry(octets)
    assert set(entry) == {"v", "kind", "commitment", "sigs", "tag", "time"}
    assert (entry["kind"], entry["commitment"]) == ("sealed", hashlib.sha256(bytes.fromhex(SEALED.digest)).hexdigest())
    for secret in (b"award", b"provider-a", SEALED.digest.encode(), b64u_encode(SEALED.salt or b"").encode()):
        assert secret not in octets


def test_a_confidential_statement_without_a_monitor_key_is_refused() -> None:
    with refused(KeyRefusedError, "no_monitor_key", "has no current monitor key", "provider-a"):
        entry_octets(SEALED, NOW)


@pytest.mark.parametrize("one", [PUBLIC, SEALED], ids=["public", "sealed"])
def test_a_reference_is_entered_when_there_is_one(one: Statement) -> None:
    entry = parse_entry(entry_octets(one, NOW, MONITOR.public, DIGEST))
    assert entry["ref"] == DIGEST
    assert "ref" not in parse_entry(entry_octets(one, NOW, MONITOR.public))


@settings(max_examples=30)
@given(SECRETS, SECRETS, st.integers(0, 2**53 - 1), st.none() | SECRETS.map(bytes.hex))
def test_hub_and_verifier_make_the_same_entry_and_the_owner_finds_it(
    salt: bytes, secret: bytes, time: int, ref: str | None
) -> None:
    one, monitor = statement(salt), AgreementKey(secret)
    octets = entry_octets(one, time, monitor.public, ref)
    assert entry_octets(parse_statement(one.document), time, monitor.public, ref) == octets
    entry = parse_entry(octets)
    assert canonical(entry) == octets
    assert owns_tag(entry["tag"], monitor)
    assert not owns_tag(entry["tag"], OTHER)


# --- tags ------------------------------------------------------------------------------------------


@given(SECRETS)
def test_the_commitment_is_over_the_digest_octets(salt: bytes) -> None:
    one = statement(salt)
    expected = hashlib.sha256(hashlib.sha256(one.octets).digest()).hexdigest()
    assert parse_entry(entry_octets(one, NOW, MONITOR.public))["commitment"] == expected


@given(SECRETS)
def test_the_reference_tag_is_the_hmac_that_the_protocol_defines(salt: bytes) -> None:
    assert reference_tag(salt) == hmac.new(salt, b"odr-ref/1", "sha256").hexdigest()


@given(SECRETS, SECRETS)
def test_the_owner_tag_is_the_one_that_the_protocol_defines(salt: bytes, secret: bytes) -> None:
    monitor = AgreementKey(secret)
    scalar = hashlib.sha512(b"odr-tag/1" + salt).digest()[:32]
    point = x25519_base(scalar)
    shared = x25519(secret, point)
    tag = owner_tag(salt, monitor.public)
    assert b64u_decode(tag, 48) == point + hashlib.sha256(b"odr-tag/1" + shared).digest()[:16]
    assert tag_point(tag) == b64u_encode(point)


def test_the_point_depends_on_the_salt_alone() -> None:
    mine, theirs = owner_tag(b"\x07" * 32, MONITOR.public), owner_tag(b"\x07" * 32, OTHER.public)
    assert mine != theirs
    assert tag_point(mine) == tag_point(theirs) != tag_point(owner_tag(b"\x08" * 32, MONITOR.public))


def test_a_tag_of_another_length_has_no_point() -> None:
    with refused(FormatError, "bad_length", "Expected 48 bytes, found 32."):
        tag_point(b64u_encode(bytes(32)))


def test_a_monitor_key_of_the_wrong_curve_is_refused() -> None:
    with refused(KeyRefusedError, "wrong_purpose", "The owner tag needs an X25519 monitor key.", KEY.kid):
        owner_tag(bytes(32), KEY.public)


# --- parsing ---------------------------------------------------------------------------------------

CLEAR: dict[str, Any] = parse_entry(entry_octets(PUBLIC, NOW))
HIDDEN: dict[str, Any] = parse_entry(entry_octets(SEALED, NOW, MONITOR.public))


@pytest.mark.parametrize("entry", [CLEAR, HIDDEN], ids=["public", "sealed"])
@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"v": None},
        {"v": "1"},
        {"time": "0"},
        {"time": True},
        {"time": None},
        {"time": -1},
        {"more": 1},
        {"kind": []},
        {"sigs": None},
        {"sigs": {}},
    ],
    ids=str,
)
def test_an_entry_of_another_form_is_refused(entry: dict[str, Any], change: dict[str, Any]) -> None:
    with refused(FormatError, "bad_entry", "This is not a log entry of version 1."):
        parse_entry(canonical(entry | change))


@pytest.mark.parametrize("entry", [CLEAR, HIDDEN], ids=["public", "sealed"])
def test_an_entry_that_lacks_a_member_is_refused(entry: dict[str, Any]) -> None:
    for name in entry:
        with refused(FormatError, "bad_entry", "This is not a log entry of version 1."):
            parse_entry(canonical({other: value for other, value in entry.items() if other != name}))


@pytest.mark.parametrize(
    ("entry", "name"), [(CLEAR, "issuer"), (CLEAR, "digest"), (HIDDEN, "commitment"), (HIDDEN, "tag")]
)
@pytest.mark.parametrize("value", [None, 1, [], {}], ids=str)
def test_an_entry_with_a_member_of_another_type_is_refused(entry: dict[str, Any], name: str, value: object) -> None:
    with refused(FormatError, "bad_entry", "This is not a log entry of version 1."):
        parse_entry(canonical(entry | {name: value}))


@pytest.mark.parametrize(
    ("entry", "name"), [(CLEAR, "digest"), (CLEAR, "sigs"), (HIDDEN, "commitment"), (HIDDEN, "sigs")]
)
@pytest.mark.parametrize("value", ["", "AB" * 32, "ab" * 31, "../" * 21 + "a"])
def test_a_member_that_is_no_digest_is_refused(entry: dict[str, Any], name: str, value: str) -> None:
    with refused(FormatError, "bad_entry", f"The entry's {name} is not a digest.", f"/{name}"):
        parse_entry(canonical(entry | {name: value}))


def test_a_sealed_entry_has_no_member_of_a_public_one_and_the_other_way_round() -> None:
    for mixed in (CLEAR | {"kind": "sealed"}, HIDDEN | {"kind": "award"}, HIDDEN | {"issuer": "provider-a"}):
        with refused(FormatError, "bad_entry", "This is not a log entry of version 1."):
            parse_entry(canonical(mixed))


@pytest.mark.parametrize("ref", [None, 1, "", "AB" * 32, "ab" * 31])
def test_a_reference_that_is_no_digest_is_refused(ref: object) -> None:
    with refused(FormatError, "bad_entry", "The entry's ref is not a digest.", "/ref"):
        parse_entry(canonical(CLEAR | {"ref": ref}))


def test_an_entry_is_canonical_and_bounded() -> None:
    with refused(FormatError, "not_canonical", "not in canonical form"):
        parse_entry(canonical(CLEAR) + b"\n")
    with refused(FormatError, "too_large", f"at most {MAX_ENTRY} are accepted"):
        parse_entry(canonical(CLEAR | {"kind": "k" * MAX_ENTRY}))
    with refused(FormatError, "not_an_object", "Expected a JSON object."):
        parse_entry(b"[]")


@pytest.mark.parametrize("entry", [CLEAR, HIDDEN], ids=["public", "sealed"])
def test_an_entry_gives_its_time(entry: dict[str, Any]) -> None:
    assert entry_time(canonical(entry)) == NOW
    assert entry_time(canonical(entry | {"time": 0})) == 0


@pytest.mark.parametrize("time", [None, -1, True, "0", []])
def test_an_entry_without_a_time_is_refused(time: object) -> None:
    with refused(FormatError, "bad_entry", "The log entry has no time.", "/time"):
        entry_time(canonical(CLEAR | {"time": time}))
    with refused(FormatError, "bad_entry", "The log entry has no time.", "/time"):
        entry_time(b"{}")


def test_the_entry_whose_time_is_read_is_canonical_and_bounded() -> None:
    with refused(FormatError, "not_canonical", "not in canonical form"):
        entry_time(canonical(CLEAR) + b"\n")
    with refused(FormatError, "too_large", f"at most {MAX_ENTRY} are accepted"):
        entry_time(canonical(CLEAR | {"kind": "k" * MAX_ENTRY}))
