"""The sample case of the demonstration: parties, claim, documents, consents. Everything here is invented.

A buyer in Chile and a maker in China; contract, invoice, photographs, and letters in Chinese and English.
"""

import json
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from signing.compose import timestamp
from signing.encoding import sha256_hex

__all__ = ["offer_terms", "write_case"]

BUYER = "Importadora Muestra SpA (sample party)"
MAKER, MAKER_LATIN = "示例灯具有限公司 (示例当事人)", "Sample Lamps Co., Ltd. (sample party)"
_DAY = 86_400
_COMPLAINT = """On opening the container we found 214 of 600 lamps with cracked diffusers.
We ask for replacement of these lamps or a refund of their price. (Sample letter.)
"""
_LETTERS = {
    "letter-buyer.txt": ("en", _COMPLAINT),
    "来信-制造商.txt": (
        "zh-Hans",
        "我们已收到贵方通知。发货前的检验未发现裂纹。我们认为损坏发生在运输途中。(示例信件)\n",
    ),
}
_TITLES = {
    "contract.pdf": ("Sale contract with arbitration clause (sample)", "contract"),
    "invoice.pdf": ("Invoice (sample)", "invoice"),
    "photo-1.png": ("Photograph of a cracked diffuser (sample)", "photo"),
    "photo-2.png": ("Photograph of the opened container (sample)", "photo"),
}


def write_case(folder: Path, custodian: str, recipient: str, now: int) -> Path:
    """Write ``case.json`` and ``documents/`` to a new folder, as a provider's platform would.

    Args:
        folder: is made.
        custodian: the provider that holds the case.
        recipient: the provider that the parties agreed on; their consents name it.
        now: POSIX seconds.
    """
    documents = _documents() | {f"consent-{role}.json": _consent_text(role, recipient) for role in _ROLES}
    (folder / "documents").mkdir(parents=True)
    for name, octets in documents.items():
        (folder / "documents" / name).write_bytes(octets)
    case = _case(custodian, documents, now) | {
        "consents": [_consent(role, recipient, documents[f"consent-{role}.json"], now) for role in _ROLES]
    }
    text = json.dumps(case, ensure_ascii=False, indent=1)
    (folder / "case.json").write_text(text, encoding="utf-8")
    return folder


def offer_terms(recipient: str, now: int, seconds: int) -> dict[str, Any]:
    """What the provider says about its offer, which stands for ``seconds`` from ``now`` on."""
    return {
        "recipient": recipient,
        "reason": "no_competence",
        "legal_basis": "submission_agreement",
        "destination_country": "SG",
        "export_basis": "contract",
        "rules_to": {"name": "Sample Arbitration Rules", "version": "2026-1"},
        "claim_summary": "214 of 600 pendant lamps arrived cracked; mediation has ended, the parties want an award.",
        "expires_at": timestamp(now + seconds),
    }


_ROLES = ("claimant", "respondent")


def _documents() -> dict[str, bytes]:
    return {
        "contract.pdf": _pdf("Sale contract (sample)", "600 pendant lamps, CIF Valparaíso, USD 22,200.00."),
        "invoice.pdf": _pdf("Invoice (sample)", "600 pendant lamps SAMPLE-PL-30: USD 22,200.00."),
        "photo-1.png": _picture(96, 64, 40),
        "photo-2.png": _picture(96, 64, 150),
        **{name: text.encode() for name, (_, text) in _LETTERS.items()},
    }


def _pdf(title: str, text: str) -> bytes:
    source = f'#set document(title: "{title}", date: datetime(year: 2026, month: 5, day: 2))\n= {title}\n{text}\n'
    return bytes(typst.compile(source.encode(), format="pdf"))


