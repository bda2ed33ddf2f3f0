"""Where exported objects go: a directory, or a bucket of an S3-compatible service.

Objects of a log are immutable, but for its checkpoint. So a store creates objects without ever overwriting one, and
replaces one object only where it still is what the caller read: two exporters at once can do no harm.

Example::

    with open_target("s3://bucket/log") as store:
        await store.create("tile/0/000", octets)
        await store.flush()
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

__all__ = ["ObjectStore", "Stored", "open_target"]


@dataclass(frozen=True, slots=True)
class Stored:
    """An object's octets, and the version by which its store knows them again (empty where it needs none)."""

    data: bytes = field(repr=False)
    version: str = ""


class ObjectStore(Protocol):
    """Objects by name. Many calls may run at a time; errors of the place are ``ExportError``."""

    async def get(self, name: str) -> Stored | None:
        """The object of this name, None when there is none."""

    async def create(self, name: str, data: bytes) -> bool:
        """Store a new object, whole or not at all; False when one of this name exists, which is left as it is."""

    async def replace(self, name: str, data: bytes, before: Stored | None) -> bool:
        """Put ``data`` in place of ``before``, durably; False when something else stands there by now."""

    async def flush(self) -> None:
        """Everything created so far is durable when this returns."""


@contextmanager
def open_target(target: str) -> Iterator[ObjectStore]:
    """The store that ``target`` names: ``s3://bucket/prefix``, or else a directory, which is made.

    Raises:
        ExportError: bad_export_target, s3_missing (the extra is not installed), target_locked or target_unwritable.
    """
    if target.startswith("s3://"):
        from hub.keeping.s3store import open_s3  # noqa: PLC0415  # an extra: whoever exports to files needs it not

        yield open_s3(target)
        return
    from hub.keeping.directorystore import DirectoryStore  # noqa: PLC0415

    with DirectoryStore(Path(target)) as store:
        yield store
