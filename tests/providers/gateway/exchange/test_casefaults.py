"""Every fault of a case that comes from the platform, beyond those that its schema finds."""

import hashlib
from typing import Any

from providers.gateway.exchange.casefaults import Found, faults
from signing.compose import timestamp
from tests.providers.gateway.exchange.house import A, sample_case

NOW = 1_790_000_000


def said_of(**changes: Any) -> list[tuple[str, str]]:
    """Rule and pointer of each fault of the sample case with these changes."""
    case, files = sample_case(NOW)
    found = {name: Found(hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items()}
    whole = {**case, "case_id": "urn:odr:provider-a:0197b1a0-0000-7000-8000-000000000001", **changes}
    return [(one.rule, one.pointer) for one in faults(whole, found, A)]


def notice(body: str, of: str) -> dict[str, Any]:
    return {
        "communication_id": f"notice-{len(body)}",
        "kind": "submission",
        "from": {"role": "respondent", "number": 1},
        "to": [{"role": "claimant", "number": 1}],
        "available_at": timestamp(NOW),
        "notified_at": timestamp(NOW),
        "privilege": "none",
        "class": "C2",
        "trade_secret": False,
        "personal_data": False,
        "content_sha256": hashlib.sha256(of.encode()).hexdigest(),
        "body": body,
    }


def test_the_sample_has_none() -> None:
    assert said_of() == []


def test_a_communication_has_the_hash_of_its_body() -> None:
    assert said_of(
        communications=[notice("我们已收到", "我们已收到"), notice("half", "all"), notice("one", "two")]
    ) == [
        ("content_differs", "/communications/1/content_sha256"),
        ("content_differs", "/communications/2/content_sha256"),
    ]
