"""The catalogue of schemas: (kind, version) -> Schema, read once from the files of this package.

A file is ``<name>/v<N>.schema.json``. Its ``x-visibility`` says what it describes: ``public`` and
``sealed`` are kinds of statement, ``annex`` is the annex of the kind it is named after, ``case`` is a
document that travels inside ciphertext only and is never posted, ``shared`` holds definitions only.
Whether a kind is chained follows from its schema: chained kinds have a member ``previous``.

>>> catalogue().lookup("award", 1).visibility
'sealed'
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from schemas.errors import UnknownKindError, UnknownVersionError

__all__ = ["BASE", "ROOT", "Catalogue", "Schema", "Visibility", "catalogue", "is_chained", "is_public", "is_sealed"]

ROOT: Final = Path(__file__).parent
BASE: Final = "https://schemas.odr-hub.example/"
"""Prefix of every ``$id``; the rest is the path of the file. A name, not an address: nothing is fetched."""

Visibility = Literal["public", "sealed", "annex", "case", "shared"]


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema file.

    Attributes:
        kind: kind of statement, or the file's directory for annex, case and shared schemas.
        version: number in the file name.
        visibility: public, sealed, annex, case or shared.
        digest: SHA-256 of ``octets``, hex.
        octets: the file as it stands; what the hub serves.
        document: the parsed schema; not to be changed.
    """

    kind: str
    version: int
    visibility: Visibility
    digest: str
    octets: bytes = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    @property
    def path(self) -> str:
        """Path of the file below this package, with forward slashes."""
        return f"{self.kind}/v{self.version}.schema.json"

    @property
    def chained(self) -> bool:
        """Whether statements name their predecessor."""
        return "previous" in self.document.get("properties", {})


class Catalogue:
    """All schemas, by (kind, version)."""

    def __init__(self, schemas: Mapping[tuple[str, int], Schema]) -> None:
        self._schemas = MappingProxyType(dict(schemas))
        self._kinds = frozenset(one.kind for one in schemas.values() if one.visibility in ("public", "sealed"))

    @classmethod
    def load(cls, root: Path = ROOT) -> "Catalogue":
        """Read every schema file below ``root``; checks nothing (``schemas.lint`` and ``schemas.lock`` do)."""
        found = [_read(path) for path in sorted(root.glob("*/v*.schema.json"))]
        return cls({(schema.kind, schema.version): schema for schema in found})

    def schemas(self) -> tuple[Schema, ...]:
        """Every schema, sorted by kind and version: annexes, case documents and shared definitions included."""
        return tuple(self._schemas[key] for key in sorted(self._schemas))

    def kinds(self) -> frozenset[str]:
        """The kinds of statement."""
        return self._kinds

    def versions(self, kind: str) -> tuple[int, ...]:
        """Versions of a kind or any other name, oldest first; empty for an unknown name."""
        return tuple(sorted(version for name, version in self._schemas if name == kind))

    def lookup(self, kind: str, version: int) -> Schema:
        """The schema of any name in the catalogue, whatever its visibility.

        Raises:
            UnknownKindError: no schema of that name.
            UnknownVersionError: the name exists in other versions only.
        """
        if (found := self._schemas.get((kind, version))) is not None and type(version) is int:
            return found
        if versions := self.versions(kind):
            known = ", ".join(map(str, versions))
            raise UnknownVersionError(
                "unknown_version", f"The kind {kind} has no version {version}; known: {known}.", "/version"
            )
        raise self._unknown(kind)

    def statement(self, kind: str, version: int) -> Schema:
        """The schema of a kind of statement; all other names count as unknown. Raises as ``lookup``."""
        if kind not in self._kinds:
            raise self._unknown(kind)
        return self.lookup(kind, version)

    def annex(self, kind: str, version: int) -> Schema | None:
        """The schema of the annex that statements of ``kind`` may carry, None if they carry none."""
        return self._schemas.get((f"annex-{kind}", version))

    def case_document(self, name: str, version: int) -> Schema:
        """The schema of a document that travels inside ciphertext; all other names count as unknown.

        Raises:
            UnknownKindError: there is no such document.
            UnknownVersionError: the document exists in other versions only.
        """
        documents = {one.kind for one in self._schemas.values() if one.visibility == "case"}
        if name not in documents:
            text = f"There is no case document {_shown(name)}; known: {', '.join(sorted(documents))}."
            raise UnknownKindError("unknown_kind", text, "/kind")
        return self.lookup(name, version)

    def _unknown(self, kind: str) -> UnknownKindError:
        known = ", ".join(sorted(self._kinds))
        return UnknownKindError("unknown_kind", f"There is no kind {_shown(kind)}; known: {known}.", "/kind")


@cache
def catalogue() -> Catalogue:
    """The catalogue of this package, read at the first call."""
    return Catalogue.load()


def is_public(kind: str) -> bool:
    """Whether statements of ``kind`` are wholly public. Raises ``UnknownKindError``."""
    return _newest(kind).visibility == "public"


def is_sealed(kind: str) -> bool:
    """Whether statements of ``kind`` are wholly confidential and sealed in the log. Raises ``UnknownKindError``."""
    return _newest(kind).visibility == "sealed"


def is_chained(kind: str) -> bool:
    """Whether statements of ``kind`` name their predecessor. Raises ``UnknownKindError``."""
    return _newest(kind).chained


def _shown(name: str) -> str:
    """A name as a sentence may repeat it."""
    return f"'{name}'" if len(name) <= 40 and name.isprintable() else "of that name"


def _newest(kind: str) -> Schema:
    return catalogue().statement(kind, max(catalogue().versions(kind), default=0))


def _read(path: Path) -> Schema:
    octets = path.read_bytes()
    document = json.loads(octets)
    version = int(path.name.removeprefix("v").removesuffix(".schema.json"))
    digest = hashlib.sha256(octets).hexdigest()
    return Schema(path.parent.name, version, document["x-visibility"], digest, octets, document)
