"""What a court must trust: the modules that ``odr-verify BUNDLE`` loads are few, short and ours alone."""

import ast
import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import PACKAGES, ROOT
from tests.fakes.world import World

READING_SET = (
    "errors", "encoding", "keys", "statement", "keyring", "authority", "merkle", "notes", "trust", "bundle",
    "replay", "verification", "cli",
)  # fmt: skip
MAX_CODE_LINES = 1_200
MAX_LINES = 1_850
LAYOUT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip
FOREIGN = {"nacl", "_sodium", "_cffi_backend"}

RUN = """
import json, sys
before = set(sys.modules)
from signing.cli import main
code = main(sys.argv[1:])
loaded = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name not in before}
print(json.dumps({"code": code, "loaded": loaded}))
"""


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A genuine award verified by a fresh interpreter, and the modules that this loaded."""
    folder = tmp_path_factory.mktemp("court")
    world = World()
    provider = world.add_provider()
    award = world.admit(world.award(provider, world.add_neutral(provider)))
    (folder / "bundle.zip").write_bytes(world.bundle(award))
    (folder / "policy.txt").write_bytes(world.trust_file())
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder / "bundle.zip"), "--policy", str(folder / "policy.txt")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Genuine: yes" in done.stdout, done.stdout
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_award_is_genuine(verified: dict[str, Any]) -> None:
    assert verified["code"] == 0


def test_exactly_the_reading_set_is_loaded(verified: dict[str, Any]) -> None:
    ours = {name for name in verified["loaded"] if name.partition(".")[0] in PACKAGES}
    assert ours == {"signing", *(f"signing.{name}" for name in READING_SET)}


def code_lines(source: str) -> int:
    """Lines that hold code: neither blank, nor comment only, nor part of a docstring (decision 0007)."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            docstrings |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            code |= set(range(token.start[0], token.end[0] + 1))
    return len(code - docstrings)


def sources(verified: dict[str, Any]) -> dict[str, str]:
    """The text of every module of ours that was loaded."""
    ours = {name: path for name, path in verified["loaded"].items() if name.partition(".")[0] in PACKAGES}
    return {name: Path(path).read_text(encoding="utf-8") for name, path in ours.items()}


def test_only_lines_of_code_are_counted() -> None:
    counted = ["x = (  # why", "    1,", ")", "def f() -> str:", '    return """a', 'b"""']
    skipped = ['"""One.', "", 'Two."""', "", "# note", '    """Three."""']
    source = "\n".join([*skipped[:4], *counted[:3], *skipped[4:5], counted[3], skipped[5], *counted[4:], ""])
    assert source.count("\n") == len(counted) + len(skipped)
    assert code_lines(source) == len(counted)
    assert code_lines("") == 0


def test_the_reading_set_is_read_in_one_sitting(verified: dict[str, Any]) -> None:
    lines = {name: code_lines(source) for name, source in sources(verified).items()}
    assert sum(lines.values()) <= MAX_CODE_LINES, (sum(lines.values()), lines)


def test_what_surrounds_the_code_stays_short(verified: dict[str, Any]) -> None:
    lines = {name: source.count("\n") for name, source in sources(verified).items()}
    assert sum(lines.values()) <= MAX_LINES, (sum(lines.values()), lines)


def test_no_lines_are_joined(verified: dict[str, Any]) -> None:
    for name, source in sources(verified).items():
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        assert [token.start for token in tokens if token.type == tokenize.OP and token.string == ";"] == [], name


def test_nothing_foreign_but_pynacl_is_loaded(verified: dict[str, Any]) -> None:
    roots = {name.partition(".")[0] for name in verified["loaded"]}
    assert roots - set(sys.stdlib_module_names) - {"signing"} <= FOREIGN


def test_the_map_in_the_package_names_the_reading_set() -> None:
    text = (ROOT / "signing/__init__.py").read_text(encoding="utf-8")
    assert [name for name in READING_SET if f"``{name}``" not in text] == []
