"""Objects as files: each written under another name, brought to the disk, then named, never over another.

The names are brought to the disk together, by ``flush``: a directory is synced once for all its new files. One
process at a time writes; the operating system frees the lock when it ends. What a crash leaves is a file that begins
with a dot, which the next run writes over.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from hub.keeping.errors import ExportError
from hub.keeping.objectstore import Stored
from providers.durable import flush, sync_folder

__all__ = ["DirectoryStore"]


class DirectoryStore:
    """``ObjectStore`` on the files under ``root``; a context manager that holds the directory's lock.

    Raises:
        ExportError: target_locked or target_unwritable.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unsynced: set[Path] = set()
        with _plain_words(root):
            _make(root, self._unsynced)
            self._handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise ExportError("target_locked", "Another process exports to this directory.", root.name) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    async def get(self, name: str) -> Stored | None:
        """The object of this name, None when there is none."""
        return await asyncio.to_thread(self._get, name)

    async def create(self, name: str, data: bytes) -> bool:
        """Store a new object; False when one of this name exists, which is left as it is."""
        return await asyncio.to_thread(self._create, name, data)

    async def replace(self, name: str, data: bytes, before: Stored | None) -> bool:
        """Put ``data`` in place of ``before``, durably; False when something else stands there by now."""
        return await asyncio.to_thread(self._replace, name, data, before)

    async def flush(self) -> None:
        """Everything created so far is durable when this returns."""
        await asyncio.to_thread(self._flush)

    def _get(self, name: str) -> Stored | None:
        with _plain_words(self._root / name):
            try:
                return Stored((self._root / name).read_bytes())
            except FileNotFoundError:
                return None

    def _create(self, name: str, data: bytes) -> bool:
        path = self._root / name
        with _plain_words(path):
            if path.exists():
                return False
            _make(path.parent, self._unsynced)
            waiting = _written(path, data)
            try:
                path.hardlink_to(waiting)  # unlike a rename, it never takes the place of another file
            except FileExistsError:
                return False
            finally:
                waiting.unlink()
            self._unsynced.add(path.parent)
            return True

    def _replace(self, name: str, data: bytes, before: Stored | None) -> bool:
        path = self._root / name
        found = self._get(name)
        if (found and found.data) != (before and before.data):
            return False
        with _plain_words(path):
            _written(path, data).replace(path)
            sync_folder(path.parent)
        return True

    def _flush(self) -> None:
        with _plain_words(self._root):
            while self._unsynced:
                sync_folder(self._unsynced.pop())


def _make(folder: Path, unsynced: set[Path]) -> None:
    """Make ``folder`` with its parents; remember whose names are to be synced."""
    if folder.is_dir():
        return
    _make(folder.parent, unsynced)
    folder.mkdir(exist_ok=True)
    unsynced.add(folder.parent)


def _written(path: Path, data: bytes) -> Path:
    """A file beside ``path`` that holds ``data`` on the disk."""
    waiting = path.with_name(f".{path.name}.new")
    with waiting.open("wb") as file:
        file.write(data)
        flush(file)
    return waiting


@contextmanager
def _plain_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError("target_unwritable", f"The directory can't be used: {error.strerror}.", path.name) from None
