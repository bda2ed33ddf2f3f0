"""The reference pages, rendered from the files they describe.

``docs/reference/schemas.md`` comes from the catalogue and ``docs/reference/http-api.md`` from the
bundled HTTP description. A test renders both and compares; ``python -m schemas.document --write``
renews them, without ``--write`` the command says whether they are current.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from schemas.catalogue import ROOT, Catalogue, Schema, catalogue
from schemas.fields import Field, fields
from schemas.openapi import load_openapi

__all__ = ["PAGES", "http_api_page", "main", "schemas_page"]

_REFERENCE: Final = ROOT.parent / "docs" / "reference"
_METHODS: Final = ("get", "head", "post", "put", "patch", "delete")
_VISIBILITY: Final = {
    "public": "Public: entered in the log in clear.",
    "sealed": "Confidential: the log holds a sealed entry.",
    "annex": "Kept beside the statement, which names its SHA-256; for members and officers.",
    "case": "No statement: it travels inside ciphertext only, and the hub never sees it.",
}

_ORDER: Final = {"annex": 1, "case": 2}
"""What comes after the kinds of statement."""

_SCHEMAS_HEAD: Final = """\
# Schemas

Every statement's payload is held against the schema of its kind (JSON Schema 2020-12) before anything else looks
at it. The files are in `schemas/`, each with valid and invalid examples beside it; the hub serves them byte for byte
at `/v1/schemas/<kind>/<version>`. The `$id` of a file is a name derived from its path; nothing is ever fetched.

This page is generated: `python -m schemas.document --write`.

**Classes.** Every field has one: C0 public, C1 members and coordinator, C2 case-restricted, C3 privileged. Public
kinds consist of C0 only, sealed kinds and annexes hold nothing above C1; case material is named by hash there. Case
documents hold every class: they are encrypted to the recipient and never posted. *P* marks personal data, *S*
commercial secrets.

**Checked beyond the schema** elsewhere: canonical form, signatures, whether keys and ids exist, who may sign, times.

**Changing a schema.** Until release 1.0.0 a file may change; `python -m schemas.lock --write` then renews
`schemas/frozen.json`. Afterwards a change is a new version beside the old one, and old statements keep validating.
A new kind is a directory with `v1.schema.json` and `examples/`; `python -m schemas.lint` says what is missing.
"""

_HTTP_HEAD: Final = """\
# HTTP interface

