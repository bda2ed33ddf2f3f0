"""Parts of large files, piece by piece."""

from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["ShortFileError", "part"]

_PIECE = 1 << 20


class ShortFileError(OSError):
    """A file has fewer octets than it had."""


def part(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The next ``size`` octets of a file, none of the pieces empty or larger than a megabyte.

    Raises:
        ShortFileError: there are fewer.
    """
    while size:
        octets = file.read(min(size, _PIECE))
        if not octets:
            raise ShortFileError("The file is shorter than it was.")
        size -= len(octets)
        yield octets
