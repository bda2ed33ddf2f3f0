"""Completing a log that was restored from an old backup: entries from a mirror, statements from whoever has them.

Entries alone hold no statements, and so no effects. A statement that comes back is decided again at its old place
(``replaying``) and appended as it was the first time. So the stored log is whole at every moment, only shorter than
the one that the witnesses know: until the last entry is there the hub stays read-only by itself, and a completion
that was interrupted, or waits for statements, goes on where it was. What was fetched is kept meanwhile (``fetched``).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hub.keeping.errors import CompletionError
from hub.keeping.export import CHECKPOINT
from hub.keeping.fetched import FOLDER, Fetched
from hub.keeping.missing import Missing, fetch_missing
from hub.keeping.offered import Offered, name_of, read_offered
from hub.keeping.policyproofs import is_policy_proof
from hub.keeping.replaying import Replaying, Turn
from hub.keeping.settling import record_witnesses, settle_stored
from hub.keeping.shownheads import Shown, shown_heads, without_lines
from hub.keeping.sources import STORED, Fetch, reader_of
from hub.log.committing import Committer
from hub.log.edge import RightEdge
from hub.log.policies import PolicyChain
from hub.log.recovery import open_head
from hub.log.service import policy_chain
from hub.log.signedheads import edge_at
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import Head
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.secretkeys import AgreementKey
from signing.signnotes import NoteSigner
from signing.trust import WitnessPolicy

__all__ = ["Ask", "Awaited", "Completed", "Seen", "complete"]

Ask = Callable[[str, Sequence[WitnessPolicy]], Awaitable[Mapping[str, bytes | None]]]
"""What the witnesses of these policies show of the log of this origin, as ``CosignClient.reported`` asks them."""

_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Awaited:
    """An entry whose statement, or its annex, has not come back; a sealed one tells neither kind nor issuer.

    ``name`` is the statement's digest or, of a sealed one, its commitment (hex). ``annex`` is the SHA-256 (hex) of the
    annex where that alone is awaited.
    """

    index: int
    kind: str
    issuer: str | None
    name: str
    annex: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A head that the log must still become: its size, and the witnesses that show it; ``differs`` if it never can.

    Without witnesses it has the log's line alone: a mirror has stored it, it is published, or it is kept here.
    """

    size: int
    witnesses: tuple[str, ...]
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Completed:
    """How long the log is now and is to be, how many entries were appended, and which statements are awaited.

    ``without_annex`` are appended entries whose statement names an annex that nobody has any more. ``seen`` are heads
    by the log's key that are not part of the log as it is now: it is not whole, whatever the source has.
    """

    origin: str
    size: int
    target: int
    appended: int
    awaited: tuple[Awaited, ...]
    without_annex: tuple[int, ...]
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class _Opened:
    """The log as it is stored: checked as start-up does."""

    head: Head
    edge: RightEdge
    chain: PolicyChain
    reads: LogReads


