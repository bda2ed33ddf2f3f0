"""A case, its documents and its package, and packages that nobody should accept."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from providers.package.disclosure import Terms
from providers.package.errors import PackageRefusedError
from providers.package.manifest import CASE, DOCUMENTS, INDEX, Item, Manifest, Route, sign_index
from providers.package.packing import Document, Packed, Parcel, pack
from providers.package.unpacking import Expected
from schemas.errors import SchemaViolationError, Violation
from signing.agefile import encrypt
from signing.encoding import b64u_encode, canonical
from signing.secretkeys import AgreementKey, SigningKey

NOW = 1_790_000_000
SENDER, RECIPIENT = "provider-a", "provider-b"
CASE_ID = "urn:odr:provider-a:0197b1a0-0000-7000-8000-000000000001"
TRANSFER_ID = "urn:odr:provider-a:0197b1a0-0000-7000-8000-00000000000a"
ROUTE = Route(TRANSFER_ID, SENDER, RECIPIENT)
STATEMENT_KEY = SigningKey(bytes([1]) * 32)
TRANSFER_KEY, ESCROW_KEY, OTHER_KEY = (AgreementKey(bytes([number]) * 32) for number in (2, 3, 4))
SALT = b64u_encode(bytes(range(32)))
FILES = {"agreement.pdf": b"%PDF-1.7 sample", "发票 1.txt": "Rechnung über 200 €\n".encode(), "empty.bin": b""}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def validate(name: str, version: int, document: object) -> None:
    """Stands for the schemas: it looks at one member only."""
    assert version == 1
    if not isinstance(document, dict) or document.get("kind") != name:
        raise SchemaViolationError(name, version, [Violation("/kind", f"It is not a {name}.", "const")])


def case_file(documents: Mapping[str, bytes], classes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A case file that its schema accepts and that describes these documents."""
    return {
        "kind": "case-file",
        "version": 1,
        "case_id": CASE_ID,
        "custodian": SENDER,
        "stage": "mediation",
        "state": "mediation",
        "filed_at": "2026-08-01T08:00:00Z",
        "commenced_at": "2026-08-02T08:00:00Z",
        "dispute_type": "non_conformity",
        "languages": ["en"],
        "parties": [party("claimant", "Sample Buyer SpA", "CL"), party("respondent", "示例有限公司", "CN")],
        "agreement": {
            "type": "clause",
            "document": "doc-0",
            "governing_provider": "Sample ODR",
            "rules_version": "2026-1",
        },
        "applicable_law": [],
        "cross_border": {"places_of_business_differ": True, "performance_abroad": True},
        "claims": [
            {
                "claim_no": 1,
                "kind": "claim",
                "by": {"role": "claimant", "number": 1},
                "against": [{"role": "respondent", "number": 1}],
                "type": "non_conformity",
                "basis": "contract",
                "facts": "Of 600 lamps 214 are cracked.",
                "remedies": ["refund"],
                "amounts": [{"kind": "principal", "value": "7918.00", "currency": "USD", "as_of": "2026-07-31"}],
                "transaction": {
                    "date": "2026-05-02",
                    "description": "600 pendant lamps",
                    "channel": "platform",
                    "price": {"value": "22200.00", "currency": "USD"},
                },
                "direct_contact_attempted": True,
            }
        ],
        "communications": [],
        "documents": [
            {
                "document_id": f"doc-{number}",
                "name": name,
                "title": f"Document {number}",
                "type": "correspondence",
                "media_type": "application/octet-stream",
                "size": len(content),
                "sha256": sha256(content),
                "submitted_by": {"role": "claimant", "number": 1},
                "submitted_at": "2026-08-01T08:00:00Z",
                "class": (classes or {}).get(name, "C2"),
                "trade_secret": False,
                "personal_data": True,
                "retention": "case",
            }
            for number, (name, content) in enumerate(documents.items())
        ],
        "consents": [],
        "clocks": [],
        "neutrals": [],
        "prior_proceedings": [],
        "publication": "none",
        "highest_class": "C3" if "C3" in (classes or {}).values() else "C2",
    }


def party(role: str, name: str, country: str) -> dict[str, Any]:
    return {
        "role": role,
        "number": 1,
        "kind": "small",
        "name": name,
        "country": country,
        "email": f"{role}@sample.example",
        "language": "en",
        "contact_channels": ["platform"],
    }


