"""Checking everything that is stored against everything else; nothing is changed.

::

    1 entries      in order without gaps, times never falling, leaf hashes recomputed; statements, signatures, annexes,
                   documents and effects beside them
    2 tiles        grown again from the leaf hashes and compared, none missing, none too many
    3 checkpoints  root at each size, the log's signature, every cosignature, the quorum where one is claimed; the head
    4 following    transfers, inboxes, case events and the directory, projected again
    5 rule state   effects folded anew, equal row for row
    6 packages     rows against files and signed records; what is sealed against its seals
    7 drafts       rows against their own texts and signatures

The log is walked once, in pieces, and what grows with it lies in a scratch file: memory stays small. What can't be
told is listed in ``docs/operations/fsck.md``; a test over every column holds the list.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from hub.audit.applications import check_applications
from hub.audit.casefacts import check_facts
from hub.audit.checkpoints import CheckpointAudit
from hub.audit.directory import DirectoryAudit
from hub.audit.drafts import DraftAudit
from hub.audit.enquiries import check_enquiries
from hub.audit.entries import EntryAudit
from hub.audit.feedback import check_feedback
from hub.audit.findings import Finding, Findings
from hub.audit.following import FollowingAudit
from hub.audit.packages import PackageAudit
from hub.audit.tree import TreeAudit
from hub.log.errors import UnverifiedPolicyError
from hub.log.refold import Fold
from hub.packages.files import PackageFiles
from hub.rulebook import RULEBOOK
from hub.storage.applications import ApplicationStore
from hub.storage.audit import UNREADABLE, Audit, StoredEntry
from hub.storage.auditbeside import AuditBeside, Cursor
from hub.storage.auditdrafts import DraftReads
from hub.storage.case_facts import CaseFacts
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.enquiries import EnquiryStore
from hub.storage.feedback import FeedbackStore
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.packages import PackageStore
from hub.storage.scratch import Scratch
from hub.storage.transfers import Transfers
from hub.storage.values import Head, StoredCheckpoint, StoredEnded
from registry import state as spaces
from registry.rulebook import Rulebook
from signing.keyring import KeyRecord
from signing.keys import PublicKey
from signing.merkle import leaf_hash
from signing.notes import VerifierKey

__all__ = ["Finding", "FsckReport", "fsck"]


@dataclass(frozen=True, slots=True)
class FsckReport:
    """What was checked, and everything that was found."""

    entries: int
    checkpoints: int
    keys: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


async def fsck(
    database: Database,
    log_key: VerifierKey | UnverifiedPolicyError,
    progress: Callable[[int], None] = lambda _: None,
    book: Rulebook = RULEBOOK,
    files: PackageFiles | None = None,
) -> FsckReport:
    """Check the whole database; it may be in use, then only what was stored when this began is checked.

    Args:
        database: the hub's tables.
        log_key: the log's key, from outside the database; or what keeps it from being known, which is the first
            finding: what the log has signed is then held against the key that its own policies name.
        progress: called with the number of entries checked so far.
        book: knows the rules, and how each effect folds.
        files: the octets of uploads and packages; without them only their rows are checked.
    """
    findings = Findings()
    head = await SqlLogStore(database).head()
    if head is None:
        findings.add("no_log", "There is no log in this database.", "head")
        return FsckReport(0, 0, 0, findings.all)
    if isinstance(log_key, UnverifiedPolicyError):
        findings.add("policy_unverified", log_key.message, log_key.where)
    outside = log_key if isinstance(log_key, VerifierKey) else None
    cursors = {name: await AuditBeside(database).cursor(name) for name in ("exchange", "directory")}
    with Scratch() as state, Scratch() as transfers, Scratch() as directory:
        parts = _Fsck(
            database, head, findings, log_key=outside, progress=progress, book=book, files=files, cursors=cursors,
            state=state, transfers=transfers, directory=directory,
        )  # fmt: skip
        return await parts.run()


class _Fsck:
    def __init__(  # noqa: PLR0913  # its parts, each used
        self, database: Database, head: Head, findings: Findings, *, log_key: VerifierKey | None,
        progress: Callable[[int], None], book: Rulebook, files: PackageFiles | None, cursors: Mapping[str, Cursor],
        state: Scratch, transfers: Scratch, directory: Scratch,
    ) -> None:  # fmt: skip
        self._database, self._head, self._files, self._progress = database, head, files, progress
        self._audit, self._beside, self._findings = Audit(database), AuditBeside(database), findings
        self._fold = Fold(book, state)
        self._entries = EntryAudit(self._audit, findings, self._fold, book)
        self._tree = TreeAudit(self._audit, findings)
        self._checkpoints = CheckpointAudit(findings, log_key, head)
        self._following = FollowingAudit(self._beside, findings, transfers, cursors["exchange"])
        self._directory = DirectoryAudit(self._beside, findings, directory, cursors["directory"])
        self._proofs: dict[int, list[tuple[int, tuple[int, bytes]]]] = {}
        self._network = ""
        self._keys = 0

    async def run(self) -> FsckReport:
        parts = (self._walk, self._finish, self._check_rule_state, self._check_facts, self._check_packages)
        for part in (*parts, self._check_drafts):
            try:
                await part()
            except UNREADABLE as error:  # text that is no text, a damaged page
                self._add(
                    "unreadable", f"The database can't be read: {type(error).__name__}.", part.__name__.strip("_")
                )
        return FsckReport(self._tree.size, self._checkpoints.checkpoints, self._keys, self._findings.all)

    def _add(self, code: str, message: str, where: str) -> None:
        self._findings.add(code, message, where)

    async def _walk(self) -> None:
        """Hand each piece of the log to every part."""
        async for piece in self._audit.entries():
            entries = [entry for entry in piece if entry.index < self._head.size]
            if not entries:
                return
            if entries[0].index == 0 and entries[0].statement is not None:
                self._network = entries[0].statement.digest
            await self._entries.take(entries)
            await self._following.take(entries)
            await self._directory.take(entries)
            await self._grow(entries)
            self._progress(self._tree.size)
            await asyncio.sleep(0)

    async def _grow(self, entries: Sequence[StoredEntry]) -> None:
        """Grow the tree, and check what was signed at each size on the way."""
        for entry in entries:
            if entry.proof is not None:
                self._proofs.setdefault(entry.proof[0], []).append((entry.index, entry.proof))
        first, last = entries[0].index, entries[-1].index + 1
        signed = {one.size: one async for one in self._audit.checkpoints(first, last)}
        ended: dict[int, list[StoredEnded]] = {}
        for old in await self._audit.ended_checkpoints(first, last):
            ended.setdefault(old.size, []).append(old)
        for part in _parts(entries, sorted({*signed, *self._proofs, *ended})):
            await self._tree.grow([leaf_hash(entry.octets) for entry in part])
            self._check_signed(signed.pop(self._tree.size, None))
            for old in ended.get(self._tree.size, ()):
                self._checkpoints.check_ended(old, self._tree.root(), self._entries.policies, self._entries.logs)
        for one in signed.values():
            self._checkpoints.check(one, None, self._entries.policies, self._entries.logs)

    def _check_signed(self, checkpoint: StoredCheckpoint | None) -> None:
        size, root, policies = self._tree.size, self._tree.root(), self._entries.policies
        if checkpoint is not None:
            self._checkpoints.check(checkpoint, root, policies, self._entries.logs)
        for index, proof in self._proofs.pop(size, ()):
            self._checkpoints.check_proof(index, proof, root, policies, self._entries.logs)

    async def _finish(self) -> None:
        for some in self._proofs.values():
            for index, proof in some:
                self._checkpoints.check_proof(index, proof, None, self._entries.policies, self._entries.logs)
        self._entries.counted["checkpoints"] = self._checkpoints.checkpoints
        self._entries.counted["cosignatures"] = self._checkpoints.cosignatures
        self._entries.counted["ended_checkpoints"] = self._checkpoints.ended
        await self._tree.finish()
        self._checkpoints.check_head(self._tree.size, self._tree.root(), self._entries.time)
        await self._entries.finish(self._head.size)
        await self._following.finish(self._head.signed_size)
        await self._directory.finish(self._head.signed_size)
        for table in await self._audit.beyond_head():
            self._add("beyond_head", "Rows belong to entries that the head does not count.", table)

    async def _check_rule_state(self) -> None:
        """Rows that a hub has written since this began are left out."""
        seen = 0
        async for piece in self._audit.rule_state_pieces():
            for key, row in piece.items():
                if row[1] < self._head.size:
                    seen += 1
                    if self._fold.row(key) != row:
                        self._differs(key)
        self._keys = sum(1 for _ in self._fold.stored())
        if self._keys > seen:
            await self._check_missing()

    async def _check_missing(self) -> None:
        keys = (key for key, _ in self._fold.stored())
        while some := list(islice(keys, 500)):
            for key in sorted(set(some) - await self._audit.state_keys(some)):
                self._differs(key)

    def _differs(self, key: str) -> None:
        self._add("state_differs", "The rule state is not what the effects give; rebuild it.", key)

    async def _check_facts(self) -> None:
        await check_facts(CaseFacts(self._database), self._findings)

    async def _check_packages(self) -> None:
        policy = self._fold.get(spaces.POLICY)
        hub = "" if policy is None else policy["body"]["hub"]["id"]
        await PackageAudit(
            self._beside, PackageStore(self._database), Transfers(self._database), self._findings, files=self._files,
            keys=self._statement_keys(hub), network=self._network,
        ).check()  # fmt: skip
        await check_applications(ApplicationStore(self._database), self._findings)
        await check_feedback(FeedbackStore(self._database), self._findings)
        await check_enquiries(EnquiryStore(self._database), self._findings)

    async def _check_drafts(self) -> None:
        directory = Directory(self._database)
        await DraftAudit(
            DraftReads(self._database), self._findings, find_key=directory.key, find_ring=directory.keyring,
            index_of=LogReads(self._database).index_of, network=self._network,
        ).check()  # fmt: skip

    def _statement_keys(self, owner: str) -> dict[str, PublicKey]:
        """Every statement key that an owner ever had."""
        ring = self._fold.get(spaces.keyring(owner)) or {}
        records = [KeyRecord(**one) for one in ring.values()]
        return {one.kid: one.public for one in records if one.purpose == "statement"}


def _parts(entries: Sequence[StoredEntry], sizes: Sequence[int]) -> Iterator[Sequence[StoredEntry]]:
    """The entries in parts that end where something was signed."""
    start = 0
    for size in (size for size in sizes if entries and entries[0].index < size <= entries[-1].index):
        end = size - entries[0].index
        yield entries[start:end]
        start = end
    if entries[start:]:
        yield entries[start:]
