"""The example files of the schemas, and ways to change a document."""

import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.catalogue import ROOT

Step = str | int


@dataclass(frozen=True, slots=True)
class Invalid:
    """A document that breaks its schema at exactly one place."""

    name: str
    kind: str
    because: str
    pointer: str
    document: Any


def _files(pattern: str) -> list[Path]:
    return sorted(ROOT.glob(f"*/examples/{pattern}"))


VALID: dict[str, Any] = {
    f"{one.parts[-3]}/{one.stem}": json.loads(one.read_text("utf-8")) for one in _files("valid-*.json")
}
INVALID = [
    Invalid(f"{one.parts[-3]}/{one.stem}", one.parts[-3], **json.loads(one.read_text("utf-8")))
    for one in _files("invalid-*.json")
]


def valid(name: str) -> Any:
    """A copy of the valid example ``<kind>/valid-<name>``, to be changed at will."""
    kind, _, rest = name.partition("/")
    return deepcopy(VALID[f"{kind}/valid-{rest}"])


def changed(document: Any, *path: Step, value: Any) -> Any:
    """A copy with the value at ``path`` replaced or added."""
    copy = deepcopy(document)
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copy


def places(document: Any, path: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    """The path of every value inside ``document``."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    found = [path] if path else []
    for step, value in inner:
        found += places(value, (*path, step))
    return found
