"""Errors of the schemas.

::

    SchemasError(ValueError)        code, message, where
    ├── UnknownKindError            no schema for this kind
    ├── UnknownVersionError         the kind exists, this version of it does not
    ├── UnknownCodeListError        no code list of this name
    ├── SchemaViolationError        a payload breaks its schema; carries every violation
    ├── LintError                   a schema file breaks the rules for schema files
    └── LockError                   a released schema file was changed, removed or not recorded
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "LintError",
    "LockError",
    "SchemaViolationError",
    "SchemasError",
    "UnknownCodeListError",
    "UnknownKindError",
    "UnknownVersionError",
    "Violation",
]


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One broken rule: where (JSON pointer, RFC 6901), a sentence for a person, and the schema keyword."""

    pointer: str
    message: str
    rule: str


class SchemasError(ValueError):
    """Root of this package's errors.

    Attributes:
        code: stable snake_case name of the error.
        message: one plain sentence.
        where: JSON pointer or file, empty if it concerns the whole.
    """

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.code = code
        self.message = message
        self.where = where


class UnknownKindError(SchemasError):
    """No schema for this kind."""


class UnknownVersionError(SchemasError):
    """The kind is known, but not in this version."""


class UnknownCodeListError(SchemasError):
    """No code list of this name."""


class SchemaViolationError(SchemasError):
    """A payload breaks the schema of its kind.

    Attributes:
        violations: every broken rule, sorted by pointer; never empty.
    """

    def __init__(self, kind: str, version: int, violations: Sequence[Violation]) -> None:
        self.kind = kind
        self.version = version
        self.violations = tuple(violations)
        first = self.violations[0]
        more = len(self.violations) - 1
        rest = f" {more} more {'rule is' if more == 1 else 'rules are'} broken." if more else ""
        message = f"Not a valid {kind} (version {version}). {first.message}{rest}"
        super().__init__("schema_violation", message, first.pointer)


class LintError(SchemasError):
    """A schema file breaks the rules for schema files."""


class LockError(SchemasError):
    """The schema files and the list of released hashes disagree."""
