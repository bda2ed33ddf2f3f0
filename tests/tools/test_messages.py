"""The tool that keeps the catalogues in step."""

import shutil
from pathlib import Path

import pytest

from tools import messages


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Catalogues that may be changed."""
    shutil.copytree(messages.LOCALES, tmp_path / "locales")
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "locales")
    return tmp_path / "locales"


def test_texts_come_from_templates_modules_and_code_lists() -> None:
    found = {(one.context, one.id) for one in messages.extracted()}
    assert (None, "Skip to the content") in found
    assert (None, "too few cases to show") in found
    assert ("stages", "Arbitration") in found


@pytest.mark.usefixtures("copies")
def test_a_text_that_is_new_is_added_untranslated_and_one_that_is_gone_goes(capsys: pytest.CaptureFixture[str]) -> None:
    path = messages.file_of("fr")
    whole = path.read_text("utf-8")
    entry = 'msgid "Skip to the content"\nmsgstr "Aller au contenu"\n'
    path.write_text(whole.replace(entry, 'msgid "Skip to the end"\nmsgstr "Aller à la fin"\n'), "utf-8")
    assert messages.stale() == [("fr", "hub")]
    assert messages.main(["--check"]) == 1
    assert capsys.readouterr().err == "fr/hub is not in step with the pages: run python -m tools.messages\n"
    assert messages.main([]) == 0
    assert path.read_text("utf-8") == whole.replace(entry, entry.replace("Aller au contenu", ""))


def test_a_language_without_a_catalogue_gets_one(copies: Path) -> None:
    shutil.rmtree(copies / "es")
    assert messages.stale() == [("es", "hub")]
    assert messages.main([]) == 0
    assert messages.stale() == []
    assert {one.string for one in messages.read("es") if one.id == "Home"} == {""}


@pytest.mark.usefixtures("copies")
def test_what_is_translated_stays(capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_texts_of_the_console_have_a_catalogue_of_their_own() -> None:
    console, others = ({one.id for one in messages.extracted(name)} for name in ("console", "hub"))
    assert "What needs attention today" in console
    assert "What needs attention today" not in others
    assert ("zh-Hans", "console") in messages.catalogues()
    assert ("fr", "console") not in messages.catalogues()
