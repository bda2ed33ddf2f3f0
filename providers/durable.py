"""Files that are on disk when the call returns: after a loss of power they are there, or the call never returned."""

import os
import secrets
from pathlib import Path
from typing import BinaryIO

from providers.pagecache import read_once

__all__ = ["flush", "sync_folder", "write_along", "write_new", "write_whole"]


def write_new(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Create ``path`` with ``data``; never follows a link. Its name is durable only after ``sync_folder``.

    Raises:
        FileExistsError: there is something already; it is left alone.
        OSError: as the system says; nothing is left of the file.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as target:
            target.write(data)
            flush(target)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put ``data`` in the place of ``path`` in one step: readers see what stood there or all of it, never a part.

    Of two that write side by side the last one counts. A process that is killed meanwhile may leave a file whose name
    begins with a dot and ends with ``.new``.

    Raises:
        OSError: as the system says; what stood there stays.
    """
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        write_new(new, data, mode)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_along(target: BinaryIO, *octets: bytes) -> None:
    """Write to a large file, and have the system bring it to the disk meanwhile: ``flush`` then waits for little."""
    first = target.tell()
    target.writelines(octets)
    target.flush()
    read_once(target.fileno(), first, target.tell() - first)


def flush(target: BinaryIO) -> None:
    """Bring what was written to ``target`` to the disk."""
    target.flush()
    os.fsync(target.fileno())


def sync_folder(folder: Path) -> None:
    """Bring the names in ``folder`` to the disk: what was created, renamed or removed there."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
