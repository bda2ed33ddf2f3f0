"""The octets of uploads and packages on disk. Everything here blocks; callers run it in a thread.

::

    uploads/<id>              as far as it has arrived; may be longer than its row says, never shorter
    uploads/<id>.verified     whole and with the announced hash; nothing is ever appended to it
    packages/<2 hex>/<hash>   stored, another name of the same octets

A file gets its place among the packages under a temporary name, by rename, and the directory is synced before
anybody is told. A crash leaves at worst a file too many: ``verified``, ``uploads`` and ``stored`` let recovery find it.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from providers.durable import sync_folder
from providers.fileparts import ShortFileError, part

__all__ = ["PackageFiles"]

_VERIFIED = ".verified"
_SHORT = "The file of an upload is shorter than what was acknowledged."


class PackageFiles:
    """The two directories under ``root``; made when they are missing."""

    def __init__(self, root: Path) -> None:
        self._uploads, self._packages = root / "uploads", root / "packages"
        for directory in (self._uploads, self._packages):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def free(self) -> int:
        """Octets that are free on the disk."""
        return shutil.disk_usage(self._uploads).free

    def open_upload(self, name: str, offset: int) -> BinaryIO:
        """The file of an upload, cut off at ``offset``, where writing goes on; a new one has its name on disk.

        Raises:
            OSError: among others, when the file is shorter than its row says.
        """
        path = self._uploads / name
        if offset and path.stat().st_size < offset:
            raise OSError(_SHORT)
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            file.truncate(offset)
            file.seek(offset)
            if offset == 0:  # else the octets that are acknowledged may lie under no name after a loss of power
                sync_folder(self._uploads)
        except BaseException:
            file.close()
            raise
        return file

    def hashed(self, name: str, size: int) -> Any:  # noqa: ANN401  # hashlib's own type has no public name
        """SHA-256 over the first ``size`` octets of an upload, ready to go on."""
        digest = hashlib.sha256()
        if size == 0:
            return digest
        try:
            with (self._uploads / name).open("rb") as file:
                for piece in part(file, size):
                    digest.update(piece)
        except ShortFileError:
            raise OSError(_SHORT) from None
        return digest

    def mark_verified(self, name: str) -> None:
        """Say on disk that the upload is whole and has the hash that was announced."""
        (self._uploads / name).rename(self._uploads / f"{name}{_VERIFIED}")

    def received(self, name: str) -> int:
        """How many octets of an upload lie here."""
        for path in (self._uploads / name, self._uploads / f"{name}{_VERIFIED}"):
            with suppress(FileNotFoundError):
                return path.stat().st_size
        return 0

    def uploads(self) -> set[str]:
        """Every upload that has a file here, whole or not."""
        return {path.name.removesuffix(_VERIFIED) for path in self._uploads.iterdir() if path.is_file()}

    def is_verified(self, name: str) -> bool:
        """Whether the upload was found whole and not cleared away since."""
        return (self._uploads / f"{name}{_VERIFIED}").exists()

    def verified(self) -> list[str]:
        """Uploads that were found whole and not cleared away since: a crash came between."""
        return sorted(path.name.removesuffix(_VERIFIED) for path in self._uploads.glob(f"*{_VERIFIED}"))

    def place(self, name: str, sha256: str) -> None:
        """Store a verified upload as a package; durable when this returns. What stands there is replaced."""
        target = self.path(sha256)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        waiting = target.with_name(f"{name}.new")
        waiting.unlink(missing_ok=True)
        waiting.hardlink_to(self._uploads / f"{name}{_VERIFIED}")
        waiting.replace(target)
        waiting.unlink(missing_ok=True)  # rename does nothing where both names are of one file already
        sync_folder(target.parent)
        sync_folder(self._packages)

    def discard(self, names: Iterable[str]) -> None:
        """Delete what there is of uploads."""
        for name in names:
            (self._uploads / name).unlink(missing_ok=True)
            (self._uploads / f"{name}{_VERIFIED}").unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the package of this hash lies."""
        return self._packages / sha256[:2] / sha256

    def unlink(self, sha256: str) -> None:
        """Delete a package; durable when this returns."""
        path = self.path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            sync_folder(path.parent)

    def stored(self) -> Iterator[str]:
        """The hash of every package that lies here, and the name of what a crash left half-placed."""
        return (path.name for path in self._packages.glob("??/*"))

    def drop(self, name: str) -> None:
        """Delete one of ``stored`` that belongs to nobody."""
        for path in self._packages.glob(f"??/{name}"):
            path.unlink(missing_ok=True)
