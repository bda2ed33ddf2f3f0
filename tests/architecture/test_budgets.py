"""Files and functions stay small enough to read, and nothing stands in them that may not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, modules, text_files, tree

FILE_LINES = 400
FUNCTION_LINES = 60
CODE = [*modules(), *modules("tools"), *modules("bench")]
FORBIDDEN = {
    "a path of one machine": r"/(?:wor[k]|far[m]|hom[e]|roo[t]|User[s])/\w",
    "a host of a package registry": r"(?:pyp[i]\.org|pythonhoste[d]|npmj[s]\.|prox[y]\.golang)",
    "an unfinished thought": r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b",
    "the marks of a merge": r"^(?:<{7}|>{7}|={7}$)",
}


def nodes(*paths: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every node of the modules that has a line, with the place where it stands."""
    for path in paths:
        for node in ast.walk(tree(path)):
            if line := getattr(node, "lineno", 0):
                yield f"{path}:{line}", node


def test_modules_fit_their_budget() -> None:
    lengths = {path: (ROOT / path).read_text(encoding="utf-8").count("\n") for path in CODE}
    assert {str(path): lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_functions_fit_their_budget() -> None:
    functions = (one for one in nodes(*CODE) if isinstance(one[1], ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = {place: (node.end_lineno or 0) - node.lineno + 1 for place, node in functions}  # type: ignore[attr-defined]
    assert {place: lines for place, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_no_exception_is_swallowed() -> None:
    handlers = [(place, node) for place, node in nodes(*CODE) if isinstance(node, ast.ExceptHandler)]
    assert handlers
    assert [place for place, node in handlers if all(isinstance(one, ast.Pass) for one in node.body)] == []
    assert [place for place, node in handlers if node.type is None] == [], "bare except"


def test_a_library_never_prints() -> None:
    calls = ((place, node.func) for place, node in nodes(*modules()) if isinstance(node, ast.Call))
    assert [place for place, called in calls if isinstance(called, ast.Name) and called.id == "print"] == []


def test_a_module_says_what_it_is() -> None:
    assert [str(path) for path in modules() if not ast.get_docstring(tree(path))] == []


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_no_file_contains(what: str, pattern: str) -> None:
    found = [
        f"{path}:{number}: {what}: {line.strip()[:80]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found, "\n".join(found)
