"""Making statements: members, identifiers, and signatures that others can check."""

import json
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.compose import (
    CHAINED,
    annex_member,
    assemble,
    new_id,
    new_salt,
    payload,
    sign,
    sign_all,
    timestamp,
    uuid7,
)
from signing.encoding import b64u_decode, canonical, loads_canonical, sha256_hex
from signing.secretkeys import SigningKey
from signing.statement import STATEMENT_TYPE, parse_jws, parse_statement, seconds, verify_signatures

NOW = 1_790_000_000
NETWORK = "ab" * 32
A, B = SigningKey(b"\x01" * 32), SigningKey(b"\x02" * 32)


@given(st.integers(0, 253_402_300_799))
def test_a_timestamp_is_read_back(time: int) -> None:
    assert seconds(timestamp(time)) == time


@given(st.integers(0, 2**48 - 1))
def test_a_uuid_of_version_7_carries_its_time(time_ms: int) -> None:
    made = uuid.UUID(uuid7(time_ms))
    assert str(made) == uuid7(time_ms)[:14] + str(made)[14:]
    assert (made.int >> 80, made.version, made.variant) == (time_ms, 7, uuid.RFC_4122)


def test_identifiers_are_fresh_and_name_their_actor() -> None:
    made = {new_id("provider-a", NOW) for _ in range(100)}
    assert len(made) == 100
    pattern = r"urn:odr:provider-a:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(pattern, one) for one in made)
    assert all(0 <= (uuid.UUID(one.rpartition(":")[2]).int >> 80) - NOW * 1000 < 1000 for one in made)


def test_salts_are_fresh_and_32_bytes() -> None:
    assert len({b64u_decode(new_salt(), 32) for _ in range(100)}) == 100


def test_an_annex_is_named_by_hash_and_size() -> None:
    assert annex_member(b"annex") == {"sha256": sha256_hex(b"annex"), "size": 5}


def test_a_payload_has_exactly_the_members_that_are_given() -> None:
    made = loads_canonical(payload("award", "provider-a", {"n": 1}, [(A.kid, "provider")], network=NETWORK, now=NOW))
    identifier = made.pop("id")
    assert identifier.startswith("urn:odr:provider-a:")
    assert made == {
        "kind": "award", "version": 1, "network": NETWORK, "issuer": "provider-a", "issued_at": timestamp(NOW),
        "signers": [{"kid": A.kid, "role": "provider"}], "body": {"n": 1},
    }  # fmt: skip


def test_what_is_given_stands_in_the_payload() -> None:
    made = loads_canonical(
        payload(
            "correction", "provider-a", {}, [(A.kid, "provider")], network=NETWORK, now=NOW, salt="AA", annex=b"annex",
            statement_id="urn:x", version=2, previous="cd" * 32,
        )
    )  # fmt: skip
    assert (made["salt"], made["annex"], made["id"], made["version"]) == ("AA", annex_member(b"annex"), "urn:x", 2)
    assert "previous" not in made


@pytest.mark.parametrize("kind", sorted(CHAINED))
def test_chained_kinds_name_what_they_follow(kind: str) -> None:
    first = loads_canonical(payload(kind, "provider-a", {}, [], network=None, now=NOW))
    assert (first["previous"], first["network"]) == (None, None)
    later = loads_canonical(payload(kind, "provider-a", {}, [], network=NETWORK, now=NOW, previous="cd" * 32))
    assert later["previous"] == "cd" * 32


def test_a_protected_header_has_five_members_in_canonical_form() -> None:
    made = sign(b"{}", A, "provider", NOW)
    assert set(made) == {"protected", "signature"}
    raw = b64u_decode(made["protected"])
    assert canonical(json.loads(raw)) == raw
    assert json.loads(raw) == {
        "alg": "Ed25519", "kid": A.kid, "typ": STATEMENT_TYPE, "role": "provider", "iat": NOW,
    }  # fmt: skip
    A.public.verify(f"{made['protected']}.e30".encode(), b64u_decode(made["signature"], 64))


def test_signing_all_is_signing_one_by_one() -> None:
    octets = payload("award", "provider-a", {}, [(A.kid, "provider"), (B.kid, "neutral")], network=NETWORK, now=NOW)
    by_hand = assemble(octets, [sign(octets, A, "provider", NOW), sign(octets, B, "neutral", NOW)])
    assert sign_all(octets, [(A, "provider"), (B, "neutral")], NOW) == by_hand
    verify_signatures(parse_statement(by_hand), {A.kid: A.public, B.kid: B.public})


def test_another_type_can_be_signed() -> None:
    made = sign_all(b"{}", [(A, "hub")], NOW, "odr-status+jws")
    verify_signatures(parse_jws(made, "odr-status+jws"), {A.kid: A.public})
