"""The HTTP description, bundled: ``openapi.yaml`` with every file it refers to inside.

``openapi.yaml`` refers to the schema files that also validate payloads. For serving, each referenced file
(``award/v1.schema.json``) or definition (``common/v1.schema.json#/$defs/kid``) becomes a component
(``award.v1``, ``common.v1.kid``), examples are read in, and nothing is left to fetch.
"""

import json
import posixpath
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Final

import yaml

from schemas.catalogue import ROOT

__all__ = ["load_openapi"]

_LOADER: Final[type] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser is ten times faster, but PyYAML is not built with it everywhere."""

_DROPPED: Final = frozenset({"$schema", "$id", "$defs", "x-visibility"})
"""Members of a file that make no sense inside a component."""

_PLUMBING: Final = frozenset({"", "$defs", "properties"})
"""Steps of a JSON pointer that a component's name leaves out."""


def load_openapi(problem_codes: Iterable[str] = (), root: Path = ROOT) -> dict[str, Any]:
    """Read and bundle the description.

    Args:
        problem_codes: the server's closed list of codes; if given, ``Problem.code`` allows exactly these.
        root: directory of ``openapi.yaml``.

    Returns:
        A new document without external references, ready to be served as JSON. Not checked: whether it is
        valid OpenAPI; a test does.
    """
    bundler = _Bundler(root)
    text = (root / "openapi.yaml").read_text("utf-8")
    document = bundler.rewrite(yaml.load(text, Loader=_LOADER), None)  # noqa: S506 -- both loaders are safe ones
    components: dict[str, Any] = document["components"]["schemas"]
    components.update(sorted(bundler.components.items()))
    if codes := sorted(problem_codes):
        components["Problem"]["properties"]["code"]["enum"] = codes
    result: dict[str, Any] = document
    return result


class _Bundler:
    """Copies documents, replacing references to files by references to components, which it collects."""

    def __init__(self, root: Path) -> None:
        self.components: dict[str, Any] = {}
        self._root = root

    def rewrite(self, node: Any, file: PurePosixPath | None) -> Any:  # noqa: ANN401 -- any JSON value
        """A copy of ``node``, which stands in ``file`` (None: in openapi.yaml)."""
        if isinstance(node, list):
            return [self.rewrite(entry, file) for entry in node]
        if not isinstance(node, dict):
            return node
        if isinstance(example := node.get("externalValue"), str):
            return {"value": self._read(PurePosixPath(example))}
        return {
            name: self._component(value, file) if name == "$ref" else self.rewrite(value, file)
            for name, value in node.items()
        }

    def _component(self, target: str, file: PurePosixPath | None) -> str:
        """The reference that replaces ``target``; adds the component if it is new."""
        location, _, fragment = target.partition("#")
        path = _resolved(location, file)
        if path is None:
            return target
        steps = fragment.split("/")
        name = ".".join([path.parent.name, path.name.removesuffix(".schema.json"), *_named(steps)])
        if name not in self.components:
            self.components[name] = {}  # holds the place while its own references are followed
            found = self._read(path)
            for step in steps[1:]:
                found = found[step]
            kept = {key: value for key, value in found.items() if key not in _DROPPED}
            self.components[name] = self.rewrite(kept, path)
        return f"#/components/schemas/{name}"

    def _read(self, path: PurePosixPath) -> Any:  # noqa: ANN401 -- any JSON value
        return json.loads((self._root / path).read_text("utf-8"))


def _resolved(location: str, file: PurePosixPath | None) -> PurePosixPath | None:
    """The file that ``location`` means when it stands in ``file``; None for openapi.yaml itself."""
    if not location:
        return file
    base = file.parent.as_posix() if file else "."
    return PurePosixPath(posixpath.normpath(posixpath.join(base, location)))


def _named(steps: Iterable[str]) -> list[str]:
    return [step for step in steps if step not in _PLUMBING]
