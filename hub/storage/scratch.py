"""A large mapping that lives for one audit: what was used lately in memory, the rest in a file that is deleted.

The rule state of a log grows with the log; whoever folds it again must not need memory for all of it.
"""

import json
import sqlite3
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Scratch"]


class Scratch:
    """Text keys and JSON values; use it in a ``with`` block, in one thread at a time.

    Args:
        capacity: how many keys are held in memory.
    """

    def __init__(self, capacity: int = 50_000) -> None:
        self._capacity = capacity
        self._recent: OrderedDict[str, Any] = OrderedDict()
        self._folder = tempfile.TemporaryDirectory(prefix="odr-audit-")
        path = Path(self._folder.name) / "scratch.sqlite3"
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        self._spilled = False

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401  # JSON
        """The value of a key, ``default`` where there is none."""
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]
        if not self._spilled:
            return default
        found = self._file.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        return default if found is None else json.loads(found[0])

    def update(self, values: Mapping[str, Any]) -> None:
        """Keep values under their keys."""
        self._recent.update(values)
        for key in values:
            self._recent.move_to_end(key)
        if len(self._recent) > self._capacity:
            self._spill(len(self._recent) - self._capacity // 2)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Every key with its value, by key; nothing may be kept meanwhile."""
        self._spill(len(self._recent))
        rows = self._file.execute("SELECT key, value FROM kept ORDER BY key")
        return ((key, json.loads(value)) for key, value in rows)

    def close(self) -> None:
        """Delete the file."""
        self._file.close()
        self._folder.cleanup()

    def _spill(self, count: int) -> None:
        oldest = [self._recent.popitem(last=False) for _ in range(count)]
        self._file.execute("BEGIN")
        self._file.executemany(
            "INSERT OR REPLACE INTO kept VALUES (?, ?)", ((key, json.dumps(value)) for key, value in oldest)
        )
        self._file.execute("COMMIT")
        self._spilled = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
