"""Files of uploads and packages: cut off where the row says, placed whole, found again after a crash."""

import hashlib
import os
from pathlib import Path

import pytest

from hub.packages.files import PackageFiles

SHA256 = hashlib.sha256(b"octets").hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> PackageFiles:
    return PackageFiles(tmp_path)


def write(files: PackageFiles, name: str, data: bytes, offset: int = 0) -> None:
    with files.open_upload(name, offset) as file:
        file.write(data)


def test_directories_and_files_are_for_their_owner_alone(tmp_path: Path, files: PackageFiles) -> None:
    write(files, "one", b"octets")
    files.mark_verified("one")
    files.place("one", SHA256)
    for path in [*tmp_path.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_writing_goes_on_at_the_offset(tmp_path: Path, files: PackageFiles) -> None:
    write(files, "one", b"0123456789")
    write(files, "one", b"xy", 4)
    assert (tmp_path / "uploads" / "one").read_bytes() == b"0123xy"
    with pytest.raises(OSError, match="shorter than what was acknowledged"):
        files.open_upload("one", 7)
    with pytest.raises(FileNotFoundError):
        files.open_upload("two", 1)


def test_hashing_begins_again_from_the_file(files: PackageFiles) -> None:
    write(files, "one", b"0123456789")
    digest = files.hashed("one", 4)
    digest.update(b"xy")
    assert digest.hexdigest() == hashlib.sha256(b"0123xy").hexdigest()
    assert files.hashed("never", 0).hexdigest() == hashlib.sha256().hexdigest()
    with pytest.raises(OSError, match="shorter"):
        files.hashed("one", 11)


def test_a_package_is_placed_whole(tmp_path: Path, files: PackageFiles) -> None:
    write(files, "one", b"octets")
    files.mark_verified("one")
    assert (files.is_verified("one"), files.verified()) == (True, ["one"])
    files.place("one", SHA256)
    files.place("one", SHA256)
    assert files.path(SHA256) == tmp_path / "packages" / SHA256[:2] / SHA256
    assert files.path(SHA256).read_bytes() == b"octets"
    assert list(files.stored()) == [SHA256]
    files.discard(["one"])
    assert (files.verified(), files.path(SHA256).read_bytes()) == ([], b"octets")
    files.unlink(SHA256)
    files.unlink(SHA256)
    assert list(files.stored()) == []


def test_what_stands_there_is_replaced(files: PackageFiles) -> None:
    """Its octets may come from a crash; those that were just verified do not."""
    files.path(SHA256).parent.mkdir()
    files.path(SHA256).write_bytes(b"spoilt")
    write(files, "one", b"octets")
    files.mark_verified("one")
    files.path(SHA256).with_name("one.new").write_bytes(b"left by a crash")
    files.place("one", SHA256)
    assert files.path(SHA256).read_bytes() == b"octets"
    assert list(files.stored()) == [SHA256]


def test_a_file_is_synced_before_it_counts(files: PackageFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").resolve().name)
        real(handle)

    monkeypatch.setattr("os.fsync", fsync)
    write(files, "one", b"octets")
    files.mark_verified("one")
    files.place("one", SHA256)
    assert synced == ["uploads", SHA256[:2], "packages"]
    write(files, "two", b"octets")
    write(files, "two", b"octets", 6)
    assert synced[3:] == ["uploads"]


def test_every_file_of_an_upload_is_found(tmp_path: Path, files: PackageFiles) -> None:
    write(files, "one", b"octets")
    write(files, "two", b"octets")
    files.mark_verified("two")
    (tmp_path / "uploads" / "lost+found").mkdir()
    assert files.uploads() == {"one", "two"}
    assert [files.received(name) for name in ("one", "two", "three")] == [6, 6, 0]


def test_there_is_room(files: PackageFiles) -> None:
    assert files.free() > 0
