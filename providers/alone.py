"""A directory for one process at a time; the operating system frees it when the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from providers.errors import GatewayError

__all__ = ["alone"]


@contextmanager
def alone(directory: Path, code: str, who: str) -> Iterator[None]:
    """Hold the directory's lock, so that no second process works on the same store.

    Args:
        directory: holds the file ``lock``, which is made.
        code: of the refusal.
        who: what another one that holds it would be, such as ``gateway``.

    Raises:
        GatewayError: with ``code``, when another process holds the lock.
    """
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise GatewayError(code, f"Another {who} is running in this directory.", str(directory)) from error
    finally:
        os.close(descriptor)
