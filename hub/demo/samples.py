"""Sample people, profiles and the sample award: everything in the demonstration that is invented.

Nothing here is a default of the program; every name says that it is a sample.
"""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segno
import typst

from signing.encoding import canonical, sha256_hex

__all__ = [
    "AGREEMENT",
    "NEUTRAL",
    "NEUTRAL_NAME",
    "PROVIDER",
    "PROVIDER_NAME",
    "SECOND_PROVIDER",
    "accreditation",
    "accreditation_options",
    "award_details",
    "award_pdf",
    "neutral_entry",
    "organisation_profile",
    "provider_profile",
    "write_json",
]

PROVIDER = "sample-provider"
PROVIDER_NAME = "Sample ODR Centre (sample provider)"
SECOND_PROVIDER = "sample-provider-two"
NEUTRAL = "sample-neutral"
NEUTRAL_NAME = "Dr Sample Neutral"
RULES = "Sample Arbitration Rules 2026-1"
AGREEMENT = b"Any dispute out of this contract is resolved online under the Sample Arbitration Rules (sample clause).\n"
TEMPLATE = Path(__file__).with_name("award.typ")


def provider_profile(name: str = PROVIDER_NAME) -> dict[str, Any]:
    """A provider's public profile, as the schema of ``member`` asks for it."""
    return {
        "legal_name": name,
        "contact": {
            "postal": "1 Sample Street, Singapore",
            "email": "desk@provider.example",
            "url": "https://provider.example/",
        },
        "economy": "SG",
        "stages_offered": ["negotiation", "mediation", "arbitration"],
        "dispute_types": ["non_conformity", "late_delivery", "payment_default"],
        "languages_procedure": ["en", "zh-Hans"],
        "rules": [
            {
                "name": "Sample Arbitration Rules",
                "version": "2026-1",
                "sha256": sha256_hex(b"sample rules"),
                "url": "https://provider.example/rules",
                "effective": "2026-01-01",
            }
        ],
        "fee_schedule": {
            "url": "https://provider.example/fees",
            "sha256": sha256_hex(b"sample fees"),
            "proportional": True,
        },
        "binding": True,
    }


def organisation_profile(name: str) -> dict[str, Any]:
    """The public profile of a court or an observer."""
    contact = {"postal": "2 Sample Street", "email": "desk@other.example", "url": "https://other.example/"}
    return {"legal_name": name, "contact": contact, "economy": "SG"}


def neutral_entry(name: str = NEUTRAL_NAME) -> dict[str, Any]:
    """A neutral's entry in the register: custody of the key, and the public profile."""
    return {
        "key_custody": "self",
        "profile": {
            "display_name": f"{name} (sample)",
            "roles": ["arbitrator", "mediator"],
            "languages": ["en", "de"],
            "practice_fields": ["sale_of_goods"],
            "legal_systems": ["common_law", "DE"],
            "declaration_of_code": {"name": "Sample code of conduct for neutrals"},
        },
    }


def accreditation(subject: str, subject_type: str, status: str = "listed", **changes: str) -> dict[str, Any]:
    """The body of an accreditation decision on a provider or neutral."""
    body: dict[str, Any] = {
        "subject": subject,
        "subject_type": subject_type,
        "scheme": "sample_scheme_2026",
        "status": status,
        "criteria": [{"code": "independence", "result": "met"}, {"code": "security", "result": "met"}],
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2036-01-01T00:00:00Z",
        "decided_by": "Sample accreditation panel",
        "decision_date": "2026-01-01",
    }
    if status == "suspended":
        body["ground_code"] = "communications_insecure"
    return body | changes


def accreditation_options(status: str) -> list[str]:
    """The same decision as options of ``odr-hub officer accredit``, which names subject and type itself."""
    body = accreditation("", "", status)
    options = ["--status", status]
    for option in ("scheme", "valid_from", "valid_to", "decided_by", "decision_date"):
        options += [f"--{option.replace('_', '-')}", body[option]]
    for finding in body["criteria"]:
        options += ["--criterion", f"{finding['code']}={finding['result']}"]
    return options


def award_details(now: int) -> dict[str, Any]:
    """What the provider states about the award and the procedure behind it."""
    return {
        "type": "final",
        "expression": {"language": "en", "version": 1, "kind": "original"},
        "date": _date(now),
        "seat": {"country": "SG", "place": "SGSIN"},
        "rules_version": RULES,
        "brief_reasons": True,
        "procedure": {
            "agreement_sha256": sha256_hex(AGREEMENT),
            "notices": [
                {"purpose": "notice", "deemed_received": "2026-08-01T00:00:00Z"},
                {"purpose": "appointment", "deemed_received": "2026-08-05T00:00:00Z"},
            ],
            "appointment": {"method": "provider", "appointed": "2026-08-05T00:00:00Z"},
            "disclosures": "none",
            "transfers": 1,
        },
    }


def award_pdf(award_id: str, case_id: str, hub: str, now: int) -> bytes:
    """The award as a PDF/A, made by typst; carries its id, where it is registered, and both as a QR code.

    Args:
        award_id: from ``odr-gateway award id``.
        case_id: id of the case.
        hub: the hub's address.
        now: POSIX seconds; the date on the award.
    """
    qr = io.BytesIO()
    segno.make(f"{hub}/#{award_id}", error="m").save(qr, kind="svg", border=0, xmldecl=False)
    values = {
        "award_id": award_id,
        "case_id": case_id,
        "hub": hub,
        "lookup": hub,
        "provider": PROVIDER_NAME,
        "neutral": NEUTRAL_NAME,
        "rules": RULES,
        "seat": "Singapore",
        "date": _date(now),
        "qr": qr.getvalue().decode("utf-8"),
    }
    return bytes(typst.compile(TEMPLATE, format="pdf", sys_inputs=values, pdf_standards="a-3b"))


def write_json(path: Path, value: dict[str, Any]) -> Path:
    """Write ``value`` as a JSON file for a command to read."""
    path.write_bytes(canonical(value) + b"\n")
    return path


def _date(now: int) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
