"""Sample inputs of the gateway's users."""

from pathlib import Path
from typing import Any

from providers.gateway.home import Home, create_home
from tests.fakes.world import World

PROVIDER_PROFILE: dict[str, Any] = {
    "legal_name": "Sample ODR Provider Ltd (sample)",
    "contact": {
        "postal": "1 Sample Street, Singapore",
        "email": "desk@sample.example",
        "url": "https://sample.example/",
    },
    "economy": "SG",
    "stages_offered": ["negotiation", "mediation", "arbitration"],
    "dispute_types": ["non_conformity"],
    "languages_procedure": ["en"],
    "rules": [
        {
            "name": "Sample Rules",
            "version": "2026-1",
            "sha256": "ab" * 32,
            "url": "https://sample.example/rules",
            "effective": "2026-01-01",
        }
    ],
    "fee_schedule": {"url": "https://sample.example/fees", "sha256": "cd" * 32, "proportional": True},
    "binding": True,
}

NEUTRAL_ENTRY: dict[str, Any] = {
    "key_custody": "self",
    "profile": {
        "display_name": "Sample Neutral",
        "roles": ["arbitrator"],
        "languages": ["en"],
        "practice_fields": ["sale_of_goods"],
        "legal_systems": ["common_law"],
        "declaration_of_code": {"name": "Sample code of conduct"},
    },
}

AWARD_DETAILS: dict[str, Any] = {
    "type": "final",
    "expression": {"language": "en", "version": 1, "kind": "original"},
    "date": "2026-09-20",
    "seat": {"country": "SG", "place": "SGSIN"},
    "rules_version": "Sample Rules 2026-1",
    "brief_reasons": True,
    "procedure": {
        "agreement_sha256": "ef" * 32,
        "notices": [{"purpose": "notice", "deemed_received": "2026-08-01T00:00:00Z"}],
        "appointment": {"method": "provider", "appointed": "2026-08-05T00:00:00Z"},
        "disclosures": "none",
        "transfers": 0,
    },
}

CASE = "urn:odr:sample-provider:0197b1a0-0000-7000-8000-000000000001"
PDF = b"%PDF-1.7 sample award of sample parties\n%%EOF\n"


def home_in(folder: Path, world: World) -> Home:
    """The directory of a provider's gateway in the network of ``world``, whose hub nobody reaches."""
    return create_home(
        folder / "gateway", actor="provider-a", member_type="provider", hub="http://127.0.0.1:1",
        policy=world.trust_file(),
    )  # fmt: skip
