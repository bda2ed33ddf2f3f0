from pathlib import Path

import pytest

from schemas import code_sources
from schemas.codes import DIRECTORY


def test_the_lists_of_standards_are_what_the_sources_say() -> None:
    assert code_sources.stale() == [], "renew them: python -m schemas.code_sources"


def test_the_command_says_what_is_stale_and_renews_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_sources.main(["--check"]) == 0
    monkeypatch.setattr(code_sources, "DIRECTORY", tmp_path)
    (tmp_path / "countries.json").write_text("{}")
    assert code_sources.main(["--check"]) == 1
    stale = [f"{name}.json is not current: python -m schemas.code_sources" for name in code_sources.LISTS]
    assert capsys.readouterr().err.splitlines() == stale
    assert (tmp_path / "countries.json").read_text() == "{}"
    assert code_sources.main([]) == 0
    for name in code_sources.LISTS:
        assert (tmp_path / f"{name}.json").read_bytes() == (DIRECTORY / f"{name}.json").read_bytes()
