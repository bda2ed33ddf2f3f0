"""Making a log long: as if a provider had registered millions of awards, without verifying each of them.

What is made is what a hub stores for an award once its text is deleted: entry, statement, effects, rule state, hash of
the document, tiles. The tree over the entries is a real one and its last checkpoint is signed, so that a hub opens
the log, goes on with it and proves inclusion. Signatures and effects are invented after those of one real award;
``fsck`` would therefore not find the log sound.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256, shake_256
from pathlib import Path

from hub import keystore
from hub.log.edge import RightEdge
from hub.storage.values import Tile
from signing.merkle import leaf_hash
from signing.notes import Checkpoint
from signing.signnotes import log_signer, sign_checkpoint

__all__ = ["BYTES_EACH", "lengthen", "sign_head", "tiles_of"]

BYTES_EACH = 2600
"""Disk that one award takes."""

_CHUNK = 65_536
_FAST = ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-1000000", "locking_mode=EXCLUSIVE")
_KEYS = ("salt/", "award-id/")
_INSERTS = {
    "entries": "INSERT INTO entries VALUES (?, ?, ?, ?)",
    "statements": "INSERT INTO statements VALUES (?, ?, ?, ?, 'award', 1, 1, NULL, NULL)",
    "documents": "INSERT INTO documents VALUES (?, ?)",
    "effects": "INSERT INTO effects VALUES (?, ?, ?, 1, ?)",
    "rule_state": "INSERT INTO rule_state VALUES (?, ?, ?)",
}
_Rows = dict[str, list[tuple[object, ...]]]


def lengthen(data: Path, size: int) -> None:
    """Fill the log in ``data`` to ``size`` entries; the hub is not running, and has registered an award.

    Raises:
        OSError: the disk has not enough room.
    """
    base = sqlite3.connect(data / "hub.sqlite3", isolation_level=None)
    (first,) = base.execute("SELECT size FROM head").fetchone()
    if shutil.disk_usage(data).free < (size - first) * BYTES_EACH * 1.2:
        raise OSError(f"A log of {size:,} entries takes {size * BYTES_EACH / 1e9:.0f} GB; there is less room.")
    for pragma in ("wal_checkpoint(TRUNCATE)", *_FAST):
        base.execute(f"PRAGMA {pragma}")
    model, edge = _model(base), RightEdge.from_tiles(first, tiles_of(base))
    base.execute("BEGIN")
    for start in range(first, size, _CHUNK):
        edge = _append(base, model, edge, range(start, min(size, start + _CHUNK)), size)
    sign_head(base, data, edge, model.time)
    for name in ("exchange", "directory"):
        base.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (name, size - size % _CHUNK))
    base.execute("COMMIT")
    base.execute("PRAGMA locking_mode=NORMAL")
    base.execute("PRAGMA journal_mode=WAL")
    base.close()


_SLOTS = ("digest", "document", "tag", "award", "statement", "index")
_Texts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Model:
    """The award after which the others are made: its time and issuer, and texts that name it, with slots (``_SLOTS``)
    where the names stand."""

    time: int
    issuer: str
    effects: _Texts
    state: _Texts


def _model(base: sqlite3.Connection) -> _Model:
    index, digest, issuer, name = base.execute(
        "SELECT \"index\", lower(hex(digest)), issuer, id FROM statements WHERE kind = 'award' ORDER BY 1 DESC"
    ).fetchone()
    (document,) = base.execute('SELECT lower(hex(sha256)) FROM documents WHERE "index" = ?', (index,)).fetchone()
    (time,) = base.execute('SELECT time FROM entries WHERE "index" = ?', (index,)).fetchone()
    effects = base.execute('SELECT type, data FROM effects WHERE "index" = ? ORDER BY position', (index,)).fetchall()
    state = base.execute("SELECT key, value FROM rule_state WHERE updated = ?", (index,)).fetchall()
    named = {prefix: key.removeprefix(prefix) for prefix in _KEYS for key, _ in state if key.startswith(prefix)}
    names = (digest, document, named["salt/"], named["award-id/"], name)

    def slotted(text: str) -> str:
        text = text.replace("%", "%%").replace(f'"index":{index},', '"index":%(index)s,')
        for slot, own in zip(_SLOTS, names, strict=False):
            text = text.replace(own, f"%({slot})s")
        return text

    return _Model(
        time,
        issuer,
        tuple((kind, slotted(text)) for kind, text in effects),
        tuple((slotted(key), slotted(text)) for key, text in state),
    )


def tiles_of(base: sqlite3.Connection) -> Iterator[Tile]:
    """Every stored hash tile."""
    return (Tile(*row) for row in base.execute("SELECT level, n, hashes FROM tiles"))


def _append(base: sqlite3.Connection, model: _Model, edge: RightEdge, indexes: range, size: int) -> RightEdge:
    rows: _Rows = {table: [] for table in _INSERTS}
    for index in indexes:
        _add(rows, model, index, size)
    for table, insert in _INSERTS.items():
        base.executemany(insert, rows[table])
    grown, tiles = edge.extended([row[2] for row in rows["entries"]])  # type: ignore[misc]
    changed = ((tile.level, tile.n, tile.width, tile.hashes) for tile in tiles)
    base.executemany("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)", changed)
    return grown


def _add(rows: _Rows, model: _Model, index: int, size: int) -> None:
    """The rows of one award. Its keys begin with its share of the way, so that indexes grow at their end: quick to
    fill, and of the same size and depth as if the awards had come in any order."""
    way, random = f"{index * 2**32 // size:08x}", shake_256(b"%d" % index).hexdigest(144)
    digest, document, tag = way + random[:56], way + random[56:112], way + random[112:168]
    moment = f"{way}-{random[168:172]}-7{random[172:175]}-8{random[175:178]}-{random[178:190]}"
    award, statement = f"urn:odr:{model.issuer}:{moment}", f"urn:odr:{model.issuer}:{moment[::-1]}"
    names = dict(zip(_SLOTS, (digest, document, tag, award, statement, index), strict=True))
    commitment = sha256(bytes.fromhex(digest)).hexdigest()
    octets = (
        f'{{"commitment":"{commitment}","kind":"sealed","sigs":"{random[190:254]}","tag":"{random[190:254]}",'
        f'"time":{model.time},"v":1}}'
    ).encode()
    rows["entries"].append((index, octets, leaf_hash(octets), model.time))
    rows["statements"].append((index, bytes.fromhex(digest), model.issuer, award))
    rows["documents"].append((bytes.fromhex(document), index))
    for position, (kind, text) in enumerate(model.effects):
        rows["effects"].append((index, position, kind, text % names))
    for key, text in model.state:
        rows["rule_state"].append((key % names, text % names, index))


def sign_head(base: sqlite3.Connection, data: Path, edge: RightEdge, time: int) -> None:
    """Sign the tree of ``edge`` as the log's head, at entry time ``time``."""
    (origin,) = base.execute("SELECT origin FROM head").fetchone()
    root = edge.root()
    note = sign_checkpoint(Checkpoint(origin, edge.size, root), log_signer(origin, keystore.load(data / "keys").log))
    base.execute(
        "UPDATE head SET size = ?, root = ?, time = ?, signed_size = ?, note = ?",
        (edge.size, root, time, edge.size, note),
    )
    base.execute("INSERT INTO checkpoints VALUES (?, ?, ?, 0)", (edge.size, root, note))
