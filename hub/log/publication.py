"""What the log shows: the newest head it signed, the newest that a quorum of witnesses cosigned.

Readers see nothing beyond the signed head. Entries just signed and the two rightmost tiles of each level are kept in
memory, because the receipt of almost every statement is asked for at once.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from hub.storage.values import StagedBatch, Tile
from signing.notes import NoteSignature, parse_note
from signing.signnotes import format_note
from signing.signnotes import with_lines as with_signatures

__all__ = ["Publication", "SignedHead", "with_lines"]

_RECENT = 4096


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint: its size, its root, and the note with every signature line known for it."""

    size: int
    root: bytes
    note: bytes = field(repr=False)


class Publication:
    """The published heads; one event loop uses it, the sequencer and the publisher write to it.

    Args:
        signed: the newest head that the log signed.
        witnessed: the newest one that met the quorum, None before the first.
        quorum_none: whether the policy asks for no witnesses.

    ``opened`` is the size that this process found signed. ``on_signed`` is called with every batch whose head was
    signed, before anybody is woken.
    """

    def __init__(self, signed: SignedHead, witnessed: SignedHead | None = None, *, quorum_none: bool = False) -> None:
        self.signed = signed
        self.witnessed = witnessed
        self.quorum_none = quorum_none
        self.opened = signed.size
        self.on_signed: Callable[[StagedBatch], None] = _nobody
        self._released = False
        self._newest: dict[str, int] = {}
        self._recent: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._edge: dict[tuple[int, int], Tile] = {}
        self._changed = asyncio.Condition()

    async def publish_signed(self, head: SignedHead, batch: StagedBatch) -> None:
        """Show a newly signed head and the batch that led to it."""
        for entry in batch.entries:
            self._recent[entry.digest] = (entry.index, entry.octets)
            self._newest[entry.kind] = entry.index
        for tile in batch.tiles:  # the entries of a batch lie under two tiles of a level at most
            self._edge[tile.level, tile.n] = tile
            self._edge.pop((tile.level, tile.n - 2), None)
        while len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        self.signed = head
        self.on_signed(batch)
        await self._notify()

    async def publish_witnessed(self, head: SignedHead) -> None:
        """Show a head that met the quorum; the same size again means more or fresher cosignatures."""
        if self.witnessed is None or head.size >= self.witnessed.size:
            self.witnessed = head
        await self._notify()

    def extend(self, size: int, lines: Iterable[NoteSignature]) -> None:
        """Show further verified cosignatures of the head of ``size`` entries, unless a newer one is shown by now."""
        if self.witnessed is not None and self.witnessed.size == size:
            self.witnessed = _extended(self.witnessed, lines)
        if self.signed.size == size:
            self.signed = _extended(self.signed, lines)

    async def adopt_quorum(self, *, quorum_none: bool) -> None:
        """Follow a new policy."""
        self.quorum_none = quorum_none
        await self._notify()

    def newest_of(self, kinds: Collection[str]) -> int:
        """The index of the newest entry of these kinds that this process signed; -1 if it signed none."""
        return max((self._newest.get(kind, -1) for kind in kinds), default=-1)

    def recent(self, digest: str) -> tuple[int, bytes] | None:
        """Index and octets of a lately signed entry."""
        return self._recent.get(digest)

    def tile(self, level: int, n: int) -> Tile | None:
        """Tile ``n`` of its level, if it is one of the two rightmost and was written by this process."""
        return self._edge.get((level, n))

    async def wait_signed(self, beyond: int, seconds: float | None = None) -> bool:
        """Wait until more than ``beyond`` entries are signed; False after ``seconds``."""
        return await self._wait(lambda: self.signed.size > beyond, seconds)

    async def wait_witnessed(self, index: int, seconds: float | None) -> bool:
        """Wait until the entry at ``index`` is witnessed; False after ``seconds``, or at once without a quorum.

        Nor does anybody wait once ``release`` was called.
        """
        await self._wait(lambda: self._released or self.quorum_none or self.is_witnessed(index), seconds)
        return self.is_witnessed(index)

    async def release(self) -> None:
        """Let everybody go who waits for witnesses, now and later: the process is about to end."""
        self._released = True
        await self._notify()

    def is_witnessed(self, index: int) -> bool:
        """Whether a quorum cosigned a head that includes ``index``."""
        return self.witnessed is not None and index < self.witnessed.size

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _wait(self, condition: Callable[[], bool], seconds: float | None) -> bool:
        if condition():
            return True
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            return condition()
        return True


def _nobody(_: StagedBatch) -> None:
    """Nobody asked to be told."""


def _extended(head: SignedHead, lines: Iterable[NoteSignature]) -> SignedHead:
    return replace(head, note=format_note(with_signatures(parse_note(head.note), lines)))


def with_lines(note: bytes, lines: Iterable[str]) -> bytes:
    """The note with further signature lines, each ended by LF."""
    return note + "".join(lines).encode()
