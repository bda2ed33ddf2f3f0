"""A network as a member may rely on it: its policies, verified from a pinned policy on, and its receipts.

The hub tells; this module decides. It starts from ``verification-policy.txt``, which was obtained from
outside the hub, follows the chain of policies as PROTOCOL §§5 and 8 say, and then holds every receipt
against the log key, the witnesses and the quorum of the newest of those policies.

    network = Network.verified(trust, await hub.policy_chain())
    standing = network.check(registration)      # raises unless the log proves it and the quorum saw it
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from providers.errors import UntrustedAnswerError
from providers.publickeys import public_key
from providers.receipts import Receipt, Registration
from signing.authority import Policy
from signing.encoding import sha256_hex
from signing.entryform import parse_entry
from signing.errors import FormatError, ProofError, SignatureError, SigningError, TrustError
from signing.keyring import newest_current, require_current
from signing.keys import PublicKey
from signing.notes import Checkpoint, TlogProof, cosigned_by, open_checkpoint, parse_note, parse_proof
from signing.replay import Replay, check_registered
from signing.statement import Statement, entry_octets, verify_signatures
from signing.trust import TrustFile, WitnessPolicy, parse_witness_policy

__all__ = ["Network", "Standing"]

_OPENED = 16
"""Checkpoints whose signatures need not be verified again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A proven place in the log: index, entry time, log size, and who cosigned when (POSIX seconds)."""

    index: int
    time: int
    size: int
    witnesses: dict[str, int]
    witnessed: bool


class Network:
    """The verified policies of one network; build it with ``verified``."""

    def __init__(self, trust: TrustFile, chain: Sequence[Registration]) -> None:
        self._chain = tuple(chain)
        self._replay = Replay(trust.network)
        self._next = 0  # the log index after everything retold
        self.witnesses: WitnessPolicy = parse_witness_policy(trust.text)
        self._opened: dict[str, tuple[Checkpoint, dict[str, int]]] = {}

    @property
    def id(self) -> str:
        """Digest of the genesis payload, hex."""
        return self._replay.network

    @property
    def policy(self) -> Policy:
        """The newest policy."""
        return self._replay.policies[-1]

    @property
    def hub(self) -> str:
        """Actor id of the hub."""
        return str(self.policy.body["hub"]["id"])

    @classmethod
    def verified(cls, trust: TrustFile, chain: Sequence[Registration]) -> "Network":
        """Follow ``chain`` (genesis and every later policy) from the pinned policy to the newest.

        Checks by hash up to the pinned policy; from there on that each policy is in the log, that the quorum
        *before* it cosigned a checkpoint which includes it, that its introduced keys and the threshold of the
        previous officers signed. Does not check that the hub left out no newer policy.

        Raises:
            UntrustedAnswerError: with the code of the check that failed.
        """
        network = cls(trust, chain)
        with _proving():
            network._follow(trust)
            network._retell(())
        return network

    def check(self, one: Registration, monitor: PublicKey | None = None, ref: str | None = None) -> Standing:
        """Where the log holds the statement, proven; ``witnessed`` says whether the quorum saw it.

        Checks that receipt, log entry and statement belong together, the inclusion proof, and every signature
        on the checkpoint. Does not verify the statement's own signatures (``introduce`` does, ``odr-verify`` does).

        Args:
            one: statement and receipt.
            monitor: the issuer's monitor key, needed for confidential statements.
            ref: reference tag or digest that the statement amends.

        Raises:
            UntrustedAnswerError: with the code of the check that failed.
        """
        with _proving():
            return self._check(one.statement, one.receipt, monitor, ref)

    def check_checkpoint(self, note: bytes) -> Checkpoint:
        """The checkpoint in a signed note, if the log signed it and the quorum of the newest policy cosigned it.

        Raises:
            UntrustedAnswerError: with the code of the check that failed.
        """
        with _proving():
            head, times = self._open(note)
            if not self.witnesses.satisfied_by(times):
                message = f"The quorum of witnesses has not cosigned this: {len(times)} known ones did."
                raise TrustError("unwitnessed", message, f"size {head.size}")
            return head

    def verify(self, one: Registration) -> Standing:
        """Where the log holds a statement whose sole signer is a current key of its issuer, as introduced here.

        Checks what ``check`` does, that the statement belongs to this network, and its signature; finds the monitor
        key of a confidential statement by itself. Does not check that the quorum saw it, nor the schema.

        Raises:
            UntrustedAnswerError: with the code of the check that failed; ``unknown_key`` for a key not introduced.
        """
        with _proving():
            return self._verified(one)

    def introduce(self, history: Sequence[Registration]) -> None:
        """Fold further public statements in: each proven to be in the log, witnessed, and rightly signed.

        ``history`` holds the statements that introduced some keys, and every link of their owners' key chains.
        Afterwards ``require_key`` answers for those keys, and no longer for those of an earlier call.

        Raises:
            UntrustedAnswerError: with the code of the check that failed.
        """
        with _proving():
            self._retell(history)

    def knows(self, kid: str) -> bool:
        """Whether a verified statement introduced this key."""
        return any(kid in ring for ring in self._replay.rings.values())

    def require_key(self, kid: str, owner: str, purpose: str, now: int, index: int | None = None) -> PublicKey:
        """The key, if it is a current one of ``owner`` with this purpose as far as it was introduced here.

        Does not notice a revocation that the hub keeps silent about; the hub's rules and the verifier do.

        Args:
            kid: thumbprint of the key.
            owner: actor id.
            purpose: statement, http, witness, monitor or inbox.
            now: POSIX seconds, as the hub's next entry time.
            index: a log index, to ask about the entry there; None for the next one.

        Raises:
            UntrustedAnswerError: ``wrong_purpose``, or why the key is not current.
        """
        ring = self._replay.rings.get(owner, {})
        with _proving():
            record = require_current(ring, kid, self._next if index is None else index, now)
        if record.purpose != purpose:
            message = f"This key of {owner} is a {record.purpose} key, no {purpose} key."
            raise UntrustedAnswerError("wrong_purpose", message, kid, actor="hub")
        return record.public

    def _follow(self, trust: TrustFile) -> None:
        """By hash from genesis to the pinned policy, by the quorum before it from there on."""
        pinned = [one for one in self._chain if one.receipt.index <= trust.index]
        if not pinned or pinned[0].statement.digest != trust.network:
            raise TrustError("wrong_network", "The hub belongs to another network than the one you trust.")
        if pinned[-1].statement.digest != trust.policy or pinned[-1].receipt.index != trust.index:
            raise TrustError("pinned_policy_missing", "The hub's chain of policies does not contain the one you trust.")
        previous = None
        for number, one in enumerate(self._chain):
            if one.statement.kind != ("policy" if number else "genesis") or one.statement.previous != previous:
                raise TrustError("policy_chain_broken", "The policies do not follow each other.", one.statement.digest)
            previous = one.statement.digest
            if number >= len(pinned):
                self._require_witnessed(self._check(one.statement, one.policy_receipt, None, None))
                self.witnesses = parse_witness_policy(_policy_text(one.statement))
                self._opened.clear()

    def _retell(self, history: Sequence[Registration]) -> None:
        """Admit policies and ``history`` in log order, each proven under a checkpoint that the quorum saw."""
        replay = Replay(self._replay.network)
        policies = {one.statement.digest for one in self._chain}
        others = [one for one in history if one.statement.digest not in policies]
        for one in sorted((*self._chain, *others), key=lambda each: each.receipt.index):
            self._require_witnessed(self._check(one.statement, one.receipt, None, None))
            self._next = replay.admit(one.statement, one.receipt.index, _extra(_proof(one.receipt))).index + 1
        self._replay = replay

    def _check(self, statement: Statement, receipt: Receipt, monitor: PublicKey | None, ref: str | None) -> Standing:
        return self._proven(statement, receipt, _proof(receipt), monitor, ref)

    def _proven(
        self, statement: Statement, receipt: Receipt, proof: TlogProof, monitor: PublicKey | None, ref: str | None
    ) -> Standing:
        head, times = self._open(proof.checkpoint)
        entry = check_registered(proof, head)
        time: int = parse_entry(entry)["time"]
        if (receipt.digest, receipt.index) != (statement.digest, proof.index):
            raise ProofError("receipt_mismatch", "The receipt is for another statement or index.", statement.digest)
        if entry_octets(statement, time, monitor, ref) != entry:
            raise ProofError("entry_mismatch", "The log entry does not stand for this statement.", statement.digest)
        met = self.witnesses.quorum != "none" and self.witnesses.satisfied_by(times)
        return Standing(proof.index, time, head.size, times, met)

    def _verified(self, one: Registration) -> Standing:
        statement, proof = one.statement, _proof(one.receipt)
        ring, time = self._replay.rings.get(statement.issuer, {}), parse_entry(_extra(proof))["time"]
        monitor = newest_current(ring, "monitor", proof.index, time) if statement.salt is not None else None
        standing = self._proven(statement, one.receipt, proof, public_key(monitor) if monitor else None, None)
        if statement.network != self.id:
            raise TrustError("wrong_network", "The statement belongs to another network.", statement.digest)
        if len(statement.roles) != 1:
            raise TrustError("too_many_signers", "This kind of statement has exactly one signer.", statement.digest)
        for kid in statement.roles:
            if kid not in ring:
                raise SignatureError("unknown_key", f"No verified statement gives this key to {statement.issuer}.", kid)
            record = require_current(ring, kid, standing.index, standing.time)
            if record.purpose != "statement":
                raise TrustError("wrong_purpose", f"This is a {record.purpose} key; it signs no statements.", kid)
            verify_signatures(statement, {kid: public_key(record)})
        return standing

    def _open(self, checkpoint: bytes) -> tuple[Checkpoint, dict[str, int]]:
        """The checkpoint, whose signatures are verified once: statements that come together mostly share one."""
        name = sha256_hex(checkpoint)
        if name not in self._opened:
            note = parse_note(checkpoint)
            head = open_checkpoint(note, self.witnesses.log_for(note.text.partition("\n")[0]))
            if len(self._opened) == _OPENED:
                self._opened.pop(next(iter(self._opened)))
            self._opened[name] = head, cosigned_by(note, self.witnesses.witness_keys)
        return self._opened[name]

    def _require_witnessed(self, standing: Standing) -> None:
        if not standing.witnessed and self.witnesses.quorum != "none":
            message = f"The quorum of witnesses has not cosigned this: {len(standing.witnesses)} known ones did."
            raise TrustError("unwitnessed", message, f"index {standing.index}")


def _proof(receipt: Receipt) -> TlogProof:
    return parse_proof(receipt.proof.encode("utf-8"))


def _extra(proof: TlogProof) -> bytes:
    """The log entry that the proof carries."""
    if proof.extra is None:
        raise ProofError("entry_missing", "The proof does not carry the log entry.", f"index {proof.index}")
    return proof.extra


def _policy_text(statement: Statement) -> str:
    """The witness policy in a policy that nobody's signature stands behind yet, nor any schema."""
    text = statement.body.get("witness_policy")
    if not isinstance(text, str) or not isinstance(statement.body.get("origin"), str):
        raise FormatError("bad_body", f"The {statement.kind} does not have the members of its kind.", statement.digest)
    return text


@contextmanager
def _proving() -> Iterator[None]:
    """Whatever fails inside is the hub's: what it sent is not in order, or a statement is not of its form."""
    try:
        yield
    except SigningError as error:
        message = f"What the hub sent does not verify: {error.message}"
        raise UntrustedAnswerError(error.code, message, error.where, actor="hub") from error
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        # No schema is asked here: what lacks the members of its kind shows up where one is read.
        message = "What the hub sent does not verify: a statement does not have the members of its kind."
        raise UntrustedAnswerError("bad_body", message, actor="hub") from error
