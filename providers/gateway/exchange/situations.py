"""Where each transfer under way stands: what its last change left is what its next step begins with.

A step ends with a change of the store. What the next one has to know is read in the same transaction, so that it need
not be asked for again; where no change left it, it is read.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from providers.gateway.exchange.store import Book, Store
from providers.gateway.exchange.values import Situation

__all__ = ["Situations"]

T = TypeVar("T")


class Situations:
    """The situations of transfers whose steps are being taken, one task for each; used on one event loop.

    What a person changes meanwhile counts from the next step on: ``touch`` says that it comes. News is seen with the
    next change, as it is when it comes while a step is under way: whoever notes it wakes the transfer afterwards.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left: dict[str, Situation] = {}
        self._touched: set[str] = set()

    async def change(self, transfer_id: str, work: Callable[[Book], T]) -> T:
        """Have ``work`` done and on disk, and remember how it left the transfer."""
        self.forget(transfer_id)
        found, left = await self._store.do(lambda book: (work(book), book.situation(transfer_id)))
        self._remember(transfer_id, left)
        return found

    async def amend(self, transfer_id: str, **changes: Any) -> None:  # noqa: ANN401 - attributes of several types
        """Change attributes of the transfer as it stands now."""
        await self.change(transfer_id, lambda book: book.amend(transfer_id, **changes))

    async def of(self, transfer_id: str) -> Situation:
        """How the last change left the transfer, or how it stands now if none did."""
        left = self._left.get(transfer_id)
        if left is None:
            self.forget(transfer_id)
            left = await self._store.do(lambda book: book.situation(transfer_id))
            self._remember(transfer_id, left)
        return left

    def touch(self, transfer_id: str) -> None:
        """A person's change is handed to the store next: what was read before it, or is being read, is out of date."""
        self._left.pop(transfer_id, None)
        self._touched.add(transfer_id)

    def forget(self, transfer_id: str) -> None:
        """What is remembered is no longer to be relied on, or needed. What is read from here on knows every change."""
        self._left.pop(transfer_id, None)
        self._touched.discard(transfer_id)

    def _remember(self, transfer_id: str, left: Situation) -> None:
        if transfer_id not in self._touched:
            self._left[transfer_id] = left
