"""The signing page is what its sources give, has one script and one style sheet, and speaks four languages alike."""

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.web.languages import language
from hub.web.wording import LISTS, coded
from schemas.catalogue import catalogue
from tests.architecture.tree import ROOT
from tools import signpage, signpagedoc
from tools.signpage import LANGUAGES, PAGE, SOURCES, assembled, texts
from tools.signpagescript import read_modules

PLACEHOLDER = re.compile(r"\{(\w+)\}")
OURS = {path: text for path, text in read_modules(SOURCES).items() if not path.startswith("vendor/")}
ALL = "".join(OURS.values())
CODED = {key.split(".")[1] for key in texts("en") if key.startswith("code.")}
"""Lists of codes that have names."""


def test_the_page_is_what_its_sources_give() -> None:
    assert PAGE.read_bytes() == assembled().encode(), "run python -m tools.signpage"


def test_the_same_sources_give_the_same_octets_in_another_process() -> None:
    code = (
        "import hashlib; from tools.signpage import assembled; print(hashlib.sha256(assembled().encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == hashlib.sha256(assembled().encode()).hexdigest()


def test_a_page_that_is_not_current_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signpage, "ROOT", tmp_path)
    monkeypatch.setattr(signpage, "PAGE", tmp_path / "sign.html")
    assert signpage.main(["--check"]) == 1
    assert "sign.html is not current: run python -m tools.signpage" in capsys.readouterr().err
    assert signpage.main([]) == 0
    assert signpage.main(["--check"]) == 0
    (tmp_path / "sign.html").write_text(assembled() + " ", encoding="utf-8")
    assert signpage.main(["--check"]) == 1


def test_its_policy_names_its_one_script_and_its_one_style_sheet() -> None:
    page = assembled()
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    directives = dict(one.split(" ", 1) for one in policy.split("; "))
    for name, text in (("script-src", script), ("style-src", style)):
        assert directives[name] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert directives["connect-src"] == "https: http://127.0.0.1:* http://localhost:*"
    assert directives["require-trusted-types-for"] == "'script'"
    assert page.index("Content-Security-Policy") < page.index("<script"), "a policy holds from where it stands"


def test_it_loads_nothing_from_elsewhere() -> None:
    shell = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", assembled(), flags=re.DOTALL)
    assert not re.search(r"\b(?:src|href|style|on\w+)=", shell)


@pytest.mark.parametrize(
    "word",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "eval(",
        "Function(",
        "document.write",
        "createContextual",
        "console.",
    ],
)
def test_its_modules_make_no_markup_of_text(word: str) -> None:
    assert [path for path, text in OURS.items() if word in text] == []


def test_every_module_says_what_it_is() -> None:
    assert [path for path, text in OURS.items() if not text.startswith("/* ")] == []


def test_every_module_and_function_is_short() -> None:
    assert {path: text.count("\n") for path, text in OURS.items() if text.count("\n") > 180} == {}


def test_all_languages_have_the_same_texts() -> None:
    english = texts("en")
    for tag in LANGUAGES:
        there = texts(tag)
        assert list(there) == sorted(english), tag
        for key, text in there.items():
            assert text == text.strip(), f"{tag} {key}"
            assert text, f"{tag} {key}"
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(english[key])), f"{tag} {key}"


def test_only_names_and_single_words_are_alike_in_two_languages() -> None:
    english = texts("en")
    for tag in LANGUAGES[1:]:
        same = {key for key, text in texts(tag).items() if text == english[key] and " " in text}
        assert same <= {"document.size", "reading.version", "code.legal_families.common_law"}, tag


def test_french_punctuation_never_begins_a_line() -> None:
    assert {key: text for key, text in texts("fr").items() if re.search(r" [:;?!»]|« ", text)} == {}


def test_every_text_that_is_used_exists_and_every_text_is_used() -> None:
    used = set(re.findall(r'"([a-z][a-z-]*(?:\.[a-z_-]+)+)"', ALL)) & {*texts("en")}
    families = ("code.", "kind.", "role.", "label.", "state.", "refusal.", "problem.", "passphrase.")
    unused = {key for key in texts("en") if key not in used and not key.startswith(families)}
    assert unused == set()
    called = set(re.findall(r'\bt\("([^"]+)"', ALL))
    assert called - {*texts("en")} == set()


def test_codes_are_called_what_the_hubs_pages_call_them() -> None:
    assert set(re.findall(r'(?:words|coded|codes)\("(\w+)"', ALL)) == CODED
    lists = CODED & {*LISTS}
    for tag in LANGUAGES:
        named = {f"code.{name}.{code}": coded(language(tag), name, code) for name in lists for code in LISTS[name]}
        there = {
            key: text for key, text in texts(tag).items() if key.startswith("code.") and key.split(".")[1] in lists
        }
        assert there == named, tag


@pytest.mark.parametrize(
    ("name", "kind", "path"),
    [
        ("award_types", "award", "type"),
        ("expression_kinds", "award", "expression.properties.kind"),
        ("appointment_methods", "award", "procedure.properties.appointment.properties.method"),
        ("disclosures", "award", "procedure.properties.disclosures"),
        ("notice_purposes", "award", "procedure.properties.notices.items.properties.purpose"),
        ("fee_bands", "annex-neutral", "fee_band"),
    ],
)
def test_the_other_codes_are_those_of_the_schemas(name: str, kind: str, path: str) -> None:
    found: Any = catalogue().lookup(kind, 1).document["properties"]
    for step in ([] if kind.startswith("annex") else ["body", "properties"]) + path.split("."):
        found = found[step]
    assert {key.split(".", 2)[2] for key in texts("en") if key.startswith(f"code.{name}.")} == set(found["enum"])
    assert name in CODED - {*LISTS}


def test_every_refusal_has_a_sentence() -> None:
    codes = set(re.findall(r'Refusal\((?:[^"()]*)"(\w+)"', ALL)) | set(re.findall(r'refuse\("(\w+)"', ALL))
    codes |= {"key_needed", "served_page", "no_secure_context", "not_json"}
    there = {key.split(".")[1] for key in texts("en") if key.startswith("refusal.")}
    assert there == codes | {"unexpected"}


def test_every_label_of_the_summary_has_a_text() -> None:
    labels = set(re.findall(r'\["(\w+)", "[\w.]+"', OURS["modules/bodyrows.js"]))
    assert len(labels) > 40
    assert {f"label.{one}" for one in labels} <= {*texts("en")}


def test_the_bundled_implementation_is_the_published_one() -> None:
    origin = (SOURCES / "vendor" / "ORIGIN.md").read_text(encoding="utf-8")
    for name in ("noble-ed25519-3.2.0.js", "noble-ed25519-LICENSE.txt"):
        digest = hashlib.sha256((SOURCES / "vendor" / name).read_bytes()).hexdigest()
        assert f"| `{name}` | `{digest}` |" in origin


def test_the_documentation_publishes_the_hash() -> None:
    assert f"{hashlib.sha256(PAGE.read_bytes()).hexdigest()}  sign.html" in signpagedoc.document()
