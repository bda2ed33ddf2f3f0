"""The writing side of C2SP's formats: signed notes, checkpoints, cosignatures, witness policies, log proofs.

And of the verification policy file. Not part of the court's reading set, which only reads them. Each ``format_…`` is
the exact inverse of a ``parse_…``.
"""

from binascii import b2a_base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .errors import FormatError
from .notes import (
    COSIGNATURE,
    ED25519,
    PROOF_HEADER,
    Checkpoint,
    Note,
    NoteSignature,
    TlogProof,
    VerifierKey,
    cosignature_message,
    parse_checkpoint,
    parse_note,
)
from .secretkeys import SigningKey
from .trust import TrustFile, WitnessPolicy

__all__ = [
    "NoteSigner",
    "base64_text",
    "cosign",
    "format_checkpoint",
    "format_note",
    "format_proof",
    "format_signature_lines",
    "format_trust",
    "format_witness_policy",
    "log_signer",
    "sign_checkpoint",
    "sign_note",
    "with_lines",
    "witness_signer",
]


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A secret key under a name, for one type of signature line; make it with ``log_signer`` or ``witness_signer``.

    ``verifier`` is the public side; its ``format()`` is the vkey to publish.
    """

    name: str
    key: SigningKey
    type: int
    verifier: VerifierKey = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "verifier", VerifierKey(self.name, self.type, self.key.public.x))

    def line(self, signature: bytes) -> NoteSignature:
        """``signature`` as a line under this name."""
        return NoteSignature(self.name, self.verifier.key_id, signature)


def log_signer(name: str, key: SigningKey) -> NoteSigner:
    """The signer of a log; ``name`` is the log's origin."""
    return NoteSigner(name, key, ED25519)


def witness_signer(name: str, key: SigningKey) -> NoteSigner:
    """The signer of a witness; ``key`` is used for nothing else, since a cosignature does not contain the name."""
    return NoteSigner(name, key, COSIGNATURE)


def format_note(note: Note) -> bytes:
    """The bytes that ``parse_note`` reads as this note; a note that it would not read is refused."""
    data = f"{note.text}\n{format_signature_lines(note.signatures)}".encode("utf-8", "surrogatepass")
    if parse_note(data) != note:
        raise FormatError("bad_note", "A note's text ends in LF; a signature has a name and a 4-byte key ID.")
    return data


def format_signature_lines(lines: Iterable[NoteSignature]) -> str:
    """The lines as they stand in a note, each ended by LF."""
    return "".join(f"— {one.name} {base64_text(one.key_id + one.signature)}\n" for one in lines)


def sign_note(text: str, signer: NoteSigner) -> bytes:
    """A note of ``text`` (ending in LF) with one line of a ``log_signer``."""
    if signer.type != ED25519:
        raise FormatError("bad_key_type", "A witness's key only cosigns.", signer.name)
    return format_note(Note(text, (signer.line(signer.key.sign(text.encode("utf-8", "surrogatepass"))),)))


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text that ``parse_checkpoint`` reads."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64_text(checkpoint.root)}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
    """The log-signed note of ``checkpoint``.

    Not checked: that the tree is consistent with every one signed before. That is the caller's first duty, and
    this signature is the act that cannot be taken back.
    """
    if checkpoint.origin != signer.name:
        raise FormatError("wrong_origin", "A log signs checkpoints of its own origin only.", checkpoint.origin)
    return sign_note(format_checkpoint(checkpoint), signer)


def cosign(text: str, time: int, witness: NoteSigner) -> NoteSignature:
    """The cosignature line of ``witness`` for a checkpoint's text at ``time`` (POSIX seconds, above 0).

    Not checked: the log's signature, consistency and the witness's own past.
    """
    parse_checkpoint(text)
    if witness.type != COSIGNATURE or not 0 < time < 2**63:
        raise FormatError("bad_cosignature", "A cosignature needs a witness's key and a time above 0.", witness.name)
    return witness.line(time.to_bytes(8, "big") + witness.key.sign(cosignature_message(text, time)))


def with_lines(note: Note, lines: Iterable[NoteSignature]) -> Note:
    """``note`` with further lines at its end, each replacing an older one of the same key."""
    added = {(one.name, one.key_id): one for one in lines}
    kept = [one for one in note.signatures if (one.name, one.key_id) not in added]
    return Note(note.text, (*kept, *added.values()))


def format_proof(proof: TlogProof) -> bytes:
    """The ``.tlog-proof`` file that ``parse_proof`` reads."""
    extra = [] if proof.extra is None else [f"extra {base64_text(proof.extra)}"]
    return (
        "\n".join([PROOF_HEADER, *extra, f"index {proof.index}", *map(base64_text, proof.hashes), "", ""]).encode()
        + proof.checkpoint
    )


def format_witness_policy(policy: WitnessPolicy) -> str:
    """The policy in its canonical form: logs, witnesses, groups, quorum; no comments, single spaces."""
    logs = [_key_line("log", key, policy.urls) for key in policy.log_keys.values()]
    witnesses = [_key_line(f"witness {name}", key, policy.urls) for name, key in policy.witness_keys.items()]
    groups = [f"group {name} {_rule(k, members)} {' '.join(members)}" for name, (k, members) in policy.groups.items()]
    return "\n".join([*logs, *witnesses, *groups, f"quorum {policy.quorum}", ""])


def base64_text(data: bytes) -> str:
    """Canonical padded base64 (RFC 4648 §4)."""
    return b2a_base64(data, newline=False).decode("ascii")


def _key_line(start: str, key: VerifierKey, urls: Mapping[VerifierKey, str]) -> str:
    return " ".join([start, key.format(), *([urls[key]] if key in urls else [])])


def _rule(threshold: int, members: tuple[str, ...]) -> str:
    return "all" if threshold == len(members) else "any" if threshold == 1 else str(threshold)


def format_trust(trust: TrustFile) -> bytes:
    """The verification policy file."""
    return f"odr-policy/1\nnetwork {trust.network}\npolicy {trust.policy} {trust.index}\n{trust.text}".encode()
