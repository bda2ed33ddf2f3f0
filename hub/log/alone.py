"""Registering one statement in a log that nobody serves: the first of a log, or of one that is begun by force."""

from collections.abc import Callable

from hub.log.clock import ClockGuard
from hub.log.committing import Committer
from hub.log.errors import SequencerStopped
from hub.log.publication import Publication, SignedHead
from hub.log.sequencer import Registered, Sequencer
from hub.storage.log_store import LogStore
from registry.rulebook import Rulebook
from signing.statement import Statement

__all__ = ["Alone"]


class Alone:
    """A sequencer for a single statement; the caller sees to it that no other one runs.

    Args:
        store: where the log is stored.
        committer: at the log's end.
        book: the rules to decide by.
        clock: POSIX seconds.
    """

    def __init__(self, store: LogStore, committer: Committer, book: Rulebook, clock: Callable[[], int]) -> None:
        head = committer.head
        publication = Publication(SignedHead(head.signed_size, head.root, head.note))
        self._errors: list[BaseException] = []
        times = ClockGuard(clock).entry_time
        self._sequencer = Sequencer(store, committer, publication, book, times=times, on_stop=self._errors.append)

    async def decide(self, statement: Statement) -> None:
        """Return if the statement would be registered; nothing is written. Raises ``Refused``."""
        await self._sequencer.dry_run(statement)

    async def register(self, statement: Statement) -> Registered:
        """Register the statement under a signed checkpoint; called once.

        Raises:
            Refused: the rules refuse it.
            SequencerStopped: with what ended sequencing as its cause.
        """
        self._sequencer.start()
        try:
            return await self._sequencer.submit(statement)
        except SequencerStopped as stopped:
            raise stopped from (self._errors[0] if self._errors else None)
        finally:
            await self._sequencer.close()
