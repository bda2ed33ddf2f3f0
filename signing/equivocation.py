"""Two signed heads of one log: do they agree, or did the log equivocate?

A log that signs two checkpoints of which neither begins the other has lied to somebody; its two signatures prove it
to everybody, for ever. What proves it::

    same size, other root              the two notes alone
    other sizes                        the notes, and the proof of the smaller one's last entry in the larger one:
                                       it gives the root that the smaller size has under the larger root (``prefix``)

Without that proof, or with one that doesn't lead to the larger root, nobody can tell: two sizes are no contradiction.

A *pair of heads* is a file: canonical JSON (RFC 8785) and LF, the notes verbatim, smaller size first::

    {"first": <note>, "format": "odr-heads/1", "proof": <tlog-proof, or null>, "second": <note>}

It needs nothing else but the log's verifier key. ``parse_pair`` refuses whatever ``format_pair`` would not write.
"""

from dataclasses import dataclass, replace

from .encoding import canonical, loads_canonical
from .errors import FormatError, ProofError
from .merkle import EMPTY_ROOT
from .notes import MAX_BYTES, Checkpoint, open_checkpoint, parse_checkpoint, parse_note, parse_proof
from .prefix import prefix_root
from .signnotes import format_proof
from .trust import WitnessPolicy

__all__ = ["AGREE", "EQUIVOCATION", "OPEN", "HeadPair", "Judgement", "format_pair", "judge", "pair_of", "parse_pair"]

AGREE, EQUIVOCATION, OPEN = "the two agree", "equivocation proven", "can't tell"
FORMAT = "odr-heads/1"
_MAX_FILE = 8 * MAX_BYTES


@dataclass(frozen=True, slots=True)
class HeadPair:
    """Two signed notes as they were received, smaller size first, and perhaps a proof; make it with ``pair_of``."""

    first: bytes
    second: bytes
    proof: bytes | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a pair proves: ``verdict`` is ``AGREE``, ``EQUIVOCATION`` or ``OPEN``, with a stable code and a sentence."""

    verdict: str
    code: str
    reason: str
    first: Checkpoint
    second: Checkpoint


def pair_of(one: bytes, other: bytes, proof: bytes | None = None) -> HeadPair:
    """The pair of two notes in either order.

    Args:
        one: a signed checkpoint.
        other: another one.
        proof: a tlog-proof that carries its entry; its own checkpoint gives way to the larger of the two.

    Raises:
        FormatError: a note or the proof can't be read. No signature is verified.
    """
    first, second = sorted((one, other), key=lambda note: (parse_checkpoint(parse_note(note).text).size, note))
    kept = None if proof is None else format_proof(replace(parse_proof(proof), checkpoint=second))
    return HeadPair(first, second, kept)


def format_pair(pair: HeadPair) -> bytes:
    """The octets of the file."""
    members = {
        "first": pair.first.decode(),
        "format": FORMAT,
        "proof": None if pair.proof is None else pair.proof.decode(),
        "second": pair.second.decode(),
    }
    return canonical(members) + b"\n"


def parse_pair(data: bytes) -> HeadPair:
    """Read a file of two heads; verifies no signature and no proof.

    Raises:
        FormatError: it is anything that ``format_pair`` would not write.
    """
    members = loads_canonical(data.removesuffix(b"\n"), max_bytes=_MAX_FILE)
    first, second, proof = (members.get(name) for name in ("first", "second", "proof"))
    texts = isinstance(first, str) and isinstance(second, str) and isinstance(proof, str | None)
    if not texts or members != {"first": first, "format": FORMAT, "proof": proof, "second": second}:
        raise FormatError("bad_pair", f"A pair of heads has two notes, a proof or null, and the format {FORMAT}.")
    pair = pair_of(str(first).encode(), str(second).encode(), None if proof is None else str(proof).encode())
    if format_pair(pair) != data:
        raise FormatError("bad_pair", "The smaller head stands first, the proof leads to the larger, and LF ends it.")
    return pair


def judge(pair: HeadPair, policy: WitnessPolicy, *, one_tree: bool = False) -> Judgement:
    """What ``pair`` proves about a log of ``policy``.

    Args:
        pair: the two notes.
        policy: names logs and their keys.
        one_tree: whether logs of different names are known to be one tree, as after a rotation.

    Checks the log's signature on both notes. Cosignatures are not looked at: the log's own hand is what counts.

    Raises:
        SigningError: a note can't be read, is of a log that the policy does not name, or is not signed by it.
    """
    first, second = (_opened(note, policy) for note in (pair.first, pair.second))
    if first.origin != second.origin and not one_tree:
        reason = "The two are heads of different logs, which say nothing about each other."
        return Judgement(OPEN, "other_log", reason, first, second)
    return Judgement(*_verdict(first, second, pair.proof), first, second)


def _opened(data: bytes, policy: WitnessPolicy) -> Checkpoint:
    note = parse_note(data)
    return open_checkpoint(note, policy.log_for(note.text.partition("\n")[0]))


def _verdict(first: Checkpoint, second: Checkpoint, proof: bytes | None) -> tuple[str, str, str]:
    if first.size == 0 and first.root != EMPTY_ROOT:
        return EQUIVOCATION, "impossible_root", "The log signed a root for no entries that no empty log has."
    if (first.size, first.root) == (second.size, second.root):
        return AGREE, "same_head", f"Both are the log of {first.size} entries, with the same root."
    if first.size == second.size:
        return EQUIVOCATION, "two_roots", f"The log signed two different roots for the same {first.size} entries."
    if first.size == 0:
        return AGREE, "continues", "An empty log begins every log."
    if proof is None:
        message = "The sizes differ: the notes alone don't tell whether the larger log begins with the smaller one."
        return OPEN, "proof_missing", message
    return _by_proof(first, second, proof)


def _by_proof(first: Checkpoint, second: Checkpoint, data: bytes) -> tuple[str, str, str]:
    proof = parse_proof(data)
    if proof.index != first.size - 1:
        message = f"What tells is the proof of entry {first.size - 1}; the one given is of entry {proof.index}."
        return OPEN, "wrong_proof", message
    try:
        found = prefix_root(proof, second.size, second.root)
    except ProofError as error:
        return OPEN, error.code, f"The proof does not hold, so it tells nothing: {error}"
    if found == first.root:
        return AGREE, "continues", f"The log of {second.size} entries begins with that of {first.size}."
    message = f"The first {first.size} entries under the larger head have another root than the log signed for them."
    return EQUIVOCATION, "history_differs", message
