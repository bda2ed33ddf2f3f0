"""Accreditations and keys of everybody, as the rules keep them now: what the notices are computed from."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from hub.storage.engine import Database
from hub.storage.models import RuleStateRow
from hub.storage.rule_state import rule_state
from signing.encoding import JSON

__all__ = ["Endings", "Standing"]

_ACCREDITATION, _KEYRING = "accreditation/", "keyring/"


@dataclass(frozen=True, slots=True)
class Standing:
    """An actor's newest decision on accreditation, if any, and its keys by kid."""

    accreditation: Mapping[str, JSON] | None
    keys: Mapping[str, Mapping[str, JSON]]


class Endings:
    """Reads what ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, subject: str) -> Standing:
        """One actor."""
        names = [_ACCREDITATION + subject, _KEYRING + subject]
        found = await self._database.read(lambda connection: rule_state(connection, names))
        return Standing(found.get(names[0]), found.get(names[1], {}))

    async def of_everybody(self) -> dict[str, Standing]:
        """Every actor that has a decision or a retired key, by id; reads the register once from end to end."""
        return await self._database.read(_everybody)


def _everybody(connection: Connection) -> dict[str, Standing]:
    decisions = {name: orjson.loads(value) for name, value in _space(connection, _ACCREDITATION)}
    rings = {name: orjson.loads(value) for name, value in _space(connection, _KEYRING)}
    ending = {name for name, ring in rings.items() if any(one["retired_at"] is not None for one in ring.values())}
    return {name: Standing(decisions.get(name), rings.get(name, {})) for name in sorted(decisions.keys() | ending)}


def _space(connection: Connection, space: str) -> list[tuple[str, str]]:
    after = space[:-1] + chr(ord(space[-1]) + 1)
    query = select(RuleStateRow.key, RuleStateRow.value).where(RuleStateRow.key >= space, RuleStateRow.key < after)
    return [(key.removeprefix(space), value) for key, value in connection.execute(query)]
