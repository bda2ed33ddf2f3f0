"""``status.jws``: what the hub says was recorded about an award, up to a published checkpoint (PROTOCOL §8).

The status is told from the very statements that are served with it, by the verifier's own replay: what
a verifier would conclude from them, the hub says; a gap in the evidence is noticed here, not in court.
It is an assertion: only the hub vouches that nothing else was recorded, and any scan of the log can
prove it wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from signing.compose import sign_all
from signing.encoding import JSON, canonical
from signing.keyring import KeyRecord, suspended_by
from signing.notes import Checkpoint, TlogProof, parse_checkpoint, parse_note
from signing.replay import Registered, Replay
from signing.secretkeys import SigningKey
from signing.statement import Statement

__all__ = ["STATUS_TYPE", "Proven", "checkpoint_of", "compose_status", "sign_status"]

STATUS_TYPE = "odr-status+jws"


@dataclass(frozen=True, slots=True)
class Proven:
    """A statement with the tlog-proof of its receipt."""

    statement: Statement
    proof: TlogProof


def checkpoint_of(proof: TlogProof) -> Checkpoint:
    """The checkpoint that a proof leads to; its signatures are not verified, because it is the hub's own."""
    return parse_checkpoint(parse_note(proof.checkpoint).text)


def compose_status(network: str, award: str, told: Sequence[Proven], now: int) -> dict[str, JSON]:
    """The payload of the status of ``award``.

    Args:
        network: the network's digest.
        award: digest of the award's statement, which is among ``told``.
        told: award and evidence in log order, all proofs under one checkpoint.
        now: POSIX seconds, the time of the status.

    Verifies signatures, keys and authority of everything told, as the verifier does. Does not verify
    inclusion: the proofs were just made.

    Raises:
        SigningError: the evidence does not hold together, which is the hub's own fault.
    """
    replay, registered = Replay(network), {}
    for one in told:
        admitted = replay.admit(one.statement, one.proof.index, one.proof.extra or b"")
        registered[one.statement.digest] = admitted
    head, policy = checkpoint_of(told[0].proof), replay.policies[-1]
    return {
        "v": 1,
        "network": network,
        "award": award,
        "size": head.size,
        "root": head.root.hex(),
        "time": now,
        "amendments": [
            {"kind": one.statement.kind, "digest": one.statement.digest, "index": one.index}
            for one in replay.told("award-review")
        ],
        "signers": [_signer(replay, kid, role, head.size) for kid, role in registered[award].statement.roles.items()],
        "policy": {"digest": policy.digest, "index": policy.index},
        "state": _state(replay, registered[award], head.size),
    }


def sign_status(payload: dict[str, JSON], key: SigningKey, now: int) -> bytes:
    """The status as a JWS of the profile, by the hub's statement key."""
    return sign_all(canonical(payload), [(key, "hub")], now, STATUS_TYPE)


def _state(replay: Replay, award: Registered, size: int) -> str:
    decisions = {one.statement.body["decision"] for one in replay.told("award-review")}
    if "reject" in decisions:
        return "rejected"
    if replay.doubt(award, size) is not None:
        return "disputed"
    return "confirmed" if decisions else "nothing_recorded"


def _signer(replay: Replay, kid: str, role: str, size: int) -> dict[str, JSON]:
    ring = next(ring for ring in replay.rings.values() if kid in ring)
    record = ring[kid]
    return {
        "kid": kid,
        "owner": record.owner,
        "role": role,
        "key": {
            "introduced": record.index,
            "revoked": record.revoked_at,
            "invalid_from": record.invalid_from,
            "suspended": suspended_by(ring, kid, size) is not None,
        },
        "accreditation": _accreditation(replay, record),
    }


def _accreditation(replay: Replay, record: KeyRecord) -> dict[str, JSON] | None:
    found = [one for one in replay.told("accreditation") if one.statement.body["subject"] == record.owner]
    if not found:
        return None
    newest = found[-1]
    body = newest.statement.body
    return {
        "status": body["status"],
        "digest": newest.statement.digest,
        "index": newest.index,
        "valid_to": body["valid_to"],
    }
