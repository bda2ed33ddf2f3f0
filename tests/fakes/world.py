"""A whole network in memory, on the real formats: officers, members, neutrals, a log and its witnesses.

It follows no rules: ``register`` enters whatever it is given, checkpoints can be cosigned by anybody, and
every part of a bundle can be replaced. So it plays the honest hub and every dishonest one.
Keys are made from names, so that worlds of one seed have the same keys.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from signing.bundlewriter import Evidence, write_bundle
from signing.compose import new_salt, payload, sign_all
from signing.encoding import canonical
from signing.keyring import newest_current
from signing.merkle import EMPTY_ROOT, leaf_hash, node_hash, split
from signing.notes import Checkpoint, TlogProof, parse_note
from signing.replay import Replay
from signing.secretkeys import AgreementKey, SigningKey, possession
from signing.signnotes import (
    cosign,
    format_note,
    format_proof,
    format_trust,
    log_signer,
    sign_checkpoint,
    with_lines,
    witness_signer,
)
from signing.statement import Statement, entry_octets, parse_statement, reference_tag
from signing.trust import TrustFile

START = 1_790_000_000
PDF = b"%PDF-1.7 sample award of sample parties\n%%EOF\n"


@dataclass(frozen=True)
class Actor:
    """Somebody with keys; ``role`` is how their statement key is registered."""

    id: str
    role: str
    statement: SigningKey
    http: SigningKey
    monitor: AgreementKey
    inbox: AgreementKey

    def entries(
        self, *purposes: str, network: str | None = None, hub: AgreementKey | None = None
    ) -> list[dict[str, Any]]:
        """publicKey objects of the payload; X25519 ones with possession when the hub's inbox key is given."""
        return [public_key(purpose, getattr(self, purpose), self.id, network, hub) for purpose in purposes]


def public_key(
    purpose: str,
    key: SigningKey | AgreementKey,
    owner: str,
    network: str | None = None,
    hub: AgreementKey | None = None,
) -> dict[str, Any]:
    entry: dict[str, Any] = {"purpose": purpose, "jwk": key.public.jwk()}
    if isinstance(key, AgreementKey) and network and hub:
        entry["possession"] = possession(key, hub.public, network, owner)
    return entry


