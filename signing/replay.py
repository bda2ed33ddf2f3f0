"""Retelling the log: who was who, and who might sign what, at every index.

The verifier folds a bundle's evidence in log order, as the hub once did: each statement's entry is held
against the log's root, its signatures against the keys known by then, its signers' authority against
the policy then in force. What a hub decided wrongly, or left out, is noticed here.
"""

from dataclasses import dataclass

from .authority import Dispute, Policy, check_authority
from .errors import AuthorityError, ProofError, SignatureError, TrustError
from .keyring import KeyRecord, Ring, dispute, introduced_keys, newest_current, require_current, updated_ring
from .merkle import check_inclusion, leaf_hash
from .notes import Checkpoint, TlogProof
from .statement import Statement, entry_octets, entry_time, reference_tag, verify_signatures


def check_registered(proof: TlogProof, head: Checkpoint) -> bytes:
    """Return the entry octets that ``proof`` carries if they stand at its index under ``head``'s root."""
    if proof.extra is None:
        raise ProofError("entry_missing", "The proof does not carry the log entry.", f"index {proof.index}")
    check_inclusion(leaf_hash(proof.extra), proof.index, head.size, proof.hashes, head.root)
    return proof.extra


@dataclass(frozen=True, slots=True)
class Registered:
    """A statement in the log, with its index and entry time (POSIX seconds)."""

    statement: Statement
    index: int
    time: int


class Replay:
    """The fold of a log's facts; feed ``admit`` in log order."""

    def __init__(self, network: str) -> None:
        self.network = network
        self.policies: list[Policy] = []
        self.rings: dict[str, Ring] = {}
        self._told: list[Registered] = []
        self._owners: dict[str, str] = {}
        self._key_chain: dict[str, str] = {}

    def admit(self, statement: Statement, index: int, entry: bytes) -> Registered:
        """Check one statement and fold it in.

        Checks network, entry, key status, signatures, authority and, for keys, that no link of the
        owner's chain was left out. Does not check schema, uniqueness or the chains of other kinds:
        they decide what a hub registers, not what a court may rely on.

        Args:
            statement: parsed statement.
            index: its log index, above every one admitted before.
            entry: the entry octets proven to stand at ``index``.
        """
        expected = None if statement.kind == "genesis" else self.network
        if statement.network != expected or (expected is None and statement.digest != self.network):
            raise TrustError("wrong_network", "The statement belongs to another network.", statement.digest)
        awards = self.told("award") if statement.kind == "award-review" else []
        award = next((one for one in awards if one.statement.digest == statement.body["award"]), None)
        one = Registered(statement, index, self._check_entry(statement, index, entry, award))
        self._check_keys_may_change(statement)
        policy = self.policies[-1] if self.policies else Policy(statement.digest, index, statement.body)
        signers = self._check_signers(one)
        check_authority(statement, signers, policy, index, self.doubt(award, index) if award else None)
        self._fold(one, next((record.kid for record in signers if record.role != "officer"), None))
        return one

    def told(self, *kinds: str) -> list[Registered]:
        """The statements of these kinds, in log order."""
        return [one for one in self._told if one.statement.kind in kinds]

    def reviews_of(self, award: str) -> list[Registered]:
        """The reviews, in log order, of the award with this digest."""
        return [one for one in self.told("award-review") if one.statement.body["award"] == award]

    def name_of(self, record: KeyRecord) -> str:
        """The role and name of a key's owner, with what is to be known about the key."""
        profiles = [one for one in self.told("member", "neutral") if one.statement.issuer == record.owner]
        if not profiles:
            return f"{record.role} {record.owner}"
        body = profiles[-1].statement.body
        name = body["profile"].get("display_name") or body["profile"]["legal_name"]
        custody = f", key custody: {body['key_custody']}" if "key_custody" in body else ""
        made = ", key made by the officers" if record.by_officers else ""
        return f"{record.role} {name} ({record.owner}{custody}{made})"

    def doubt(self, award: Registered, size: int) -> Dispute | None:
        """The dispute into which keys revoked since its last review put ``award``, seen at log ``size``, or None."""
        settled = max((one.index for one in self.reviews_of(award.statement.digest) if one.index < size), default=-1)
        signers = {kid: self._owners[kid] for kid in award.statement.roles}
        found = {of for kid, of in signers.items() if dispute(self.rings[of], kid, award.index, size, settled)}
        return Dispute(set(signers.values()), found) if found else None

    def current(self, kid: str, index: int, time: int) -> KeyRecord:
        """The record of a key that may act at ``index`` and entry ``time``; raises if nothing shows that it may."""
        if kid not in self._owners:
            raise ProofError("evidence_missing", "Nothing shows that this signing key was registered.", kid)
        return require_current(self.rings[self._owners[kid]], kid, index, time)

    def _check_entry(self, statement: Statement, index: int, entry: bytes, award: Registered | None) -> int:
        time = entry_time(entry)
        monitor = newest_current(self.rings.get(statement.issuer, {}), "monitor", index, time)
        ref = reference_tag(award.statement.salt or b"") if award else None
        if entry_octets(statement, time, monitor.public if monitor else None, ref) != entry:
            raise ProofError("entry_mismatch", "The log entry does not stand for this statement.", f"index {index}")
        return time

    def _check_keys_may_change(self, statement: Statement) -> None:
        body, issuer, kind = statement.body, statement.issuer, statement.kind
        if kind in ("member", "neutral") and "keys" in body and issuer in self.rings:
            message = f"{issuer} is registered; its keys change by key statements only."
            raise AuthorityError("keys_not_allowed", message, "/body/keys")
        if kind == "key" and _is_governed(self.rings.get(body["owner"], {})):
            message = "Keys of officers, hub and coordinator change by policy only."
            raise AuthorityError("policy_keys_only", message, "/body/owner")
        if kind == "key" and body["action"] != "revoke" and statement.previous != self._key_chain.get(body["owner"]):
            raise ProofError("evidence_missing", "A link of the owner's chain of keys is missing.", statement.digest)

    def _check_signers(self, one: Registered) -> list[KeyRecord]:
        introduced, roles = introduced_keys(one.statement), one.statement.roles
        for kid, new in introduced.items():
            if self._owners.get(kid, new.owner) != new.owner:
                raise SignatureError("key_known", "An introduced key belongs to somebody else already.", kid)
            if new.key.curve == "Ed25519" and kid not in self._owners and kid not in roles:
                raise SignatureError("signature_missing", "An introduced key has not signed.", kid)
        keys = {kid: new.key for kid, new in introduced.items() if kid not in self._owners}
        signers = [self.current(kid, one.index, one.time) for kid in roles if kid not in keys]
        verify_signatures(one.statement, keys | {record.kid: record.public for record in signers})
        return signers

    def _fold(self, one: Registered, signer: str | None) -> None:
        self._told.append(one)
        statement, changed = one.statement, {new.owner for new in introduced_keys(one.statement).values()}
        if statement.kind in ("genesis", "policy"):
            self.policies.append(Policy(statement.digest, one.index, statement.body))
            changed |= {owner for owner, ring in self.rings.items() if _is_governed(ring)}
        elif statement.kind == "key":
            self._key_chain[statement.body["owner"]] = statement.digest
            changed.add(statement.body["owner"])
        for owner in changed:
            ring = updated_ring(statement, owner, self.rings.get(owner, {}), one.index, one.time, signer)
            self.rings[owner] = ring
            self._owners |= dict.fromkeys(ring, owner)


def _is_governed(ring: Ring) -> bool:
    return any(record.role in ("hub", "coordinator", "officer") for record in ring.values())
