"""The form of a log entry, for those who read entries without the statements behind them (PROTOCOL §4).

The verifier does not need it: it makes the entry again from the statement and compares every octet.
"""

from .encoding import JSON, is_hex_digest, loads_canonical
from .errors import FormatError
from .statement import MAX_ENTRY

__all__ = ["parse_entry"]

_PUBLIC = {"v", "kind", "issuer", "digest", "sigs", "time"}
_SEALED = {"v", "kind", "commitment", "sigs", "tag", "time"}


def parse_entry(octets: bytes) -> dict[str, JSON]:
    """Parse an entry and check its members; says nothing about any statement."""
    entry = loads_canonical(octets, max_bytes=MAX_ENTRY)
    members = _SEALED if entry.get("kind") == "sealed" else _PUBLIC
    if (
        set(entry) - {"ref"} != members
        or repr(entry["v"]) != "1"
        or type(entry["time"]) is not int
        or entry["time"] < 0
    ):
        raise FormatError("bad_entry", "This is not a log entry of version 1.")
    if not is_hex_digest(entry.get("ref", "0" * 64)):
        raise FormatError("bad_entry", "The entry's ref is not a digest.", "/ref")
    return entry
