"""Cosignature lines as they are stored: one row for each checkpoint and witness key.

A row is named after the key, not after the witness: a witness that gets a new key may keep its name, and for a while
both keys cosign. Rows that were written before have the witness's name alone; they count until the same key's line of
the same checkpoint is stored again.
"""

from base64 import b64decode
from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection, delete, select

from hub.storage.bulk import BulkInsert
from hub.storage.certain import found_by_key, key_rows, require
from hub.storage.models import CosignatureRow

__all__ = ["label_of", "newest_line", "record_lines", "witness_of"]

_LINES = BulkInsert(CosignatureRow, ("size", "witness"))
_LONGEST = 246
"""Characters of a name that stand in a label; the key ID is made of the whole name."""


class _Named(Protocol):
    """A witness's key, or a line of it."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...


def label_of(key: _Named) -> str:
    """The name of the rows of a witness's key, or of the line that it signed."""
    return f"{key.name[:_LONGEST]}+{key.key_id.hex()}"


def witness_of(label: str) -> str:
    """The name of the witness, of either kind of label."""
    return label.partition("+")[0]


def record_lines(connection: Connection, rows: Sequence[tuple[int, str, str]]) -> None:
    """Store lines as (size, label, line); a newer line of a key replaces the older one."""
    _LINES.run(connection, rows)
    keys = sorted({(size, label) for size, label, _ in rows})
    _drop_unlabelled(connection, keys)
    require(CosignatureRow.__tablename__, found_by_key(connection, CosignatureRow, keys), len(keys))


def newest_line(connection: Connection, key: _Named) -> tuple[int, str] | None:
    """The size of the largest checkpoint that has a line of ``key``, and the line."""
    for label in (label_of(key), key.name):
        query = select(CosignatureRow.size, CosignatureRow.line).where(CosignatureRow.witness == label)
        row = connection.execute(query.order_by(CosignatureRow.size.desc()).limit(1)).one_or_none()
        if row is not None and (label != key.name or _key_id(row.line) == key.key_id.hex()):
            return row.size, row.line
    return None


def _drop_unlabelled(connection: Connection, keys: Iterable[tuple[int, str]]) -> None:
    """Rows of before that stand for the same key as one of ``keys``: a note must not have two lines of one key."""
    labelled = [(size, label) for size, label in keys if "+" in label]
    names = sorted({(size, witness_of(label)) for size, label in labelled})
    found = key_rows(connection, CosignatureRow, names) if names else {}
    for size, label in labelled:
        name, _, key_id = label.partition("+")
        if (size, name) in found and _key_id(found[size, name][0]) == key_id:
            connection.execute(delete(CosignatureRow).filter_by(size=size, witness=name))


def _key_id(line: str) -> str:
    """Of a line ``— name base64(key ID ‖ signature)``, the key ID in hex; empty where it is another text."""
    encoded = line.strip().rpartition(" ")[2]
    try:
        return b64decode(encoded[:8], validate=True)[:4].hex()
    except ValueError:
        return ""