async def complete(  # noqa: PLR0913  # its sources, each used
    data: Path,
    database: Database,
    signer: NoteSigner,
    source: str | None,
    *,
    offered: Sequence[Path] = (),
    identity: AgreementKey | None = None,
    without_annexes: bool = False,
    ask: Ask | None = None,
    known: Sequence[bytes] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Completed:
    """Append what is missing, as far as its statements are there. The caller holds the ``DataLock``.

    Args:
        data: the data directory.
        database: its database.
        signer: the log's key.
        source: an export or mirror, by address or directory; None to go on with what was fetched before.
        offered: files, and directories of files, with statements.
        identity: opens those that are encrypted.
        without_annexes: a statement whose annex is not offered is not awaited any longer: the annex is lost.
        ask: asks the stored policies' witnesses which heads they have seen; nobody is asked without it.
        known: heads that the hub keeps elsewhere or that are published, with lines only where witnesses showed them.
        progress: called with the size of the log.

    Raises:
        CompletionError: nothing_fetched, entry_not_reproduced, or as ``Fetched``, ``fetch_missing``, ``read_offered``.
        ExportError: target_locked or target_unwritable, of ``DATA/completing``.
        SigningError: the source can't be reached.
        RecoveryError: there is no log, or its key is another.
        CorruptionError: what is stored contradicts itself.
    """
    fetched, first, bare = Fetched(data / FOLDER, signer.verifier), None, list[int]()
    fetch = served = await _reader(fetched, source)
    while True:
        found = await _opened(database, signer, fetch)
        first = found.head.size if first is None else first
        shown = await _shown(fetched, fetch, found, signer, [*known, *await _asked(ask, found, signer.name)])
        missing = await _missing(fetch, fetched.read, found, signer, shown)
        if source is not None:
            await fetched.keep(missing, found.chain)
        pool = replace(await _collected(fetched, offered, identity), without_annexes=without_annexes)
        committer = Committer(signer, found.head, found.edge)
        await _sign_tail(database, committer)
        bare += await _append(Replaying(database, committer), committer, missing, pool, progress)
        size, target = committer.head.size, missing.checkpoint.size
        if reached := size == missing.vouched.size:
            await record_witnesses(database, missing.vouched.note, size, signer.verifier)
        at_end = await _at_end(fetched, size)
        over = not reached or (at_end and await _all_asked(database, found, size))
        seen = tuple([one async for one in _seen(shown, size, target, found.reads)])
        await _keep(fetched, pool, found.reads, whole=over and at_end and not seen)
        if over:
            awaited = tuple(_awaited(missing, pool, size))
            return Completed(signer.name, size, target, size - first, awaited, tuple(bare), seen)
        # Go on from what was kept: a policy is stored now, whose quorum vouches for more, or whose witnesses show more;
        # or what was fetched before is longer than what this source has.
        fetch = _either(fetched.read, served)


async def _at_end(fetched: Fetched, size: int) -> bool:
    """Whether nothing longer than the first ``size`` entries was fetched from any source."""
    kept = await asyncio.to_thread(lambda: fetched.checkpoint)
    return kept is None or size >= kept.size


async def _all_asked(database: Database, found: _Opened, size: int) -> bool:
    """Whether the policies of the log as it is now are those whose witnesses were asked."""
    chain = await policy_chain(Directory(database), LogReads(database), size)
    return {one.index for one in chain.all} <= {one.index for one in found.chain.all}


async def _opened(database: Database, signer: NoteSigner, fetch: Fetch) -> _Opened:
    """The stored log; what ``fetch`` has for it without any further entry is recorded first."""
    reads = LogReads(database)
    head, edge = await open_head(SqlLogStore(database), reads, signer.verifier)
    await settle_stored(fetch, database, signer.verifier, head.size)
    return _Opened(head, edge, await policy_chain(Directory(database), reads, head.size), reads)


async def _reader(fetched: Fetched, source: str | None) -> Fetch:
    """Reads from ``source``, or what was kept before."""
    if source is None and not await asyncio.to_thread((fetched.folder / CHECKPOINT).exists):
        raise CompletionError(
            "nothing_fetched", "Nothing was fetched yet: say with --from where the log's entries are."
        )
    return reader_of(source) if source else fetched.read


def _either(kept: Fetch, served: Fetch) -> Fetch:
    """Reads what was kept, and from the source what was not; policy proofs the other way round.

    Of these each is judged by itself, and what an earlier source brought need not meet a quorum.
    """

    def read(name: str) -> bytes:
        first, then = (served, kept) if is_policy_proof(name) else (kept, served)
        with suppress(CompletionError, SigningError):
            return first(name)
        return then(name)

    return read


async def _asked(ask: Ask | None, found: _Opened, origin: str) -> list[bytes]:
    """What the witnesses of the stored policies show."""
    answers = {} if ask is None else await ask(origin, [one.witnesses for one in found.chain.all])
    return [note for note in answers.values() if note is not None]


async def _shown(
    fetched: Fetched, fetch: Fetch, found: _Opened, signer: NoteSigner, notes: Sequence[bytes]
) -> tuple[Shown, ...]:
    """The heads that witnesses show now or did before, and those known with the log's line alone; longer ones are kept.

    A completion's own checkpoint is not kept twice.
    """
    kept = await asyncio.to_thread(fetched.heads)
    with suppress(CompletionError, SigningError):
        kept.append(without_lines(await asyncio.to_thread(fetch, STORED)))
    shown = shown_heads([*notes, *kept], signer.verifier, found.chain)
    own = await asyncio.to_thread(lambda: fetched.checkpoint)
    longer = [one for one in shown if one.checkpoint.size > found.head.size and (one.by or one.checkpoint != own)]
    await asyncio.to_thread(fetched.keep_heads, longer)
    return shown


async def _missing(fetch: Fetch, kept: Fetch, found: _Opened, signer: NoteSigner, shown: Sequence[Shown]) -> Missing:
    contradicted = [one for one in shown if await _contradicts(one, found.head.size, found.reads)]
    work = partial(
        fetch_missing, fetch, found.head, found.edge, found.chain, signer.verifier,
        shown=shown, contradicted=contradicted, kept=kept,
    )  # fmt: skip
    return await asyncio.to_thread(work)


async def _seen(shown: Sequence[Shown], size: int, target: int, reads: LogReads) -> AsyncIterator[Seen]:
    """Heads beyond the target, and those that contradict the ``size`` entries stored now."""
    for one in shown:
        if one.checkpoint.size > target:
            yield Seen(one.checkpoint.size, one.by)
        elif await _contradicts(one, size, reads):
            yield Seen(one.checkpoint.size, one.by, differs=True)


async def _contradicts(one: Shown, size: int, reads: LogReads) -> bool:
    """Whether the ``size`` entries that are stored are not those of the head."""
    end = one.checkpoint.size
    return 0 < end <= size and (await edge_at(end, reads)).root() != one.checkpoint.root


async def _sign_tail(database: Database, committer: Committer) -> None:
    """Sign what the backup caught between its two transactions; the checkpoint that was fetched is over it too."""
    head = committer.head
    if head.signed_size < head.size:
        await SqlLogStore(database).run(lambda log: committer.sign_tail(log, head, head))


async def _append(
    replaying: Replaying, committer: Committer, missing: Missing, pool: Offered, progress: Callable[[int], None]
) -> list[int]:
    """Append what is vouched for until a statement is awaited; the indexes of those that came without their annex."""
    bare: list[int] = []
    while turns := list(_next_turns(missing, pool, committer.head.size)):
        first = committer.head.size
        done = await replaying.append(turns)
        named = enumerate(turns[:done], first)
        bare += [index for index, turn in named if turn.annex is None and "annex" in turn.statement.payload]
        progress(committer.head.size)
    return bare


def _next_turns(missing: Missing, pool: Offered, size: int) -> Iterator[Turn]:
    """The next entries of one time whose statements are there."""
    time = None
    start = size - missing.first
    end = min(start + _AT_ONCE, missing.vouched.size - missing.first)
    for entry in missing.entries[start:end]:
        statement, at = pool.for_entry(entry), parse_entry(entry)["time"]
        if statement is None or pool.lacks_annex(statement) or time not in (None, at):
            return
        time = at
        yield Turn(entry, statement, pool.annex_of(statement))


async def _collected(fetched: Fetched, offered: Sequence[Path], identity: AgreementKey | None) -> Offered:
    """What is offered now and was before."""
    kept = [fetched.statements] if fetched.statements.exists() else []
    return await asyncio.to_thread(read_offered, [*offered, *kept], identity)


async def _keep(fetched: Fetched, pool: Offered, reads: LogReads, *, whole: bool) -> None:
    """Keep the statements that are not in the log yet, with their annexes; what was fetched goes once it is whole.

    Whether an entry that nobody has shown here yet awaits one of them can't be known.
    """
    wanted: list[bytes | None] = []
    for statement in {one.document: one for one in pool.statements.values()}.values():
        if await reads.index_of(statement.digest) is None:
            wanted += [statement.document, pool.annex_of(statement)]
    await asyncio.to_thread(fetched.keep_statements, [octets for octets in wanted if octets is not None])
    if whole:
        await asyncio.to_thread(fetched.end)


def _awaited(missing: Missing, pool: Offered, size: int) -> Iterator[Awaited]:
    for index, entry in enumerate(missing.entries[size - missing.first :], size):
        statement = pool.for_entry(entry)
        if statement is None or pool.lacks_annex(statement):
            members = parse_entry(entry)
            annex = None if statement is None else str(statement.payload["annex"]["sha256"])
            yield Awaited(index, str(members["kind"]), members.get("issuer"), name_of(entry)[0], annex)
