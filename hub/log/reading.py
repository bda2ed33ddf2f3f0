"""What ``/log/`` serves (C2SP tlog-tiles): the checkpoint, hash tiles and entry bundles.

Nothing beyond the newest signed head is ever served. Any width of a tile that a signed size implies is cut from
the stored tile, so partial tiles need no files of their own.
"""

from hub.errors import NotFoundError
from hub.log.publication import Publication
from hub.storage.log_reads import LogReads
from signing.tiles import entry_bundle

__all__ = ["LogReader"]

_WIDTH = 256


class LogReader:
    """Serves octets of the log by tile coordinates."""

    def __init__(self, publication: Publication, reads: LogReads) -> None:
        self._publication = publication
        self._reads = reads

    @property
    def size(self) -> int:
        """How many entries are signed."""
        return self._publication.signed.size

    def checkpoint(self) -> bytes:
        """The largest head that met the quorum, or the signed one where no quorum is asked for.

        Raises:
            NotFoundError: no head has met the quorum yet.
        """
        head = self._publication.signed if self._publication.quorum_none else self._publication.witnessed
        if head is None:
            raise NotFoundError("no_checkpoint", "No checkpoint has been cosigned by a quorum of witnesses yet.")
        return head.note

    def signed_checkpoint(self) -> bytes:
        """The newest head that the log signed, witnessed or not."""
        return self._publication.signed.note

    async def tile(self, level: int, n: int, width: int = _WIDTH) -> bytes:
        """The first ``width`` hashes of a tile; raises ``NotFoundError`` beyond the signed size."""
        self._require(level, n, width)
        (tile,) = await self._reads.tiles({(level, n)})
        return tile.hashes[: 32 * width]

    async def entries(self, n: int, width: int = _WIDTH) -> bytes:
        """The first ``width`` entries of bundle ``n``; raises ``NotFoundError`` beyond the signed size."""
        self._require(0, n, width)
        return entry_bundle(await self._reads.entries(n * _WIDTH, n * _WIDTH + width))

    def _require(self, level: int, n: int, width: int) -> None:
        covered = self.size >> (8 * level) if level < 8 else 0  # a level-8 tile needs 2^64 entries
        if not 1 <= width <= _WIDTH or n < 0 or n * _WIDTH + width > covered:
            raise NotFoundError("beyond_log", f"The log of {self.size} entries has no such tile.", f"{level}/{n}")
