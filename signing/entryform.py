"""The form of a log entry, for those who read entries without the statements behind them (PROTOCOL §4).

The verifier does not need it: it makes the entry again from the statement and compares every octet.
"""

from .encoding import JSON, is_hex_digest, loads_canonical
from .errors import FormatError
from .statement import MAX_ENTRY, has_members

__all__ = ["parse_entry"]

_PUBLIC = {"v": int, "kind": str, "issuer": str, "digest": str, "sigs": str, "time": int}
_SEALED = {"v": int, "kind": str, "commitment": str, "sigs": str, "tag": str, "time": int}
_DIGESTS = ("digest", "commitment", "sigs", "ref")


def parse_entry(octets: bytes) -> dict[str, JSON]:
    """Parse an entry and check its members and their types; says nothing about any statement."""
    entry = loads_canonical(octets, max_bytes=MAX_ENTRY)
    members = _SEALED if entry.get("kind") == "sealed" else _PUBLIC
    told = {name: value for name, value in entry.items() if name != "ref"}
    if not has_members(told, members) or entry["v"] != 1 or entry["time"] < 0:
        raise FormatError("bad_entry", "This is not a log entry of version 1.")
    for name in _DIGESTS:
        if name in entry and not is_hex_digest(entry[name]):
            raise FormatError("bad_entry", f"The entry's {name} is not a digest.", f"/{name}")
    return entry
