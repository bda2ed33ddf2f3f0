"""Validation of payloads, annexes and case documents: a fast yes, or all reasons for a no.

A Rust engine, built once per schema, answers yes in microseconds. Only a refused document goes to the
slow engine of ``explanation`` for its violations. A property test holds that both engines agree.

>>> from schemas.validation import validate
>>> validate("award", 1, payload)          # returns None or raises SchemaViolationError
"""

from functools import cache
from typing import Any

import jsonschema_rs

from schemas.catalogue import Schema, catalogue
from schemas.errors import SchemaViolationError, UnknownKindError, Violation

__all__ = ["accepts", "prepare", "validate", "validate_annex", "validate_document"]


def prepare() -> None:
    """Build every engine now instead of at first use; for a service's start."""
    for schema in catalogue().schemas():
        _engine(schema.kind, schema.version)


def accepts(kind: str, version: int, payload: object) -> bool:
    """The fast engine's answer alone, in microseconds; ``validate`` finds the reasons for a no, in milliseconds.

    Raises:
        UnknownKindError, UnknownVersionError: as ``validate``.
    """
    schema = catalogue().statement(kind, version)
    accepted: bool = _engine(schema.kind, schema.version).is_valid(payload)
    return accepted


def validate(kind: str, version: int, payload: object) -> None:
    """Hold a whole payload (envelope and body) against the schema of its kind.

    Checked: members, types, formats, lengths and code lists. Not checked: canonical form, whether ids
    and keys exist, who may sign, whether times fit together; parsing and the registry's rules do.

    Args:
        kind: the payload's ``kind``.
        version: the payload's ``version``.
        payload: decoded strict JSON (no floats).

    Raises:
        UnknownKindError: no such kind.
        UnknownVersionError: no such version of the kind.
        SchemaViolationError: with every violation (at most ``explanation.LIMIT``).
    """
    _hold(catalogue().statement(kind, version), payload)


def validate_annex(kind: str, version: int, annex: object) -> None:
    """Hold an annex against the schema that belongs to statements of ``kind`` and ``version``.

    Not checked: whether the statement's reference (SHA-256, size) fits the octets.

    Raises:
        UnknownKindError: statements of that kind carry no annex.
        SchemaViolationError: with every violation.
    """
    if (schema := catalogue().annex(kind, version)) is None:
        raise UnknownKindError("no_annex", f"A {kind} of version {version} carries no annex.", "/annex")
    _hold(schema, annex)


def validate_document(name: str, version: int, document: object) -> None:
    """Hold a document that travels inside ciphertext, such as ``case-file``, against its schema.

    Checked: members, types, formats, lengths and code lists; tax numbers and bank details have no place.
    Not checked: whether documents, parties and communications that are named exist, whether amounts
    and times fit together, whether hashes are those of the files; who opens a package does.

    Raises:
        UnknownKindError: there is no case document of that name.
        UnknownVersionError: no such version of it.
        SchemaViolationError: with every violation.
    """
    _hold(catalogue().case_document(name, version), document)


def _hold(schema: Schema, document: object) -> None:
    if not _engine(schema.kind, schema.version).is_valid(document):
        # The slow engine takes seconds to load, which most programs never need.
        from schemas.explanation import explain  # noqa: PLC0415

        # Should the engines ever disagree, the document stays refused.
        unexplained = (Violation("", f"The document breaks the schema of {schema.kind}.", "unknown"),)
        violations = explain(schema.kind, schema.version, document) or unexplained
        raise SchemaViolationError(schema.kind, schema.version, violations)


@cache
def _registry() -> jsonschema_rs.Registry:
    documents = [(schema.document["$id"], dict(schema.document)) for schema in catalogue().schemas()]
    return jsonschema_rs.Registry(documents)


@cache
def _engine(kind: str, version: int) -> Any:  # noqa: ANN401 -- the library has no type for "any draft"
    """The compiled validator: linear-time regular expressions, formats asserted, nothing fetched."""
    return jsonschema_rs.Draft202012Validator(
        dict(catalogue().lookup(kind, version).document),
        registry=_registry(),
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )
