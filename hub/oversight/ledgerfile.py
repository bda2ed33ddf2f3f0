"""The ledger's columns in a file between two starts (``DATA/facts.index``): numbers as short as they can be, and names.

Whoever reads it says of which log the tables are: a file whose last entry is another there is not taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from hub.storage.encoding import decode_json, encode_json
from hub.storage.keptarrays import Arrays, KeptArrays, named, part, texts_of, written_texts
from metrics.columns import Columns
from metrics.details import Detail, Moved
from metrics.filling import COLUMNS, TABLES
from metrics.names import Names
from metrics.storedfacts import as_stored, of_stored
from metrics.survival import Integers

__all__ = ["FILE", "KeptFacts", "LedgerFile"]

FILE = "facts.index"
_SHORT = (np.int8, np.int16, np.int32)


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """Columns of every fact.

    Attributes:
        columns: of the facts.
        size: how many log entries had been taken in.
        entry: the leaf hash of the last of them.
    """

    columns: Columns
    size: int
    entry: bytes


class LedgerFile:
    """Reads and writes such a file; both take processor work of some seconds for a million cases.

    Args:
        file: where it is.
    """

    def __init__(self, file: KeptArrays) -> None:
        self._file = file

    def read(self) -> KeptFacts | None:
        """What was written last; None where there is nothing to rely on."""
        found = self._file.read()
        if found is None:
            return None
        names, whole = Names(texts_of(found["names"])), _whole(part(found, "cases"))
        told: dict[str, Any] = {"moved": _moved(part(found, "moved"), whole, names)}
        for name in TABLES:
            if name not in told:
                told[name] = Columns.__annotations__[name](**_whole(part(found, name)))
        columns = Columns(names=names, **{**told, **whole})
        return KeptFacts(columns, int(found["size"]), found["entry"].tobytes())

    def write(self, kept: KeptFacts) -> None:
        """Keep these instead."""
        told = dict(named("cases", {name: _short(getattr(kept.columns, name)) for name in COLUMNS}))
        for name in TABLES:
            told |= named(name, _table(getattr(kept.columns, name)))
        told |= {"names": written_texts(list(kept.columns.names)), "size": np.array(kept.size)}
        self._file.write(told | {"entry": np.frombuffer(kept.entry, np.uint8)})


def _table(table: Detail) -> Arrays:
    if isinstance(table, Moved):
        facts = written_texts([encode_json(as_stored(one)) for one in table.fact])
        return {"row": _short(table.row), "fact": facts}
    return {one.name: _short(getattr(table, one.name)) for one in fields(table)}


def _moved(kept: Arrays, columns: Mapping[str, Integers], names: Names) -> Moved:
    row, texts = kept["row"].astype(np.int64), texts_of(kept["fact"])
    facts = np.empty(len(row), dtype=object)
    provider, case = ([names[code] for code in columns[name][row].tolist()] for name in ("provider", "case"))
    facts[:] = [of_stored(*told) for told in zip(provider, case, map(decode_json, texts), strict=True)]
    return Moved(row, facts)


def _short(column: Integers) -> "np.ndarray[Any, np.dtype[Any]]":
    if not len(column):
        return column.astype(np.int8)
    low, high = int(column.min()), int(column.max())
    kind = next((one for one in _SHORT if np.iinfo(one).min <= low and high <= np.iinfo(one).max), np.int64)
    return column.astype(kind)


def _whole(arrays: Arrays) -> dict[str, Integers]:
    return {name: array.astype(np.int64) for name, array in arrays.items()}
