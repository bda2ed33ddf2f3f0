"""The directory, made again from effects: each version of each member and neutral, row for row."""

from collections.abc import Mapping, Sequence

from hub.audit.findings import Findings
from hub.following.directory import DIRECTORY_KINDS, directory_versions
from hub.storage.audit import StoredEntry
from hub.storage.auditbeside import AuditBeside, Cursor
from hub.storage.scratch import Scratch
from hub.storage.versions import CURSOR, DirectoryVersion, text_of

__all__ = ["DirectoryAudit"]


class DirectoryAudit:
    """Entries in log order, against the table that follows them.

    Args:
        stored: the table.
        findings: what is told.
        scratch: keeps the newest version of each member and neutral.
        cursor: how far the log was followed when this began.
    """

    def __init__(self, stored: AuditBeside, findings: Findings, scratch: Scratch, cursor: Cursor) -> None:
        self._stored = stored
        self._findings = findings
        self._scratch = scratch
        self._cursor = cursor
        self._counted = 0

    async def take(self, entries: Sequence[StoredEntry]) -> None:
        """Check what a piece of the log must have led to."""
        found = [
            (one.statement, tuple(effect for effect in one.effects if effect.data is not None))
            for one in entries
            if one.statement is not None and one.statement.kind in DIRECTORY_KINDS and one.index < self._cursor.size
        ]
        try:
            made = directory_versions(found, self._known({one.subject or "" for one, _ in found}))
        except (KeyError, TypeError, ValueError):  # effects are damaged, and were told
            return
        stored = await self._stored.directory([one.index for one in made])
        for one in made:
            self._counted += 1
            self._scratch.update({one.subject: [one.index, one.annex, one.record]})
            if stored.get(one.index) != (one.subject, one.annex, text_of(one.record)):
                text = "The row is missing, or not what the log gives."
                self._findings.add("row_differs", text, f"directory_versions {one.index}")

    async def finish(self, signed: int) -> None:
        """Check the cursor and the number of rows."""
        cursor = self._cursor
        if cursor.size > signed or cursor.newest >= max(cursor.size, 0):
            text = f"{cursor.size} entries are said to be followed, which is not so."
            self._findings.add("cursor_differs", text, f"cursors {CURSOR}")
        if (found := await self._stored.directory_count(cursor.size)) != self._counted:
            text = f"{found} rows are stored; the log gives {self._counted}."
            self._findings.add("row_count", text, "directory_versions")

    def _known(self, subjects: set[str]) -> Mapping[str, DirectoryVersion]:
        kept = {subject: self._scratch.get(subject) for subject in subjects}
        return {
            subject: DirectoryVersion(one[0], subject, one[1], dict(one[2]))
            for subject, one in kept.items()
            if one is not None
        }