@dataclass
class World:
    """The network. ``now`` moves by a minute with every statement."""

    seed: str = "world"
    officer_count: int = 2
    threshold: int = 2
    witness_count: int = 3
    quorum: int | None = 2
    origin: str = "hub.example/log/1"
    now: int = START
    statements: list[Statement] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    chains: dict[str, str] = field(default_factory=dict)
    policy_proofs: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hub = self.actor("odr-hub", "hub")
        self.coordinator = self.actor("coordinator", "coordinator")
        self.officers = [self.actor(f"officer-{chr(97 + n)}", "officer") for n in range(self.officer_count)]
        self.log_key = self.signing_key("log")
        self.witness_keys = {f"witness-{n}": self.signing_key(f"witness-{n}") for n in range(1, self.witness_count + 1)}
        self.genesis = self._genesis()
        self.network = self.genesis.digest
        self.replay = Replay(self.network)
        self.admit(self.genesis)

    def signing_key(self, name: str) -> SigningKey:
        return SigningKey(hashlib.sha256(f"{self.seed}/{name}".encode()).digest())

    def actor(self, actor_id: str, role: str) -> Actor:
        agreement = [AgreementKey(hashlib.sha256(f"{self.seed}/{actor_id}/{p}".encode()).digest()) for p in ("m", "i")]
        keys = self.signing_key(f"{actor_id}/statement"), self.signing_key(f"{actor_id}/http")
        return Actor(actor_id, role, *keys, *agreement)

    # --- the log -------------------------------------------------------------------------------

    @property
    def witness_policy(self) -> str:
        lines = [f"log {log_signer(self.origin, self.log_key).verifier.format()}"]
        for name, key in self.witness_keys.items():
            lines.append(f"witness {name} {witness_signer(f'{name}.example', key).verifier.format()}")
        if self.quorum is None:
            return "\n".join([*lines, "quorum none"]) + "\n"
        return (
            "\n".join(
                [*lines, f"group all-witnesses {self.quorum} {' '.join(self.witness_keys)}", "quorum all-witnesses"]
            )
            + "\n"
        )

    def register(self, statement: Statement | bytes, ref: str | None = None, time: int | None = None) -> int:
        """Enter a statement without judging it; returns its index."""
        one = parse_statement(statement) if isinstance(statement, bytes) else statement
        at = self.now if time is None else time
        ring = self.replay.rings.get(one.issuer, {})
        monitor = newest_current(ring, "monitor", len(self.entries), at)
        entry = entry_octets(one, at, monitor.public if monitor else None, ref)
        self.statements.append(one)
        self.entries.append(entry)
        self.times.append(at)
        self.now = at + 60
        self.chains[self._chain(one)] = one.digest
        return len(self.entries) - 1

    def admit(self, statement: Statement | bytes, ref: str | None = None, time: int | None = None) -> int:
        """Enter a statement and fold it as the verifier would: raises when it is not in order."""
        index = self.register(statement, ref, time)
        self.replay.admit(self.statements[index], index, self.entries[index])
        return index

    def _chain(self, one: Statement) -> str:
        if one.kind in ("genesis", "policy"):
            return "policy"
        if one.kind == "accreditation":
            return f"accreditation/{one.body['subject']}"
        return f"key/{one.body.get('owner')}" if one.kind == "key" else f"{one.kind}/{one.issuer}"

    def root(self, size: int | None = None) -> bytes:
        leaves = [leaf_hash(entry) for entry in self.entries[: len(self.entries) if size is None else size]]
        return tree_root(leaves)

    def checkpoint(
        self,
        size: int | None = None,
        cosigners: list[str] | None = None,
        *,
        root: bytes | None = None,
        time: int | None = None,
    ) -> bytes:
        """A log-signed checkpoint with the cosignatures of the named witnesses (default: all)."""
        size = len(self.entries) if size is None else size
        head = Checkpoint(self.origin, size, root or self.root(size))
        note = parse_note(sign_checkpoint(head, log_signer(self.origin, self.log_key)))
        lines = [
            cosign(note.text, (time or self.now) + number, witness_signer(f"{name}.example", self.witness_keys[name]))
            for number, name in enumerate(self.witness_keys if cosigners is None else cosigners)
        ]
        return format_note(with_lines(note, lines))

    def proof(self, index: int, checkpoint: bytes, size: int | None = None) -> bytes:
        leaves = [leaf_hash(entry) for entry in self.entries[: len(self.entries) if size is None else size]]
        return format_proof(TlogProof(index, tuple(path(index, leaves)), checkpoint, self.entries[index]))

    # --- people --------------------------------------------------------------------------------

    def compose(
        self, kind: str, issuer: str, body: dict[str, Any], signers: list[tuple[SigningKey, str]], **more: Any
    ) -> bytes:
        """A statement of this network, signed by (key, role)."""
        names = {
            "member": f"member/{issuer}", "neutral": f"neutral/{issuer}", "key": f"key/{body.get('owner')}",
            "accreditation": f"accreditation/{body.get('subject')}", "policy": "policy",
        }  # fmt: skip
        more.setdefault("previous", self.chains.get(names.get(kind, "")))
        more.setdefault("network", getattr(self, "network", None))
        more.setdefault("now", self.now)
        octets = payload(kind, issuer, body, [(key.kid, role) for key, role in signers], **more)
        return sign_all(octets, signers, self.now)

    def officer_signers(self, count: int = 1) -> list[tuple[SigningKey, str]]:
        return [(officer.statement, "officer") for officer in self.officers[:count]]

    def policy_body(self, **changes: Any) -> dict[str, Any]:
        body = {
            "origin": self.origin,
            "log_key": log_signer(self.origin, self.log_key).verifier.format(),
            "hub": {"id": self.hub.id, "keys": self.hub.entries("statement", "http", "monitor", "inbox")},
            "coordinator": {"id": self.coordinator.id, "keys": self.coordinator.entries("monitor")},
            "officers": [
                {"id": one.id, "name": f"Sample {one.id}", "keys": one.entries("statement", "http")}
                for one in self.officers
            ],
            "threshold": self.threshold,
            "witness_policy": self.witness_policy,
            "rules": {"version": 1},
        }
        return body | changes

    def _genesis(self) -> Statement:
        people = [self.hub, *self.officers]
        signers = [(key, "introduced") for one in people for key in (one.statement, one.http)]
        return parse_statement(self.compose("genesis", self.hub.id, self.policy_body(), signers, network=None))

    def add_policy(self, signers: list[tuple[SigningKey, str]] | None = None, **changes: Any) -> int:
        """A new policy by the threshold; its policy proof is cosigned under the policy before it."""
        chosen = self.officer_signers(self.threshold) if signers is None else signers
        index = self.register(self.compose("policy", self.coordinator.id, self.policy_body(**changes), chosen))
        self.policy_proofs[index] = self.proof(index, self.checkpoint())
        self.replay.admit(self.statements[index], index, self.entries[index])
        return index

    def add_provider(self, actor_id: str = "provider-a", kind: str = "provider", *, listed: bool = True) -> Actor:
        """Admit and list a provider (or court, observer)."""
        actor = self.actor(actor_id, kind)
        keys = actor.entries("statement", "http", "monitor", "inbox", network=self.network, hub=self.hub.inbox)
        body = {"type": kind, "profile": provider_profile(actor_id), "keys": keys}
        signers = [(actor.statement, "introduced"), (actor.http, "introduced"), *self.officer_signers()]
        self.admit(self.compose("member", actor_id, body, signers))
        if listed and kind == "provider":
            self.accredit(actor_id, "provider")
        return actor

    def add_neutral(self, provider: Actor, actor_id: str = "neutral-a", *, listed: bool = True) -> Actor:
        """Admit and list a neutral nominated by ``provider``."""
        actor = self.actor(actor_id, "neutral")
        body = neutral_body(actor, provider.id)
        signers = [(actor.statement, "introduced"), (provider.statement, "provider"), *self.officer_signers()]
        self.admit(self.compose("neutral", actor_id, body, signers))
        if listed:
            self.accredit(actor_id, "neutral")
        return actor

    def accredit(self, subject: str, subject_type: str, status: str = "listed", **changes: Any) -> int:
        body = accreditation_body(subject, subject_type, status) | changes
        count = self.threshold if status in ("suspended", "removed") else 1
        return self.admit(self.compose("accreditation", self.coordinator.id, body, self.officer_signers(count)))

    def add_key(
        self, owner: Actor, name: str, by: SigningKey | None = None, *, purpose: str = "statement"
    ) -> SigningKey:
        """The owner adds a signing key, vouched for by ``by`` (default: the first one)."""
        key = self.signing_key(f"{owner.id}/{name}")
        body = {"action": "add", "owner": owner.id, "key": public_key(purpose, key, owner.id)}
        self.admit(self.compose("key", owner.id, body, [(by or owner.statement, owner.role), (key, "introduced")]))
        return key

    def change_key(self, owner: Actor, action: str, key: SigningKey, by: SigningKey | None = None, **more: Any) -> int:
        """Retire, revoke or confirm a key of ``owner``; signed by ``by``, or by the threshold when None."""
        body = {"action": action, "owner": owner.id, "kid": key.kid, **more}
        if by is None:
            return self.admit(self.compose("key", self.coordinator.id, body, self.officer_signers(self.threshold)))
        return self.admit(self.compose("key", owner.id, body, [(by, owner.role)]))

    def award(self, provider: Actor, neutral: Actor, pdf: bytes = PDF, **changes: Any) -> bytes:
        """A complete award statement."""
        return self.award_signed(
            [(neutral.statement, "neutral"), (provider.statement, "provider")], provider.id, pdf, **changes
        )

    def award_signed(
        self, signers: list[tuple[SigningKey, str]], issuer: str, pdf: bytes = PDF, **changes: Any
    ) -> bytes:
        return self.compose("award", issuer, award_body(issuer, pdf) | changes, signers, salt=new_salt())

    def review(self, award: Statement, decision: str, signers: list[tuple[SigningKey, str]], issuer: str) -> int:
        """Register an award-review."""
        body = {
            "award": award.digest,
            "decision": decision,
            "reason_code": "key_safe" if decision == "confirm" else "key_compromised",
        }
        statement = self.compose("award-review", issuer, body, signers, salt=new_salt())
        return self.admit(statement, reference_tag(award.salt or b""))

    # --- what a court gets ---------------------------------------------------------------------

    def trust(self, index: int | None = None) -> TrustFile:
        """The verification policy that pins the policy statement at ``index`` (default: genesis)."""
        pinned = self.statements[index or 0]
        return TrustFile(self.network, pinned.digest, index or 0, pinned.body["witness_policy"])

    def trust_file(self) -> bytes:
        return bytes(format_trust(self.trust()))

    def status(self, registered: Statement, log_size: int, /, **changes: Any) -> bytes:
        """The hub's status statement; honest unless changed."""
        policy = max(
            (n for n, one in enumerate(self.statements[:log_size]) if one.kind in ("genesis", "policy")), default=0
        )
        reviews = [(n, one) for n, one in enumerate(self.statements[:log_size]) if one.kind == "award-review"]
        mine = [(n, one) for n, one in reviews if one.body["award"] == registered.digest]
        members: dict[str, Any] = {
            "v": 1, "network": self.network, "award": registered.digest,
            "size": log_size, "root": self.root(log_size).hex(), "time": self.now,
            "amendments": [{"kind": one.kind, "digest": one.digest, "index": n} for n, one in mine],
            "signers": [], "policy": {"digest": self.statements[policy].digest, "index": policy},
            "state": "nothing_recorded",
        }  # fmt: skip
        return sign_all(canonical(members | changes), [(self.hub.statement, "hub")], self.now, "odr-status+jws")

    def bundle(
        self,
        award_index: int,
        documents: dict[str, bytes] | None = None,
        *,
        size: int | None = None,
        checkpoint: bytes | None = None,
        status: bytes | None = None,
        award: bytes | None = None,
        leave_out: tuple[int, ...] = (),
    ) -> bytes:
        """The bundle of an award: everything else in the log is evidence, other awards left out."""
        size = len(self.entries) if size is None else size
        head = self.checkpoint(size) if checkpoint is None else checkpoint
        statement = self.statements[award_index]
        evidence = [
            Evidence(one.document, self.proof(n, head, size), self.policy_proofs.get(n))
            for n, one in enumerate(self.statements[:size])
            if n not in (award_index, *leave_out)
            and one.kind != "award"
            and one.body.get("award", statement.digest) == statement.digest
        ]
        own = Evidence(award or statement.document, self.proof(award_index, head, size))
        given = {"award.pdf": PDF} if documents is None else documents
        return write_bundle(own, evidence, status or self.status(statement, size), given)


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1 by the book, as an oracle."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    half = split(len(leaves))
    return node_hash(tree_root(leaves[:half]), tree_root(leaves[half:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1 by the book."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*path(index, leaves[:half]), tree_root(leaves[half:])]
    return [*path(index - half, leaves[half:]), tree_root(leaves[:half])]


def provider_profile(name: str) -> dict[str, Any]:
    return {
        "legal_name": f"Sample {name} Ltd",
        "economy": "SG",
        "contact": {"postal": "1 Sample Street", "email": f"desk@{name}.example", "url": f"https://{name}.example/"},
    }


def neutral_body(actor: Actor, provider: str, **changes: Any) -> dict[str, Any]:
    return {
        "nominated_by": provider,
        "status": "active",
        "key_custody": "self",
        "profile": {
            "display_name": f"Sample Neutral {actor.id[-1].upper()}",
            "roles": ["arbitrator"],
            "languages": ["en", "zh"],
            "practice_fields": ["sale-of-goods"],
            "legal_systems": ["civil"],
            "declaration_of_code": {"name": "Sample code of conduct"},
        },
        "keys": actor.entries("statement"),
    } | changes


def accreditation_body(subject: str, subject_type: str, status: str = "listed") -> dict[str, Any]:
    return {
        "subject": subject,
        "subject_type": subject_type,
        "scheme": "sample-scheme-2026",
        "status": status,
        "criteria": [{"code": "independence", "result": "met"}],
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2029-01-01T00:00:00Z",
        "decided_by": "Sample accreditation panel",
        "decision_date": "2026-01-01",
    }


def award_body(issuer: str, pdf: bytes = PDF) -> dict[str, Any]:
    return {
        "award_id": f"urn:odr:{issuer}:0197b1a0-0000-7000-8000-{hashlib.sha256(pdf).hexdigest()[:12]}",
        "case_id": f"urn:odr:{issuer}:0197b1a0-0000-7000-8000-000000000001",
        "type": "final",
        "expression": {"language": "en", "version": 1, "kind": "original"},
        "manifestation": {"media_type": "application/pdf", "sha256": hashlib.sha256(pdf).hexdigest(), "size": len(pdf)},
        "date": "2026-09-20",
        "seat": {"country": "SG", "place": "Singapore"},
        "rules_version": "apec-model-rules/1",
        "brief_reasons": True,
        "procedure": {
            "agreement_sha256": "ab" * 32,
            "notices": [{"purpose": "notice_of_arbitration", "deemed_received": "2026-08-01T00:00:00Z"}],
            "appointment": {"method": "provider", "appointed": "2026-08-05T00:00:00Z"},
            "disclosures": "none",
            "transfers": 0,
        },
    }


def tampered(jws: bytes, change: Any) -> bytes:
    """The JWS after ``change(members)`` on its decoded outer JSON."""
    members = json.loads(jws)
    change(members)
    return canonical(members)
