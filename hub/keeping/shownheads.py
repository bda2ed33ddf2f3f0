"""Heads of this log that somebody shows or has shown, and that nobody may take back any more.

A witness signs nothing that does not continue the head it shows. So where the log's key and one witness of the stored
policies have signed a head, the log must become exactly that, whether a quorum has cosigned it yet or not: any other
history would be a fork. What several witnesses show of one head is put together; that may be the quorum.

A head of which only the log's line counts leads to nothing, but the log's key has signed it: nothing that contradicts
it may be appended on the word of a witness alone. Such are those that a mirror has stored, that are published, or that
an earlier completion fetched.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from hub.log.policies import PolicyChain
from hub.storage.cosignatures import label_of
from signing.errors import SigningError
from signing.notes import Checkpoint, Note, NoteSignature, VerifierKey, cosigned_by, open_checkpoint, parse_note
from signing.signnotes import format_note, with_lines

__all__ = ["Shown", "known_lines", "shown_heads", "without_lines"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A head by the log's key: its note with every line that holds, and the witnesses of these.

    ``by`` is empty where only the log's key is known to have signed it, as of what a mirror stores or is published.
    """

    checkpoint: Checkpoint
    note: bytes
    by: tuple[str, ...]


def shown_heads(notes: Iterable[bytes], log_key: VerifierKey, chain: PolicyChain) -> tuple[Shown, ...]:
    """What ``notes`` show, the longest first; a note that the log's key has not signed shows nothing.

    Args:
        notes: as witnesses answered, or as they were kept; those of others ``without_lines``.
        log_key: the log's key.
        chain: the stored policies, whose witnesses' lines are verified.
    """
    found: dict[str, tuple[Checkpoint, Note]] = {}
    for octets in notes:
        with suppress(SigningError):
            note = parse_note(octets)
            checkpoint, known = open_checkpoint(note, log_key), known_lines(note, chain, log_key)
            before = found.get(note.text, (checkpoint, known))[1]
            found[note.text] = checkpoint, with_lines(before, known.signatures[1:])
    heads = [Shown(one, format_note(note), _witnesses(note)) for one, note in found.values()]
    return tuple(sorted(heads, key=lambda one: -one.checkpoint.size))


def known_lines(note: Note, chain: PolicyChain, log_key: VerifierKey) -> Note:
    """The note with the log's line first, then those of the chain's witnesses that hold."""
    keys = {label_of(key): key for one in chain.all for key in one.witnesses.witness_keys.values()}
    known = set[str]()
    for label, key in keys.items():
        with suppress(SigningError):
            known.update(cosigned_by(note, {label: key}))
    own = _log_line(note, log_key)
    return Note(note.text, (*own, *(line for line in note.signatures if label_of(line) in known)))


def without_lines(octets: bytes) -> bytes:
    """The note with the lines alone that are named like its log: what no witness itself shows has no witness's line.

    Nothing is verified; what is no note, or has no such line, stays as it is and shows nothing.
    """
    with suppress(SigningError):
        note = parse_note(octets)
        origin = note.text.partition("\n")[0]
        if own := tuple(line for line in note.signatures if line.name == origin):
            return format_note(Note(note.text, own))
    return octets


def _log_line(note: Note, log_key: VerifierKey) -> tuple[NoteSignature, ...]:
    return tuple(line for line in note.signatures if label_of(line) == label_of(log_key))


def _witnesses(note: Note) -> tuple[str, ...]:
    """Their names, in a note whose first line is the log's."""
    return tuple(sorted({line.name for line in note.signatures[1:]}))
