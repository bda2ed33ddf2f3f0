"""New files never replace anything, and reach the disk before the call returns."""

import os
from pathlib import Path

import pytest

from providers.durable import sync_folder, write_new


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inode of whatever was brought to the disk."""
    inodes: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        inodes.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    return inodes


def test_a_new_file_is_on_disk_and_belongs_to_its_owner_alone(tmp_path: Path, synced: list[int]) -> None:
    path = tmp_path / "new"
    write_new(path, b"octets")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"octets", 0o600)
    assert synced == [path.stat().st_ino]


def test_names_are_on_disk(tmp_path: Path, synced: list[int]) -> None:
    sync_folder(tmp_path)
    assert synced == [tmp_path.stat().st_ino]


def test_what_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_new(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "link", b"new")
    assert not (tmp_path / "elsewhere").exists()
