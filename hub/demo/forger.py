"""A forger with time and skill: a whole network of their own that looks like the real one.

Same names, same wording, same log origin; officers, hub, log, witnesses, provider and neutral are all the
forger's keys. Every signature verifies, every proof is correct, the forged witnesses cosign, and the policy that
would make it all true can be put into the bundle. Only one thing can't be forged: the policy that a court has
had all along.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signing.bundle import read_bundle
from signing.bundlewriter import Evidence, write_bundle
from signing.compose import new_salt, payload, sign_all
from signing.encoding import JSON, canonical, sha256_hex
from signing.keys import PublicKey
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, TlogProof, parse_note
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
from signing.statement import Statement, entry_octets, parse_statement
from signing.tree import CompactRange, inclusion_path
from signing.trust import TrustFile

__all__ = ["Forgery", "forge"]

STATUS_TYPE = "odr-status+jws"


@dataclass(frozen=True, slots=True)
class Forgery:
    """A bundle that is consistent in itself, and the policy under which it would be genuine."""

    bundle: bytes
    policy: bytes


class _Person:
    """Somebody the forger invents under somebody else's name."""

    def __init__(self, name: str, role: str) -> None:
        self.name, self.role = name, role
        self.statement, self.http = SigningKey.generate(), SigningKey.generate()
        self.monitor, self.inbox = AgreementKey.generate(), AgreementKey.generate()

    def keys(self, network: str | None, hub: PublicKey | None, *purposes: str) -> list[JSON]:
        entries: list[JSON] = []
        for purpose in purposes:
            key = getattr(self, purpose)
            entries.append({"purpose": purpose, "jwk": key.public.jwk()})
            if network and hub and isinstance(key, AgreementKey):
                entries[-1]["possession"] = possession(key, hub, network, self.name)
        return entries

    def introduces(self) -> list[tuple[SigningKey, str]]:
        return [(self.statement, "introduced"), (self.http, "introduced")]


def forge(genuine: bytes, pdf: bytes, now: int) -> Forgery:
    """Imitate a genuine bundle for another document.

    Args:
        genuine: a genuine bundle, whose names and wording are copied.
        pdf: the forger's own award.
        now: POSIX seconds.
    """
    bundle = read_bundle(genuine)
    originals = [parse_statement(item.document) for item in bundle.evidence]
    model = {one.kind: one for one in reversed(originals)}
    award = parse_statement(bundle.award.document)
    return _Forger(model, now).forged(award, pdf)


