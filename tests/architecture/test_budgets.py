"""Files and functions stay small enough to read, and nothing stands in them that may not."""

import ast
import re
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


@pytest.mark.parametrize("path", CODE, ids=str)
def test_a_module_fits_its_budget(path: Path) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
    assert lines <= FILE_LINES, f"{path} has {lines} lines"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES, f"{path}:{node.lineno}: {node.name} has {length} lines"


@pytest.mark.parametrize("path", CODE, ids=str)
def test_no_exception_is_swallowed(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert not all(isinstance(one, ast.Pass) for one in node.body), f"{path}:{node.lineno}"
            assert node.type is not None, f"{path}:{node.lineno}: bare except"


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_library_never_prints(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{path} has no docstring"


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_no_file_contains(what: str, pattern: str) -> None:
    found = [
        f"{path}:{number}: {what}: {line.strip()[:80]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found, "\n".join(found)
