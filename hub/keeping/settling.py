"""Policies that a checkpoint settles while a log is completed: judged as the hub that goes on would judge it.

By the policies stored before and those that were just decided, so that a change of witnesses counts only where the
quorum before it cosigned as well. Of what whoever serves a note has added to it, lines that do not hold count for
nothing.
"""

import asyncio
from contextlib import suppress

from hub.keeping.errors import CompletionError
from hub.keeping.policyproofs import policy_proof_name
from hub.keeping.shownheads import known_lines
from hub.keeping.sources import Fetch
from hub.log.policies import PolicyChain
from hub.log.service import policy_chain
from hub.log.signedheads import edge_at
from hub.storage.cosignatures import label_of
from hub.storage.directory import Directory
from hub.storage.engine import Database
from hub.storage.log_reads import LogReads
from hub.storage.log_store import SqlLogStore
from hub.storage.values import StoredCheckpoint
from signing.errors import SigningError
from signing.notes import VerifierKey, open_checkpoint, parse_note
from signing.signnotes import format_note, format_signature_lines

__all__ = ["record_witnesses", "settle_stored"]


async def settle_stored(fetch: Fetch, database: Database, log_key: VerifierKey, size: int) -> None:
    """Settle policies among the ``size`` stored entries by proofs that cover no more than these.

    The hub goes on registering while a policy's witnesses are asked. A backup of that moment has the policy, more
    entries than its proof, and not the proof. What does not fit, or is not there, counts for nothing.
    """
    directory, reads = Directory(database), LogReads(database)
    settled = True
    while settled:
        chain, settled = await policy_chain(directory, reads, size), False
        for policy in chain.pending:
            with suppress(CompletionError, SigningError):
                note = await asyncio.to_thread(fetch, policy_proof_name(policy.index))
                settled = settled or await _settled(database, chain, note, log_key, size)


async def _settled(database: Database, chain: PolicyChain, octets: bytes, log_key: VerifierKey, size: int) -> bool:
    note = parse_note(octets)
    seen = open_checkpoint(note, log_key)
    if not 0 < seen.size <= size or not chain.judge(known_lines(note, chain, log_key), seen.size).settled:
        return False
    if (await edge_at(seen.size, LogReads(database))).root() != seen.root:
        return False
    await record_witnesses(database, octets, seen.size, log_key)
    return True


async def record_witnesses(database: Database, octets: bytes, size: int, log_key: VerifierKey) -> None:
    """Record which policies the note of the first ``size`` stored entries settles, and its cosignatures.

    These are stored only where a checkpoint of this size is stored here as well: completed batches may be cut
    differently. That the log signed the note, and that its root is that of the stored entries, the caller has checked.
    """
    reads, store = LogReads(database), SqlLogStore(database)
    chain = await policy_chain(Directory(database), reads, size)
    note = known_lines(parse_note(octets), chain, log_key)
    verdict = chain.judge(note, size)
    for index in verdict.settled:
        await store.record_policy_proof(index, size, format_note(note))
    stored = await reads.checkpoint(size)
    if stored is not None:
        witnessed = verdict.witnessed and not chain.after(verdict).quorum_none
        named = {label_of(line): format_signature_lines([line]) for line in note.signatures[1:]}
        await store.record_cosignatures(StoredCheckpoint(size, stored.root, stored.note, witnessed, named))