One door takes statements; everything else reads. This page is generated from `schemas/openapi.yaml`
(`python -m schemas.document --write`); a hub serves the same description at `/openapi.json` and `/docs`. Errors are
problems of RFC 9457, explained in `problems.md` and at `/docs/problems`.
"""


def schemas_page(source: Catalogue) -> str:
    """``docs/reference/schemas.md``."""
    described = [schema for schema in source.schemas() if schema.visibility != "shared"]
    described.sort(key=lambda schema: (_ORDER.get(schema.visibility, 0), schema.kind, schema.version))
    parts = [_SCHEMAS_HEAD, _kinds(described, source)]
    parts += [_section(schema, source) for schema in described]
    parts += [_formats(schema) for schema in source.schemas() if schema.visibility == "shared"]
    return "\n".join(parts)


def http_api_page(description: Mapping[str, Any]) -> str:
    """``docs/reference/http-api.md`` from a bundled description."""
    parts = [_HTTP_HEAD]
    for tag in description["tags"]:
        parts.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}\n")
        tagged = (found for found in _operations(description) if tag["name"] in found[2]["tags"])
        parts += [_operation(*found, description) for found in tagged]
    parts.append("## Objects\n")
    own = (name for name in description["components"]["schemas"] if "." not in name)
    parts += [_object(name, description["components"]["schemas"][name]) for name in sorted(own)]
    return "\n".join(parts)


PAGES: Final[Mapping[Path, Callable[[], str]]] = {
    _REFERENCE / "schemas.md": lambda: schemas_page(catalogue()),
    _REFERENCE / "http-api.md": lambda: http_api_page(load_openapi()),
}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _kinds(schemas: Iterable[Schema], source: Catalogue) -> str:
    rows = [
        (
            f"[{schema.kind}](#{schema.kind}-v{schema.version})",
            str(schema.version),
            schema.visibility,
            "yes" if schema.chained else "no",
            "optional" if source.annex(schema.kind, schema.version) else "no",
            ", ".join(_roles(schema)),
            schema.document["description"],
        )
        for schema in schemas
    ]
    return _table(("kind", "version", "visibility", "chained", "annex", "signers' roles", "what it is"), rows)


def _roles(schema: Schema) -> Sequence[str]:
    """The roles in which a kind may be signed; none for an annex."""
    signers = schema.document["properties"].get("signers")
    if signers is None:
        return ()
    role = signers["items"]["properties"]["role"]
    return [role["const"]] if "const" in role else role["enum"]


def _formats(schema: Schema) -> str:
    """The table of the shared text formats and code lists."""
    texts = {name: one for name, one in schema.document["$defs"].items() if "pattern" in one or "enum" in one}
    rows = []
    for name, one in texts.items():
        values = " · ".join(f"`{value}`" for value in one.get("enum", ()))
        rows.append((f"`{name}`", one.get("description", ""), values or f"at most {one['maxLength']} characters"))
    note = "What each code means, in English, and the code lists of standards: `schemas/code_lists/<name>.json`."
    return f"## Formats and code lists\n\n{note}\n\n{_table(('name', 'meaning', 'values'), rows)}"


def _section(schema: Schema, source: Catalogue) -> str:
    purpose = f"{schema.document['description']} {_VISIBILITY[schema.visibility]}"
    parts = [f"## {schema.kind} v{schema.version}\n\n{purpose}\n"]
    found = list(fields(schema, source))
    for condition in dict.fromkeys(field.condition for field in found):
        if condition:
            parts.append(f"When {condition}:\n")
        rows = [_field_row(field) for field in found if field.condition == condition]
        parts.append(_table(("field", "required", "class", "type", "meaning"), rows))
    examples = sorted(path.name for path in (ROOT / schema.kind / "examples").glob("*.json"))
    parts.append(f"Examples in `schemas/{schema.kind}/examples/`: {', '.join(f'`{name}`' for name in examples)}.\n")
    return "\n".join(parts)


def _field_row(field: Field) -> Sequence[str]:
    flags = f"{' P' if field.personal else ''}{' S' if field.commercial else ''}"
    required, meaning = "yes" if field.required else "no", field.definition.get("description", "")
    return (f"`{field.path}`", required, field.data_class + flags, _shape(field.definition), meaning)


def _shape(node: Mapping[str, Any]) -> str:
    """The type of a field in words; the name of the shared format, if it has one."""
    match node:
        case {"$ref": str(reference), "pattern": _}:
            return reference.rpartition("/")[2]
        case {"const": value}:
            return f"`{value}`"
        case {"enum": values}:
            return " · ".join(f"`{value}`" for value in values)
        case {"type": "array"}:
            entries = node["items"].get("$ref", "").rpartition("/")[2]
            return f"list of {node['minItems']} to {node['maxItems']} {entries}".strip()
        case {"type": "integer"}:
            return f"whole number, {node['minimum']} to {node['maximum']}"
    names = {"string": "text", "object": "object", "boolean": "true or false", "null": "null", "not": "never"}
    return names[node.get("type", "not")]  # what has no type is a member that is declared in order to forbid it


def _operations(description: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Sequence[Any]]]:
    for path, item in description["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method, path, item[method], [*item.get("parameters", ()), *item[method].get("parameters", ())]


def _operation(
    method: str, path: str, operation: Mapping[str, Any], parameters: Sequence[Any], description: Mapping[str, Any]
) -> str:
    parts = [f"### `{method.upper()} {path}`\n\n{operation['summary']}\n"]
    if "description" in operation:
        parts.append(f"{operation['description'].strip()}\n")
    if parameters:
        rows = [_parameter_row(_followed(one, description)) for one in parameters]
        parts.append(_table(("parameter", "in", "required", "meaning"), rows))
    if "requestBody" in operation:
        bodies = [f"`{media}`: {_named(body['schema'])}" for media, body in operation["requestBody"]["content"].items()]
        parts.append(f"Body: {'; '.join(bodies)}\n")
    rows = [_response_row(status, _followed(one, description)) for status, one in operation["responses"].items()]
    parts.append(_table(("status", "meaning", "content"), rows))
    return "\n".join(parts)


def _parameter_row(parameter: Mapping[str, Any]) -> Sequence[str]:
    required = "yes" if parameter.get("required") else "no"
    return (f"`{parameter['name']}`", parameter["in"], required, parameter["description"].strip())


def _response_row(status: str, response: Mapping[str, Any]) -> Sequence[str]:
    contents = [f"`{media}` {_named(body['schema'])}".strip() for media, body in response.get("content", {}).items()]
    return (status, response["description"].strip(), ", ".join(contents))


def _followed(node: Mapping[str, Any], description: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference inside the description leads to."""
    for step in node["$ref"].split("/")[1:] if "$ref" in node else ():
        description = description[step]
    return description if "$ref" in node else node


def _named(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: names of objects as links, members of unnamed ones, or the type."""
    match schema:
        case {"$ref": reference}:
            return _linked(reference.rpartition("/")[2])
        case {"oneOf": choices} | {"anyOf": choices}:
            return " or ".join(_named(one) for one in choices)
        case {"properties": members}:
            return "{" + ", ".join(f"{name}: {_named(one)}" for name, one in members.items()) + "}"
        case {"items": entry}:
            return f"list of {_named(entry)}"
        case {"enum": values}:
            return " · ".join(f"`{value}`" for value in values)
    kinds = schema.get("type", "any")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _linked(component: str) -> str:
    """Own objects link to this page, whole schema files to theirs, shared definitions stand by name."""
    kind, _, rest = component.partition(".")
    if not rest:
        return f"[{component}](#{component.lower()})"
    version, _, definition = rest.partition(".")
    return f"`{definition.rpartition('.')[2]}`" if definition else f"[{kind}](schemas.md#{kind}-{version})"


def _object(name: str, schema: Mapping[str, Any]) -> str:
    parts = [f"### {name}\n\n{schema['description'].strip()}\n"]
    if "properties" in schema:
        required = schema.get("required", ())
        rows = [
            (f"`{member}`", "yes" if member in required else "no", _named(one), one.get("description", ""))
            for member, one in schema["properties"].items()
        ]
        parts.append(_table(("member", "required", "type", "meaning"), rows))
    else:
        parts.append(f"{_named(schema)}\n")
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Say whether the pages are current, or renew them with ``--write``; 1 if one is not."""
    parser = argparse.ArgumentParser(prog="python -m schemas.document", description="Render the reference pages.")
    parser.add_argument("--write", action="store_true", help="renew the pages")
    write = parser.parse_args(arguments).write
    stale = [page for page, render in PAGES.items() if not page.exists() or page.read_text("utf-8") != render()]
    for page in stale:
        if write:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(PAGES[page](), "utf-8")
        else:
            sys.stderr.write(f"{page.name} is not current: python -m schemas.document --write\n")
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main())
