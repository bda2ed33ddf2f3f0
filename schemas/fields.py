"""The fields of a schema, one by one, with their data-protection class: what lint and documentation walk over.

A field's class is the strictest of its own and those of everything it stands in. Own class and flags
stand beside the field or in the definition that it refers to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, Final

from schemas.catalogue import Catalogue, Schema
from schemas.errors import LintError

__all__ = ["CLASSES", "Field", "fields", "resolve"]

CLASSES: Final = ("C0", "C1", "C2", "C3")
"""Public; members and coordinator; case-restricted; privileged."""


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a payload.

    Attributes:
        path: names joined by dots, ``[]`` after a list.
        condition: when this shape applies, empty if always.
        required: whether the object it stands in must have it.
        definition: its schema, merged with the definition it refers to.
        own_class: class stated for it or its definition, the stricter of both; None if there is none.
        data_class: strictest class of the field and everything around it.
        personal: personal data.
        commercial: commercial secret.
    """

    path: str
    condition: str
    required: bool
    definition: Mapping[str, Any] = dataclass_field(repr=False)
    own_class: str | None
    data_class: str
    personal: bool
    commercial: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: the file that ``$ref`` is relative to, the path so far, what is inherited."""

    home: Schema
    path: str
    condition: str
    data_class: str


def fields(schema: Schema, catalogue: Catalogue) -> Iterator[Field]:
    """Every field of a schema that is not shared in reading order, parents before their members."""
    document = schema.document
    yield from _members(document, _Place(schema, "", "", document.get("x-class", "C0")), catalogue)


def resolve(reference: str, home: Schema, catalogue: Catalogue) -> tuple[Mapping[str, Any], Schema]:
    """The definition that ``reference`` names when it stands in ``home``, and the file it stands in.

    Raises:
        LintError: it does not lead to a definition of this package.
    """
    location, _, fragment = reference.partition("#")
    file, found = home, None
    if location:
        named = [one for one in catalogue.schemas() if f"../{one.path}" == location]
        file = named[0] if named else home
        found = file.document if named else None
    else:
        found = home.document
    for step in fragment.split("/")[1:]:
        found = found.get(step) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        raise LintError("bad_reference", f"The reference {reference} leads nowhere.", home.path)
    return found, file


def _members(node: Mapping[str, Any], place: _Place, catalogue: Catalogue) -> Iterator[Field]:
    """The fields inside an object or list schema, references followed."""
    required = frozenset(node.get("required", ()))
    for name, member in node.get("properties", {}).items():
        path = f"{place.path}.{name}" if place.path else name
        here = _Place(place.home, path, place.condition, place.data_class)
        yield from _field(member, name in required, here, catalogue)
    if "items" in node:
        entry = _Place(place.home, f"{place.path}[]", place.condition, place.data_class)
        yield from _inside(node["items"], entry, catalogue)
    for part in node.get("allOf", ()):
        yield from _refined(part, required, place, catalogue)


def _field(node: Mapping[str, Any], required: bool, place: _Place, catalogue: Catalogue) -> Iterator[Field]:  # noqa: FBT001
    target, _ = resolve(node["$ref"], place.home, catalogue) if "$ref" in node else ({}, place.home)
    merged = {**target, **node}
    own = max((one["x-class"] for one in (target, node) if "x-class" in one), default=None)
    strictest = max(place.data_class, own or "C0", merged.get("items", {}).get("x-class", "C0"))
    yield Field(
        place.path,
        place.condition,
        required,
        merged,
        own,
        strictest,
        bool(merged.get("x-personal")),
        bool(merged.get("x-commercial")),
    )
    yield from _inside(node, _Place(place.home, place.path, place.condition, strictest), catalogue)


def _inside(node: Mapping[str, Any], place: _Place, catalogue: Catalogue) -> Iterator[Field]:
    """The fields of what ``node`` is or refers to. Beside a reference stand constraints only, no fields."""
    if "$ref" in node:
        node, home = resolve(node["$ref"], place.home, catalogue)
        place = _Place(home, place.path, place.condition, place.data_class)
    yield from _members(node, place, catalogue)


def _refined(part: Mapping[str, Any], required: frozenset[str], place: _Place, catalogue: Catalogue) -> Iterator[Field]:
    """Fields whose definition depends on a sibling: ``if`` that has a value, ``then`` refers to a definition."""
    for branch, negation in (("then", ""), ("else", "not ")):
        for name, member in part.get(branch, {}).get("properties", {}).items():
            if "$ref" in member:
                here = _Place(place.home, f"{place.path}.{name}", _tested(part["if"], negation), place.data_class)
                yield from _field(member, name in required, here, catalogue)


def _tested(test: Mapping[str, Any], negation: str) -> str:
    ((name, rule),) = test["properties"].items()
    return f"{name} is {negation}{rule['const']}"
