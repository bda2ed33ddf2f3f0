"""From rings and standings to facts: keys that change by themselves, keys that must be answered."""

import pytest

from hub.console.facts import DecisionFact, KeyFact
from hub.console.reading import decision_fact, key_facts
from hub.storage.watchlist import Standing
from signing.keyring import KEY_OVERLAP_SECONDS, KeyRecord, Ring

NOW, SIZE = 1_795_000_000, 100
TIMES = {5: 500, 9: 900}


def key(kid: str, **changes: object) -> KeyRecord:
    return KeyRecord(kid, "acme", "provider", "statement", "", 5, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ring", "expected"),
    [
        ({"a": key("a")}, []),
        ({"a": key("a", by_officers=True, active_from=NOW)}, [KeyFact("acme", "a", "waiting", 500, NOW)]),
        ({"a": key("a", retired_at=NOW)}, [KeyFact("acme", "a", "overlap", NOW - KEY_OVERLAP_SECONDS, NOW)]),
        ({"a": key("a", revoked_at=9, invalid_from=9, retired_at=NOW)}, []),
        ({"a": key("a", revoked_at=SIZE, retired_at=NOW)}, [
            KeyFact("acme", "a", "overlap", NOW - KEY_OVERLAP_SECONDS, NOW),
        ]),
        ({"a": key("a", revoked_at=9, invalid_from=4), "b": key("b", introduced_by="a")}, [
            KeyFact("acme", "b", "suspended", 900),
        ]),
        ({"a": key("a", revoked_at=9, invalid_from=4), "b": key("b", introduced_by="a", confirmed_at=10)}, []),
    ],
    ids=["current", "waiting", "overlap", "revoked", "not yet revoked", "suspended", "confirmed"],
)  # fmt: skip
def test_keys_in_motion(ring: Ring, expected: list[KeyFact]) -> None:
    assert list(key_facts("acme", ring, SIZE, TIMES)) == expected


def test_a_decision_with_what_is_pending() -> None:
    procedure = {
        "cure_deadline": "2026-11-18T00:00:00Z", "consultation": {"recommends": "removal"},
        "appeal": {"state": "open", "until": "2026-12-18T00:00:00Z"},
    }  # fmt: skip
    standing = Standing("acme", "referred", NOW, 5, procedure)
    assert decision_fact(standing, 500, "Acme") == DecisionFact(
        "acme", "Acme", "referred", 500, NOW, 1_794_960_000, consulted=True, appeal="open", appeal_until=1_797_552_000
    )
    assert decision_fact(Standing("acme", "listed", NOW, 5, {}), 500, "") == DecisionFact(
        "acme", "", "listed", 500, NOW
    )
