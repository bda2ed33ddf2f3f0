"""The statement: what parses, what each refusal says, and that no byte can change unnoticed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.compose import assemble, payload, sign, sign_all
from signing.encoding import b64u_decode, b64u_encode, canonical, sha256_hex
from signing.errors import FormatError, SignatureError, SigningError
from signing.keys import PublicKey
from signing.secretkeys import SigningKey
from signing.statement import (
    MAX_DOCUMENT,
    MAX_PAYLOAD,
    STATEMENT_TYPE,
    Jws,
    Statement,
    entry_octets,
    parse_jws,
    parse_statement,
    seconds,
    verify_signatures,
)
from tests.fakes.refusals import refused
from tests.fakes.world import World

NOW = 1_790_000_000
NETWORK = "ab" * 32
KEYS = [SigningKey(bytes([n]) * 32) for n in range(1, 19)]
A, B, C = KEYS[:3]
PUBLIC: dict[str, PublicKey] = {key.kid: key.public for key in KEYS}
SIGNERS = [(A, "provider"), (B, "neutral")]


def octets_of(**changes: Any) -> bytes:
    """Payload octets of a good statement with some members changed; None as text removes one."""
    announced = [(key.kid, role) for key, role in SIGNERS]
    members = json.loads(payload("award", "provider-a", {"n": 1}, announced, network=NETWORK, now=NOW))
    members |= changes
    return canonical({name: value for name, value in members.items() if value != "absent"})


GOOD = sign_all(octets_of(), SIGNERS, NOW)


def signed(**changes: Any) -> bytes:
    return sign_all(octets_of(**changes), SIGNERS, NOW)


def outer(change: Callable[[Any], Any]) -> bytes:
    """The good statement with its outer JSON changed in place (or replaced by what ``change`` returns)."""
    members = json.loads(GOOD)
    result = change(members)
    return canonical(members if result is None else result)


def with_header(header: Any) -> bytes:
    """The good statement with the protected header of its first signature replaced."""
    raw = header if isinstance(header, bytes) else canonical(header)
    return outer(lambda jws: jws["signatures"][0].update(protected=b64u_encode(raw)))


def header(**changes: Any) -> dict[str, Any]:
    good = {"alg": "Ed25519", "iat": NOW, "kid": A.kid, "role": "provider", "typ": STATEMENT_TYPE}
    return {name: value for name, value in (good | changes).items() if value != "absent"}


# --- what parses -----------------------------------------------------------------------------------


def test_a_statement_gives_its_members() -> None:
    one = parse_statement(GOOD)
    assert (one.kind, one.version, one.network, one.issuer) == ("award", 1, NETWORK, "provider-a")
    assert (one.issued_at, one.previous, one.salt, one.body) == (NOW, None, None, {"n": 1})
    assert one.id.startswith("urn:odr:provider-a:")
    assert one.roles == {A.kid: "provider", B.kid: "neutral"}
    assert one.digest == sha256_hex(octets_of(id=one.id)) == sha256_hex(one.octets)
    assert one.payload["signers"] == [{"kid": A.kid, "role": "provider"}, {"kid": B.kid, "role": "neutral"}]
    verify_signatures(one, PUBLIC)


def test_the_stored_document_sorts_signatures_and_parses_to_the_same_statement() -> None:
    one = parse_statement(outer(lambda jws: jws["signatures"].reverse()))
    again = parse_statement(one.document)
    assert [s.kid for s in again.signatures] == sorted([A.kid, B.kid])
    assert again.document == one.document == parse_statement(GOOD).document
    assert again.digest == one.digest


def test_another_signature_object_changes_sigs_but_not_the_digest() -> None:
    one = parse_statement(GOOD)
    later = parse_statement(sign_all(one.octets, SIGNERS, NOW + 1))
    assert later.digest == one.digest
    assert json.loads(entry_octets(later, NOW))["sigs"] == sha256_hex(later.document) != sha256_hex(one.document)


BODIES = st.dictionaries(
    st.text("abcdefgh_", max_size=8),
    st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8) | st.lists(st.booleans() | st.none(), max_size=3),
    max_size=5,
)


@settings(max_examples=50)
@given(
    body=BODIES,
    kind=st.sampled_from(["award", "member", "policy"]),
    now=st.integers(0, 4_000_000_000),
    salt=st.none() | st.binary(min_size=32, max_size=32),
    signers=st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique_by=lambda key: key.kid),
    network=st.none() | st.just(NETWORK),
)
def test_what_is_composed_parses_and_verifies(
    body: dict[str, Any], kind: str, now: int, salt: bytes | None, signers: list[SigningKey], network: str | None
) -> None:
    made = payload(
        kind, "provider-a", body, [(key.kid, "provider") for key in signers], network=network, now=now,
        salt=None if salt is None else b64u_encode(salt),
    )  # fmt: skip
    one = parse_statement(sign_all(made, [(key, "provider") for key in signers], now))
    assert (one.octets, one.kind, one.body, one.salt, one.network, one.issued_at) == (
        made, kind, body, salt, network, now,
    )  # fmt: skip
    verify_signatures(one, PUBLIC)


def test_all_statements_of_a_network_parse_again() -> None:
    world = World()
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    world.admit(world.award(provider, neutral))
    for one in world.statements:
        assert parse_statement(one.document).document == one.document


# --- no byte can change ----------------------------------------------------------------------------


def refuse(data: bytes) -> None:
    with pytest.raises(SigningError) as caught:
        verify_signatures(parse_statement(data), PUBLIC)
    assert caught.value.code
    assert caught.value.message


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_every_byte_counts(mask: int) -> None:
    for position in range(len(GOOD)):
        changed = bytearray(GOOD)
        changed[position] ^= mask
        refuse(bytes(changed))


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_any_change_of_a_byte_is_refused(position: int, mask: int) -> None:
    changed = bytearray(GOOD)
    changed[position] ^= mask
    refuse(bytes(changed))


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 60))
def test_any_cut_is_refused(start: int, length: int) -> None:
    refuse(GOOD[:start] + GOOD[start + length :])


def test_two_signatures_exchanged_are_refused() -> None:
    def swap(jws: Any) -> None:
        first, second = jws["signatures"]
        first["signature"], second["signature"] = second["signature"], first["signature"]

    with refused(SignatureError, "bad_signature", "does not fit", A.kid):
        verify_signatures(parse_statement(outer(swap)), PUBLIC)


def test_a_signature_by_another_key_is_refused_and_named() -> None:
    forged = {"protected": sign(octets_of(), B, "neutral", NOW)["protected"], "signature": b64u_encode(C.sign(b"x"))}
    made = octets_of()
    data = assemble(made, [sign(made, A, "provider", NOW), forged])
    with refused(SignatureError, "bad_signature", "does not fit", B.kid):
        verify_signatures(parse_statement(data), PUBLIC)


def test_an_unknown_key_is_refused_before_any_signature_is_verified() -> None:
    broken = outer(lambda jws: jws["signatures"][0].update(signature=b64u_encode(bytes(64))))
    with refused(SignatureError, "unknown_key", "a key that is not known here", B.kid):
        verify_signatures(parse_statement(broken), {A.kid: A.public})


# --- the JWS profile -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"[]", b'"a"', b"null", b"{}", outer(lambda jws: jws.pop("payload")), outer(lambda jws: jws.pop("signatures")),
     outer(lambda jws: jws.update(header={})), outer(lambda jws: jws["signatures"])],
)  # fmt: skip
def test_what_is_no_jws_in_general_serialization_is_refused(data: bytes) -> None:
    with refused(FormatError, "bad_jws", "Expected a JWS with exactly payload and signatures."):
        parse_statement(data)


def test_a_document_beyond_its_size_or_depth_is_refused() -> None:
    with refused(FormatError, "too_large", f"at most {MAX_DOCUMENT} are accepted"):
        parse_statement(b" " * (MAX_DOCUMENT + 1))
    with refused(FormatError, "too_deep", "deeper than 8 levels"):
        parse_statement(b"[" * 9 + b"]" * 9)


def test_a_payload_beyond_its_size_is_refused() -> None:
    room = MAX_PAYLOAD - len(octets_of(body={"n": ""}))
    assert len(parse_statement(signed(body={"n": "a" * room})).octets) == MAX_PAYLOAD
    with refused(FormatError, "too_large", f"has {MAX_PAYLOAD + 1} bytes; at most {MAX_PAYLOAD}"):
        parse_statement(signed(body={"n": "a" * (room + 1)}))


@pytest.mark.parametrize("value", [None, 1, "A", "AQ=="])
def test_a_payload_that_is_no_base64url_is_refused(value: object) -> None:
    with pytest.raises(FormatError, match="base64url") as caught:
        parse_statement(outer(lambda jws: jws.update(payload=value)))
    assert caught.value.where == "/payload"


@pytest.mark.parametrize(
    ("payload_octets", "code"),
    [(b'{"a": 1}', "not_canonical"), (b"[]", "not_an_object"), (b'{"a":1,"a":1}', "duplicate_name"), (b"", "not_json")],
)
def test_a_payload_that_is_no_canonical_object_is_refused(payload_octets: bytes, code: str) -> None:
    with pytest.raises(FormatError, match=r"canonical|JSON object|twice|Expecting") as caught:
        parse_statement(outer(lambda jws: jws.update(payload=b64u_encode(payload_octets))))
    assert caught.value.code == code


@pytest.mark.parametrize("value", [None, {}, "a", []])
def test_signatures_that_are_no_list_with_members_are_refused(value: object) -> None:
    with refused(FormatError, "bad_jws", "carries 1 to 16 signatures", "/signatures"):
        parse_statement(outer(lambda jws: jws.update(signatures=value)))


def test_sixteen_signatures_are_accepted_and_seventeen_refused() -> None:
    def of(count: int) -> bytes:
        signers = [(key, "officer") for key in KEYS[:count]]
        announced = [{"kid": key.kid, "role": role} for key, role in signers]
        return sign_all(octets_of(signers=announced), signers, NOW)

    assert len(parse_statement(of(16)).signatures) == 16
    with refused(FormatError, "bad_jws", "carries 1 to 16 signatures", "/signatures"):
        parse_statement(of(17))


@pytest.mark.parametrize(
    "change",
    [
        lambda jws: jws["signatures"].__setitem__(1, None),
        lambda jws: jws["signatures"].__setitem__(1, "a"),
        lambda jws: jws["signatures"][1].update(header={"kid": "a"}),
        lambda jws: jws["signatures"][1].pop("protected"),
        lambda jws: jws["signatures"][1].pop("signature"),
    ],
    ids=["null", "text", "unprotected header", "no protected header", "no signature"],
)
def test_a_signature_object_of_another_form_is_refused(change: Callable[[Any], Any]) -> None:
    def in_place(jws: Any) -> None:
        change(jws)

    with refused(FormatError, "bad_jws", "A signature has exactly protected and signature.", "/signatures/1"):
        parse_statement(outer(in_place))


@pytest.mark.parametrize(
    "value",
    [header(b64=False), header(crit="b64"), header(iat="absent"), header(alg="absent"), header(kid="absent"),
     header(typ="absent"), header(role="absent"), header(iat="1"), header(iat=True), header(kid=1), header(role=None),
     [], "a", {}],
)  # fmt: skip
def test_a_header_with_other_members_is_refused(value: object) -> None:
    with refused(FormatError, "bad_header", "has exactly alg, iat, kid, role and typ", "/signatures/0"):
        parse_statement(with_header(value))


@pytest.mark.parametrize("value", [header(crit=["b64"]), header(jwk=A.public.jwk()), [[]]])
def test_a_header_with_something_inside_it_is_refused(value: object) -> None:
    with refused(FormatError, "too_deep", "deeper than 1 levels"):
        parse_statement(with_header(value))


def test_a_header_beyond_its_size_is_refused() -> None:
    with refused(FormatError, "too_large", "at most 1024 are accepted"):
        parse_statement(with_header(header(role="r" * 1024)))


def test_a_header_with_a_doubled_name_is_refused() -> None:
    raw = canonical(header())[:-1] + b',"alg":"none"}'
    with refused(FormatError, "duplicate_name", "'alg' appears twice"):
        parse_statement(with_header(raw))


@pytest.mark.parametrize("algorithm", ["EdDSA", "none", "HS256", "ed25519", "ES256", ""])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    with refused(FormatError, "bad_algorithm", f"The algorithm {algorithm!r} is not Ed25519.", "/signatures/0"):
        parse_statement(with_header(header(alg=algorithm)))


@pytest.mark.parametrize("typ", ["odr-status+jws", "odr-index+jws", "JWT", ""])
def test_another_type_is_refused(typ: str) -> None:
    with refused(FormatError, "bad_type", f"The type {typ!r} is not odr-statement+jws.", "/signatures/0"):
        parse_statement(sign_all(octets_of(), SIGNERS, NOW, typ))
    parse_jws(sign_all(octets_of(), SIGNERS, NOW, typ), typ)


@pytest.mark.parametrize("kid", ["", "a", A.kid + "=", A.kid[:-1], A.kid + "A"])
def test_a_kid_that_is_no_thumbprint_is_refused(kid: str) -> None:
    with pytest.raises(FormatError, match=r"base64url|Expected 32 bytes") as caught:
        parse_statement(with_header(header(kid=kid)))
    assert caught.value.where == "/signatures/0/kid"


@pytest.mark.parametrize("signature", [None, "", b64u_encode(bytes(63)), b64u_encode(bytes(65)), "A" * 85 + "B"])
def test_a_signature_that_is_not_64_bytes_is_refused(signature: object) -> None:
    with pytest.raises(FormatError, match=r"base64url|Expected 64 bytes") as caught:
        parse_statement(outer(lambda jws: jws["signatures"][0].update(signature=signature)))
    assert caught.value.where == "/signatures/0/signature"


def test_a_key_that_signs_twice_is_refused() -> None:
    with refused(FormatError, "duplicate_kid", "One key signs twice.", "/signatures"):
        parse_statement(outer(lambda jws: jws["signatures"].append(jws["signatures"][0])))


# --- the envelope ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["body", "id", "issued_at", "issuer", "kind", "signers", "version"])
@pytest.mark.parametrize("value", ["absent", None, True, 0])
def test_a_missing_or_mistyped_member_is_refused_by_name(name: str, value: object) -> None:
    wrong = "0" if name == "version" and value == 0 else value
    with refused(FormatError, "bad_envelope", f"The payload needs {name} as ", f"/{name}"):
        parse_statement(signed(**{name: wrong}))


def test_an_unknown_member_is_refused_by_name() -> None:
    with refused(FormatError, "bad_envelope", "has an unknown member 'bogus'.", "/bogus"):
        parse_statement(signed(bogus=1))
    with refused(FormatError, "bad_envelope", "has an unknown member 'Kind'.", "/Kind"):
        parse_statement(signed(bogus=1, Kind="award"))


@pytest.mark.parametrize("issuer", ["", "a", "ab", "A-provider", "1ab", "-ab", "ab-", "a b", "a" * 41, "abc\n", "pröv"])
def test_an_issuer_that_is_no_actor_id_is_refused(issuer: str) -> None:
    with refused(FormatError, "bad_envelope", "The issuer is not an actor id.", "/issuer"):
        parse_statement(signed(issuer=issuer))


@pytest.mark.parametrize("issuer", ["abc", "a" * 40, "provider-a", "x--9"])
def test_an_actor_id_is_accepted(issuer: str) -> None:
    assert parse_statement(signed(issuer=issuer)).issuer == issuer


@pytest.mark.parametrize("name", ["network", "previous"])
@pytest.mark.parametrize("value", ["", "AB" * 32, "ab" * 31, 1, False, ["ab" * 32]])
def test_a_network_or_previous_that_is_no_digest_is_refused(name: str, value: object) -> None:
    with refused(FormatError, "bad_envelope", f"{name} is neither null nor a digest.", f"/{name}"):
        parse_statement(signed(**{name: value}))


def test_network_and_previous_may_be_null() -> None:
    one = parse_statement(signed(network=None, previous=None))
    assert (one.network, one.previous) == (None, None)
    assert parse_statement(signed(previous="cd" * 32)).previous == "cd" * 32


def test_the_network_is_always_named() -> None:
    says = "The payload needs network, which is null in a genesis."
    with refused(FormatError, "bad_envelope", says, "/network"):
        parse_statement(signed(network="absent"))


def test_an_annex_is_named_by_digest_and_size() -> None:
    annex = {"sha256": "ab" * 32, "size": 1}
    assert parse_statement(signed(annex=annex)).payload["annex"] == annex


@pytest.mark.parametrize(
    "annex",
    [None, "ab" * 32, [], {}, {"sha256": "ab" * 32}, {"size": 1}, {"sha256": "AB" * 32, "size": 1},
     {"sha256": "ab" * 31, "size": 1}, {"sha256": 1, "size": 1}, {"sha256": "ab" * 32, "size": 0},
     {"sha256": "ab" * 32, "size": -1}, {"sha256": "ab" * 32, "size": True}, {"sha256": "ab" * 32, "size": "1"},
     {"sha256": "ab" * 32, "size": 1, "name": "a"}],
)  # fmt: skip
def test_an_annex_of_another_form_is_refused(annex: object) -> None:
    with refused(FormatError, "bad_envelope", "An annex has exactly a sha256 and a size above zero.", "/annex"):
        parse_statement(signed(annex=annex))


@pytest.mark.parametrize("salt", [None, "", "AAAA", b64u_encode(bytes(31)), b64u_encode(bytes(32)) + "="])
def test_a_salt_that_is_not_32_bytes_is_refused(salt: object) -> None:
    with pytest.raises(FormatError, match=r"base64url|Expected 32 bytes") as caught:
        parse_statement(signed(salt=salt))
    assert caught.value.where == "/salt"


@pytest.mark.parametrize(
    "text",
    ["", "2026-01-31", "2026-01-31T12:00:00+00:00", "2026-01-31t12:00:00z", "2026-02-30T12:00:00Z",
     "2026-01-31T12:00:60Z", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00.0Z", "2026-01-31T12:00:00Z\n",
     "0000-01-01T00:00:00Z", "\u0662\u0660\u0662\u0666-01-31T12:00:00Z"],
)  # fmt: skip
def test_a_time_in_another_form_is_refused(text: str) -> None:
    with refused(FormatError, "bad_time", "is not a time like 2026-01-31T12:00:00Z.", "/issued_at"):
        parse_statement(signed(issued_at=text))


def test_times_are_posix_seconds() -> None:
    assert seconds("1970-01-01T00:00:00Z") == 0
    assert seconds("2026-01-31T12:00:00Z") == 1_769_860_800
    for value in (None, 0, b"1970-01-01T00:00:00Z"):
        with refused(FormatError, "bad_time", "is not a time like"):
            seconds(value)


# --- announced and actual signers ------------------------------------------------------------------


@pytest.mark.parametrize(
    "signer",
    [None, "a", A.kid, {}, {"kid": B.kid}, {"kid": B.kid, "role": 1}, {"kid": 1, "role": "neutral"},
     {"kid": B.kid, "role": "neutral", "name": "a"}],
)  # fmt: skip
def test_a_signer_of_another_form_is_refused(signer: object) -> None:
    announced = [{"kid": A.kid, "role": "provider"}, signer]
    with refused(FormatError, "bad_signers", "A signer has exactly kid and role.", "/signers/1"):
        parse_statement(signed(signers=announced))


def test_a_key_announced_twice_is_refused() -> None:
    announced = [{"kid": key.kid, "role": role} for key, role in [*SIGNERS, (A, "officer")]]
    with refused(FormatError, "duplicate_kid", "One key is announced twice.", "/signers/2"):
        parse_statement(signed(signers=announced))


def test_a_stripped_signature_is_refused() -> None:
    with refused(SignatureError, "signature_missing", "An announced signer has not signed.", B.kid):
        parse_statement(outer(lambda jws: jws.update(signatures=jws["signatures"][:1])))


def test_an_added_signature_is_refused() -> None:
    made = octets_of()
    data = assemble(made, [sign(made, key, role, NOW) for key, role in [*SIGNERS, (C, "officer")]])
    with refused(SignatureError, "signature_extra", "that the statement does not announce", C.kid):
        parse_statement(data)


def test_a_signature_in_another_role_is_refused() -> None:
    made = octets_of()
    data = assemble(made, [sign(made, A, "provider", NOW), sign(made, B, "provider", NOW)])
    with refused(SignatureError, "role_mismatch", "The header says 'provider', the statement 'neutral'.", B.kid):
        parse_statement(data)


def test_no_announced_signers_means_that_every_signature_is_extra() -> None:
    with refused(SignatureError, "signature_extra", "does not announce", min(A.kid, B.kid)):
        parse_statement(signed(signers=[]))


def test_a_jws_and_a_statement_are_values() -> None:
    jws = parse_jws(GOOD, STATEMENT_TYPE)
    assert isinstance(jws, Jws)
    assert not isinstance(jws, Statement)
    assert jws.payload == parse_statement(GOOD).payload
    assert b64u_decode(jws.encoded) == jws.octets
