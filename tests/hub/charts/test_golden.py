"""Pictures in the documentation and the vectors are what is drawn now, byte for byte."""

import pytest

from tools import pictures
from tools.madefiles import ROOT

DRAWN = pictures.pictures()


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_current(name: str) -> None:
    current = (ROOT / name).read_text(encoding="utf-8")
    assert current == DRAWN[name], f"{name} is not current: look at the difference, then run python -m tools.pictures"


def test_there_is_no_other_picture() -> None:
    folders = {(ROOT / name).parent for name in DRAWN}
    there = {str(path.relative_to(ROOT)) for folder in folders for path in folder.iterdir()}
    assert there == set(DRAWN)


def test_a_picture_that_changed_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert pictures.main(["--check"]) == 0
    monkeypatch.setattr(pictures, "pictures", lambda: {"docs/explanation/pictures/trend.svg": "another"})
    assert pictures.main(["--check"]) == 1
    assert "docs/explanation/pictures/trend.svg is not current" in capsys.readouterr().err
