import json
from pathlib import Path

import pytest

from schemas import lock
from schemas.catalogue import Catalogue, catalogue
from schemas.errors import LockError


def test_the_released_files_are_unchanged() -> None:
    lock.check(lock.read(), catalogue())


def _catalogue(root: Path, **files: str) -> Catalogue:
    for kind, title in files.items():
        (root / kind).mkdir(exist_ok=True)
        (root / kind / "v1.schema.json").write_text(json.dumps({"x-visibility": "public", "title": title}))
    return Catalogue.load(root)


def test_every_difference_is_named(tmp_path: Path) -> None:
    frozen = lock.renewed({}, _catalogue(tmp_path, award="a", key="k"), "0.1.0")
    (tmp_path / "key" / "v1.schema.json").unlink()
    changed = _catalogue(tmp_path, award="b", member="m")
    with pytest.raises(LockError) as caught:
        lock.check(frozen, changed)
    assert caught.value.message == (
        "award/v1.schema.json was changed. key/v1.schema.json is recorded but gone. "
        "member/v1.schema.json is not recorded."
    )
    assert caught.value.code == "schema_files_changed"


def test_before_release_files_may_change(tmp_path: Path) -> None:
    frozen = lock.renewed({}, _catalogue(tmp_path, award="a"), "0.1.0")
    changed = _catalogue(tmp_path, award="b")
    lock.check(lock.renewed(frozen, changed, "0.9.9"), changed)


def test_after_release_files_never_change_and_may_be_added(tmp_path: Path) -> None:
    frozen = lock.renewed({}, _catalogue(tmp_path, award="a"), "1.0.0")
    added = _catalogue(tmp_path, member="m")
    lock.check(lock.renewed(frozen, added, "1.2.0"), added)
    with pytest.raises(LockError, match=r"^award/v1.schema.json was changed. Make it a new version instead.") as caught:
        lock.renewed(frozen, _catalogue(tmp_path, award="b"), "1.2.0")
    assert caught.value.code == "released_schema_changed"


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert lock.main([]) == 0
    file = tmp_path / "frozen.json"
    file.write_text("{}")
    monkeypatch.setattr(lock, "FILE", file)
    monkeypatch.setattr(lock.read, "__defaults__", (file,))
    assert lock.main([]) == 1
    assert "award/v1.schema.json is not recorded." in capsys.readouterr().err
    assert lock.main(["--write"]) == 0
    assert lock.main([]) == 0
