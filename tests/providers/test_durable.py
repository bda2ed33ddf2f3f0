"""New files never replace anything, and reach the disk before the call returns."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from providers.durable import sync_folder, write_new, write_whole


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


def full(*_given: object) -> None:
    """The disk takes nothing more."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_new_file_is_on_disk_and_belongs_to_its_owner_alone(tmp_path: Path, synced: list[int]) -> None:
    path = tmp_path / "new"
    write_new(path, b"octets")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"octets", 0o600)
    assert synced == [path.stat().st_ino]


def test_of_a_new_file_that_does_not_reach_the_disk_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_new(tmp_path / "new", b"octets")
    assert list(tmp_path.iterdir()) == []


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


def test_a_replaced_file_and_its_name_are_on_disk_and_nothing_is_left_beside_it(
    tmp_path: Path, synced: list[int]
) -> None:
    path = tmp_path / "state"
    write_whole(path, b"old")
    synced.clear()
    write_whole(path, b"new", 0o640)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert synced == [path.stat().st_ino, tmp_path.stat().st_ino]
    assert [one.name for one in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize(("place", "step"), [(os, "fsync"), (Path, "replace")])
def test_what_stood_there_stays_if_the_new_octets_do_not_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: object, step: str
) -> None:
    path = tmp_path / "state"
    write_whole(path, b"old")

    monkeypatch.setattr(place, step, full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["state"]


def test_many_that_replace_side_by_side_never_show_a_part(tmp_path: Path) -> None:
    path, texts = tmp_path / "state", [bytes([65 + number]) * 50_000 for number in range(4)]
    write_whole(path, texts[0])
    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write_whole, path, text) for text in texts * 10]
        while not all(one.done() for one in writing):
            assert path.read_bytes() in texts
        assert all(one.exception() is None for one in writing)
    assert [one.name for one in tmp_path.iterdir()] == ["state"]
