"""What every schema file must hold; ``python -m schemas.lint`` prints what is wrong.

Classification (the reason this module exists): every field states its class, ``x-class`` C0 to C3,
itself or in the definition it refers to; a public kind has fields of class C0 only, a sealed kind and
an annex none above C1, so no case-restricted or privileged value ever stands in clear. Case documents
may have any class: they travel inside ciphertext.

Shape: objects are closed, texts, lists and numbers are bounded, patterns are anchored and stay in the
common subset of the regular-expression dialects, references stay in the package, member names are
ASCII, and no keyword is used for which ``explanation`` has no sentence.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.catalogue import BASE, Catalogue, Schema
from schemas.errors import LintError
from schemas.explanation import MESSAGES
from schemas.fields import CLASSES, fields, resolve

__all__ = ["Finding", "check", "lint", "main"]

_STRUCTURE: Final = frozenset(
    {"$defs", "$id", "$ref", "$schema", "additionalProperties", "allOf", "description", "else", "if", "items"}
    | {"properties", "required", "then", "title", "x-class", "x-commercial", "x-personal", "x-visibility"}
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FOREIGN: Final = re.compile(r"\\[dDwWsSbBpPuxkzAZ1-9]|\(\?")
_HIGHEST: Final = {"public": "C0", "sealed": "C1", "annex": "C1", "case": "C3"}
_BOUNDS: Final = {
    "array": frozenset({"minItems", "maxItems", "items"}),
    "integer": frozenset({"minimum", "maximum"}),
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing wrong in a schema file: where it is (file, place in it) and a sentence."""

    file: str
    place: str
    message: str


def lint(catalogue: Catalogue) -> tuple[Finding, ...]:
    """Everything wrong in the schema files, sorted; empty if nothing is."""
    found: set[Finding] = set()
    for schema in catalogue.schemas():
        rules = [_head(schema), _envelope(schema), _shapes(schema.document, "", schema, catalogue)]
        if schema.visibility in _HIGHEST:
            rules.append(_classes(schema, catalogue))
        found.update(Finding(schema.path, place, message) for rule in rules for place, message in rule)
    return tuple(sorted(found))


def check(catalogue: Catalogue) -> None:
    """Raise ``LintError`` with the first finding and the number of others, if there is any."""
    if found := lint(catalogue):
        first, more = found[0], len(found) - 1
        rest = f" Findings besides this one: {more}." if more else ""
        raise LintError("schema_file", f"{first.message}{rest}", f"{first.file}#{first.place}")


def _head(schema: Schema) -> Iterator[tuple[str, str]]:
    if schema.document.get("$id") != BASE + schema.path:
        yield "/$id", f"The $id must be {BASE}{schema.path}."
    if schema.document.get("$schema") != _DIALECT:
        yield "/$schema", f"The dialect must be {_DIALECT}."
    if schema.visibility not in {*_HIGHEST, "shared"}:
        yield "/x-visibility", "The visibility must be public, sealed, annex, case or shared."
    for name in ("title", "description"):
        if not schema.document.get(name):
            yield f"/{name}", f"A schema file needs a {name}."
    if schema.visibility != "shared" and "x-class" not in schema.document:
        yield "/x-class", "The document as a whole needs a class (x-class)."


def _envelope(schema: Schema) -> Iterator[tuple[str, str]]:
    properties, required = schema.document.get("properties", {}), schema.document.get("required", ())
    if schema.visibility in ("public", "sealed", "case"):
        for name, value in (("kind", schema.kind), ("version", schema.version)):
            if properties.get(name, {}).get("const") != value:
                yield f"/properties/{name}", f"The member {name} must be fixed to {value}."
    if schema.visibility in ("sealed", "annex") and "salt" not in required:
        yield "/required", "What is confidential needs a salt."
    if schema.visibility == "public" and "salt" in properties:
        yield "/properties/salt", "What is public has no salt."


