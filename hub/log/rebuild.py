"""Rebuilding the rule state from the effects in the log. The log itself is never touched."""

from dataclasses import dataclass

from hub.log.refold import Fold
from hub.rulebook import RULEBOOK
from hub.storage.audit import Audit
from hub.storage.certain import require
from hub.storage.engine import Database
from registry.rulebook import Rulebook

__all__ = ["Changes", "rebuild"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What the rebuilt state has and the old one had not, by key, in order."""

    entries: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def none(self) -> bool:
        """Whether the old state was right."""
        return not (self.added or self.changed or self.removed)


async def rebuild(database: Database, book: Rulebook = RULEBOOK) -> Changes:
    """Fold all effects anew and put the result in place of the rule state, in one transaction, if it differs.

    The caller holds the ``DataLock``: no sequencer may run beside this.

    Raises:
        KeyError: an effect is of a type or version that this program does not know; nothing is changed.
        LostWriteError: the database did not keep the new state.
    """
    audit, fold, entries = Audit(database), Fold(book), 0
    async for piece in audit.entries():
        for entry in piece:
            fold.feed(entry.index, entry.effects)
            entries += 1
    old, new = await audit.rule_state(), fold.rows
    changes = Changes(
        entries,
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(key for key in new.keys() & old.keys() if new[key] != old[key])),
        tuple(sorted(old.keys() - new.keys())),
    )
    if not changes.none:
        await audit.replace_rule_state(new)
        require("rule_state", await audit.rule_state(), new)
    return changes
