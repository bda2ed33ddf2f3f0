"""What follows the log, projected again from statements and effects: transfers, inboxes, events, registered answers.

Statements of a kind that is followed, below the cursor, make exactly the rows that are stored. When the texts of a
transfer were deleted can't be told; that they were, can. A restored copy may lack texts before it says so.
"""

from collections.abc import Sequence

from hub.audit.findings import Findings
from hub.audit.followed import Followed
from hub.following.projection import FOLLOWED, TEXTS, project
from hub.storage.audit import StoredEntry
from hub.storage.auditbeside import AuditBeside, Cursor, TransferFacts
from hub.storage.scratch import Scratch
from hub.storage.values import Answered, CaseEvent, TransferChange

__all__ = ["FollowingAudit"]

_NAMES = frozenset({"directory", "exchange"})


class FollowingAudit:
    """Entries in log order, against the tables that follow them.

    Args:
        stored: the tables.
        findings: what is told.
        scratch: keeps the newest change of each transfer.
        cursor: how far the log was followed when this began.
    """

    def __init__(self, stored: AuditBeside, findings: Findings, scratch: Scratch, cursor: Cursor) -> None:
        self._stored = stored
        self._findings = findings
        self._followed = Followed(findings, cursor)
        self._scratch = scratch
        self._size = cursor.size
        self._transfers = 0

    async def take(self, entries: Sequence[StoredEntry]) -> None:
        """Check what a piece of the log must have led to."""
        followed = self._followed.below(entries, FOLLOWED)
        texts = {one.index: one.document is not None for one, _ in followed}
        try:
            piece = project([one for one in followed if one[0].kind not in TEXTS or texts[one[0].index]], 0)
        except (KeyError, TypeError, ValueError):  # effects or texts are damaged, and were told
            return
        await self._check_transfers(piece.transfers, texts)
        await self._check_events(piece.events)
        await self._check_answers(piece.answers)

    async def finish(self, signed: int) -> None:
        """Check the cursor, every transfer, and the numbers of rows."""
        self._followed.cursor(signed, "cursors", _NAMES)
        for table, found in (await self._stored.counts(self._size)).items():
            self._followed.number(table, found)
        count = 0
        async for row in self._stored.transfers():
            if row.index < self._size:
                count += 1
                self._check_transfer(row)
        if count != self._transfers:
            self._add("row_count", f"{count} rows are stored; the log gives {self._transfers}.", "transfers")

    async def _check_transfers(self, changes: Sequence[TransferChange], texts: dict[int, bool]) -> None:
        statements = {(one.transfer, one.index): (one.kind, one.event) for one in changes}
        inbox = {
            (member, one.index): (one.kind, one.transfer) for one in changes for member in {one.sender, one.recipient}
        }
        self._followed.rows("transfer_statements", statements, await self._stored.transfer_statements(statements))
        self._followed.rows("inbox", inbox, await self._stored.inbox(inbox))
        for one in changes:
            known = self._scratch.get(one.transfer)
            self._transfers += known is None
            kept = (0 if known is None else known["texts"]) + texts[one.index]
            self._scratch.update({one.transfer: {"row": _row(one), "texts": kept}})

    async def _check_events(self, events: Sequence[CaseEvent]) -> None:
        expected = {(one.provider, one.case, one.sequence): one for one in events}
        self._followed.rows("case_events", expected, await self._stored.case_events(expected))

    async def _check_answers(self, answers: Sequence[tuple[int, Answered]]) -> None:
        expected = {(index, *_key(one)): one for index, one in answers}
        indexes = sorted({index for index, _ in answers})
        found = {(index, *_key(one)): one for index in indexes for one in await self._stored.answers(index)}
        self._followed.rows("feedback_answers", expected, found)

    def _check_transfer(self, stored: TransferFacts) -> None:
        where = f"transfer {stored.transfer}"
        known = self._scratch.get(stored.transfer)
        if known is None or known["row"] != _stored_row(stored):
            self._add("row_differs", "The transfer is not what the log gives.", where)
        elif stored.cleared is not None and (known["texts"] or not stored.ended):
            self._add("texts_differ", "Texts are kept that are said to be deleted.", where)

    def _add(self, code: str, message: str, where: str) -> None:
        self._findings.add(code, message, where)


def _key(one: Answered) -> tuple[str, ...]:
    return one.provider, one.case, one.role, one.source


def _row(change: TransferChange) -> list[object]:
    ciphertext = change.record["ciphertext"]
    return [
        change.index, change.sender, change.recipient, change.state, change.due, change.ended,
        change.record["brief"]["sha256"], None if ciphertext is None else ciphertext["sha256"], dict(change.record),
    ]  # fmt: skip


def _stored_row(one: TransferFacts) -> list[object]:
    return [
        one.index, one.sender, one.recipient, one.state, one.due, one.ended, one.brief, one.ciphertext, one.record,
    ]  # fmt: skip
