"""Files of arrays in the data directory: what was worked out of tables, so that the next start need not do it again.

::

    SHA-256 of everything after it, 32 octets | an archive of arrays as numpy writes it

A file is never believed to be more than a saving of time: one that is missing, damaged, of another form or about
something else is as good as none, and is made again from the tables. It is not flushed, because a torn one is found
by its hash. Whoever can write into the data directory can forge it, as the tables beside it.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import orjson

__all__ = ["FEW", "Arrays", "KeptArrays", "named", "outgrown", "part", "texts_of", "written_texts"]

LOG = logging.getLogger("hub.storage")
Arrays: TypeAlias = Mapping[str, "np.ndarray[Any, np.dtype[Any]]"]
FEW = 5000
"""New rows that are not worth writing a file."""
_DIGEST, _ABOUT, _SHARE = 32, "about", 8


class KeptArrays:
    """One such file.

    Args:
        path: where it is.
        about: what its arrays are made of and in which form; arrays that were written about anything else don't count.
    """

    def __init__(self, path: Path, about: str) -> None:
        self._path = path
        self._about = about

    def read(self) -> Arrays | None:
        """The arrays that were written last; None where there are none to rely on. Waits for the disk."""
        try:
            with self._path.open("rb") as file:
                digest = file.read(_DIGEST)
                if file_digest(file, "sha256").digest() != digest:
                    LOG.warning("%s is damaged; what it held is read from the tables again", self._path.name)
                    return None
                file.seek(_DIGEST)
                with np.load(file, allow_pickle=False) as archive:
                    arrays = {name: archive[name] for name in archive.files}
        except FileNotFoundError:
            return None
        except OSError as error:
            LOG.warning("%s can't be read: %s", self._path.name, error.strerror)
            return None
        return arrays if texts_of(arrays.pop(_ABOUT)) == [self._about] else None

    def write(self, arrays: Arrays) -> None:
        """Replace the file; where that can't be done, as on a full disk, there is an older one or none."""
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            with os.fdopen(os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                file.seek(_DIGEST)
                np.savez(file, **arrays, **{_ABOUT: written_texts([self._about])})  # type: ignore[arg-type]  # its options
                file.seek(_DIGEST)
                digest = file_digest(file, "sha256").digest()
                file.seek(0)
                file.write(digest)
            new.replace(self._path)
        except OSError as error:
            LOG.warning("%s can't be written: %s", self._path.name, error.strerror)
            new.unlink(missing_ok=True)


def outgrown(new: int, of: int, few: int) -> bool:
    """Whether so many new rows are worth writing a file again: they are not few, and an eighth of ``of`` at least."""
    return new >= max(few, of // _SHARE)


def named(name: str, arrays: Arrays) -> Arrays:
    """Arrays as a part of others, under its name."""
    return {f"{name}/{own}": one for own, one in arrays.items()}


def part(arrays: Arrays, name: str) -> Arrays:
    """The arrays of the part of this name."""
    own = f"{name}/"
    return {one.removeprefix(own): array for one, array in arrays.items() if one.startswith(own)}


def written_texts(texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Texts as one array."""
    return np.frombuffer(orjson.dumps(texts), np.uint8)


def texts_of(array: "np.ndarray[Any, np.dtype[Any]]") -> list[str]:
    """The texts that ``written_texts`` wrote."""
    found: list[str] = orjson.loads(array.tobytes())
    return found
