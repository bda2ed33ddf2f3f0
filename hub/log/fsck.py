"""Checking everything that is stored against everything else; nothing is changed.

::

    1 entries      in order without gaps, times never falling, leaf hashes recomputed
    2 statements   digest, entry octets, annex and every signature recomputed from the stored bodies
    3 tiles        rebuilt from the leaf hashes and compared, none missing, none too many
    4 checkpoints  root at each size, the log's signature, every cosignature, the quorum where one is claimed
    5 head         the root and note that the log would go on from
    6 effects      folded anew, equal to the rule state row for row

A deleted body is no fault where the statement was sealed: its entry still stands in the tree.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hub.log.edge import RightEdge
from hub.log.refold import Fold
from hub.rulebook import RULEBOOK
from hub.storage.audit import Audit, StoredEntry
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import Head, StoredCheckpoint, StoredStatement, Tile
from registry import state as spaces
from registry.rulebook import Rulebook
from signing.encoding import sha256_hex
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.keyring import KeyRecord, introduced_keys, newest_current
from signing.keys import PublicKey
from signing.merkle import EMPTY_ROOT, leaf_hash
from signing.notes import Checkpoint, VerifierKey, check_cosignature, open_checkpoint, parse_note
from signing.statement import Statement, entry_octets, parse_statement, verify_signatures
from signing.trust import WitnessPolicy, parse_witness_policy

__all__ = ["Finding", "FsckReport", "fsck"]

_FULL = 256


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be; ``where`` names the row."""

    code: str
    message: str
    where: str


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
    log_key: VerifierKey,
    progress: Callable[[int], None] = lambda _: None,
    book: Rulebook = RULEBOOK,
) -> FsckReport:
    """Check the whole database; it may be in use, then only what was signed when this began is checked.

    Args:
        database: the hub's tables.
        log_key: the log's key, from outside the database.
        progress: called with the number of entries checked so far.
        book: knows how each effect folds.
    """
    return await _Fsck(database, log_key, progress, book).run()


