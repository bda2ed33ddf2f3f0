"""The record of a deletion: a JWS of the profile that says what, whose, when and why; names of nobody else."""

from hub.packages.deletion import DELETION_TYPE, deletion_record
from hub.storage.values import Ending, Package
from signing.encoding import canonical
from signing.statement import parse_jws, verify_signatures
from tests.hub.world import signing_key


def test_a_record_says_all_that_matters() -> None:
    package = Package("ab" * 32, "acme-odr", "brio-odr", "urn:odr:acme-odr:1", "brief", 900, 1_795_000_000)
    key = signing_key("hub")
    record = deletion_record(Ending(package, "declined"), "cd" * 32, key, 1_795_086_400)
    jws = parse_jws(record, DELETION_TYPE)
    verify_signatures(jws, {key.kid: key.public})
    assert [one.role for one in jws.signatures] == ["hub"]
    assert jws.octets == canonical(jws.payload)
    assert jws.payload == {
        "v": 1, "network": "cd" * 32, "transfer_id": "urn:odr:acme-odr:1", "purpose": "brief", "sha256": "ab" * 32,
        "size": 900, "sender": "acme-odr", "recipient": "brio-odr", "stored_at": "2026-11-18T11:06:40Z",
        "deleted_at": "2026-11-19T11:06:40Z", "reason": "declined",
    }  # fmt: skip
