"""Whose an entry is: found by the holder of the monitor key, and by nobody else."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from providers.monitor.ownership import Owner, commitments, concern
from providers.monitor.questions import touches_keys
from signing.encoding import canonical
from signing.secretkeys import AgreementKey
from signing.statement import owner_tag

OLD, NEW, OTHER = (AgreementKey(bytes([n]) * 32) for n in (1, 2, 3))
OWNER = Owner("provider-a", (NEW, OLD), frozenset({"kid-a"}))


def sealed(tag: str) -> bytes:
    return canonical({"v": 1, "kind": "sealed", "commitment": "ab" * 32, "sigs": "cd" * 32, "tag": tag, "time": 7})


@given(salt=st.binary(min_size=32, max_size=32))
def test_a_sealed_entry_is_found_under_every_monitor_key_of_its_owner(salt: bytes) -> None:
    for key, ours in ((OLD, True), (NEW, True), (OTHER, False)):
        found, entry = concern(5, sealed(owner_tag(salt, key.public)), OWNER)
        assert (found is not None) == ours
        assert entry["time"] == 7
        if found is not None:
            assert (found.index, found.code, found.digest) == (5, "entry_under_our_tag", "ab" * 32)


@given(octets=st.binary(max_size=300))
def test_whatever_is_no_entry_is_told_and_harmless(octets: bytes) -> None:
    found, entry = concern(5, octets, OWNER)
    assert (found is not None, entry) == (True, {})
    assert found is not None
    assert found.code == "unreadable_entry"


def test_a_sealed_entry_whose_tag_is_none_is_told() -> None:
    found, _ = concern(5, sealed("short"), OWNER)
    assert found is not None
    assert found.code == "unreadable_entry"


def test_a_public_entry_is_its_issuers() -> None:
    entry = {"v": 1, "kind": "key", "issuer": "provider-a", "digest": "ab" * 32, "sigs": "cd" * 32, "time": 7}
    found, _ = concern(3, canonical(entry), OWNER)
    assert found is not None
    assert (found.code, found.kind) == ("entry_in_our_name", "key")
    assert concern(3, canonical(entry | {"issuer": "provider-b"}), OWNER)[0] is None


def test_a_key_statement_is_about_an_owner_or_a_key() -> None:
    assert touches_keys({"owner": "provider-a", "kid": "x"}, OWNER)
    assert touches_keys({"owner": "provider-b", "kid": "kid-a"}, OWNER)
    assert not touches_keys({"owner": "provider-b", "kid": "x"}, OWNER)


def test_a_sealed_entry_shows_the_digest_of_a_digest() -> None:
    one = sha256(b"payload").digest()
    assert commitments(frozenset({one.hex()})) == {one.hex(), sha256(one).hexdigest()}
