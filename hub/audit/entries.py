"""Entries with everything that stands beside them; the rule state is folded on the way.

::

    entry       leaf hash, time that never falls, commitment to the statement
    row         what the effect says of it, and what the statement says, subject and amended registration included
    body        digest, canonical form, every signature
    annex       the one that the statement names
    documents   the ones that the statement registers, none too many
    effects     as they are written here; decided again where the rules of this program still accept the statement
    outbox      a policy either waits for its proof or has one, unless it was waived: when officers forced another log

A body may be missing only where it was deleted: of a statement about a transfer that says so of its texts, or by a
list of what was deleted elsewhere. Entry, effects and digest still stand then.
"""

from collections import Counter
from collections.abc import Iterable

from hub.audit.findings import Findings
from hub.log.refold import Fold
from hub.log.staging import amended_by, documents_of, subject_of
from hub.storage.audit import Audit, StoredEntry
from hub.storage.encoding import encode_json
from hub.storage.topics import POLICY_PROOF, PROOF_WAIVED, TEXT_DELETED
from hub.storage.values import StoredStatement
from providers.transfer.commands import KINDS
from registry import state as spaces
from registry.errors import Refused
from registry.rulebook import Rulebook
from registry.statements import At
from signing.encoding import JSON, sha256_hex
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.keyring import KeyRecord, introduced_keys, newest_current
from signing.keys import PublicKey
from signing.merkle import leaf_hash
from signing.notes import VerifierKey
from signing.statement import Statement, entry_octets, parse_statement, verify_signatures
from signing.trust import WitnessPolicy, parse_witness_policy

__all__ = ["EntryAudit"]


