"""A real file system that is small, so that it can be full: a tmpfs of a given size, which only root can mount."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.programs import require

PAGE = 4096
_STEP = 1 << 20
_FILLER = ".filler"


@dataclass(frozen=True)
class SmallDisk:
    """The file system mounted at ``path``."""

    path: Path

    @property
    def free(self) -> int:
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, leave: int = 0) -> None:
        """Leave at most so many octets free; what an earlier call took is given back before."""
        self.clear()
        with (self.path / _FILLER).open("wb") as filler:
            step = _STEP
            while step >= PAGE:
                if self.free - step < leave or not _taken(filler.fileno(), step):
                    step //= 2

    def clear(self) -> None:
        """Give back what ``fill`` took."""
        (self.path / _FILLER).unlink(missing_ok=True)


def _taken(descriptor: int, size: int) -> bool:
    """Whether ``size`` octets more were taken."""
    try:
        os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a file system of this size at ``path``, which is made, until the block ends.

    Without root the test is skipped; where root can't mount either, it is skipped too, on CI it fails.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    path.mkdir(parents=True, exist_ok=True)
    command = [require("mount"), "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = f"root can't mount a small file system here: {done.stderr.strip()}"
        (pytest.fail if os.environ.get("ODR_REQUIRE_ALL") == "1" else pytest.skip)(why)
    try:
        yield SmallDisk(path)
    finally:
        with suppress(FileNotFoundError):
            (path / _FILLER).unlink()
        subprocess.run([require("umount"), "--lazy", str(path)], check=True)
