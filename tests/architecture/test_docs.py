"""The documentation speaks of this code: its links lead somewhere, its commands exist, its pages are current."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, project_files
from tools import generated

PAGES = [path for path in project_files() if path.suffix == ".md" and path.parts[:2] != ("tests", "vectors")]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return slugs | set(re.findall(r'id="([^"]+)"', text))


def broken_links(path: Path) -> Iterator[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (ROOT / path.parent / name).resolve() if name else ROOT / path
        if not there.exists():
            yield f"{path}: {target} does not exist"
        elif anchor and there.suffix == ".md" and anchor not in anchors(there.read_text(encoding="utf-8")):
            yield f"{path}: {target} has no such heading"


def test_links_lead_somewhere() -> None:
    assert [one for path in PAGES for one in broken_links(path)] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?\bmake ([a-z]+)", (ROOT / name).read_text(encoding="utf-8")))
    assert named, f"{name} names no target"
    assert named <= targets, f"{name}: no target {named - targets}"


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [
        *project["project"]["dependencies"],
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    names = {re.split(r"[\[><=;! ]", one, maxsplit=1)[0] for one in declared}
    page = (ROOT / "docs/reference/dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    assert explained == names, f"not explained: {names - explained}; no longer there: {explained - names}"


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md")):
        assert f"({path.name})" in index, f"{path.name} is missing in docs/adr/README.md"


@pytest.mark.parametrize("name", generated.PAGES)
def test_generated_pages_are_current(name: str) -> None:
    current = (ROOT / name).read_text(encoding="utf-8")
    assert current == generated.page(generated.PAGES[name]), f"{name} is not current: run make docs"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_locks_name_hashes_and_no_place(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9][\w.-]*)==\S+(.*)$", text, re.MULTILINE)
    assert len(pins) > 20
    assert all(rest.endswith("\\") for _, rest in pins), "every pin is followed by its hashes"
    assert "://" not in text
    assert "--find-links" not in text


def test_contacts_are_called_as_pages_call_them() -> None:
    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for label, page in (("Operator", "home.html"), ("Report a vulnerability", "profile.html")):
        assert f"*{label}*" in told
        assert label in (ROOT / "hub/web/templates" / page).read_text(encoding="utf-8")


def test_files_that_are_named_exist() -> None:
    packages = "hub|metrics|providers|registry|schemas|signing|tests|tools|docs"
    named = {
        (path, name)
        for path in PAGES
        for name in re.findall(rf"`((?:{packages})/[\w/.-]+\.\w+)`", (ROOT / path).read_text(encoding="utf-8"))
    }
    assert named
    assert sorted((str(path), name) for path, name in named if not (ROOT / name).exists()) == []
