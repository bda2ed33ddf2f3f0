"""What became of keys, told in one way of the directory's copy and of a member's own keys.

The records are the hub's word. A key is judged by the same functions that rules and verifier ask (``signing.keyring``).
"""

from dataclasses import fields

from providers.errors import UntrustedAnswerError
from signing.compose import timestamp
from signing.encoding import MAX_INTEGER
from signing.keyring import KeyRecord, Ring, suspended_by

__all__ = ["key_told", "read_ring"]

_NAMES = frozenset({"kid", "owner", "role", "purpose", "x"})
_TIMES = frozenset({"active_from", "retired_at"})
_NUMBERS = _TIMES | {"index", "revoked_at", "invalid_from", "confirmed_at"}
_OPTIONAL = frozenset({"retired_at", "revoked_at", "invalid_from", "confirmed_at"})
_YEAR_10000 = 253_402_300_800


def read_ring(keys: object, owner: str) -> Ring:
    """The keys of an answer, by kid and in its order.

    Checks form, that they are the owner's, that times are in the calendar, and that each came in through an earlier
    one, so that whoever follows them comes to an end. Does not check that they are in the log.

    Raises:
        UntrustedAnswerError: ``bad_answer``.
    """
    known = [one.name for one in fields(KeyRecord)]
    try:
        records = [KeyRecord(**{name: one[name] for name in known if name in one}) for one in keys]  # type: ignore[attr-defined]
        ring = {one.kid: one for one in records}
    except (TypeError, KeyError):
        raise _bad(owner) from None
    if not all(one.owner == owner and _sound(one, ring) for one in records):
        raise _bad(owner)
    return ring


def key_told(ring: Ring, kid: str, size: int, now: int) -> str:
    """What may be signed with a key, seen at log ``size`` and ``now`` (POSIX seconds)."""
    key = ring[kid]
    if key.revoked_at is not None:
        return f"revoked at log index {key.revoked_at}, in doubt from {key.invalid_from} on"
    if key.retired_at is not None and now >= key.retired_at:
        return f"retired since {timestamp(key.retired_at)}"
    if (cause := suspended_by(ring, kid, size)) is not None:
        return f"suspended; it came in through the revoked key {cause} and nobody has confirmed it"
    if key.retired_at is not None:
        return f"retired, still good until {timestamp(key.retired_at)}"
    if now < key.active_from:
        return f"made by officers, good from {timestamp(key.active_from)} on"
    return "current"


def _sound(one: KeyRecord, ring: Ring) -> bool:
    values: dict[str, object] = {part.name: getattr(one, part.name) for part in fields(one)}
    told = {name for name in _NUMBERS if values[name] is not None or name not in _OPTIONAL}
    return (
        all(isinstance(values[name], str) for name in _NAMES)
        and all(_counts(values[name], _YEAR_10000 if name in _TIMES else MAX_INTEGER) for name in told)
        and (one.introduced_by is None or _came_before(one, ring))
    )


def _counts(value: object, end: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end


def _came_before(one: KeyRecord, ring: Ring) -> bool:
    """Whether the key through which this one came in is an earlier one."""
    by = one.introduced_by
    return isinstance(by, str) and by in ring and ring[by].index < one.index


def _bad(owner: str) -> UntrustedAnswerError:
    return UntrustedAnswerError("bad_answer", "The hub's answer lists no keys that could be.", owner, actor="hub")
