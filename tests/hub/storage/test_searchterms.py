"""What a search looks at is kept between two starts under a number, which a changed way of making it must raise."""

from typing import Any

from hub.storage.searchterms import FOREVER, FORM, Terms, terms_of
from hub.storage.versions import LoadedVersion
from signing.encoding import canonical

KEY = {
    "kid": "k", "owner": "noor", "purpose": "statement", "active_from": 5, "retired_at": None, "revoked_at": None
}  # fmt: skip
RECORD: dict[str, Any] = {
    "id": "noor", "role": "neutral", "index": 9, "providers": ["acme", "brio"], "status": "active", "keys": [KEY],
    "accreditation": {"status": "listed", "begins": 3, "ends": 8},
    "profile": {
        "display_name": "Noor Sämple", "languages": ["en", "zh-Hans"], "roles": ["mediator"],
        "practice_fields": ["logistics"], "legal_systems": ["NG"],
        "qualifications": [{"body": "An Institute", "title": "Fellow"}],
    },
}  # fmt: skip
PINNED = Terms(
    index=9, id="noor", role="neutral", words=frozenset({"noor", "sample", "an", "institute", "fellow"}),
    values={
        "language": ("en", "zh-Hans"), "role": ("mediator",), "field": ("logistics",), "legal_system": ("NG",),
        "provider": ("acme", "brio"),
    },
    accredited=(3, 8), keys=((5, FOREVER),), active=True, nationality=("KE",),
    sha256=bytes.fromhex("feccbbb9cf8c2dc6e3f8924d2d014f5590d1f07198d59438edf58d3eae3d2eda"), annex=7,
)  # fmt: skip


def test_the_form_is_pinned() -> None:
    """Raise ``FORM`` with this value: hubs that kept terms of another number make theirs again."""
    version = LoadedVersion(9, canonical(RECORD).decode(), 7, b'{"nationality":["KE"]}')
    assert (FORM, terms_of(version)) == (1, PINNED)
