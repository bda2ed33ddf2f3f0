"""The slow path: every rule that a document breaks, as sentences for a person.

Runs only after the fast engine has refused a document. Each JSON Schema keyword that our schemas use
has a message written by hand here; ``lint`` refuses any other keyword, so nothing falls through.
Messages name the field and what was expected, never the value found: values may be confidential, and
problems are logged.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from referencing import Registry, Resource

from schemas.catalogue import catalogue
from schemas.errors import Violation

__all__ = ["LIMIT", "LONGEST", "MESSAGES", "explain", "pointer"]

LIMIT: Final = 500
"""At most so many broken rules are explained: a hostile document must not buy unbounded work."""

LONGEST: Final = 500
"""No list of ours may be longer; for a part of a schema that leaves the bound to another part."""

_NAMES: Final = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
_TYPES: Final = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class _Broken:
    """One broken rule as the engine reports it: the keyword, its value, the schema it stands in, what it met."""

    path: tuple[str | int, ...]
    rule: str
    limit: Any
    schema: Mapping[str, Any]
    value: Any


def explain(kind: str, version: int, document: object) -> tuple[Violation, ...]:
    """Every violation of the schema of ``kind`` and ``version``, sorted by pointer; empty if there is none."""
    errors: Iterator[ValidationError] = _engine(kind, version).iter_errors(document)
    found = set(islice((one for error in errors for one in _violations(_broken(error))), LIMIT))
    misshapen = {one.pointer for one in found if one.rule in ("pattern", "maxLength")}
    return tuple(sorted(one for one in found if one.rule != "format" or one.pointer not in misshapen))


def pointer(path: Sequence[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _broken(error: ValidationError) -> _Broken:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return _Broken(tuple(error.absolute_path), str(error.validator), error.validator_value, schema, error.instance)


def _violations(broken: _Broken) -> Iterator[Violation]:
    path, rule = broken.path, broken.rule
    if rule == "required":  # reported once for each missing member, but without saying which
        for name in broken.limit:
            if name not in broken.value:
                yield Violation(pointer([*path, name]), _missing(broken, name), rule)
    elif rule == "additionalProperties":
        for name in broken.value.keys() - broken.schema["properties"].keys():
            yield Violation(pointer([*path, name]), _unknown(broken, name), rule)
    else:
        yield Violation(pointer(path), f"{_label(path)} {MESSAGES[rule](broken)}.", rule)


def _missing(broken: _Broken, name: str) -> str:
    meaning = broken.schema.get("properties", {}).get(name, {}).get("description")
    return f"'{name}' is missing: {meaning}." if meaning else f"'{name}' is missing."


def _unknown(broken: _Broken, name: str) -> str:
    shown = f"'{name}'" if len(name) <= 60 and name.isprintable() else "A member"
    where = _label(broken.path, "the document")
    known = [member for member, rule in broken.schema["properties"].items() if "not" not in rule]
    return f"{shown} is not known in {where}; known there: {', '.join(known)}."


def _label(path: Sequence[str | int], root: str = "The document") -> str:
    """How a sentence names the field at ``path``: its own name, with positions if it is an entry of a list."""
    start = max((place for place, step in enumerate(path) if isinstance(step, str)), default=None)
    if start is None:
        return root
    return f"'{path[start]}" + "".join(f"[{step}]" for step in path[start + 1 :]) + "'"


def _described(broken: _Broken) -> str:
    return f"must be {broken.schema['description']}"


def _typed(broken: _Broken) -> str:
    wanted = [broken.limit] if isinstance(broken.limit, str) else broken.limit
    return f"must be {' or '.join(_TYPES[name] for name in wanted)}, not {_found(broken.value)}"


def _found(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return "a whole number"
    return _NAMES.get(type(value), "a number with a fraction")


def _counted(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"


def _entries(bound: str) -> Callable[[_Broken], str]:
    def message(broken: _Broken) -> str:
        return f"must have {bound} {_counted(broken.limit, 'entry', 'entries')}, not {len(broken.value)}"

    return message


def _constant(broken: _Broken) -> str:
    return f"must be {broken.limit if isinstance(broken.limit, str) else json.dumps(broken.limit)}"


def _one_of(broken: _Broken) -> str:
    *most, last = map(str, broken.limit)
    return f"must be {', '.join(most)} or {last}" if most else f"must be {last}"


MESSAGES: Final[Mapping[str, Callable[[_Broken], str]]] = {
    "const": _constant,
    "contains": lambda broken: f"must contain {broken.limit['description']}",
    "enum": _one_of,
    "format": lambda broken: f"{_described(broken)}, of a day that exists",
    "maxItems": _entries("at most"),
    "maxLength": _described,
    "maximum": lambda broken: f"must be at most {broken.limit}",
    "minItems": _entries("at least"),
    "minLength": _described,  # a description says the lengths too
    "minProperties": lambda broken: f"must have at least {_counted(broken.limit, 'member', 'members')}",
    "minimum": lambda broken: f"must be at least {broken.limit}",
    "not": lambda broken: f"must be left out: {broken.schema['description']}",
    "pattern": _described,
    "type": _typed,
    "uniqueItems": lambda _: "must not contain the same entry twice",
}
"""What a sentence says after the field's name, by keyword; ``required`` and ``additionalProperties`` stand above."""


def _pattern(_: object, pattern: str, value: object, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """The keyword ``pattern`` as ECMA-262 means it: in Python, ``$`` would also match before a last line feed."""
    if isinstance(value, str) and len(value) <= schema["maxLength"] and not _compiled(pattern).search(value):
        yield ValidationError("pattern")


def _looked_into(keyword: str) -> Callable[..., Iterator[ValidationError]]:
    """The engine's keyword for lists, which looks into no list that is too long: that is refused already."""

    def check(validator: object, limit: object, value: object, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
        if isinstance(value, list) and len(value) <= schema.get("maxItems", LONGEST):
            yield from Draft202012Validator.VALIDATORS[keyword](validator, limit, value, schema)

    return check


def _unique(_: object, unique: object, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:  # noqa: ANN401
    """The keyword ``uniqueItems`` in linear time; the engine's own compares each entry with each other."""
    short = isinstance(value, list) and len(value) <= schema.get("maxItems", LONGEST)
    if unique and short and len({json.dumps(one, sort_keys=True) for one in value}) < len(value):
        yield ValidationError("uniqueItems")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removesuffix("$") + r"\Z")


_FORMATS: Final = FormatChecker(formats=("date",))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    """Whether the calendar has that moment; the pattern beside it fixes the form. Without a library of formats."""
    return not isinstance(value, str) or datetime.fromisoformat(value) is not None


_KEYWORDS: Final = {
    "pattern": _pattern,
    "uniqueItems": _unique,
    **{keyword: _looked_into(keyword) for keyword in ("items", "contains")},
}
_Validator: Final[Any] = validators.extend(Draft202012Validator, _KEYWORDS)  # type: ignore[no-untyped-call]


@cache
def _registry() -> Registry[Any]:
    resources = [Resource.from_contents(dict(schema.document)) for schema in catalogue().schemas()]
    return Registry().with_resources((str(resource.id()), resource) for resource in resources)


@cache
def _engine(kind: str, version: int) -> Any:  # noqa: ANN401 -- the library does not type extended validators
    schema = catalogue().lookup(kind, version)
    return _Validator(dict(schema.document), registry=_registry(), format_checker=_FORMATS)
