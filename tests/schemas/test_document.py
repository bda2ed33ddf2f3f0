import re
from pathlib import Path

import pytest

from schemas import document
from schemas.catalogue import catalogue
from schemas.fields import fields
from schemas.openapi import load_openapi


@pytest.mark.parametrize("page", document.PAGES, ids=lambda page: page.name)
def test_the_pages_are_current(page: Path) -> None:
    assert page.read_text("utf-8") == document.PAGES[page](), "renew it: python -m schemas.document --write"


def test_every_field_of_every_schema_is_documented_with_its_class() -> None:
    page = document.schemas_page(catalogue())
    for schema in catalogue().schemas():
        if schema.visibility != "shared":
            section = page.split(f"\n## {schema.kind} v{schema.version}\n")[1].split("\n## ")[0]
            for field in fields(schema, catalogue()):
                assert re.search(
                    rf"^\| `{re.escape(field.path)}` \| (yes|no) \| {field.data_class}", section, re.MULTILINE
                )


def test_every_route_is_documented() -> None:
    page = document.http_api_page(load_openapi())
    for path, item in load_openapi()["paths"].items():
        for method in item.keys() & {"get", "head", "post", "patch", "delete"}:
            assert f"### `{method.upper()} {path}`" in page


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def test_links_inside_the_pages_lead_somewhere() -> None:
    pages = {path.name: render() for path, render in document.PAGES.items()}
    anchors = {
        name: {
            re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-")
            for head in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        for name, text in pages.items()
    }
    for name, text in pages.items():
        for target, anchor in re.findall(r"\]\(([a-z-]*\.?m?d?)#([a-z0-9-]+)\)", text):
            assert anchor in anchors[target or name], (name, target, anchor)


def test_the_command_says_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert document.main([]) == 0
    page = tmp_path / "reference" / "page.md"
    monkeypatch.setattr(document, "PAGES", {page: lambda: "text"})
    assert document.main([]) == 1
    assert capsys.readouterr().err == "page.md is not current: python -m schemas.document --write\n"
    assert document.main(["--write"]) == 0
    assert page.read_text() == "text"