def _classes(schema: Schema, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    highest = _HIGHEST[schema.visibility]
    try:
        found = list(fields(schema, catalogue))
    except LintError as error:
        yield "", error.message
        return
    for field in found:
        if field.own_class is None:
            yield field.path, f"The field {field.path} has no class (x-class)."
        elif field.own_class not in CLASSES:
            yield field.path, f"{field.own_class} is no class; classes are {', '.join(CLASSES)}."
        elif field.data_class > highest:
            allowed = f"{schema.visibility} schemas have {highest} at most"
            yield field.path, f"The field {field.path} has class {field.data_class}; {allowed}."


def _shapes(node: Mapping[str, Any], place: str, schema: Schema, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Rules for a subschema that declares a field, a list's entries or a definition."""
    yield from _always(node, place, schema, catalogue)
    yield from ((place, message) for message in _bounded(node))
    # Beside a reference, members and entries only narrow what the reference declares.
    walk = _constraints if "$ref" in node else _shapes
    refined = _refined(node)
    for name, member in node.get("properties", {}).items():
        if not _NAME.fullmatch(name):
            yield f"{place}/properties/{name}", f"The name {name} is not lowercase ASCII with underscores."
        if name not in refined:
            yield from walk(member, f"{place}/properties/{name}", schema, catalogue)
    for name, definition in node.get("$defs", {}).items():
        if "$ref" in definition:  # the walk over the fields follows one reference
            yield f"{place}/$defs/{name}", "A definition is never itself a reference."
        yield from _shapes(definition, f"{place}/$defs/{name}", schema, catalogue)
    if "items" in node:
        yield from walk(node["items"], f"{place}/items", schema, catalogue)


def _bounded(node: Mapping[str, Any]) -> Iterator[str]:
    """What a declaration of its type lacks."""
    match node.get("type"):
        case "object":
            if node.get("additionalProperties") is not False:
                yield "An object must be closed: additionalProperties false."
            if unknown := set(node.get("required", ())) - node.get("properties", {}).keys():
                yield f"Required but not declared: {', '.join(sorted(unknown))}."
        case "string" | ["string", "null"]:
            if "enum" not in node and not {"maxLength", "pattern", "description"} <= node.keys():
                yield "A text needs an enum, or maxLength, pattern and description."
        case str(kind):
            if missing := _BOUNDS.get(kind, frozenset()) - node.keys():
                yield f"What is of type {kind} needs {', '.join(sorted(missing))}."
        case _:
            if not {"$ref", "const", "not", "$defs"} & node.keys():
                yield "A field needs a type, a const or a reference."


def _constraints(
    node: Mapping[str, Any], place: str, schema: Schema, catalogue: Catalogue
) -> Iterator[tuple[str, str]]:
    """Rules for subschemas that only narrow what is declared elsewhere."""
    yield from _always(node, place, schema, catalogue)
    if "x-class" in node:
        yield place, "A class is stated where a field is declared, not where it is narrowed."
    for name, member in node.get("properties", {}).items():
        yield from _constraints(member, f"{place}/properties/{name}", schema, catalogue)
    if "items" in node:
        yield from _constraints(node["items"], f"{place}/items", schema, catalogue)


def _always(node: Mapping[str, Any], place: str, schema: Schema, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Rules for every subschema anywhere."""
    yield from ((place, message) for message in _worded(node))
    if "$ref" in node:
        try:
            resolve(node["$ref"], schema, catalogue)
        except LintError as error:
            yield place, error.message
    conditions = [(keyword, node[keyword]) for keyword in ("if", "then", "else", "contains") if keyword in node]
    parts = [(f"allOf/{number}", part) for number, part in enumerate(node.get("allOf", ()))]
    for step, part in conditions + parts:
        yield from _constraints(part, f"{place}/{step}", schema, catalogue)


def _worded(node: Mapping[str, Any]) -> Iterator[str]:
    """Keywords that could not be explained, or would mean different things to different engines."""
    for keyword in sorted(node.keys() - _STRUCTURE - MESSAGES.keys()):
        yield f"The keyword {keyword} is not used here: no sentence explains it."
    if "pattern" in node:
        yield from _patterned(node)
    if "format" in node and (node["format"] not in ("date", "date-time") or "pattern" not in node):
        yield "Only date and date-time are used as formats, beside a pattern."
    if "description" not in node.get("contains", {"description": ""}):
        yield "The keyword contains needs a description inside to explain it."
    if "not" in node and (node["not"] != {} or "description" not in node):
        yield "The keyword not is used to forbid a member, as an empty schema with a description beside it."


def _refined(node: Mapping[str, Any]) -> set[str]:
    """Members that both branches of a condition define by reference; they are declared open beside it."""
    both: set[str] = set()
    for part in node.get("allOf", ()):
        branches = [part.get(branch, {}).get("properties", {}) for branch in ("then", "else")]
        both |= {name for name in branches[0] if all("$ref" in branch.get(name, {}) for branch in branches)}
    return both


def _patterned(node: Mapping[str, Any]) -> Iterator[str]:
    pattern = node["pattern"]
    if not (pattern.startswith("^") and pattern.endswith("$")):
        yield "A pattern must be anchored at both ends."
    if _FOREIGN.search(pattern):
        yield "A pattern must stay in the subset that all dialects share."
    if "|" in _ungrouped(pattern):
        yield "An alternative in a pattern must stand in parentheses, or the anchors miss it."
    if not {"maxLength", "description"} <= node.keys():
        yield "A pattern needs maxLength beside it, and a description to explain it."


def _ungrouped(pattern: str) -> str:
    """A pattern without character classes and without what stands in parentheses."""
    text, shorter = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "", pattern), ""
    while text != shorter:
        text, shorter = re.sub(r"\([^()]*\)", "", text), text
    return text


def main() -> int:
    """Print every finding; 1 if there is any."""
    found = lint(Catalogue.load())
    for one in found:
        sys.stderr.write(f"{one.file}#{one.place}: {one.message}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
