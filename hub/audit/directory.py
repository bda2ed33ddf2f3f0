"""The directory, made again from effects: each version of each member and neutral, row for row."""

from collections.abc import Mapping, Sequence

from hub.audit.findings import Findings
from hub.audit.followed import Followed
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
        self._followed = Followed(findings, cursor)
        self._scratch = scratch
        self._size = cursor.size

    async def take(self, entries: Sequence[StoredEntry]) -> None:
        """Check what a piece of the log must have led to."""
        found = self._followed.below(entries, DIRECTORY_KINDS)
        try:
            made = directory_versions(found, self._known({one.subject or "" for one, _ in found}))
        except (KeyError, TypeError, ValueError):  # effects are damaged, and were told
            return
        expected = {one.index: (one.subject, one.annex, text_of(one.record)) for one in made}
        self._followed.rows("directory_versions", expected, await self._stored.directory(list(expected)))
        for one in made:
            self._scratch.update({one.subject: [one.index, one.annex, one.record]})

    async def finish(self, signed: int) -> None:
        """Check the cursor and the number of rows."""
        self._followed.cursor(signed, f"cursors {CURSOR}")
        self._followed.number("directory_versions", await self._stored.directory_count(self._size))

    def _known(self, subjects: set[str]) -> Mapping[str, DirectoryVersion]:
        kept = {subject: self._scratch.get(subject) for subject in subjects}
        return {
            subject: DirectoryVersion(one[0], subject, one[1], dict(one[2]))
            for subject, one in kept.items()
            if one is not None
        }
