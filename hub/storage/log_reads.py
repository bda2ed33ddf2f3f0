"""The log's read side: entries, tiles and checkpoints as stored. What may be shown is the caller's to judge."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, LargeBinary, and_, bindparam, func, select

from hub.storage.cosignatures import newest_line
from hub.storage.engine import Database
from hub.storage.models import (
    BodyRow,
    CheckpointRow,
    CosignatureRow,
    EntryRow,
    OutboxRow,
    PolicyProofRow,
    StatementRow,
    TileRow,
)
from hub.storage.values import StoredCheckpoint, Tile
from providers.storage.prepared import Prepared
from signing.notes import VerifierKey
from signing.tiles import TILE_WIDTH

__all__ = ["LogReads"]

_ENTRY_AND_TILE = Prepared(
    select(EntryRow.index, EntryRow.octets, TileRow.hashes)
    .join(StatementRow, StatementRow.index == EntryRow.index)
    .outerjoin(TileRow, and_(TileRow.level == 0, TileRow.n == EntryRow.index // TILE_WIDTH))
    .where(StatementRow.__table__.c.digest == bindparam("digest", type_=LargeBinary))
)
_PAST_DIGEST = Prepared(
    select(StatementRow.index)
    .where(StatementRow.__table__.c.digest >= bindparam("digest", type_=LargeBinary))
    .order_by(StatementRow.digest)
    .limit(1)
)
_PAST_INDEX = Prepared(
    select(EntryRow.time, TileRow.n)
    .outerjoin(TileRow, and_(TileRow.level == 0, TileRow.n == EntryRow.index // TILE_WIDTH))
    .where(EntryRow.index == bindparam("index"))
)
_TILE = Prepared(select(TileRow.hashes).where(TileRow.level == bindparam("level"), TileRow.n == bindparam("n")))


class LogReads:
    """Reads of the log tables; every answer is what is stored, signed or not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, first: int, end: int) -> list[bytes]:
        """The octets of entries [first, end), as many as there are."""
        query = select(EntryRow.octets).where(EntryRow.index >= first, EntryRow.index < end).order_by(EntryRow.index)
        return await self._database.read(lambda connection: [bytes(octets) for octets in connection.scalars(query)])

    async def tiles(self, wanted: Collection[tuple[int, int]]) -> list[Tile]:
        """The tiles at these (level, n), as many as there are, each as wide as it is stored."""

        def tiles(connection: Connection) -> list[Tile]:
            found = (_tile(connection, level, n) for level, n in sorted(wanted))
            return [tile for tile in found if tile is not None]

        return await self._database.read(tiles)

    async def index_of(self, digest: str) -> int | None:
        """The log index of a statement by its digest (hex)."""
        query = select(StatementRow.index).where(StatementRow.digest == digest)
        return await self._database.read(lambda connection: connection.scalar(query))

    async def newest_of(self, kinds: Collection[str]) -> int:
        """The index of the newest statement of these kinds, each about somebody; -1 where there is none."""
        query = select(func.max(StatementRow.index)).where(StatementRow.kind.in_(sorted(kinds)))
        query = query.where(StatementRow.subject.is_not(None))  # such statements are found by an index of their own
        found = await self._database.read(lambda connection: connection.scalar(query))
        return -1 if found is None else int(found)

    async def entry_and_tile(self, digest: str) -> tuple[int, bytes, Tile | None] | None:
        """Of a statement by its digest (hex): the log index, the entry's octets, and the tile that holds their hash.

        They come as one row: a query more would cost a receipt more than the tile, whether it is needed or not.
        """

        def entry_and_tile(connection: Connection) -> tuple[int, bytes, Tile | None] | None:
            row = _ENTRY_AND_TILE.run(connection, {"digest": bytes.fromhex(digest)}).one_or_none()
            if row is None:
                return None
            index, octets, hashes = row
            tile = None if hashes is None else Tile(0, index // TILE_WIDTH, bytes(hashes))
            return index, bytes(octets), tile

        return await self._database.read(entry_and_tile)

    async def pass_by(self, indexes: Sequence[int], size: int) -> None:
        """Go where these entries and their tiles lie, and where a digest lies that is as far among all digests.

        Nothing is returned: what for is that the database holds in memory what lies on the way.
        """

        def pass_by(connection: Connection) -> None:
            for index in indexes:
                digest = (index * 2**64 // size).to_bytes(8, "big")
                _PAST_DIGEST.run(connection, {"digest": digest}).one_or_none()
                _PAST_INDEX.run(connection, {"index": index}).one_or_none()

        await self._database.read(pass_by)

    async def sealed_documents(self, issuer: str) -> list[bytes]:
        """The sealed statements of an issuer whose texts are kept, in log order."""
        query = select(BodyRow.document).join(StatementRow, StatementRow.index == BodyRow.index)
        query = query.where(StatementRow.issuer == issuer, StatementRow.confidential).order_by(StatementRow.index)
        return await self._database.read(lambda connection: [bytes(one) for one in connection.scalars(query)])

    async def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """The checkpoint of exactly ``size`` entries, with its cosignatures."""
        return await self._database.read(lambda connection: _checkpoint(connection, size))

    async def newest_witnessed(self) -> StoredCheckpoint | None:
        """The largest checkpoint whose cosignatures met the quorum."""
        query = select(func.max(CheckpointRow.size)).where(CheckpointRow.witnessed)

        def newest(connection: Connection) -> StoredCheckpoint | None:
            size = connection.scalar(query)
            return None if size is None else _checkpoint(connection, size)

        return await self._database.read(newest)

    async def newest_cosignature(self, key: VerifierKey) -> tuple[int, str] | None:
        """The size of the largest checkpoint that the witness's key cosigned, and its line there."""
        return await self._database.read(lambda connection: newest_line(connection, key))

    async def policy_proof(self, index: int) -> bytes | None:
        """The checkpoint under which the policy statement at ``index`` took effect; None while it is awaited."""
        query = select(PolicyProofRow.note).where(PolicyProofRow.index == index)
        return await self._database.read(lambda connection: connection.scalar(query))

    async def outbox(self, topic: str) -> list[int]:
        """The entries that still ask for work of this topic, oldest first."""
        query = select(OutboxRow.index).where(OutboxRow.topic == topic).order_by(OutboxRow.index)
        return await self._database.read(lambda connection: list(connection.scalars(query)))


def _tile(connection: Connection, level: int, n: int) -> Tile | None:
    hashes = _TILE.run(connection, {"level": level, "n": n}).scalar()
    return None if hashes is None else Tile(level, n, bytes(hashes))


def _checkpoint(connection: Connection, size: int) -> StoredCheckpoint | None:
    row = connection.execute(select(CheckpointRow.__table__).filter_by(size=size)).one_or_none()
    if row is None:
        return None
    lines = select(CosignatureRow.witness, CosignatureRow.line).where(CosignatureRow.size == size)
    found = {line.witness: line.line for line in connection.execute(lines)}
    return StoredCheckpoint(row.size, bytes(row.root), bytes(row.note), bool(row.witnessed), found)