class _Fsck:
    def __init__(
        self, database: Database, log_key: VerifierKey, progress: Callable[[int], None], book: Rulebook
    ) -> None:
        self._audit = Audit(database)
        self._store = SqlLogStore(database)
        self._reads = LogReads(database)
        self._log_key = log_key
        self._progress = progress
        self._findings: list[Finding] = []
        self._fold = Fold(book)
        self._edge = RightEdge()
        self._partial: dict[tuple[int, int], Tile] = {}
        self._tiles = 0
        self._time = 0
        self._next = 0
        self._policies: list[tuple[int, WitnessPolicy]] = []

    async def run(self) -> FsckReport:
        head = await self._store.head()
        if head is None:
            self._found("no_log", "There is no log in this database.", "head")
            return FsckReport(0, 0, 0, tuple(self._findings))
        checkpoints = [one async for one in self._audit.checkpoints() if one.size <= head.size]
        roots = await self._check_entries(head, sorted({one.size for one in checkpoints}))
        await self._check_tiles(list(self._partial.values()))
        await self._check_tile_count()
        for one in checkpoints:
            self._check_checkpoint(one, roots.get(one.size), head.origin)
        self._check_head(head, roots)
        await self._check_rule_state()
        return FsckReport(self._edge.size, len(checkpoints), len(self._fold.rows), tuple(self._findings))

    def _found(self, code: str, message: str, where: str) -> None:
        self._findings.append(Finding(code, message, where))

    async def _check_entries(self, head: Head, sizes: Sequence[int]) -> dict[int, bytes]:
        """Check all entries and grow the tree over them; returns its root at each of ``sizes``."""
        roots = {0: EMPTY_ROOT}
        async for piece in self._audit.entries():
            entries = [entry for entry in piece if entry.index < head.size]
            if len(entries) < len(piece) and not self._findings:
                self._found("entry_beyond_head", f"The head ends at {head.size}.", f"entry {piece[-1].index}")
            for entry in entries:
                self._check_entry(entry)
            for part in _parts(entries, sizes):
                self._edge, tiles = self._edge.extended([leaf_hash(entry.octets) for entry in part])
                await self._keep(tiles)
                roots[self._edge.size] = self._edge.root()
            self._progress(self._edge.size)
        return roots

    async def _keep(self, tiles: Sequence[Tile]) -> None:
        full = [tile for tile in tiles if tile.width == _FULL]
        for tile in full:
            self._partial.pop((tile.level, tile.n), None)
        self._partial.update(((tile.level, tile.n), tile) for tile in tiles if tile.width < _FULL)
        self._tiles += len(full)
        await self._check_tiles(full)

    async def _check_tiles(self, expected: Sequence[Tile]) -> None:
        stored = {(tile.level, tile.n): tile for tile in await self._reads.tiles([(t.level, t.n) for t in expected])}
        for tile in expected:
            if stored.get((tile.level, tile.n)) != tile:
                where = f"tile {tile.level}/{tile.n}"
                self._found("tile_differs", "The tile is not the one that the entries give.", where)

    async def _check_tile_count(self) -> None:
        expected = self._tiles + len(self._partial)
        found = await self._audit.tile_count()
        if found != expected:
            self._found("tile_count", f"{found} tiles are stored; the entries give {expected}.", "tiles")

    def _check_entry(self, entry: StoredEntry) -> None:
        where = f"entry {entry.index}"
        if entry.index != self._next:
            self._found("entry_missing", f"Entry {self._next} is missing before this one.", where)
        self._next = entry.index + 1
        if leaf_hash(entry.octets) != entry.leaf_hash:
            self._found("leaf_differs", "The stored leaf hash is not that of the entry.", where)
        try:
            time = int(parse_entry(entry.octets)["time"])
        except SigningError as error:
            self._found(error.code, error.message, where)
            return
        if time != entry.time or time < self._time:
            self._found("time_differs", "The entry's time falls, or is not the stored one.", where)
        self._time = max(self._time, time)
        self._check_statement(entry, where)
        try:
            self._fold.feed(entry.index, entry.effects)
        except KeyError as error:
            self._found("effect_unknown", f"An effect can't be applied: {error}.", where)

    def _check_statement(self, entry: StoredEntry, where: str) -> None:
        stored = entry.statement
        if stored is None:
            self._found("statement_missing", "No statement is stored for this entry.", where)
            return
        self._check_registered(stored, entry, where)
        if stored.document is None:
            if not stored.confidential:
                self._found("body_missing", "The body of a public statement is never deleted.", where)
            return
        try:
            statement = parse_statement(stored.document)
            if statement.digest != stored.digest or statement.document != stored.document:
                self._found("digest_differs", "The stored body is not the statement of the stored digest.", where)
            verify_signatures(statement, self._keys(statement))
            self._hold_entry(statement, entry)
        except SigningError as error:
            self._found(error.code, str(error), where)
        else:
            self._check_row(statement, entry, where)

    def _check_registered(self, stored: StoredStatement, entry: StoredEntry, where: str) -> None:
        """The row against the effect, which stays when the body is deleted; rules read digest and id from the row."""
        told = {name: getattr(stored, name) for name in ("digest", "issuer", "id", "kind", "index")}
        said = [one.data for one in entry.effects if one.type == "statement.registered"]
        if [{name: data[name] for name in told} for data in said] != [told]:
            self._found("statement_differs", "The row does not say what the effect says.", where)

    def _hold_entry(self, statement: Statement, entry: StoredEntry) -> None:
        ring = {kid: KeyRecord(**one) for kid, one in (self._fold.get(spaces.keyring(statement.issuer)) or {}).items()}
        monitor = newest_current(ring, "monitor", entry.index, entry.time)
        amended = self._fold.get(spaces.award(str(statement.body.get("award", ""))))
        ref = amended["ref"] if amended is not None and statement.kind == "award-review" else None
        if entry_octets(statement, entry.time, None if monitor is None else monitor.public, ref) != entry.octets:
            self._found("entry_differs", "The entry does not stand for the stored statement.", f"entry {entry.index}")

    def _check_row(self, statement: Statement, entry: StoredEntry, where: str) -> None:
        stored = entry.statement
        if stored is not None and (stored.issuer, stored.id, stored.kind, stored.version, stored.confidential) != (
            statement.issuer, statement.id, statement.kind, statement.version, statement.salt is not None
        ):  # fmt: skip
            self._found("statement_differs", "The row does not say what the statement says.", where)
        named = statement.payload.get("annex")
        if entry.annex is not None and (named is None or named["sha256"] != sha256_hex(entry.annex)):
            self._found("annex_differs", "The stored annex is not the one that the statement names.", where)
        if statement.kind in ("genesis", "policy"):
            self._policies.append((entry.index, parse_witness_policy(statement.body["witness_policy"])))

    def _keys(self, statement: Statement) -> dict[str, PublicKey]:
        """The keys that a statement is signed with: registered before it, or introduced by it."""
        keys = {kid: one.key for kid, one in introduced_keys(statement).items()}
        for kid in statement.roles:
            known = self._fold.get(spaces.kid(kid))
            if known is not None:
                keys[kid] = KeyRecord(**self._fold.get(spaces.keyring(known["owner"]))[kid]).public
        return keys

    def _check_checkpoint(self, stored: StoredCheckpoint, root: bytes | None, origin: str) -> None:
        where = f"checkpoint {stored.size}"
        try:
            signed = open_checkpoint(parse_note(stored.note), self._log_key)
        except SigningError as error:
            self._found(error.code, str(error), where)
            return
        if root is None or signed != Checkpoint(origin, stored.size, root) or stored.root != root:
            self._found("root_differs", "The entries do not give the root that was signed.", where)
        policies = [policy for index, policy in self._policies if index < stored.size]
        note = parse_note(stored.note + "".join(stored.lines.values()).encode())
        keys = {key.name: key for policy in policies for key in policy.witness_keys.values()}
        for name in stored.lines:
            try:
                check_cosignature(note, keys[name])
            except (KeyError, SigningError) as error:
                self._found("cosignature_bad", f"The cosignature of {name} does not hold: {error}.", where)
        if stored.witnessed and not any(_met(policy, stored) for policy in policies[-2:]):
            self._found("quorum_not_met", "It is marked as witnessed, but its cosignatures meet no quorum.", where)

    def _check_head(self, head: Head, roots: dict[int, bytes]) -> None:
        if self._edge.size != head.size or self._edge.root() != head.root:
            self._found("head_differs", f"{self._edge.size} entries are stored; the head says {head.size}.", "head")
        if head.signed_size > head.size or head.signed_size not in roots:
            self._found("signed_size_differs", "No stored checkpoint has the signed size.", "head")

    async def _check_rule_state(self) -> None:
        stored, folded = await self._audit.rule_state(), self._fold.rows
        for key in sorted(stored.keys() | folded.keys()):
            if stored.get(key) != folded.get(key):
                self._found("state_differs", "The rule state is not what the effects give; rebuild it.", key)


def _parts(entries: Sequence[StoredEntry], sizes: Sequence[int]) -> Iterator[Sequence[StoredEntry]]:
    """The entries in parts that end where a checkpoint does."""
    start = 0
    for size in (size for size in sizes if entries and entries[0].index < size <= entries[-1].index):
        end = size - entries[0].index
        yield entries[start:end]
        start = end
    if entries[start:]:
        yield entries[start:]


def _met(policy: WitnessPolicy, stored: StoredCheckpoint) -> bool:
    return policy.satisfied_by({name for name, key in policy.witness_keys.items() if key.name in stored.lines})
