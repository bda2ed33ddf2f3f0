"""The entries that a restored old backup lacks: fetched from an export or a mirror, and believed only when they fit.

::

    1 checkpoint   by this log's key, there or shown by a witness that was asked
    2 entries      bundles from the end of what is stored to the size of the checkpoint
    3 root         the stored tree, grown over these entries, has the root of the checkpoint
    4 quorum       that of the newest policy stored here cosigned the checkpoint; where the entries hold a change of
                   policy, first an earlier one that includes it (``policyproofs``), which is checked as in 1 and 3;
                   of policies that follow one another closely it may settle the first ones only

Where no quorum did, a head counts that a witness of those policies itself shows (``shownheads``): the log can become
nothing else without a fork. It counts only after the quorum's, and only where the entries stored and those that are
there lead to every head that is known, whoever shows it: one of them may contradict it, also a longer or a shorter one.

So nobody who serves them need be trusted. Entries beyond the checkpoint that the quorum cosigned are only waited for:
once the policy is stored here it says which witnesses vouch for them. The entries are kept beside the database, in the
layout in which they came, until the statements that they stand for are there as well.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from hub.keeping.errors import CompletionError
from hub.keeping.export import CHECKPOINT
from hub.keeping.policyproofs import policy_proof_index, policy_proof_name
from hub.keeping.shownheads import Shown, known_lines
from hub.keeping.sources import Fetch, fetch_entries
from hub.log.edge import RightEdge
from hub.log.policies import PolicyChain, Verdict
from hub.storage.values import Head
from signing.entryform import parse_entry
from signing.errors import SigningError
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, VerifierKey, open_checkpoint, parse_note
from signing.signnotes import format_note, with_lines

__all__ = ["Missing", "Vouched", "fetch_missing"]


@dataclass(frozen=True, slots=True)
class Vouched:
    """A checkpoint that the quorum stored here cosigned, or that one of its witnesses shows: its size and its note."""

    size: int
    note: bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """Entries [first, checkpoint.size) of the log.

    Those below ``vouched.size`` are verified, the others are by the log's key alone. ``bundles`` are the objects that
    they came in, ``proofs`` the policy proofs that were looked at, both by name.
    """

    checkpoint: Checkpoint
    note: bytes
    vouched: Vouched
    first: int
    entries: tuple[bytes, ...] = field(repr=False)
    bundles: tuple[tuple[str, bytes], ...] = field(repr=False)
    proofs: tuple[tuple[str, bytes], ...] = field(repr=False)


def fetch_missing(  # noqa: PLR0913  # what is stored, and who shows more
    fetch: Fetch,
    head: Head,
    edge: RightEdge,
    chain: PolicyChain,
    log_key: VerifierKey,
    *,
    shown: Sequence[Shown] = (),
    contradicted: Sequence[Shown] = (),
    kept: Fetch | None = None,
) -> Missing:
    """Fetch and verify what is beyond ``head``, up to the longest head whose entries are there.

    Args:
        fetch: reads objects.
        head: where the stored log ends; nothing is missing where the checkpoint ends there too.
        edge: the right edge there.
        chain: the policies in force there, and those that await their proof.
        log_key: the log's key.
        shown: heads that are known, verified: those that witnesses show, and those with the log's line alone.
        contradicted: those of them that what is stored contradicts.
        kept: reads what was fetched before; entries up to a head that is known may be there alone.

    Raises:
        CompletionError: not_this_log, not_witnessed, heads_differ, nothing_missing, does_not_continue, or
            object_missing.
        SigningError: the source can't be reached.
    """
    heads = _heads(fetch, head, log_key, shown)
    there = _longest(fetch, edge, heads)
    fitting = [one for one in heads if _fits(one.checkpoint, edge, there.leaves)]
    proofs = tuple(_proofs(fetch, [*(one.index for one in chain.pending), *_policies(head.size, there.entries)]))
    vouched = (
        _proven(proofs, edge, there.leaves, chain, log_key)
        or _by_quorum(fitting, head.size, chain, log_key)
        or _nothing_more(head.size, there.target)
    )
    if vouched is None:
        vouched = _by_a_witness(fitting, heads, head.size, there)
        sources = (fetch,) if kept is None else (fetch, kept)
        _check_others(shown, contradicted, edge, there, sources)
    target = there.target
    return Missing(
        target.checkpoint, target.note, vouched, head.size, tuple(there.entries), tuple(there.bundles), proofs
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """A head by the log's key: from the source itself (``own``), or shown by the witnesses ``by``, or both."""

    checkpoint: Checkpoint
    note: bytes
    own: bool
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _There:
    """What the source has up to ``target``; it also has entries up to ``others``, and they give another root there."""

    target: _Known
    bundles: list[tuple[str, bytes]]
    entries: list[bytes]
    leaves: list[bytes]
    others: list[_Known]