def _picture(width: int, height: int, shade: int) -> bytes:
    """A small PNG: a grey ramp with a crack across it."""
    rows = b"".join(
        b"\0" + bytes(0 if abs(x - 2 * y) < 2 else (shade + x) % 256 for x in range(width)) for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _consent_text(role: str, recipient: str) -> bytes:
    text = f"The {role} (sample party) agrees that the case is handed over to {recipient} for arbitration."
    return json.dumps({"text": text, "language": "en"}).encode()


def _consent(role: str, recipient: str, evidence: bytes, now: int) -> dict[str, Any]:
    return {
        "consent_id": f"consent-{role}",
        "party": {"role": role, "number": 1},
        "purpose": "transfer",
        "recipient": recipient,
        "given_by": f"Sample Person for the {role}",
        "capacity": "party",
        "method": "click",
        "text_sha256": sha256_hex(_consent_text(role, recipient)),
        "language": "en",
        "given_at": timestamp(now - _DAY),
        "evidence_sha256": sha256_hex(evidence),
    }


def _case(custodian: str, documents: dict[str, bytes], now: int) -> dict[str, Any]:
    filed = now - 30 * _DAY
    return {
        "kind": "case-file",
        "version": 1,
        "custodian": custodian,
        "stage": "mediation",
        "state": "mediation",
        "filed_at": timestamp(filed),
        "commenced_at": timestamp(filed + 7200),
        "dispute_type": "non_conformity",
        "languages": ["en", "zh-Hans"],
        "parties": [
            _party("claimant", BUYER, "CL", "es-CL"),
            _party("respondent", MAKER, "CN", "zh-Hans") | {"name_latin": MAKER_LATIN},
        ],
        "agreement": {
            "type": "submission",
            "document": "doc-0",
            "governing_provider": "Sample ODR Centre (sample provider)",
            "rules_version": "2026-1",
        },
        "seat": {"country": "SG", "place": "SGSIN", "basis": "parties"},
        "applicable_law": [{"rules": "CISG", "basis": "parties_choice"}],
        "cross_border": {"places_of_business_differ": True, "performance_abroad": True},
        "claims": [_claim(filed)],
        "communications": [],
        "documents": [_item(at, name, octets, filed) for at, (name, octets) in enumerate(documents.items())],
        "clocks": [],
        "neutrals": [],
        "prior_proceedings": [],
        "publication": "none",
        "highest_class": "C2",
    }


def _party(role: str, name: str, country: str, language: str) -> dict[str, Any]:
    return {
        "role": role,
        "number": 1,
        "kind": "small",
        "name": name,
        "country": country,
        "email": f"{role}@{country.lower()}.example",
        "language": language,
        "contact_channels": ["platform", "email"],
    }


def _claim(filed: int) -> dict[str, Any]:
    return {
        "claim_no": 1,
        "kind": "claim",
        "by": {"role": "claimant", "number": 1},
        "against": [{"role": "respondent", "number": 1}],
        "type": "non_conformity",
        "basis": "contract",
        "facts": "Of 600 pendant lamps 214 arrived with cracked diffusers.",
        "remedies": ["replace", "refund"],
        "amounts": [{"kind": "principal", "value": "7918.00", "currency": "USD", "as_of": _day(filed)}],
        "transaction": {
            "date": _day(filed - 90 * _DAY),
            "description": "600 pendant lamps, model SAMPLE-PL-30",
            "hs_code": "940511",
            "channel": "platform",
            "price": {"value": "22200.00", "currency": "USD"},
        },
        "contract_document": "doc-0",
        "direct_contact_attempted": True,
    }


def _item(at: int, name: str, octets: bytes, filed: int) -> dict[str, Any]:
    language = {"language": _LETTERS[name][0]} if name in _LETTERS else {}
    title, kind = _TITLES.get(name, (name.partition(".")[0], "correspondence"))
    types = {"pdf": "application/pdf", "png": "image/png", "txt": "text/plain", "json": "application/json"}
    return {
        "document_id": f"doc-{at}",
        "name": name,
        "title": title,
        "type": kind,
        "media_type": types[name.rpartition(".")[2]],
        "size": len(octets),
        "sha256": sha256_hex(octets),
        "submitted_by": {"role": "claimant", "number": 1},
        "submitted_at": timestamp(filed),
        "class": "C2",
        "trade_secret": False,
        "personal_data": True,
        "retention": "case",
        **language,
    }


def _day(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d")
