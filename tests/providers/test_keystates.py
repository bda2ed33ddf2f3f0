"""What became of keys is told once, and an answer that lists impossible keys is refused."""

from dataclasses import asdict
from typing import Any

import pytest

from providers.errors import UntrustedAnswerError
from providers.keystates import key_told, read_ring
from signing.compose import timestamp
from signing.keyring import KeyRecord

FIRST = KeyRecord("first", "acme", "provider", "statement", "x", 1)
CHILD = KeyRecord("child", "acme", "provider", "http", "x", 4, introduced_by="first")


def told(now: int = 0, size: int = 9, **changes: Any) -> str:
    ring = read_ring([asdict(FIRST), asdict(CHILD) | changes], "acme")
    return key_told(ring, "child", size, now)


def test_each_state_has_its_words() -> None:
    assert told() == "current"
    assert told(revoked_at=7, invalid_from=3) == "revoked at log index 7, in doubt from 3 on"
    assert told(now=99, retired_at=100) == f"retired, still good until {timestamp(100)}"
    assert told(now=100, retired_at=100) == f"retired since {timestamp(100)}"
    assert told(now=99, active_from=100) == f"made by officers, good from {timestamp(100)} on"
    assert told(now=100, active_from=100) == "current"
    assert told(retired_at=253_402_300_799).endswith("until 9999-12-31T23:59:59Z")


@pytest.mark.parametrize("purpose", ["statement", "http", "monitor", "inbox"])
@pytest.mark.parametrize("size", [5, 6])
def test_a_key_that_came_in_through_a_revoked_one_is_suspended(purpose: str, size: int) -> None:
    revoked = asdict(FIRST) | {"revoked_at": 5, "invalid_from": 2}
    ring = read_ring([revoked, asdict(CHILD) | {"purpose": purpose, "retired_at": 100}], "acme")
    expected = "suspended; it came in through the revoked key first and nobody has confirmed it"
    assert key_told(ring, "child", size, 50) == (
        expected if size == 6 else f"retired, still good until {timestamp(100)}"
    )
    confirmed = read_ring([revoked, asdict(CHILD) | {"confirmed_at": 6}], "acme")
    assert key_told(confirmed, "child", 7, 50) == "current"


def test_a_member_that_is_not_known_yet_is_passed_over() -> None:
    assert read_ring([asdict(FIRST) | {"colour": "red"}], "acme") == {"first": FIRST}


@pytest.mark.parametrize(
    "changes",
    [
        {"index": "4"},
        {"introduced_by": "nobody"},
        {"introduced_by": "child"},
        {"index": 1},
        {"index": -1},
        {"index": True},
        {"index": None},
        {"introduced_by": []},
        {"introduced_by": {}},
        {"introduced_by": 1},
        {"revoked_at": "5"},
        {"revoked_at": -1},
        {"confirmed_at": True},
        {"retired_at": 10**15},
        {"retired_at": 253_402_300_800},
        {"retired_at": -1},
        {"active_from": 10**15},
        {"active_from": None},
        {"owner": "somebody-else"},
        {"x": 1},
    ],
)
def test_keys_that_can_not_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UntrustedAnswerError) as caught:
        told(**changes)
    assert (caught.value.code, caught.value.actor) == ("bad_answer", "hub")


@pytest.mark.parametrize("keys", [None, 3, ["first"], [{"kid": "first"}], [{**asdict(FIRST), "kid": []}]])
def test_an_answer_without_keys_is_refused(keys: object) -> None:
    with pytest.raises(UntrustedAnswerError, match="lists no keys that could be"):
        read_ring(keys, "acme")