class _Forger:
    def __init__(self, model: Mapping[str, Statement], now: int) -> None:
        self.now = now
        body = model["genesis"].body
        self.origin = body["origin"]
        self.log, self.witnesses = SigningKey.generate(), [SigningKey.generate() for _ in range(3)]
        self.hub, self.officer = _Person(body["hub"]["id"], "hub"), _Person(body["officers"][0]["id"], "officer")
        self.coordinator = _Person(body["coordinator"]["id"], "coordinator")
        self.provider, self.neutral = (_Person(model[kind].issuer, kind) for kind in ("member", "neutral"))
        self.genesis = self._sign(
            "genesis", self.hub.name, self._policy(body), [*self.hub.introduces(), *self.officer.introduces()], None
        )
        self.network = self.genesis.digest
        self.statements = [self.genesis, self._member(model["member"].body), self._neutral(model["neutral"].body)]

    def forged(self, model: Statement, pdf: bytes) -> Forgery:
        """The forged bundle and policy for ``pdf``, worded like the award ``model``."""
        named = {"media_type": "application/pdf", "sha256": sha256_hex(pdf), "size": len(pdf)}
        signers = [(self.neutral.statement, "neutral"), (self.provider.statement, "provider")]
        body = model.body | {"manifestation": named}
        award = self._sign("award", self.provider.name, body, signers, self.network, salt=new_salt())
        entries = [entry_octets(one, self.now, None) for one in self.statements]
        entries.append(entry_octets(award, self.now, self.provider.monitor.public))
        *evidence, own = self._proven([*self.statements, award], entries)
        status = self._status(award, entries)
        policy = format_trust(TrustFile(self.network, self.network, 0, self.genesis.body["witness_policy"]))
        return Forgery(write_bundle(own, evidence, status, {"award.pdf": pdf}), policy)

    def _policy(self, body: Mapping[str, JSON]) -> dict[str, JSON]:
        vkey = log_signer(self.origin, self.log).verifier.format()
        names = [f"witness-{number}" for number in range(1, 4)]
        lines = [f"log {vkey}"]
        lines += [
            f"witness {name} {witness_signer(f'{name}.example/w', key).verifier.format()}"
            for name, key in zip(names, self.witnesses, strict=True)
        ]
        text = "\n".join([*lines, f"group witnesses 2 {' '.join(names)}", "quorum witnesses", ""])
        return {
            **body,
            "log_key": vkey,
            "hub": {"id": self.hub.name, "keys": self.hub.keys(None, None, "statement", "http", "monitor", "inbox")},
            "coordinator": {"id": self.coordinator.name, "keys": self.coordinator.keys(None, None, "monitor")},
            "officers": [{**body["officers"][0], "keys": self.officer.keys(None, None, "statement", "http")}],
            "threshold": 1,
            "witness_policy": text,
        }

    def _member(self, body: Mapping[str, JSON]) -> Statement:
        keys = self.provider.keys(self.network, self.hub.inbox.public, "statement", "http", "monitor", "inbox")
        signers = [*self.provider.introduces(), (self.officer.statement, "officer")]
        return self._sign("member", self.provider.name, {**body, "keys": keys}, signers, self.network)

    def _neutral(self, body: Mapping[str, JSON]) -> Statement:
        signers = [(self.neutral.statement, "introduced"), (self.provider.statement, "provider")]
        signers.append((self.officer.statement, "officer"))
        keys = self.neutral.keys(None, None, "statement")
        changed = {**body, "nominated_by": self.provider.name, "keys": keys}
        return self._sign("neutral", self.neutral.name, changed, signers, self.network)

    def _sign(  # noqa: PLR0913, PLR0917 - the parts of a statement
        self,
        kind: str,
        issuer: str,
        body: Mapping[str, JSON],
        signers: list[tuple[SigningKey, str]],
        network: str | None,
        salt: str | None = None,
    ) -> Statement:
        announced = [(key.kid, role) for key, role in signers]
        octets = payload(kind, issuer, body, announced, network=network, now=self.now, salt=salt)
        return parse_statement(sign_all(octets, signers, self.now))

    def _proven(self, statements: list[Statement], entries: list[bytes]) -> list[Evidence]:
        leaves = [leaf_hash(entry) for entry in entries]
        nodes = _nodes(leaves)
        note = parse_note(sign_checkpoint(self._head(entries), log_signer(self.origin, self.log)))
        lines = [
            cosign(note.text, self.now, witness_signer(f"witness-{number}.example/w", key))
            for number, key in enumerate(self.witnesses, 1)
        ]
        checkpoint = format_note(with_lines(note, lines))
        paths = [inclusion_path(n, len(leaves), lambda *at: nodes[at]) for n in range(len(leaves))]
        proofs = [TlogProof(n, tuple(path), checkpoint, entries[n]) for n, path in enumerate(paths)]
        return [Evidence(one.document, format_proof(proof)) for one, proof in zip(statements, proofs, strict=True)]

    def _head(self, entries: list[bytes]) -> Checkpoint:
        return Checkpoint(self.origin, len(entries), CompactRange.of(map(leaf_hash, entries)).root())

    def _status(self, award: Statement, entries: list[bytes]) -> bytes:
        head = self._head(entries)
        members: dict[str, Any] = {
            "v": 1,
            "network": self.network,
            "award": award.digest,
            "size": head.size,
            "root": head.root.hex(),
            "time": self.now,
            "amendments": [],
            "signers": [],
            "policy": {"digest": self.network, "index": 0},
            "state": "nothing_recorded",
        }
        return sign_all(canonical(members), [(self.hub.statement, "hub")], self.now, STATUS_TYPE)


def _nodes(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """Every complete subtree over ``leaves``: (level, index) -> hash."""
    edge, nodes = CompactRange(), {}
    for leaf in leaves:
        nodes.update({(level, index): octets for level, index, octets in edge.append(leaf)})
    return nodes
