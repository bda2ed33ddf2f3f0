"""Evidence of what a log did wrong, in files that can be handed to anybody.

::

    DIR/evidence/<code>-<UTC time>/first.note     the checkpoint that was seen before, verbatim
                                   second.note    the one that contradicts it, verbatim
                                   growth.add-checkpoint   for a fork between two sizes: the consistency proof
                                                  (C2SP tlog-witness) that shows the other old root
                                   growth.tlog-proof       the same by the last old entry (C2SP tlog-proof), where
                                                  the hub shows it
    DIR/evidence/entry-<index>/statement.json     a public statement in a member's name, or about its keys

A folder is there whole or not at all.
"""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from providers.durable import sync_folder, write_new
from providers.errors import GatewayError

__all__ = ["keep_evidence"]


def keep_evidence(directory: Path, name: str, files: Mapping[str, bytes], now: int | None = None) -> tuple[str, ...]:
    """Write the files, on disk when this returns; their names below ``directory``.

    Args:
        directory: the monitor's or the witness's.
        name: of the folder; what is there already stays as it is.
        files: name -> octets.
        now: POSIX seconds, added to the name if given.

    Raises:
        GatewayError: ``storage_failed``.
    """
    above = directory / "evidence"
    folder = above / (name if now is None else f"{name}-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}")
    try:
        if not folder.exists():
            _write(folder, files)
            sync_folder(above)
            sync_folder(directory)
    except OSError as error:
        message = f"Evidence could not be kept: {error.strerror}."
        raise GatewayError("storage_failed", message, str(folder), actor="operator", retryable=True) from error
    return tuple(f"{folder.relative_to(directory)}/{file}" for file in files)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    begun = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(begun, ignore_errors=True)  # of a writer that was stopped
    begun.mkdir(parents=True)
    for file, data in files.items():
        write_new(begun / file, data, 0o644)
    sync_folder(begun)
    begun.rename(folder)
