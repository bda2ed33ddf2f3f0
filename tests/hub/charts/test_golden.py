"""Pictures in the documentation and the vectors are what is drawn now, byte for byte."""

import pytest

from tools import pictures
from tools.madefiles import ROOT

FOLDERS = ("docs/explanation/pictures", "tests/vectors/charts")
THERE = sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).iterdir())


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """Drawing takes seconds, which only the worker that runs these tests has to spend."""
    return pictures.pictures()


@pytest.mark.parametrize("name", THERE)
def test_a_picture_is_current(name: str, drawn: dict[str, str]) -> None:
    current = (ROOT / name).read_text(encoding="utf-8")
    assert current == drawn[name], f"{name} is not current: look at the difference, then run python -m tools.pictures"


def test_there_is_no_other_picture(drawn: dict[str, str]) -> None:
    assert {str((ROOT / name).parent.relative_to(ROOT)) for name in drawn} == set(FOLDERS)
    assert set(THERE) == set(drawn)


def test_a_picture_that_changed_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert pictures.main(["--check"]) == 0
    monkeypatch.setattr(pictures, "pictures", lambda: {"docs/explanation/pictures/trend.svg": "another"})
    assert pictures.main(["--check"]) == 1
    assert "docs/explanation/pictures/trend.svg is not current" in capsys.readouterr().err
