"""The source tree as the architecture tests see it."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hub", "metrics", "providers", "registry", "schemas", "signing")
TEXT = {
    ".cfg",
    ".css",
    ".html",
    ".ini",
    ".js",
    ".json",
    ".lock",
    ".mako",
    ".md",
    ".py",
    ".sh",
    ".toml",
    ".typ",
    ".yaml",
    "",
}


def modules(*packages: str) -> list[Path]:
    """Every Python file of the packages (all six when none is named), as paths relative to the root."""
    found = [path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found)


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Absolute names that a module imports anywhere in it, with the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


def project_files() -> list[Path]:
    """Files that belong to the project (what git tracks or would add), relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:  # an unpacked archive
        skipped = {".venv", ".git", "build", "demo-output"}
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = [str(path) for path in found if path.parts[0] not in skipped and "__pycache__" not in path.parts]
    return sorted(Path(name) for name in names if (ROOT / name).is_file())


def text_files() -> Iterator[tuple[Path, str]]:
    """Every text file of the project with its content, vectors of others left out."""
    for path in project_files():
        if path.suffix in TEXT and path.parts[:2] != ("tests", "vectors"):
            yield path, (ROOT / path).read_text(encoding="utf-8")
