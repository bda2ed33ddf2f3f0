"""Start-up: whether the log may go on as it is found (what is signed is never contradicted).

::

    1 one process        the lock of the data directory
    2 schema             this program's
    3 signed head        its note is by this log's key and names the root that the stored tiles give
    4 right edge         the entries of the last tiles hash to what the tiles hold
    5 signed heads       none that a witness, the published checkpoint or an alarm shows contradicts the stored entries
    6 unsigned tail      entries that a crash left without a checkpoint: verified again, then signed

A refusal says in plain words what was found. When somebody holds a signed head that is ahead of what is stored (an old
backup, a lost disk) or differs, the log stays readable and takes nothing in: going on would fork it.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from hub.log.committing import Committer, recomputed_root
from hub.log.edge import RightEdge
from hub.log.errors import CorruptionError, RecoveryError
from hub.log.signedheads import Contradiction, contradiction, edge_at
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import Head
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.notes import Checkpoint, VerifierKey, open_checkpoint, parse_note
from signing.signnotes import NoteSigner

__all__ = ["DataLock", "open_head", "recover"]

_WIDTH = 256


class DataLock:
    """The exclusive lock of a data directory; the operating system frees it when the process ends.

    Raises:
        RecoveryError: locked, when another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise RecoveryError("locked", "Another process uses this data directory.", path.name) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


async def open_head(store: SqlLogStore, reads: LogReads, log_key: VerifierKey | None = None) -> tuple[Head, RightEdge]:
    """Steps 3 and 4: the stored head and right edge, checked against the stored entries and the signed note.

    Args:
        store: holds the head.
        reads: reads entries and tiles.
        log_key: the log's key; without it the note's signature is not checked.

    Raises:
        RecoveryError: no_log, or wrong_log_key.
        CorruptionError: what is stored contradicts itself.
    """
    head = await store.head()
    if head is None or head.size == 0:
        raise RecoveryError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
    if head.signed_size:
        await _check_signed(head, reads, log_key)
    first = (head.size - 1) // _WIDTH * _WIDTH
    octets, tiles = await store.run(lambda log: log.read_back(first, head.size))
    if recomputed_root(first, head.size, octets, tiles) != head.root:
        raise CorruptionError("root_differs", f"The stored entries up to {head.size} do not give the stored root.")
    return head, RightEdge.from_tiles(head.size, tiles)


async def recover(
    store: SqlLogStore, reads: LogReads, signer: NoteSigner, known: Mapping[str, bytes]
) -> tuple[Committer, Contradiction | None]:
    """Steps 3 to 6: a committer at the end of the log, and why it must not be used, if so.

    An unsigned tail is signed unless a signed head contradicts; then it is left as it is. ``known`` holds those, as
    ``contradiction`` takes them.

    Raises:
        RecoveryError: there is no log, or its key is another.
        CorruptionError: what is stored contradicts itself.
    """
    head, edge = await open_head(store, reads, signer.verifier)
    committer = Committer(signer, head, edge, await _signed_time(head, reads))
    found = await contradiction(head, reads, signer.verifier, known)
    if found is None and head.signed_size < head.size:
        await store.run(lambda log: committer.sign_tail(log, head, head))
    return committer, found


async def _signed_time(head: Head, reads: LogReads) -> int:
    """Entry time of the newest entry that the signed head covers, 0 without one."""
    if head.signed_size == head.size:
        return head.time
    signed = await reads.entries(max(head.signed_size - 1, 0), head.signed_size)
    return int(parse_entry(signed[0])["time"]) if signed else 0


async def _check_signed(head: Head, reads: LogReads, log_key: VerifierKey | None) -> None:
    if log_key is None:
        return
    try:
        signed = open_checkpoint(parse_note(head.note), log_key)
    except SigningError as error:
        raise RecoveryError("wrong_log_key", f"The newest checkpoint is not by this log's key: {error}") from None
    if signed != Checkpoint(head.origin, head.signed_size, (await edge_at(head.signed_size, reads)).root()):
        raise CorruptionError("signed_root_differs", f"The stored tiles do not give the root signed at {signed.size}.")