def consent(role: str, *items: str, **changes: Any) -> dict[str, Any]:
    """An ``item_disclosure`` consent of the first party of a role."""
    return {
        "party": {"role": role, "number": 1},
        "purpose": "item_disclosure",
        "recipient": RECIPIENT,
        "given_at": "2026-08-03T08:00:00Z",
        "items": list(items),
        **changes,
    }


def offer(*consents: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The members of an offer's body that matter here."""
    return {
        "transfer_id": TRANSFER_ID,
        "case_id": CASE_ID,
        "stage": "mediation",
        "data_classes": ["C1", "C2", "C3"],
        "parties": {"claimants": 1, "respondents": 1, "joined": 0},
        "consents": list(consents),
        **changes,
    }


def documents(folder: Path, files: Mapping[str, bytes], classes: Mapping[str, str] | None = None) -> list[Document]:
    """The files, written as a platform would keep them: under other names."""
    found = []
    folder.mkdir(exist_ok=True)
    for number, (name, content) in enumerate(files.items()):
        (folder / f"stored-{number}").write_bytes(content)
        data_class = (classes or {}).get(name, "C2")
        found.append(Document(name, folder / f"stored-{number}", "application/octet-stream", data_class))
    return found


def parcel(
    folder: Path,
    files: Mapping[str, bytes] = FILES,
    classes: Mapping[str, str] | None = None,
    terms: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Parcel:
    said = terms or offer()
    case = case_file(files, classes) | {"consents": list(said["consents"])} | changes
    return Parcel(case, documents(folder, files, classes), ROUTE, Terms.of_offer(said), NOW)


def sign(payload: bytes) -> bytes:
    return sign_index(payload, STATEMENT_KEY, NOW)


def packed(one: Parcel) -> tuple[bytes, Packed]:
    """The ciphertext and what the dispatch says of it."""
    target = io.BytesIO()
    result = pack(one, target, [TRANSFER_KEY.public, ESCROW_KEY.public], sign=sign, validate=validate)
    return target.getvalue(), result


def expected(data: bytes, root: str, terms: Mapping[str, Any] | None = None, route: Route = ROUTE) -> Expected:
    keys = {STATEMENT_KEY.kid: STATEMENT_KEY.public}
    return Expected(route, Terms.of_offer(terms or offer()), NOW, root, sha256(data), len(data), keys)


def zipped(members: Mapping[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None) -> bytes:
    """A ZIP of these members, deflated; ``change`` sees each entry before it is written."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o100600 << 16
            if change is not None:
                change(info)
            archive.writestr(info, content)
    return out.getvalue()


def members(  # what a package holds, by the rules unless told otherwise
    files: Mapping[str, bytes] = FILES,
    *,
    route: Route = ROUTE,
    key: SigningKey = STATEMENT_KEY,
    case: Mapping[str, Any] | None = None,
    items: tuple[Item, ...] | None = None,
    classes: Mapping[str, str] | None = None,
) -> tuple[dict[str, bytes], Manifest]:
    octets = canonical(case_file(files, classes) if case is None else case)
    found = [Item(CASE, len(octets), "application/json", "C2", sha256(octets))]
    for name, content in files.items():
        data_class = (classes or {}).get(name, "C2")
        found.append(Item(DOCUMENTS + name, len(content), "application/octet-stream", data_class, sha256(content)))
    manifest = Manifest(route, SALT, tuple(found) if items is None else items)
    return {
        CASE: octets,
        **{DOCUMENTS + name: content for name, content in files.items()},
        INDEX: sign_index(manifest.payload, key, NOW),
    }, manifest


def sealed(archive: bytes) -> bytes:
    out = io.BytesIO()
    encrypt(io.BytesIO(archive), out, [TRANSFER_KEY.public])
    return out.getvalue()


@contextmanager
def refused(code: str, says: str, where: str = "") -> Iterator[None]:
    """The block raises exactly this refusal; ``says`` is part of its sentence."""
    with pytest.raises(PackageRefusedError) as caught:
        yield
    error = caught.value
    assert (error.code, error.where) == (code, where), f"{error.code}: {error}"
    assert says in error.message, error.message