class EntryAudit:
    """Entries in log order.

    Args:
        audit: what is stored.
        findings: what is told.
        fold: the rule state before each entry.
        book: the rules to decide by.

    ``policies`` are the witness policies met so far, with their log index, ``logs`` the keys of the logs that they are
    for, by origin; ``time`` is that of the newest entry;
    ``counted`` says how many rows of each table were met.
    """

    def __init__(self, audit: Audit, findings: Findings, fold: Fold, book: Rulebook) -> None:
        self._audit = audit
        self._findings = findings
        self._fold = fold
        self._book = book
        self._next = 0
        self._texts_gone = False
        self._gone: list[int] = []
        self._waived: list[int] = []
        self.time = 0
        self.policies: list[tuple[int, WitnessPolicy]] = []
        self.logs: dict[str, VerifierKey] = {}
        self.counted: Counter[str] = Counter()

    async def take(self, entries: Iterable[StoredEntry]) -> None:
        """Check a piece of the log."""
        documents: set[tuple[str, int]] = set()
        for entry in entries:
            self._count(entry)
            statement = self._check_entry(entry)
            if statement is not None:
                documents |= {(sha256, entry.index) for sha256 in documents_of(statement)}
            self._feed(entry)
        await self._check_deleted()
        if documents:
            found = await self._audit.documents({sha256 for sha256, _ in documents})
            for sha256, index in sorted(documents - found):
                self._add("document_missing", f"The document {sha256[:8]}… is not found.", f"entry {index}")
        self.counted["documents"] += len(documents)

    async def finish(self, size: int) -> None:
        """Hold the number of rows of each table against what the entries below ``size`` have.

        Proofs are waived up to the policy that begins a forced log; any that was waived after the last one is told.
        """
        for index in self._waived:
            self._add("outbox_differs", "The proof was waived, but no log was forced since.", f"entry {index}")
        for table, found in (await self._audit.counts(size)).items():
            seen = self.counted[table]
            if found != seen and not (table == "documents" and self._texts_gone and found > seen):
                self._add("row_count", f"{found} rows are stored; the entries account for {seen}.", table)

    def _add(self, code: str, message: str, where: str) -> None:
        self._findings.add(code, message, where)

    def _count(self, entry: StoredEntry) -> None:
        stored = entry.statement
        self.counted["entries"] += 1
        self.counted["statements"] += stored is not None
        self.counted["bodies"] += stored is not None and stored.document is not None
        self.counted["annexes"] += entry.annex is not None
        self.counted["effects"] += len(entry.effects)
        self.counted["outbox"] += len(entry.outbox)
        self.counted["policy_proofs"] += entry.proof is not None

    def _check_entry(self, entry: StoredEntry) -> Statement | None:
        where = f"entry {entry.index}"
        if entry.index != self._next:
            self._add("entry_missing", f"Entry {self._next} is missing before this one.", where)
        self._next = entry.index + 1
        if leaf_hash(entry.octets) != entry.leaf_hash:
            self._add("leaf_differs", "The stored leaf hash is not that of the entry.", where)
        try:
            told = parse_entry(entry.octets)
        except SigningError as error:
            self._add(error.code, error.message, where)
            return None
        if told["time"] != entry.time or told["time"] < self.time:
            self._add("time_differs", "The entry's time falls, or is not the stored one.", where)
        self.time = max(self.time, told["time"])
        if entry.statement is None:
            self._add("statement_missing", "No statement is stored for this entry.", where)
            return None
        if not _stands_for(told, entry.statement):
            self._add("entry_differs", "The entry does not stand for the stored statement.", where)
        self._check_beside(entry, entry.statement, where)
        return self._check_body(entry, entry.statement, where)

    def _check_beside(self, entry: StoredEntry, stored: StoredStatement, where: str) -> None:
        """The row against the effect, which stays when the body is deleted; rules read digest and id from the row."""
        told = {name: getattr(stored, name) for name in ("digest", "issuer", "id", "kind", "index")}
        said = [one.data for one in entry.effects if one.type == "statement.registered"]
        if [{name: (data or {}).get(name) for name in told} for data in said] != [told]:
            self._add("statement_differs", "The row does not say what the effect says.", where)
        self._check_outbox(entry, stored, where)
        if entry.annex is not None and entry.annex.sha256 != sha256_hex(entry.annex.octets):
            self._add("annex_differs", "The stored hash is not that of the annex.", where)

    def _check_outbox(self, entry: StoredEntry, stored: StoredStatement, where: str) -> None:
        unproven = stored.kind == "policy" and entry.proof is None
        if unproven and entry.outbox == (PROOF_WAIVED,):
            self._waived.append(entry.index)
            return
        topics = tuple(one for one in entry.outbox if one != TEXT_DELETED or stored.kind not in KINDS)
        if topics != ((POLICY_PROOF,) if unproven else ()) or (entry.proof is not None and stored.kind != "policy"):
            self._add("outbox_differs", "A policy either waits for its proof or has one; nothing else does.", where)

    def _check_body(self, entry: StoredEntry, stored: StoredStatement, where: str) -> Statement | None:
        if stored.document is None:
            self._texts_gone = True
            if not stored.confidential or stored.kind not in KINDS:
                self._add("body_missing", "The text is missing; only those of transfers are ever deleted.", where)
            elif TEXT_DELETED not in entry.outbox:
                self._gone.append(entry.index)
            return None
        if TEXT_DELETED in entry.outbox:
            self._add("texts_differ", "The text is kept that is said to be deleted.", where)
        try:
            statement = parse_statement(stored.document)
            if statement.digest != stored.digest or statement.document != stored.document:
                self._add("digest_differs", "The stored body is not the statement of the stored digest.", where)
            verify_signatures(statement, self._keys(statement))
            self._hold_entry(statement, entry)
        except SigningError as error:
            self._add(error.code, str(error), where)
            return None
        self._check_row(statement, entry, where)
        self._decide_again(statement, entry, where)
        return statement

    async def _check_deleted(self) -> None:
        """Texts of this piece that are missing must have been deleted with those of their whole transfer."""
        cleared = await self._audit.cleared(self._gone) if self._gone else set()
        for index in self._gone:
            if index not in cleared:
                message = "The text is missing, but its transfer does not say that its texts were deleted."
                self._add("body_missing", message, f"entry {index}")
        self._gone.clear()

    def _hold_entry(self, statement: Statement, entry: StoredEntry) -> None:
        ring = {kid: KeyRecord(**one) for kid, one in (self._fold.get(spaces.keyring(statement.issuer)) or {}).items()}
        monitor = newest_current(ring, "monitor", entry.index, entry.time)
        amended = self._fold.get(spaces.award(str(statement.body.get("award", ""))))
        ref = amended["ref"] if amended is not None and statement.kind == "award-review" else None
        if entry_octets(statement, entry.time, None if monitor is None else monitor.public, ref) != entry.octets:
            self._add("entry_differs", "The entry does not stand for the stored statement.", f"entry {entry.index}")

    def _check_row(self, statement: Statement, entry: StoredEntry, where: str) -> None:
        stored = entry.statement
        if stored is not None and (
            stored.issuer, stored.id, stored.kind, stored.version, stored.confidential, stored.subject, stored.amends
        ) != (
            statement.issuer, statement.id, statement.kind, statement.version, statement.salt is not None,
            subject_of(statement), amended_by(statement),
        ):  # fmt: skip
            self._add("statement_differs", "The row does not say what the statement says.", where)
        named = statement.payload.get("annex")
        if entry.annex is not None and (named is None or named["sha256"] != entry.annex.sha256):
            self._add("annex_differs", "The stored annex is not the one that the statement names.", where)
        if statement.kind in ("genesis", "policy"):
            self.policies.append((entry.index, parse_witness_policy(statement.body["witness_policy"])))
            self.logs[statement.body["origin"]] = VerifierKey.parse(statement.body["log_key"])
            if "base" in statement.body and entry.index in self._waived:  # the log that was forced begins here
                self._waived.clear()

    def _decide_again(self, statement: Statement, entry: StoredEntry, where: str) -> None:
        """A refusal says nothing: rules may have become stricter since; other effects would be another history."""
        try:
            decision = self._book.decide(statement, self._fold, At(entry.index, entry.time))
        except Refused:
            return
        decided = [(one.type, one.version, _unordered(dict(one.data))) for one in decision.effects]
        if decided != [(one.type, one.version, _unordered(one.data)) for one in entry.effects]:
            self._add("effects_differ", "The effects are not what the rules make of the statement.", where)

    def _feed(self, entry: StoredEntry) -> None:
        where = f"entry {entry.index}"
        if entry.garbled:
            self._add("effect_garbled", "An effect is not as it is written here.", where)
        try:
            self._fold.feed(entry.index, [one for one in entry.effects if one.data is not None])
        except (KeyError, TypeError, AttributeError) as error:
            self._add("effect_unknown", f"An effect can't be applied: {error}.", where)

    def _keys(self, statement: Statement) -> dict[str, PublicKey]:
        """The keys that a statement is signed with: registered before it, or introduced by it."""
        keys = {kid: one.key for kid, one in introduced_keys(statement).items()}
        for kid in statement.roles:
            known = self._fold.get(spaces.kid(kid))
            if known is not None:
                keys[kid] = KeyRecord(**self._fold.get(spaces.keyring(known["owner"]))[kid]).public
        return keys


def _unordered(value: JSON) -> str:
    """As text in which the order of lists counts for nothing: signatures are stored in another order than posted."""
    if isinstance(value, list | tuple):
        return f"[{','.join(sorted(_unordered(one) for one in value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{name}:{_unordered(one)}' for name, one in sorted(value.items()))}}}"
    return encode_json(value)


def _stands_for(told: dict[str, object], stored: StoredStatement) -> bool:
    """Whether the entry's own members fit the row; this needs no body."""
    if told["kind"] == "sealed":
        return stored.confidential and told["commitment"] == sha256_hex(bytes.fromhex(stored.digest))
    return not stored.confidential and (told["kind"], told["issuer"], told["digest"]) == (
        stored.kind, stored.issuer, stored.digest
    )  # fmt: skip
