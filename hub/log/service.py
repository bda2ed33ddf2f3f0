"""The log as the rest of the hub uses it: opened, recovered, running, and closed in order.

Example::

    async with open_log(database, keys.log, clock=now, on_stop=exit_process, witnesses=client) as log:
        registered = await log.sequencer.submit(statement)
        receipt = await log.receipts.receipt(registered.digest)
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from hub.log.clock import ClockGuard
from hub.log.deciding import BatchLimits
from hub.log.errors import RecoveryError
from hub.log.policies import PolicyChain, WitnessedPolicy
from hub.log.proofs import ProofMaker
from hub.log.publication import Publication, SignedHead, with_lines
from hub.log.publisher import Cosigner, Publisher
from hub.log.reading import LogReader
from hub.log.receipts import Receipts
from hub.log.recovery import recover
from hub.log.rotation import ended_by, ended_reason
from hub.log.sequencer import Sequencer
from hub.log.signedheads import Contradiction
from hub.log.warming import warmed
from hub.rulebook import RULEBOOK
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.schema import check_schema
from hub.storage.topics import POLICY_PROOF
from hub.storage.values import Head, StoredCheckpoint
from registry.rulebook import Rulebook
from signing.notes import NoteSignature
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer
from signing.trust import WitnessPolicy

__all__ = ["Log", "NoWitnesses", "Witnesses", "open_log", "policy_chain"]


class Witnesses(Cosigner, Protocol):
    """The witnesses as the log needs them: to cosign, and to say what they have seen."""

    async def reported(self, origin: str, policies: Sequence[WitnessPolicy]) -> Mapping[str, bytes | None]:
        """By witness, the newest checkpoint of this log that it has cosigned, None where it shows none.

        Silent witnesses are left out.
        """


class NoWitnesses:
    """``Witnesses`` of a network that has none."""

    async def cosign(self, *_: object) -> list[NoteSignature]:
        """Nobody cosigns."""
        return []

    async def reported(self, *_: object) -> Mapping[str, bytes]:
        """Nobody has seen anything."""
        return {}


@dataclass(frozen=True, slots=True)
class Log:
    """An opened log. ``contradiction`` is the signed head for which it takes nothing in, None when it does."""

    origin: str
    sequencer: Sequencer
    publisher: Publisher
    publication: Publication
    receipts: Receipts
    reader: LogReader
    proofs: ProofMaker
    directory: Directory
    witnesses: Witnesses
    contradiction: Contradiction | None

    @property
    def read_only(self) -> str | None:
        """Why it takes nothing in, None when it does."""
        return None if self.contradiction is None else self.contradiction.reason


@asynccontextmanager
async def open_log(  # noqa: PLR0913  # its collaborators, each used
    database: Database,
    log_key: SigningKey,
    *,
    clock: Callable[[], int],
    on_stop: Callable[[BaseException], None],
    witnesses: Callable[[Callable[[int, int], Awaitable[tuple[bytes, ...]]]], Witnesses],
    limits: BatchLimits = BatchLimits(),  # noqa: B008  # immutable
    queue: int = 4096,
    share: int | None = None,
    refresh: int = 3600,
    book: Rulebook = RULEBOOK,
    known: Mapping[str, bytes] = MappingProxyType({}),
    times: Callable[[int], int] | None = None,
) -> AsyncIterator[Log]:
    """Recover the log in ``database`` and run it until the block ends; waiting statements are finished then.

    Args:
        database: the hub's tables; the caller holds the ``DataLock``.
        log_key: signs checkpoints.
        clock: POSIX seconds.
        on_stop: called when writing fails; it is to end the process.
        witnesses: makes the witnesses' client from a source of consistency proofs (old size, new size).
        limits: when a batch is full.
        queue: how many statements may wait.
        share: how many of them may count against one owner of keys; all if not given.
        refresh: seconds after which an unchanged head is cosigned again.
        book: the rules to decide by.
        known: signed heads of this log that somebody shows beside its witnesses, as ``contradiction`` takes them.
        times: entry times, as ``ClockGuard.entry_time`` tells them; those of ``clock`` if not given.

    Raises:
        SchemaError: the tables are of another version.
        RecoveryError: there is no log, or its key is another.
        CorruptionError: what is stored contradicts itself.
    """
    await check_schema(database)
    store, reads, directory = SqlLogStore(database), LogReads(database), Directory(database)
    proofs = ProofMaker(reads)
    client = witnesses(proofs.consistency)
    found = await _head(store)
    chain = await policy_chain(directory, reads, found.size)
    heads = await _reported(client, found.origin, chain) | dict(known)
    committer, opposed = await recover(store, reads, log_signer(found.origin, log_key), heads)
    publication = await _publication(store, reads, chain, proofs)
    sequencer = Sequencer(
        store, committer, publication, book, times=times or ClockGuard(clock).entry_time, on_stop=on_stop,
        limits=limits, queue=queue, share=share,
    )  # fmt: skip
    publisher = Publisher(publication, store, reads, client, chain, clock=clock, refresh=refresh)
    log = Log(
        found.origin, sequencer, publisher, publication, Receipts(publication, reads, proofs),
        LogReader(publication, reads), proofs, directory, client, opposed,
    )  # fmt: skip
    async with warmed(reads, proofs, publication.signed.size), _running(log, committer.head):
        yield log


@asynccontextmanager
async def _running(log: Log, head: Head) -> AsyncIterator[None]:
    """Run sequencer and publisher until the block ends, unless the log is to be read only."""
    if log.contradiction is not None:
        log.sequencer.contradicted(log.contradiction)
        yield
        return
    _start(log.sequencer, await ended_by(log.directory, head))
    log.publisher.start()  # also of a log that has ended: its last head may still have to be cosigned
    try:
        yield
    finally:
        try:
            await log.sequencer.close()
        finally:  # also where closing is cancelled: nothing writes on behind whoever uses the database next
            await log.publisher.close()


async def _reported(client: Witnesses, origin: str, chain: PolicyChain) -> dict[str, bytes]:
    """What the witnesses have seen, as ``contradiction`` takes it."""
    reported = await client.reported(origin, [one.witnesses for one in chain.all])
    return {f"The witness {name} has seen": note for name, note in reported.items() if note is not None}


def _start(sequencer: Sequencer, successor: str | None) -> None:
    if successor is None:
        sequencer.start()
    else:
        sequencer.refuse(ended_reason(successor), "log_ended")


async def _head(store: SqlLogStore) -> Head:
    head = await store.head()
    if head is None:
        raise RecoveryError("no_log", "There is no log in this data directory; `odr-hub init` makes one.")
    return head


async def policy_chain(directory: Directory, reads: LogReads, size: int) -> PolicyChain:
    """The policies that heads of ``size`` entries are judged by: the newest settled one, and those that await proof."""
    found = await directory.policies(size)
    policies = [WitnessedPolicy.of(one.index, one.document) for one in found if one.document is not None]
    return PolicyChain.of(policies, set(await reads.outbox(POLICY_PROOF)))


async def _publication(store: SqlLogStore, reads: LogReads, chain: PolicyChain, proofs: ProofMaker) -> Publication:
    """What is shown at start; proofs look there first for the tiles of the right edge."""
    head = await _head(store)
    signed = await reads.checkpoint(head.signed_size)
    if signed is None:
        raise RecoveryError("no_checkpoint", "The newest checkpoint that the head names is not stored.")
    witnessed = await reads.newest_witnessed()
    shown = None if witnessed is None else _shown(witnessed)
    publication = Publication(_shown(signed), shown, quorum_none=chain.quorum_none)
    proofs.recent = publication.tile
    return publication


def _shown(stored: StoredCheckpoint) -> SignedHead:
    return SignedHead(stored.size, stored.root, with_lines(stored.note, stored.lines.values()))
