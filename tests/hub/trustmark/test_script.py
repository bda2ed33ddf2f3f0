"""The embedded file is what its sources give, in one piece, and its library is the one that was published."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from hub.trustmark.look import WORDS
from hub.trustmark.script import BUILT, build, integrity, without_comments
from tests.interop.programs import require

VENDORED = Path("hub/desk/vendor/noble-ed25519-3.2.0.js")
PUBLISHED = "a4f631d1876b5d9e43a86cd71194ca27b5e1451edf4ba4db9a418f40a475569a"
"""SHA-256 of index.js in the package of @noble/ed25519 3.2.0."""


def test_the_file_is_what_its_sources_give() -> None:
    assert BUILT.read_text(encoding="utf-8") == build(), "run python -m tools.generated"


def test_the_library_is_unchanged() -> None:
    assert hashlib.sha256(VENDORED.read_bytes()).hexdigest() == PUBLISHED


def test_all_of_it_is_in_one_small_file() -> None:
    text = build()
    assert not re.search(r"^\s*import\b|\bimport\(", text, re.MULTILINE)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|localStorage|cookie", text
    )
    assert "noble-ed25519 - MIT License" in text
    assert "__" not in re.sub(r"@__PURE__", "", text)
    assert WORDS["zh-Hans"]["accredited"] in text
    assert len(text.encode()) < 48_000


def test_the_library_keeps_its_lines_of_code() -> None:
    source = VENDORED.read_text(encoding="utf-8")
    stripped = without_comments(source)
    assert [line for line in stripped.splitlines() if "export" in line] == [source.splitlines()[-1]]
    kept = iter(source.splitlines())
    assert all(line in kept for line in stripped.splitlines()), "lines are left out, none is changed"
    names = re.compile(r"^(?:const|let|class|function) (\w+)", re.MULTILINE)
    assert names.findall(stripped) == names.findall(source)
    assert len(names.findall(source)) > 40


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("a;\n// b\nc;\n", "a;\nc;\n"),
        ("/** b\n * c */\nd; // e\n", "d; // e\n"),
        ("/*! licence */\na;\n", "/*! licence */\na;\n"),
        ("  /* b */\n\na * b;\n", "a * b;\n"),
    ],
)
def test_comments_of_whole_lines_go(source: str, left: str) -> None:
    assert without_comments(source) == left


def test_code_behind_a_comment_is_refused() -> None:
    with pytest.raises(ValueError, match="Code follows a comment: /\\* a \\*/ b;"):
        without_comments("/* a */ b;\n")


def test_the_integrity_value_is_that_of_other_tools() -> None:
    openssl = require("openssl")
    digest = subprocess.run([openssl, "dgst", "-sha384", "-binary", BUILT], check=True, capture_output=True).stdout
    encoded = subprocess.run([openssl, "base64", "-A"], input=digest, check=True, capture_output=True).stdout
    assert integrity(BUILT.read_bytes()) == f"sha384-{encoded.decode()}"
