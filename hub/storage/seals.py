"""Seals of rows that nothing else repeats, because what they say is not logged.

A ``seal`` is the SHA-256 of all other columns of its row, in canonical form; ``fsck`` computes it again. It tells
damage, not forgery: whoever can write a row can write its seal.
"""

from collections.abc import Mapping
from typing import Any

from signing.encoding import JSON, canonical, sha256_hex

__all__ = ["seal_of", "sealed_row"]


def seal_of(columns: Mapping[str, JSON]) -> str:
    """The seal of a row, hex, from every other column."""
    return sha256_hex(canonical(dict(columns)))


def sealed_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row with the seal that they ought to have; one that is there plays no part."""
    bare = {name: value for name, value in row.items() if name != "seal"}
    return {**bare, "seal": seal_of(bare)}