def _heads(fetch: Fetch, head: Head, log_key: VerifierKey, shown: Sequence[Shown]) -> list[_Known]:
    """The heads that are not shorter than what is stored, the longest first; the source's own has all lines known."""
    found = [
        _Known(one.checkpoint, one.note, own=False, by=one.by)
        for one in shown
        if one.by and one.checkpoint.size >= head.size
    ]
    longer = any(one.checkpoint.size > head.size for one in found)
    try:
        note = fetch(CHECKPOINT)
    except (CompletionError, SigningError):
        if not longer:
            raise
        return found
    checkpoint = _signed(note, log_key)
    same = [one for one in found if one.checkpoint == checkpoint]
    if checkpoint.size >= head.size:
        lines = [line for one in same for line in parse_note(one.note).signatures]
        merged = format_note(with_lines(parse_note(note), lines)) if same else note
        found = [one for one in found if one not in same]
        found.append(_Known(checkpoint, merged, own=True, by=tuple(name for one in same for name in one.by)))
    elif not longer:
        message = f"It has {checkpoint.size} entries; {head.size} are stored here. It can't tell what is missing."
        raise CompletionError("nothing_missing", message, CHECKPOINT)
    return sorted(found, key=lambda one: -one.checkpoint.size)


def _longest(fetch: Fetch, edge: RightEdge, heads: Sequence[_Known]) -> _There:
    """The longest head up to which the entries are there: with the bundles, the entries and their leaf hashes.

    The source's own must be there. One that a witness shows may be ahead of what the source has.
    """
    kept: dict[str, bytes] = {}

    def once(name: str) -> bytes:
        if name not in kept:
            kept[name] = fetch(name)
        return kept[name]

    failed: CompletionError | SigningError | None = None
    others: list[_Known] = []
    for one in heads:
        try:
            bundles, entries = fetch_entries(once, edge.size, one.checkpoint.size)
        except (CompletionError, SigningError) as error:
            failed = error
        else:
            leaves = [leaf_hash(entry) for entry in entries]
            if _fits(one.checkpoint, edge, leaves):
                return _There(one, bundles, entries, leaves, others)
            failed = _discontinuous(edge.size, one.checkpoint.size)
            others.append(one)
        if one.own:
            raise failed
    raise failed or _not_witnessed()


def _fits(checkpoint: Checkpoint, edge: RightEdge, leaves: Sequence[bytes]) -> bool:
    count = checkpoint.size - edge.size
    return 0 <= count <= len(leaves) and _root(edge, leaves[:count]) == checkpoint.root


def _discontinuous(first: int, end: int) -> CompletionError:
    message = (
        "The entries there do not continue the log that is stored here up to their checkpoint: they are damaged,"
        " or this directory holds another history."
    )
    return CompletionError("does_not_continue", message, f"entries {first} to {end}")


def _signed(octets: bytes, log_key: VerifierKey) -> Checkpoint:
    try:
        return open_checkpoint(parse_note(octets), log_key)
    except SigningError as error:
        raise _foreign(error) from None


def _foreign(error: SigningError) -> CompletionError:
    message = f"The checkpoint there is not one of this log: {error.message}"
    return CompletionError("not_this_log", message, CHECKPOINT)


def _judged(octets: bytes, size: int, chain: PolicyChain, log_key: VerifierKey) -> Verdict:
    """Which quorums cosigned it; lines that do not hold count for nothing, whoever has added them."""
    return chain.judge(known_lines(parse_note(octets), chain, log_key), size)


def _root(edge: RightEdge, leaves: Sequence[bytes]) -> bytes:
    return edge.extended(leaves)[0].root()


def _policies(first: int, entries: Sequence[bytes]) -> Iterator[int]:
    """Where policies stand among entries that begin at ``first``."""
    for index, entry in enumerate(entries, first):
        with suppress(SigningError):  # what does not parse is refused when its turn comes
            if parse_entry(entry).get("kind") == "policy":
                yield index


