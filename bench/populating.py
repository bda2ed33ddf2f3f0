"""Making a directory large: as if a thousand providers and their neutrals had been admitted, without verifying each.

What is made is what a hub stores for a member or neutral and for the decision on its accreditation: entry, statement,
text, effects, tiles. The tree over the entries is a real one and its last checkpoint is signed. Everything is made
after one real provider and one real neutral; texts and keys are therefore invented, and ``fsck`` would not find the
log sound. The hub makes the directory's table from it by itself.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from bench.lengthening import sign_head, tiles_of
from hub.log.edge import RightEdge
from signing.encoding import b64u_encode
from signing.merkle import leaf_hash

__all__ = ["Made", "populate"]

_CHUNK = 4096
_INSERTS = {
    "entries": "INSERT INTO entries VALUES (?, ?, ?, ?)",
    "statements": "INSERT INTO statements VALUES (?, ?, ?, ?, ?, 1, 0, ?, NULL)",
    "bodies": "INSERT INTO bodies VALUES (?, ?)",
    "effects": "INSERT INTO effects VALUES (?, ?, ?, 1, ?)",
}


@dataclass(frozen=True, slots=True)
class Made:
    """Somebody to be admitted: after whom, under which id, and how the admission's effect is changed."""

    model: str
    id: str
    change: Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class _Statement:
    kind: str
    issuer: str
    body: bytes
    effects: tuple[tuple[str, str], ...]


def populate(data: Path, people: Iterator[Made], chance: Random) -> int:
    """Admit and list everybody; the hub is not running. Returns the size of the log."""
    base = sqlite3.connect(data / "hub.sqlite3", isolation_level=None)
    base.execute("PRAGMA synchronous=OFF")
    size, time = map(int, base.execute("SELECT size, time FROM head").fetchone())
    models: dict[str, list[_Statement]] = {}
    edge = RightEdge.from_tiles(size, tiles_of(base))
    base.execute("BEGIN")
    while some := list(islice(people, _CHUNK)):
        rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in _INSERTS}
        for one in some:
            known = models.setdefault(one.model, []) or _read(base, one.model, models[one.model])
            for statement in known:
                _add(rows, statement, one, size, time, chance)
                size += 1
        for table, insert in _INSERTS.items():
            base.executemany(insert, rows[table])
        edge, tiles = edge.extended([row[2] for row in rows["entries"]])  # type: ignore[misc]
        changed = ((tile.level, tile.n, tile.width, tile.hashes) for tile in tiles)
        base.executemany("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)", changed)
    sign_head(base, data, edge, time)
    base.execute("COMMIT")
    base.close()
    return size


def _read(base: sqlite3.Connection, model: str, into: list[_Statement]) -> list[_Statement]:
    """Admission and accreditation of a real member or neutral."""
    query = (
        'SELECT s."index", s.kind, s.issuer, b.document FROM statements AS s JOIN bodies AS b USING ("index") '
        "WHERE s.subject = ? AND s.kind IN ('member', 'neutral', 'accreditation') ORDER BY 1"
    )
    for index, kind, issuer, document in base.execute(query, (model,)).fetchall():
        effects = base.execute('SELECT type, data FROM effects WHERE "index" = ? ORDER BY position', (index,))
        into.append(_Statement(kind, issuer, document, tuple(effects)))
    return into


def _add(  # noqa: PLR0913, PLR0917  # a row and what it is made of
    rows: dict[str, list[tuple[object, ...]]], model: _Statement, one: Made, index: int, time: int, chance: Random
) -> None:
    digest = chance.randbytes(32)
    octets = b'{"digest":"%s","kind":"%s","time":%d,"v":1}' % (digest.hex().encode(), model.kind.encode(), time)
    issuer = one.id if model.issuer == one.model else model.issuer
    rows["entries"].append((index, octets, leaf_hash(octets), time))
    rows["statements"].append((index, digest, issuer, f"urn:odr:{issuer}:{digest.hex()}", model.kind, one.id))
    rows["bodies"].append((index, model.body))
    for position, (kind, text) in enumerate(model.effects):
        found = json.loads(text.replace(f'"{one.model}"', f'"{one.id}"'))
        place = found["record"] if kind == "key.recorded" else found
        if "index" in place:
            place["index"] = index
        if kind == "key.recorded":
            place |= {"kid": b64u_encode(chance.randbytes(32)), "x": b64u_encode(chance.randbytes(32))}
        elif kind == "actor.admitted":
            one.change(found)
        if "digest" in found:
            found["digest"] = digest.hex()
        rows["effects"].append((index, position, kind, json.dumps(found, sort_keys=True, separators=(",", ":"))))
