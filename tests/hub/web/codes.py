"""Finds every error code that the packages raise, by reading their source.

A code is the first argument of a call that makes an error: a class named ``…Error``, ``Refused`` or
``SequencerStopped``, the function ``refused``, or ``type(error)(…)``.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("signing", "schemas", "registry", "hub")
FOREIGN = {"ValidationError"}
"""Errors of libraries, whose first argument is no code."""

OURS = Path("hub/charts")
"""Refuses values that no page should have given it: a mistake of the hub's, answered as ``internal_error``."""

_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_MAKERS = re.compile(r"\w*Error|Refused|refused|SequencerStopped|__init__")


def raised_codes() -> dict[str, str]:
    """Each code raised anywhere in ``PACKAGES``, with one place that raises it."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted(Path(package).rglob("*.py")):
            if path.is_relative_to(OURS):
                continue
            for code, line in _codes(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(code, f"{path}:{line}")
    return found


def _codes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not _makes_error(node.func):
            continue
        values = node.args[:1] + [word.value for word in node.keywords if word.arg == "code"]
        for value in values:
            for leaf in ast.walk(value):
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and _CODE.fullmatch(leaf.value):
                    yield leaf.value, node.lineno


def _makes_error(function: ast.expr) -> bool:
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return isinstance(function, ast.Call) or (_MAKERS.fullmatch(name) is not None and name not in FOREIGN)
