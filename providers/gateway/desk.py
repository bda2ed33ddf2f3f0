"""The signing desk: what a draft makes its signer state, in plain words; then the signature.

Nothing is signed that was not shown: every member of the body appears, and every text from a draft is made
printable first, so that no escape sequence or invisible character can rewrite the screen. For an award the
document is hashed here, from the file the signer picked; a draft that names another document is refused.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from providers.errors import GatewayError
from providers.printable import printable
from schemas.validation import validate, validate_annex
from signing.drafts import Draft
from signing.encoding import JSON, loads_canonical
from signing.secretkeys import SigningKey

__all__ = [
    "DocumentFacts",
    "check_document",
    "checked_draft",
    "describe",
    "leaves",
    "measure",
    "read_draft",
    "sign_draft",
]

_TITLES = {
    "genesis": "FOUNDING A NETWORK",
    "policy": "A NEW POLICY OF THE NETWORK",
    "member": "A MEMBER'S ENTRY",
    "neutral": "A NEUTRAL'S ENTRY IN THE REGISTER",
    "key": "A CHANGE OF KEYS",
    "accreditation": "A DECISION ON ACCREDITATION",
    "quality-report": "A REPORT ON THE PROVIDER'S OWN WORK",
    "reference": "A REFERENCE FOR DECISIONS",
    "award": "AN ARBITRAL AWARD",
    "award-review": "A DECISION ON A DISPUTED AWARD",
}
_WIDTH = 24


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A local document, measured: file name, SHA-256 (hex) and size in bytes."""

    name: str
    sha256: str
    size: int


def measure(path: Path) -> DocumentFacts:
    """Hash a local document; the file is read once, in pieces."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        raise GatewayError(
            "document_unreadable", f"The document can't be read: {error.strerror}.", str(path)
        ) from error
    return DocumentFacts(path.name, digest.hexdigest(), size)


def read_draft(path: Path) -> Draft:
    """Read a draft file and hold its payload and annex against their schemas, before anything of it is shown.

    Raises:
        GatewayError: ``draft_unreadable`` or ``bad_draft``; errors of ``signing`` and ``schemas``.
    """
    try:
        draft = Draft.from_bytes(path.read_bytes())
    except OSError as error:
        raise GatewayError("draft_unreadable", f"The draft can't be read: {error.strerror}.", str(path)) from error
    return checked_draft(draft, str(path))


def checked_draft(draft: Draft, where: str = "") -> Draft:
    """Hold a draft's payload and annex against their schemas, wherever it came from; before anything of it is shown.

    Raises:
        GatewayError: ``bad_draft``; errors of ``signing`` and ``schemas``.
    """
    payload = draft.payload
    kind, version = payload.get("kind"), payload.get("version")
    if not isinstance(kind, str) or type(version) is not int:
        raise GatewayError("bad_draft", "The draft's payload names no kind and version.", where)
    validate(kind, version, payload)
    if draft.annex is not None:
        validate_annex(kind, version, loads_canonical(draft.annex))
    return draft


def check_document(payload: Mapping[str, JSON], document: DocumentFacts | None) -> None:
    """Raise unless ``document`` is the very file that an award's payload names; other kinds need none.

    Raises:
        GatewayError: ``document_needed`` or ``document_mismatch``.
    """
    if payload["kind"] != "award":
        return
    if document is None:
        message = "To sign an award, name the document with --document, so that its hash is computed here."
        raise GatewayError("document_needed", message, "--document")
    named = payload["body"]["manifestation"]
    if (named["sha256"], named["size"]) != (document.sha256, document.size):
        message = "This document is not the one that the draft names: hash or size differ. Do not sign."
        raise GatewayError("document_mismatch", message, document.name)


def describe(draft: Draft, key_id: str, document: DocumentFacts | None) -> list[str]:
    """Lines that say what the holder of ``key_id`` would sign; call ``check_document`` first.

    Does not say whether the statement is true, nor whether the other signers are who they claim to be.
    """
    payload = draft.payload
    lines = [_TITLES.get(payload["kind"], f"A STATEMENT OF KIND {payload['kind']}"), ""]
    lines += _row("Made by", payload["issuer"]) + _row("On", payload["issued_at"])
    lines += _row("Network", payload["network"] or "none yet: this founds one")
    lines += _row("Statement", payload["id"])
    if payload["kind"] == "award":
        lines += _award_headline(payload["body"], document)
    lines += ["", "It says, word for word:"]
    for name, value in leaves(payload["body"]):
        lines += _row(f"  {name}", value)
    lines += [*_annex(draft, payload), "", "Signed by:"]
    missing = draft.missing()
    for signer in payload["signers"]:
        state = "signature still missing" if signer["kid"] in missing else "a signature is there (not verified here)"
        shown = "YOU, by this signature" if signer["kid"] == key_id else state
        lines.append(f"  {signer['role']} with key {signer['kid']}: {shown}")
    return lines


def sign_draft(draft: Draft, key: SigningKey, now: int) -> Draft:
    """``draft`` with this key's signature added, dated ``now`` (POSIX seconds).

    Raises:
        GatewayError: ``not_a_signer`` or ``already_signed``.
    """
    if key.kid not in {signer["kid"] for signer in draft.payload["signers"]}:
        raise GatewayError("not_a_signer", "This draft does not ask for a signature of this key.", key.kid)
    if key.kid not in draft.missing():
        raise GatewayError("already_signed", "This key has signed this draft already.", key.kid)
    return draft.signed_by(key, now)


def _award_headline(body: Mapping[str, JSON], document: DocumentFacts | None) -> list[str]:
    lines = _row("Award", body["award_id"]) + _row("Case", body["case_id"]) + _row("Date of the award", body["date"])
    seat = body["seat"]
    lines += _row("Seat", ", ".join(str(seat[name]) for name in ("place", "country") if name in seat))
    if document is not None:
        lines += _row("Document", f"{document.name}, {document.size:,} bytes")
        lines += _row("", f"SHA-256 {document.sha256}")
        lines += _row("", "computed here; it is the document that the draft names")
    return lines


def _annex(draft: Draft, payload: Mapping[str, JSON]) -> list[str]:
    named = payload.get("annex")
    if named is None:
        return []
    lines = ["", "Restricted annex (members and officers may read it):"]
    for name, value in leaves(loads_canonical(draft.annex or b"{}")):
        lines += _row(f"  {name}", value)
    return lines


def leaves(value: JSON, path: str = "") -> Iterator[tuple[str, JSON]]:
    """Every leaf of a JSON value with its dotted path, in the order of the payload."""
    if isinstance(value, Mapping) and value:
        for name, member in value.items():
            yield from leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, member in enumerate(value, 1):
            yield from leaves(member, f"{path}[{number}]")
    else:
        yield path, value


def _row(label: str, value: JSON) -> list[str]:
    text = "none" if value is None else ("no", "yes")[value] if isinstance(value, bool) else str(value)
    first, *more = text.split("\n")
    indent = " " * (_WIDTH + 1)
    return [f"{printable(label):<{_WIDTH}} {printable(first)}", *(indent + printable(line) for line in more)]
