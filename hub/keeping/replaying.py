"""Entries appended again with their statements: each decided at its old place and time, and held against the entry.

A statement is appended only if the rules accept it there and its entry comes out byte for byte as the log signed it;
its effects then are those of the first time, because they follow from the same state. Batches may be cut differently
than they were: that changes nothing (``registry.batch``).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from hub.keeping.errors import CompletionError
from hub.log.committing import Committer
from hub.log.deciding import BatchLimits, Candidate, Deciding
from hub.log.rulestate import RuleStateCache
from hub.rulebook import RULEBOOK
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_store import LogSession, SqlLogStore
from registry.rulebook import Rulebook
from signing.errors import SigningError
from signing.keyring import KeyRecord, introduced_keys
from signing.keys import PublicKey
from signing.statement import Statement, entry_time, verify_signatures

__all__ = ["Replaying", "Turn"]

_LIMITS = BatchLimits(seconds=3600.0)


@dataclass(frozen=True, slots=True)
class Turn:
    """An entry as the log signed it, the statement that it stands for, and that one's annex if it is there."""

    entry: bytes
    statement: Statement
    annex: bytes | None = None


class Replaying:
    """Appends to one log.

    Args:
        database: its tables.
        committer: at its end.
        book: the rules to decide by.
    """

    def __init__(self, database: Database, committer: Committer, book: Rulebook = RULEBOOK) -> None:
        self._store = SqlLogStore(database)
        self._directory = Directory(database)
        self._committer = committer
        self._book = book
        self._state = RuleStateCache()
        self._keys = dict[str, PublicKey]()

    async def append(self, turns: Sequence[Turn]) -> int:
        """Append the first of ``turns``, which are next in the log and of one time, as one batch; how many.

        Raises:
            CompletionError: entry_not_reproduced.
        """
        for turn in turns:
            await self._verify(turn.statement)
        return await self._store.run(lambda log: self._append(log, turns))

    async def _verify(self, statement: Statement) -> None:
        """Every signature, by keys registered before this entry or introduced by it."""
        self._keys.update((kid, one.key) for kid, one in introduced_keys(statement).items())
        for kid in statement.roles:
            if kid not in self._keys and (record := await self._directory.key(kid)) is not None:
                self._keys[kid] = KeyRecord(**record).public
        try:
            verify_signatures(statement, self._keys)
        except SigningError as error:
            message = f"A signature of the statement does not hold: {error.message}"
            raise CompletionError("entry_not_reproduced", message, statement.digest) from None

    def _append(self, log: LogSession, turns: Sequence[Turn]) -> int:
        head = self._committer.head
        batch = Deciding(head, entry_time(turns[0].entry), self._state, _LIMITS, self._book)
        waiting = deque(Candidate(turn.statement, turn.annex) for turn in turns)
        while missing := batch.run(waiting):
            wanted = self._state.missing(missing)
            self._state.add(wanted, log.load(wanted))
        for place, (outcome, turn) in enumerate(zip(batch.outcomes, turns, strict=False)):
            where = f"entry {head.size + place}"
            if outcome.error is not None or outcome.already:
                reason = outcome.error or "it is registered already"
                message = f"The rules do not accept the statement at its place: {reason}."
                raise CompletionError("entry_not_reproduced", message, where)
            if batch.entries[place].octets != turn.entry:
                message = "The statement at its place gives another entry than the log signed."
                raise CompletionError("entry_not_reproduced", message, where)
        self._committer.commit(log, self._committer.prepare(batch.entries, batch.writes))
        self._state.commit({key: value for key, (value, _) in batch.writes.items()})
        return len(batch.entries)
