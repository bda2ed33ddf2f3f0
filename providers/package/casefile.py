"""``case.json``: what both sides check of it, before it is packed and after it is unpacked."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from providers.package.attestation import check_attested
from providers.package.disclosure import Terms, check_item, privileged_texts, refuse_financial_details
from providers.package.errors import PackageRefusedError, refusal_of
from providers.package.manifest import CASE, DOCUMENTS, Item, Route
from providers.package.names import shown
from schemas.errors import SchemasError
from signing.encoding import JSON, canonical, loads, sha256_hex
from signing.errors import SigningError

__all__ = [
    "CONTENT_DIFFERS",
    "MAX_CASE",
    "Validate",
    "check_case",
    "check_documents",
    "differing_contents",
    "format_case",
    "parse_case",
]

MAX_CASE = 1 << 22
CONTENT_DIFFERS = "This is not the SHA-256 of the body in UTF-8."


class Validate(Protocol):
    """Schema validation, such as ``schemas.validation.validate_document``."""

    def __call__(self, name: str, version: int, document: object, /) -> None:
        """Raise ``SchemasError`` unless version ``version`` of the schema ``name`` accepts ``document``."""
        ...


def format_case(case: Mapping[str, JSON]) -> bytes:
    """The octets of ``case.json``: canonical JSON."""
    try:
        octets = canonical(case)
    except SigningError as error:
        raise refusal_of(error, CASE) from None
    if len(octets) > MAX_CASE:
        raise PackageRefusedError("case_too_large", f"The case file is larger than {MAX_CASE} bytes.", CASE)
    return octets


def parse_case(octets: bytes) -> dict[str, JSON]:
    """Read ``case.json`` as strict JSON; its form is for ``check_case``."""
    try:
        case = loads(octets, max_bytes=MAX_CASE)
    except SigningError as error:
        raise refusal_of(error, CASE) from None
    if not isinstance(case, dict):
        raise PackageRefusedError("not_an_object", "The case file is not a JSON object.", CASE)
    return case


def check_case(case: Mapping[str, JSON], route: Route, terms: Terms, at: int, validate: Validate) -> None:
    """Raise unless ``case`` may travel on ``route`` under ``terms`` at POSIX second ``at``.

    Checks the schema, that it is the case that was offered, in the sender's custody and in the stage that chose the
    gate, that communications are what their hashes say, that it bears out what the offer says of parties and
    consents, that nothing privileged stands in it without consent, and no bank details or tax numbers. Not checked:
    what the documents are, see ``check_documents``.

    Raises:
        PackageRefusedError: ``schema_violation``, ``other_case``, ``other_custodian``, ``stage_differs``,
            ``content_differs``, ``parties_differ``, ``consent_unfounded``, ``class_not_offered``,
            ``item_consent_missing``, ``bank_details`` or ``tax_number``.
    """
    refuse_financial_details(case, CASE)  # first: its sentence says more than that of the schema
    try:
        validate("case-file", 1, case)
    except SchemasError as error:
        raise refusal_of(error, CASE) from error
    if case["case_id"] != terms.case_id:
        raise PackageRefusedError("other_case", "The case file is not that of the offered case.", f"{CASE}/case_id")
    if case["custodian"] != route.sender:
        message = "The case file names another custodian than the sender."
        raise PackageRefusedError("other_custodian", message, f"{CASE}/custodian")
    if case["stage"] != terms.stage:
        message = f"The case file stands in {case['stage']}, the offer says {terms.stage}, which has another gate."
        raise PackageRefusedError("stage_differs", message, f"{CASE}/stage")
    for pointer in differing_contents(case):
        raise PackageRefusedError("content_differs", CONTENT_DIFFERS, f"{CASE}{pointer}")
    check_attested(terms, case, CASE)
    check_item("C2", "", terms, route.recipient, at, CASE)
    for pointer, sha256 in privileged_texts(case):
        check_item("C3", sha256, terms, route.recipient, at, f"{CASE}{pointer}")


def differing_contents(case: Mapping[str, JSON]) -> Iterator[str]:
    """JSON pointers of the communications whose body does not have the SHA-256 that the case file states."""
    for at, one in enumerate(case["communications"]):
        if "body" in one and sha256_hex(one["body"].encode("utf-8")) != one["content_sha256"]:
            yield f"/communications/{at}/content_sha256"


def check_documents(case: Mapping[str, JSON], items: Iterable[Item]) -> None:
    """Raise ``case_differs`` unless the case file describes exactly the documents that ``items`` names."""
    described = {one["name"]: one for one in case["documents"]}
    found = {one.name.removeprefix(DOCUMENTS): one for one in items if one.name != CASE}
    if len(described) != len(case["documents"]) or described.keys() != found.keys():
        name = shown(min(described.keys() ^ found.keys(), default=""))
        message = "The case file and the package do not have the same documents."
        raise PackageRefusedError("case_differs", message, name or f"{CASE}/documents")
    for name, item in found.items():
        said = tuple(described[name][member] for member in ("size", "sha256", "class", "media_type"))
        if said != (item.size, item.sha256, item.data_class, item.media_type):
            message = "The case file describes a document otherwise than the package."
            raise PackageRefusedError("case_differs", message, shown(name))
