"""Columns come back from their file as they were written, and are only taken where the log is the same."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from hub.oversight.ledgerfile import KeptFacts, LedgerFile
from hub.storage.keptarrays import KeptArrays
from metrics.columns import Columns
from metrics.facts import CaseFact
from tests.metrics.test_columns import stories


def plain(columns: Columns) -> dict[str, Any]:
    """Everything, to be compared."""
    told: dict[str, Any] = {}
    for one in fields(columns):
        value = getattr(columns, one.name)
        parts = {one.name: value} if isinstance(value, np.ndarray) else vars(value) if one.name != "names" else {}
        told |= {f"{one.name}.{name}": (part.dtype, part.tolist()) for name, part in parts.items()}
    return told | {"names": list(columns.names)}


@settings(max_examples=30)
@given(stories())
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, facts: list[CaseFact]) -> None:
    file = LedgerFile(KeptArrays(tmp_path_factory.getbasetemp() / "facts.index", "test"))
    columns = Columns.of(facts)
    file.write(KeptFacts(columns, 7, b"leaf"))
    found = file.read()
    assert found is not None
    assert (found.size, found.entry, plain(found.columns)) == (7, b"leaf", plain(columns))


def test_there_is_nothing_at_first(tmp_path: Path) -> None:
    assert LedgerFile(KeptArrays(tmp_path / "facts.index", "test")).read() is None
