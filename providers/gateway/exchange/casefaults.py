"""Everything that is wrong with a case before it is taken in: all faults at once, each with its JSON pointer.

Beyond the schema: that the documents are exactly those that came with it, that whatever is named exists, that
every consent has its evidence among the documents, that every communication has the SHA-256 that is stated, and
that no bank details or tax numbers stand in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from providers.package.casefile import CONTENT_DIFFERS, differing_contents
from providers.package.disclosure import refuse_financial_details
from providers.package.errors import PackageRefusedError
from providers.package.names import check_names
from schemas.errors import SchemaViolationError, Violation
from schemas.validation import validate_document
from signing.encoding import JSON

__all__ = ["Found", "faults"]


@dataclass(frozen=True, slots=True)
class Found:
    """A document that came with a case: its size and SHA-256 as measured here."""

    sha256: str
    size: int


def faults(case: Mapping[str, JSON], found: Mapping[str, Found], actor: str) -> list[Violation]:
    """What is wrong with ``case`` and the documents ``found`` with it, by name; ``actor`` is this member."""
    try:
        refuse_financial_details(case, "")
    except PackageRefusedError as error:
        return [Violation(error.where, error.message, error.code)]
    try:
        validate_document("case-file", 1, case)
    except SchemaViolationError as error:
        return list(error.violations)
    listed = [*_custody(case, actor), *_documents(case, found), *_references(case), *_evidence(case)]
    listed += [Violation(one, CONTENT_DIFFERS, "content_differs") for one in differing_contents(case)]
    try:
        check_names(found)
    except PackageRefusedError as error:
        listed.append(Violation("/documents", f"{error.message} ({error.where})", error.code))
    return listed


def _custody(case: Mapping[str, JSON], actor: str) -> Iterator[Violation]:
    if case["custodian"] != actor:
        yield Violation("/custodian", f"The custodian is {actor}, whose gateway this is.", "other_custodian")


def _documents(case: Mapping[str, JSON], found: Mapping[str, Found]) -> Iterator[Violation]:
    names = [one["name"] for one in case["documents"]]
    for at, one in enumerate(case["documents"]):
        pointer, here = f"/documents/{at}", found.get(one["name"])
        if here is None:
            yield Violation(f"{pointer}/name", "No file of this name came with the case.", "file_missing")
        elif (here.size, here.sha256) != (one["size"], one["sha256"]):
            said = f"{here.size} bytes and SHA-256 {here.sha256}"
            yield Violation(pointer, f"The file that came has {said}.", "file_differs")
        if names.index(one["name"]) != at:
            yield Violation(f"{pointer}/name", "Another document has this name.", "names_collide")
    for name in sorted(found.keys() - set(names)):
        yield Violation("/documents", f"The case file does not describe {name}.", "file_extra")


def _references(case: Mapping[str, JSON]) -> Iterator[Violation]:
    documents = {one["document_id"] for one in case["documents"]}
    parties = {(one["role"], one["number"]) for one in case["parties"]}
    if len(documents) != len(case["documents"]):
        yield Violation("/documents", "Two documents have one document_id.", "duplicate_id")
    for role in ("claimant", "respondent", "joined"):
        numbers = sorted(number for each, number in parties if each == role)
        if numbers != list(range(1, len(numbers) + 1)):
            yield Violation("/parties", f"The parties in the role {role} are not numbered 1, 2, …", "party_numbers")
    if len(parties) != len(case["parties"]):
        yield Violation("/parties", "Two parties have one role and number.", "party_numbers")
    for at, one in enumerate(case["communications"]):
        for number, name in enumerate(one.get("attachments", ())):
            if name not in documents:
                pointer = f"/communications/{at}/attachments/{number}"
                yield Violation(pointer, f"There is no document {name}.", "unknown_document")
    for at, one in enumerate(case["consents"]):
        if (one["party"]["role"], one["party"]["number"]) not in parties:
            yield Violation(f"/consents/{at}/party", "There is no such party.", "unknown_party")


def _evidence(case: Mapping[str, JSON]) -> Iterator[Violation]:
    documents = {one["sha256"] for one in case["documents"]}
    for at, one in enumerate(case["consents"]):
        if "evidence_sha256" in one and one["evidence_sha256"] not in documents:
            message = "The evidence of this consent is not among the documents."
            yield Violation(f"/consents/{at}/evidence_sha256", message, "evidence_missing")
