"""The signed index: canonical, sorted, complete, and from the sender alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.package.manifest import CASE, INDEX, Item, Manifest, read_index, sign_index
from signing.encoding import canonical, loads_canonical, sha256_hex
from tests.providers.package.samples import FILES, NOW, ROUTE, SALT, STATEMENT_KEY, members, refused

KEYS = {STATEMENT_KEY.kid: STATEMENT_KEY.public}
CASE_ITEM = Item(CASE, 2, "application/json", "C2", "ab" * 32)
NAMES = st.lists(st.text("abcé发", min_size=1, max_size=9), unique=True, max_size=6)


@given(NAMES, st.integers(0, 2**53 - 1))
def test_what_is_signed_is_read(names: list[str], size: int) -> None:
    items = [CASE_ITEM, *(Item(f"documents/{name}", size, "a/b", "C1", "cd" * 32) for name in names)]
    manifest = Manifest(ROUTE, SALT, tuple(items))
    found = read_index(sign_index(manifest.payload, STATEMENT_KEY, NOW), manifest.root, KEYS)
    assert found.route == ROUTE
    assert found.items == tuple(sorted(items, key=lambda one: one.name))
    assert found.payload == manifest.payload


def test_the_root_is_the_digest_of_the_payload() -> None:
    _, manifest = members()
    payload = loads_canonical(manifest.payload)
    assert set(payload) == {"v", "transfer_id", "sender", "recipient", "salt", "files"}
    assert [one["name"] for one in payload["files"]] == [CASE, *sorted(f"documents/{name}" for name in FILES)]
    assert set(payload["files"][0]) == {"name", "size", "media_type", "class", "sha256"}
    assert manifest.root == sha256_hex(manifest.payload)


def test_too_many_files_for_one_index_are_refused() -> None:
    items = (CASE_ITEM, *(Item(f"documents/{number}", 0, "a/b", "C1", "cd" * 32) for number in range(3_000)))
    with refused("index_too_large", "too many files"):
        _ = Manifest(ROUTE, SALT, items).payload


def test_a_thousand_files_are_not_too_many() -> None:
    items = [CASE_ITEM, *(Item(f"documents/{number:0>50}", 0, "a/b", "C1", "cd" * 32) for number in range(998))]
    assert Manifest(ROUTE, SALT, tuple(items)).root


ENTRY: dict[str, Any] = {"class": "C2", "media_type": "a/b", "name": CASE, "sha256": "ab" * 32, "size": 2}
PAYLOAD: dict[str, Any] = {
    "files": [ENTRY],
    "recipient": "provider-b",
    "salt": SALT,
    "sender": "provider-a",
    "transfer_id": "t",
    "v": 1,
}
DOCUMENT = ENTRY | {"name": "documents/a"}


@pytest.mark.parametrize(
    ("payload", "code", "says", "where"),
    [
        (PAYLOAD | {"v": 2}, "bad_index", "members of version 1", INDEX),
        (PAYLOAD | {"v": True}, "bad_index", "members of version 1", INDEX),
        (PAYLOAD | {"more": 1}, "bad_index", "members of version 1", INDEX),
        (PAYLOAD | {"salt": SALT[:-3]}, "bad_length", "32 bytes", "index.json/salt"),
        (PAYLOAD | {"files": []}, "bad_index", "does not name case.json", INDEX),
        (PAYLOAD | {"files": [DOCUMENT]}, "bad_index", "does not name case.json", INDEX),
        (PAYLOAD | {"files": [DOCUMENT, ENTRY]}, "bad_index", "sorted by name", INDEX),
        (PAYLOAD | {"files": [ENTRY, DOCUMENT, DOCUMENT]}, "file_doubled", "one file twice", "documents/a"),
        (PAYLOAD | {"files": [ENTRY | {"size": -1}]}, "bad_index", "exactly name", "index.json/files/0"),
        (PAYLOAD | {"files": [ENTRY | {"size": True}]}, "bad_index", "exactly name", "index.json/files/0"),
        (PAYLOAD | {"files": [ENTRY | {"sha256": "AB" * 32}]}, "bad_index", "exactly name", "index.json/files/0"),
        (PAYLOAD | {"files": ["x"]}, "bad_index", "exactly name", "index.json/files/0"),
        (PAYLOAD | {"files": [ENTRY | {"more": 1}]}, "bad_index", "exactly name", "index.json/files/0"),
        (PAYLOAD | {"files": [ENTRY | {"class": "C0"}]}, "bad_class", "C1, C2, C3", "index.json/files/0"),
        (
            PAYLOAD | {"files": [ENTRY | {"media_type": "pdf"}]},
            "bad_media_type",
            "application/pdf",
            "index.json/files/0",
        ),
        (PAYLOAD | {"files": [ENTRY, ENTRY | {"name": "index.json"}]}, "foreign_member", "belong", INDEX),
        (PAYLOAD | {"files": [ENTRY, ENTRY | {"name": "other/a"}]}, "nested_name", "folder of its own", "other/a"),
        (PAYLOAD | {"files": [ENTRY, DOCUMENT, DOCUMENT | {"name": "documents/A"}]}, "bad_index", "sorted", INDEX),
        (
            PAYLOAD | {"files": [ENTRY, DOCUMENT | {"name": "documents/A"}, DOCUMENT]},
            "names_collide",
            "count as one: A",
            "a",
        ),
    ],
)
def test_an_index_that_is_not_in_order(payload: dict[str, Any], code: str, says: str, where: str) -> None:
    octets = canonical(payload)
    with refused(code, says, where):
        read_index(sign_index(octets, STATEMENT_KEY, NOW), sha256_hex(octets), KEYS)


def test_an_index_that_is_not_canonical() -> None:
    octets = b" " + canonical(PAYLOAD)
    with refused("not_canonical", "canonical form", INDEX):
        read_index(sign_index(octets, STATEMENT_KEY, NOW), sha256_hex(octets), KEYS)
