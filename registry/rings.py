"""Key rings in rule state: stored JSON read as records, and effects written from what changed.

All judgement about keys is ``signing.keyring``'s, which the verifier uses too; this module only
carries its records in and out of state.
"""

from collections.abc import Collection, Mapping

from registry import state as spaces
from registry.effects import Effect
from registry.state import StateView, get_all
from signing.encoding import JSON
from signing.keyring import KeyRecord, Ring

__all__ = ["changes", "record_json", "ring", "rings"]

_FIELDS = tuple(KeyRecord.__slots__)
_READ: dict[int, tuple[Mapping[str, JSON], Ring]] = {}
_READ_MAX = 1024


def ring(state: StateView, owner: str) -> Ring:
    """Every key that ``owner`` ever had; empty for a stranger."""
    return _read(state.get(spaces.keyring(owner)))


def rings(state: StateView, owners: Collection[str]) -> dict[str, Ring]:
    """The rings of several owners; raises one ``NotLoaded`` for all that are missing."""
    stored = get_all(state, [spaces.keyring(owner) for owner in owners])
    return {owner: _read(value) for owner, value in zip(owners, stored, strict=True)}


def record_json(record: KeyRecord) -> dict[str, JSON]:
    """The stored form of a record."""
    return {name: getattr(record, name) for name in _FIELDS}


def changes(before: Ring, after: Ring, change: str) -> list[Effect]:
    """Effects for every record that is new (``introduced``) or different (``change``), in order of kid."""
    effects: list[Effect] = []
    for kid in sorted(after):
        old = before.get(kid)
        if after[kid] != old:
            name = "introduced" if old is None else change
            effects.append(Effect("key.recorded", 1, {"change": name, "record": record_json(after[kid])}))
    return effects


def _read(stored: Mapping[str, JSON] | None) -> Ring:
    """The ring over a stored value, built once per value.

    State values never change in place, so the same value is the same ring. The table holds the values it
    names, so no other can take over an id; when full it is emptied.
    """
    if stored is None:
        return {}
    known = _READ.get(id(stored))
    if known is not None and known[0] is stored:
        return known[1]
    if len(_READ) >= _READ_MAX:
        _READ.clear()
    built = {kid: KeyRecord(**record) for kid, record in stored.items()}
    _READ[id(stored)] = (stored, built)
    return built
