"""Snapshots of the directory for mirrors: everybody at a published checkpoint, under the hub's signature.

::

    snapshot   a JWS of the profile, ``typ`` odr-directory+jws, by the hub's statement key
    entries    one line for each member and neutral, by actor id: its record as the directory holds it
    delta      the records that changed between two log sizes

The digest in a snapshot is the SHA-256 over the SHA-256 digests of the lines, in their order, so that a mirror which
holds all lines but those of a delta needs no others to check it, and the hub computes it without reading any line
again. It is computed once for each checkpoint, when somebody asks. A snapshot counts until ``next``, after which a
mirror says that it is stale; it is signed again with a later time while the checkpoint stays the newest.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from hub.errors import NotFoundError, RequestError
from hub.log.reading import LogReader
from hub.storage.search import Search, WholeDirectory
from hub.storage.versions import DirectoryVersions
from signing.compose import sign_all
from signing.encoding import JSON, canonical
from signing.notes import Checkpoint, parse_checkpoint, parse_note
from signing.secretkeys import SigningKey

__all__ = ["DIRECTORY_TYPE", "NEXT_SECONDS", "Snapshots"]

DIRECTORY_TYPE = "odr-directory+jws"
NEXT_SECONDS = 3600
"""How long a snapshot counts."""
RENEW_SECONDS = 300
"""After which the snapshot of an unchanged checkpoint is signed again."""
DELTA_ENTRIES = 5000
"""Most records of one delta; whoever misses more takes the entries."""
_KEPT = 16
_LINES = 500


@dataclass(frozen=True, slots=True)
class _Signed:
    size: int
    time: int
    document: bytes


class Snapshots:
    """Makes and keeps the newest snapshots.

    Args:
        search: knows everybody at any log size.
        versions: the records.
        log: the published checkpoint.
        key: the hub's statement key.
        network: the network's digest.
        clock: POSIX seconds.
        require_newest: raises while the newest entry stored here may not be the newest that there is.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self, search: Search, versions: DirectoryVersions, log: LogReader, *, key: SigningKey, network: str,
        clock: Callable[[], int], require_newest: Callable[[], None],
    ) -> None:  # fmt: skip
        self._search = search
        self._versions = versions
        self._log = log
        self._key = key
        self._network = network
        self._clock = clock
        self._require_newest = require_newest
        self._turn = asyncio.Lock()
        self._known: OrderedDict[str, WholeDirectory] = OrderedDict()
        self._newest: WholeDirectory | None = None
        self._signed: _Signed | None = None

    async def newest(self) -> bytes:
        """The snapshot of the newest published checkpoint.

        Raises:
            NotFoundError: no_checkpoint.
            BehindError: directory_behind.
            NewestUnknownError: newest_unknown.
        """
        self._require_newest()
        async with self._turn:
            note, now = self._log.checkpoint(), self._clock()
            head = parse_checkpoint(parse_note(note).text)
            whole, signed = self._newest, self._signed
            if whole is None or whole.size != head.size:
                whole = await self._search.whole(head.size)
                self._keep(whole)
            if signed is None or signed.size != head.size or not 0 <= now - signed.time < RENEW_SECONDS:
                signed = self._signed = _Signed(head.size, now, self._sign(head, note, whole, now))
            return signed.document

    def entries(self, digest: str) -> AsyncIterator[bytes]:
        """The lines of a snapshot that was made lately, some at a time.

        Raises:
            NotFoundError: unknown_snapshot.
        """
        whole = self._known.get(digest)
        if whole is None:
            message = "No snapshot with these entries was made lately; fetch the newest one again."
            raise NotFoundError("unknown_snapshot", message, digest)
        return self._lines(whole)

    async def delta(self, first: int, size: int) -> list[str]:
        """The records, by actor id, that are others at log ``size`` than at ``first``.

        Raises:
            RequestError: bad_parameter, delta_too_long.
            BehindError: directory_behind.
        """
        if first > size:
            raise RequestError("bad_parameter", f"from is a log size of at most {size}.", "from")
        await self._search.followed(size)
        found = await self._versions.changed(first, size, DELTA_ENTRIES + 1)
        if len(found) > DELTA_ENTRIES:
            message = f"More than {DELTA_ENTRIES} records have changed; fetch the entries of the newest snapshot."
            raise RequestError("delta_too_long", message, "from")
        return found

    def _sign(self, head: Checkpoint, note: bytes, whole: WholeDirectory, now: int) -> bytes:
        payload: dict[str, JSON] = {
            "v": 1,
            "network": self._network,
            "size": head.size,
            "root": head.root.hex(),
            "time": now,
            "next": now + NEXT_SECONDS,
            "checkpoint": note.decode(),
            "entries": {"count": len(whole.indexes), "digest": whole.digest},
        }
        return sign_all(canonical(payload), [(self._key, "hub")], now, DIRECTORY_TYPE)

    def _keep(self, whole: WholeDirectory) -> None:
        self._newest = whole
        self._known[whole.digest] = whole
        self._known.move_to_end(whole.digest)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    async def _lines(self, whole: WholeDirectory) -> AsyncIterator[bytes]:
        for start in range(0, len(whole.indexes), _LINES):
            some = await self._versions.records(whole.indexes[start : start + _LINES])
            yield "".join(f"{line}\n" for line in some).encode()
