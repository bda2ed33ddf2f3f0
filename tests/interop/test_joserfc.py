"""joserfc verifies our statements, and we read what it signs."""

import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from signing.encoding import b64u_encode
from signing.statement import STATEMENT_TYPE, parse_jws, parse_statement, verify_signatures
from tests.interop.samples import KEYS, NEUTRAL, PROVIDER, award_document

# joserfc asks for each critical or private header by name
REGISTRY = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)


def public(kid: str) -> OKPKey:
    return OKPKey.import_key(dict(KEYS[kid].public.jwk()))


def find_key(member: Any) -> OKPKey:
    return public(member.headers()["kid"])


def test_joserfc_verifies_every_signature() -> None:
    document: Any = json.loads(award_document())
    found = jws.deserialize_json(document, find_key, registry=REGISTRY)
    assert isinstance(found, jws.GeneralJSONSignature)
    assert [member.headers()["role"] for member in found.members] == ["neutral", "provider"]
    assert found.payload == parse_statement(award_document()).octets
    for one in document["signatures"]:
        alone: Any = {"payload": document["payload"], "signatures": [one]}
        jws.deserialize_json(alone, find_key, registry=REGISTRY)


def test_joserfc_refuses_what_was_changed() -> None:
    document: Any = json.loads(award_document())
    other: Any = dict(document)
    other["payload"] = b64u_encode(parse_statement(award_document()).octets.replace(b"Singapore", b"Singapura"))
    assert other["payload"] != document["payload"]
    with pytest.raises(BadSignatureError):
        jws.deserialize_json(other, find_key, registry=REGISTRY)


def test_we_verify_what_joserfc_signs() -> None:
    octets = parse_statement(award_document()).octets
    members: list[Any] = []
    for key, role in ((NEUTRAL, "neutral"), (PROVIDER, "provider")):
        header = {"alg": "Ed25519", "kid": key.kid, "typ": STATEMENT_TYPE, "role": role, "iat": 1}
        private = OKPKey.import_key(key.public.jwk() | {"d": b64u_encode(key.seed)})
        one = jws.serialize_json([{"protected": header}], octets, private, registry=REGISTRY)
        members += one["signatures"]
        parse_jws(json.dumps(one).encode(), STATEMENT_TYPE)
    statement = parse_statement(json.dumps({"payload": b64u_encode(octets), "signatures": members}).encode())
    verify_signatures(statement, {kid: key.public for kid, key in KEYS.items()})
