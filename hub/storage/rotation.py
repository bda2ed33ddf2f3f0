"""Going on with a tree under another name: the checkpoints of the log that ended are kept apart."""

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from hub.storage.certain import require
from hub.storage.engine import Database
from hub.storage.errors import ConflictError
from hub.storage.models import CheckpointRow, CosignatureRow, EndedCheckpointRow, HeadRow, OutboxRow
from hub.storage.topics import POLICY_PROOF, PROOF_WAIVED
from hub.storage.values import Head

__all__ = ["EndedLogs"]

_PIECE = (
    select(CheckpointRow.size, CheckpointRow.root, CheckpointRow.note)
    .where(CheckpointRow.size > bindparam("after"))
    .order_by(CheckpointRow.size)
    .limit(1000)
)
_LINES = (
    select(CosignatureRow.size, CosignatureRow.line)
    .where(CosignatureRow.size > bindparam("after"), CosignatureRow.size <= bindparam("last"))
    .order_by(CosignatureRow.size, CosignatureRow.witness)
)


_NOTE = select(HeadRow.note)
_WAITS = OutboxRow.topic == POLICY_PROOF
_AWAITED = select(OutboxRow.index).where(_WAITS, OutboxRow.index <= bindparam("upto"))


class EndedLogs:
    """What is stored of the logs that came before this one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def succeed(self, old: Head, new: Head) -> None:
        """Put the signed head ``new`` of the same tree in the place of ``old``; one transaction.

        Raises:
            ConflictError: the head is not ``old``.
        """

        def succeed(connection: Connection) -> None:
            _keep_apart(connection, old.origin)
            _move_head(connection, old, new)
            checkpoint = {"size": new.size, "root": new.root, "note": new.note, "witnessed": False}
            connection.execute(insert(CheckpointRow), checkpoint)
            require(HeadRow.__tablename__, connection.scalar(_NOTE), new.note)
            require(CheckpointRow.__tablename__, list(connection.scalars(select(CheckpointRow.note))), [new.note])

        await self._database.write(succeed)
        kept = await self._database.query(lambda connection: connection.scalar(_NOTE))
        require(HeadRow.__tablename__, kept, new.note)

    async def waive_proofs(self, index: int) -> None:
        """Await no proof of the policy at ``index``, nor of one before it: verifiers are told to trust this one.

        A policy whose quorum can't be met would else be waited for under the new log too. What was waived is
        remembered; to waive it again changes nothing.
        """

        def waive(connection: Connection) -> None:
            waived = set(connection.scalars(_AWAITED, {"upto": index}))
            if waived:
                connection.execute(delete(OutboxRow).where(_WAITS, OutboxRow.index.in_(waived)))
                connection.execute(insert(OutboxRow), [{"index": one, "topic": PROOF_WAIVED} for one in waived])
            require(OutboxRow.__tablename__, list(connection.scalars(_AWAITED, {"upto": index})), [])
            kept = select(OutboxRow.index).where(OutboxRow.topic == PROOF_WAIVED, OutboxRow.index.in_(waived))
            require(OutboxRow.__tablename__, set(connection.scalars(kept)), waived)

        await self._database.write(waive)

    async def note(self, origin: str, size: int) -> bytes | None:
        """The checkpoint of ``size`` entries of the log ``origin`` that has ended, with all its lines."""
        query = select(EndedCheckpointRow.note).filter_by(origin=origin, size=size)
        return await self._database.read(lambda connection: connection.scalar(query))


def _keep_apart(connection: Connection, origin: str) -> None:
    """Move every checkpoint, with its lines, piece by piece: a long log has very many."""
    ended_rows = select(func.count()).select_from(EndedCheckpointRow)
    expected = sum(int(connection.scalar(count) or 0) for count in (ended_rows, select(func.count(CheckpointRow.size))))
    after = -1
    while rows := connection.execute(_PIECE, {"after": after}).all():
        lines = dict.fromkeys((row.size for row in rows), "")
        for size, line in connection.execute(_LINES, {"after": after, "last": rows[-1].size}):
            lines[size] += line
        ended = [
            {"origin": origin, "size": row.size, "root": row.root, "note": row.note + lines[row.size].encode()}
            for row in rows
        ]
        connection.execute(insert(EndedCheckpointRow), ended)
        after = rows[-1].size
    require(EndedCheckpointRow.__tablename__, connection.scalar(ended_rows), expected)
    connection.execute(delete(CosignatureRow))
    connection.execute(delete(CheckpointRow))
    require(CosignatureRow.__tablename__, connection.scalar(select(func.count(CosignatureRow.size))), 0)


def _move_head(connection: Connection, old: Head, new: Head) -> None:
    moved = connection.execute(
        update(HeadRow)
        .where(HeadRow.origin == bindparam("old"), HeadRow.size == old.size, HeadRow.root == old.root)
        .values(origin=new.origin, signed_size=new.signed_size, note=new.note),
        {"old": old.origin},
    )
    if moved.rowcount != 1:
        raise ConflictError("head_moved", "The head of the log is not where this process left it.", old.origin)