def _proofs(fetch: Fetch, indexes: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    """The policy proofs that are there; a mirror has none."""
    for index in indexes:
        with suppress(CompletionError, SigningError):
            yield policy_proof_name(index), fetch(policy_proof_name(index))


def _proven(
    proofs: Sequence[tuple[str, bytes]],
    edge: RightEdge,
    leaves: Sequence[bytes],
    chain: PolicyChain,
    log_key: VerifierKey,
) -> Vouched | None:
    """The first policy proof that the quorum stored here cosigned; one that does not fit counts for nothing.

    It goes before the newest checkpoint even where that meets this quorum too: of a policy that was replaced since the
    witnesses may have gone, and no later checkpoint would settle it. Whether the policy's own quorum cosigned as well
    is judged when the policy is stored.
    """
    for name, note in proofs:
        with suppress(CompletionError, SigningError):
            checkpoint = _signed(note, log_key)
            within = edge.size <= checkpoint.size < edge.size + len(leaves)  # at the end the newest itself is judged
            if not within or checkpoint.size <= policy_proof_index(name):
                continue
            verdict = _judged(note, checkpoint.size, chain, log_key)
            if not verdict.witnessed and not verdict.settled:  # it may settle the first of several policies only
                continue
            if _root(edge, leaves[: checkpoint.size - edge.size]) == checkpoint.root:
                return Vouched(checkpoint.size, note)
    return None


def _by_quorum(fitting: Sequence[_Known], size: int, chain: PolicyChain, log_key: VerifierKey) -> Vouched | None:
    """The longest head that the quorum stored here cosigned, if it leads on: by entries, or by a policy it settles."""
    for one in fitting:
        verdict = _judged(one.note, one.checkpoint.size, chain, log_key)
        leads = one.checkpoint.size > size or fitting[0].checkpoint.size == size
        if verdict.settled or (verdict.witnessed and leads):
            return Vouched(one.checkpoint.size, one.note)
    return None


def _nothing_more(size: int, target: _Known) -> Vouched | None:
    """Where nothing is to be appended, nobody need vouch for it."""
    return Vouched(size, target.note) if target.checkpoint.size == size else None


def _by_a_witness(fitting: Sequence[_Known], heads: Sequence[_Known], size: int, there: _There) -> Vouched:
    """The longest head that a witness itself shows, if it leads beyond the ``size`` entries stored here.

    Every one of ``heads`` must fit the entries: which one is a fork can't be told before.

    Raises:
        CompletionError: heads_differ, somebody shows a head that contradicts it; or not_witnessed, somebody shows a
            longer one, whose entries are not there, or none leads on.
    """
    has = there.target.checkpoint.size
    for one in heads:
        if one not in fitting:
            who = _witness(one.by) if one.by else "The checkpoint there is of"
            raise _opposed(who, one.checkpoint.size, has, absent=one.checkpoint.size > has and one not in there.others)
    for one in fitting:
        if one.by and one.checkpoint.size > size:
            return Vouched(one.checkpoint.size, one.note)
    raise _not_witnessed()


def _check_others(
    shown: Sequence[Shown], contradicted: Sequence[Shown], edge: RightEdge, there: _There, sources: Sequence[Fetch]
) -> None:
    """Refuse what contradicts a head that leads nowhere: one below what is stored, or by the log's key alone.

    Raises:
        CompletionError: heads_differ, or not_witnessed, as ``_by_a_witness``.
    """
    has = there.target.checkpoint.size
    if contradicted:
        raise _opposed(_witness(contradicted[0].by), contradicted[0].checkpoint.size, has, given="is stored here")
    for one in shown:
        if not one.by and one.checkpoint.size >= edge.size:
            leads = _leads_to(one.checkpoint, edge, there, sources)
            if not leads:
                raise _opposed(_witness(one.by), one.checkpoint.size, has, absent=leads is None)


def _leads_to(checkpoint: Checkpoint, edge: RightEdge, there: _There, sources: Sequence[Fetch]) -> bool | None:
    """Whether it is of the log that goes on as it does ``there``; None where the entries up to it are in no source."""
    count = len(there.leaves)
    if checkpoint.size <= edge.size + count:
        return _fits(checkpoint, edge, there.leaves)
    found = None
    for fetch in sources:
        with suppress(CompletionError, SigningError):
            leaves = [leaf_hash(entry) for entry in fetch_entries(fetch, edge.size, checkpoint.size)[1]]
            found = leaves[:count] == there.leaves and _fits(checkpoint, edge, leaves)
            if found:
                break
    return found


def _witness(by: Sequence[str]) -> str:
    """Who shows a head, as a sentence begins."""
    return f"The witness {by[0]} has seen" if by else "A head that is kept here, published or stored by a mirror is of"


def _opposed(
    who: str, end: int, has: int, *, absent: bool = False, given: str = "the entries there give"
) -> CompletionError:
    """Why nothing that less than a quorum cosigned is appended: a head of ``end`` entries does not fit.

    Args:
        who: shows it, as a sentence begins.
        end: its size.
        has: how far those entries reach that are there.
        absent: whether the entries up to it are not there.
        given: what it contradicts.
    """
    if absent:
        message = (
            f"{who} {end} entries of this log; those there reach to {has} only, which no quorum cosigned. Whether they"
            f" are of the same log can't be told before all {end} are there: take them from a mirror that has them."
        )
        return CompletionError("not_witnessed", message, f"size {end}")
    message = f"{who} another log of {end} entries under this name than {given}."
    if end > has:
        message += " They are damaged, which another mirror will show, or this is a fork."
    else:
        message += " Don't go on: this is a fork."
    return CompletionError("heads_differ", f"{message} Only what a quorum cosigned is appended.", f"size {end}")


def _not_witnessed() -> CompletionError:
    message = (
        "The checkpoint there does not meet the quorum that the newest policy stored here asks for, no policy proof"
        " there leads from that policy to a later one, and none of its witnesses shows that head when it is asked. Take"
        " an export made by odr-hub export since the witnesses were changed; or complete to the last one from before,"
        " then to one whose checkpoint both quorums cosigned."
    )
    return CompletionError("not_witnessed", message, CHECKPOINT)
