"""Large files that are read once: their octets need not stay in the system's memory.

A case package passes every disk cache once on its way. Kept there, it would push out what the provider's platform
reads all the time; where new pages are dear (virtual machines, containers with a limit), it also holds up the
writing of the next file.
"""

import os

__all__ = ["read_once"]


def read_once(descriptor: int, first: int = 0, length: int = 0) -> None:
    """Say that these octets of an open file (0: up to its end) are not read again soon.

    Advice only: what is not on the disk yet stays, and Linux begins to write it; systems that take no advice (macOS)
    keep everything.
    """
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, first, length, os.POSIX_FADV_DONTNEED)
