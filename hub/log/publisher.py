"""The publisher: has every new head cosigned, and keeps doing so.

It asks the witnesses of the newest head only (a head supersedes those before it), stores each verified line, and
shows the head once it meets the quorum. What slower witnesses send after that is stored and shown too. Without new
entries a head is cosigned again after ``refresh`` seconds, so that its freshness can be seen. The sequencer never
waits for it. What can't be stored now, because the disk is full for one, is tried again: nothing here is a promise
yet.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from hub.errors import HubError
from hub.finishing import finished
from hub.log.policies import PolicyChain, WitnessedPolicy
from hub.log.publication import Publication, SignedHead
from hub.log.unwitnessed import Unwitnessed
from hub.storage.cosignatures import label_of
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import StagedBatch, StoredCheckpoint
from signing.notes import Note, NoteSignature, parse_note
from signing.signnotes import format_note, format_signature_lines, with_lines
from signing.trust import WitnessPolicy

__all__ = ["Cosigner", "Publisher"]

LOG = logging.getLogger("hub.log")
_RETRY_SECONDS = 1.0
_GATHER_SECONDS = 0.2
"""Late lines are stored together that often: a busy log must not pay a transaction for each of them."""


class Cosigner(Protocol):
    """Asks witnesses; remembers what each has seen; never raises for a witness that fails."""

    async def cosign(
        self,
        note: Note,
        size: int,
        policies: Sequence[WitnessPolicy],
        enough: Callable[[Note], bool],
        late: Callable[[NoteSignature], None],
    ) -> list[NoteSignature]:
        """Verified lines of the policies' witnesses; returns early once the note with them is ``enough``.

        Each verified line that comes after that goes to ``late``.
        """


class Publisher:
    """Owns the cosigned side of one log.

    Args:
        publication: what is shown.
        store: keeps cosignatures and policy proofs.
        reads: finds what is stored of a head.
        cosigner: asks the witnesses.
        chain: the policies in force and pending at start.
        clock: POSIX seconds.
        refresh: seconds after which an unchanged head is cosigned again.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, each used
        self,
        publication: Publication,
        store: SqlLogStore,
        reads: LogReads,
        cosigner: Cosigner,
        chain: PolicyChain,
        *,
        clock: Callable[[], int],
        refresh: int = 3600,
    ) -> None:
        self._publication = publication
        self._store = store
        self._reads = reads
        self._cosigner = cosigner
        self._chain = chain
        self._clock = clock
        self._refresh = refresh
        self._found = publication.signed.size
        self._seen = publication.witnessed.size if publication.witnessed else 0
        self._unwitnessed = Unwitnessed(None if self._seen == self._found else clock())
        publication.on_signed = self._signed
        self._late: asyncio.Queue[tuple[int, NoteSignature]] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def chain(self) -> PolicyChain:
        """The policies by which heads are judged now."""
        return self._chain

    @property
    def without_quorum(self) -> int:
        """For how many seconds there has been a signed head that no quorum cosigned; 0 if all is well.

        It is the age of the oldest such head. One that was signed before this process counts from its start.
        """
        return 0 if self._chain.quorum_none else self._unwitnessed.age(self._clock())

    def start(self) -> None:
        """Begin to publish."""
        self._tasks = (
            asyncio.create_task(self._run(), name="publisher"),
            asyncio.create_task(self._keep_late(), name="late cosignatures"),
        )

    async def close(self) -> None:
        """Stop; what is being asked is given up, what is being read or written is finished."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def publish(self) -> bool:
        """Have the newest signed head cosigned once; returns whether it is witnessed (or needs no witnesses)."""
        head = self._publication.signed
        self._unwitnessed.asked()
        new = head.size > max(self._found, self._seen)  # signed by this process and never shown to a witness
        note, stored = (parse_note(head.note), False) if new else await finished(self._known(head))
        lines = await self._cosigner.cosign(
            note,
            head.size,
            [one.witnesses for one in self._chain.at(head.size).all],  # who is named later is asked later
            lambda one: self._chain.judge(one, head.size).witnessed,
            partial(self._arrived, head.size),
        )
        async with self._turn:
            return await finished(self._conclude(head, with_lines(note, lines), lines, stored=stored))

    async def _conclude(self, head: SignedHead, note: Note, lines: Sequence[NoteSignature], *, stored: bool) -> bool:
        """Judge ``note``, whose newest ``lines`` are not stored yet; store and show what follows."""
        verdict = self._chain.judge(note, head.size)
        for index in verdict.settled:
            await self._store.record_policy_proof(index, head.size, format_note(note))
        self._chain = self._chain.after(verdict)
        witnessed = verdict.witnessed and not self._chain.at(head.size).quorum_none
        if lines:
            named = {label_of(line): format_signature_lines([line]) for line in lines}
            await self._store.record_cosignatures(
                StoredCheckpoint(head.size, head.root, head.note, witnessed or stored, named)
            )
        await self._publication.adopt_quorum(quorum_none=self._chain.quorum_none)
        if verdict.witnessed:
            self._unwitnessed.witnessed()
        if witnessed:
            await self._publication.publish_witnessed(SignedHead(head.size, head.root, format_note(note)))
        self._seen = head.size
        return verdict.witnessed

    def _signed(self, batch: StagedBatch) -> None:
        """A head is about to be shown. Whether it needs witnesses must be known before anybody is told of it."""
        self._unwitnessed.signed(self._clock())
        new = [WitnessedPolicy.of(one.index, one.document) for one in batch.entries if one.kind == "policy"]
        if new:
            self._chain = self._chain.adopted(new)
            self._publication.quorum_none = self._chain.quorum_none

    async def _run(self) -> None:
        while True:
            try:
                witnessed = await self.publish()
            except Exception as error:  # noqa: BLE001  # receipts must not stay provisional until a restart
                await _try_again(error, f"the checkpoint of {self._publication.signed.size} entries is not published")
            else:
                await self._publication.wait_signed(self._seen, self._refresh if witnessed else _RETRY_SECONDS)

    def _arrived(self, size: int, line: NoteSignature) -> None:
        self._late.put_nowait((size, line))

    async def _keep_late(self) -> None:
        while True:
            arrived = [await self._late.get()]
            await asyncio.sleep(_GATHER_SECONDS)
            while not self._late.empty():
                arrived.append(self._late.get_nowait())
            try:
                async with self._turn:  # never between the end of a round and its head being shown
                    await finished(self._extend(arrived))
            except Exception as error:  # noqa: BLE001  # as above
                for one in arrived:
                    self._late.put_nowait(one)
                await _try_again(error, f"{len(arrived)} late cosignatures are not stored")

    async def _extend(self, arrived: Sequence[tuple[int, NoteSignature]]) -> None:
        """Store late lines, each with the size of its checkpoint, and show them where that is still shown.

        Lines of a checkpoint that is not stored any more (its log has ended) are dropped: no later try stores them.
        """
        rows = {(size, label_of(line)): format_signature_lines([line]) for size, line in arrived}
        gone = await self._store.record_lines([(*key, text) for key, text in rows.items()])
        if gone:
            LOG.warning("late cosignatures of checkpoints that are not stored any more are dropped: %s", sorted(gone))
        for size in {size for size, _ in arrived} - gone:
            self._publication.extend(size, [line for of, line in arrived if of == size])

    async def _known(self, head: SignedHead) -> tuple[Note, bool]:
        """The head's note with the lines stored for it, and whether it is witnessed already."""
        stored = await self._reads.checkpoint(head.size)
        note = parse_note(head.note)
        if stored is None or not stored.lines:
            return note, False
        known = parse_note(stored.note + "".join(stored.lines.values()).encode())
        return with_lines(note, known.signatures), stored.witnessed  # the note has some of them already


async def _try_again(error: Exception, what: str) -> None:
    """Say what is wrong, at length only where nobody foresaw it: a disk may be full for hours."""
    if isinstance(error, HubError):
        LOG.error("%s: %s", what, error)
    else:
        LOG.error("%s", what, exc_info=error)
    await asyncio.sleep(_RETRY_SECONDS)
