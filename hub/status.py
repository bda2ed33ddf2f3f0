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
from signing.keyring import KeyRecord, Ring, suspended_by
from signing.notes import Checkpoint, TlogProof, parse_checkpoint, parse_note
from signing.replay import Registered, Replay
from signing.secretkeys import SigningKey
from signing.statement import Statement, seconds, validity

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


def compose_status(
    network: str, award: str, told: Sequence[Proven], now: int, past: tuple[int, bytes] | None = None
) -> dict[str, JSON]:
    """The payload of the status of ``award``.

    Args:
        network: the network's digest.
        award: digest of the award's statement, which is among ``told``.
        told: award and evidence in log order, all proofs under one checkpoint.
        now: POSIX seconds, the time of the status.
        past: size and root of an earlier tree that the status is about; everything told is below that size. Without
            it the status is about the checkpoint of the proofs.

    Verifies signatures, keys and authority of everything told, as the verifier does. Does not verify
    inclusion: the proofs were just made.

    Raises:
        SigningError: the evidence does not hold together, which is the hub's own fault.
    """
    replay, registered = Replay(network), {}
    for one in told:
        admitted = replay.admit(one.statement, one.proof.index, one.proof.extra or b"")
        registered[one.statement.digest] = admitted
    if past is None:
        head = checkpoint_of(told[0].proof)
        past = head.size, head.root
    (size, root), policy = past, replay.policies[-1]
    return {
        "v": 1,
        "network": network,
        "award": award,
        "size": size,
        "root": root.hex(),
        "time": now,
        "amendments": [
            {"kind": one.statement.kind, "digest": one.statement.digest, "index": one.index}
            for one in replay.reviews_of(award)
        ],
        "signers": [_signer(replay, registered[award], kid, size, now) for kid in registered[award].statement.roles],
        "policy": {"digest": policy.digest, "index": policy.index},
        "policies": [{"digest": one.digest, "index": one.index} for one in replay.policies],
        "state": _state(replay, registered[award], size),
    }


def sign_status(payload: dict[str, JSON], key: SigningKey, now: int) -> bytes:
    """The status as a JWS of the profile, by the hub's statement key."""
    return sign_all(canonical(payload), [(key, "hub")], now, STATUS_TYPE)


def _state(replay: Replay, award: Registered, size: int) -> str:
    """The newest review decides, until a key is revoked after it; so say verifier and ``registry.judgement`` too."""
    if replay.doubt(award, size) is not None:
        return "disputed"
    decisions = [one.statement.body["decision"] for one in replay.reviews_of(award.statement.digest)]
    if not decisions:
        return "nothing_recorded"
    return "confirmed" if decisions[-1] == "confirm" else "rejected"


def _signer(replay: Replay, award: Registered, kid: str, size: int, now: int) -> dict[str, JSON]:
    ring = next(ring for ring in replay.rings.values() if kid in ring)
    record = ring[kid]
    decisions = [one for one in replay.told("accreditation") if one.statement.body["subject"] == record.owner]
    return {
        "kid": kid,
        "owner": record.owner,
        "role": award.statement.roles[kid],
        "key": _key(ring, record, size),
        "accreditation": _accreditation(decisions, now),
        "accreditation_at_registration": _accreditation(
            [one for one in decisions if one.index < award.index], award.time
        ),
    }


def _key(ring: Ring, record: KeyRecord, size: int) -> dict[str, JSON]:
    """Log indexes, but ``retired``: the time (POSIX seconds) at which the overlap ends."""
    cause = suspended_by(ring, record.kid, size)
    return {
        "introduced": record.index,
        "by_officers": record.by_officers,
        "retired": record.retired_at,
        "revoked": record.revoked_at,
        "invalid_from": record.invalid_from,
        "confirmed": record.confirmed_at,
        "suspended": cause is not None,
        "suspended_by": cause,
    }


def _accreditation(decisions: Sequence[Registered], time: int) -> dict[str, JSON] | None:
    """The newest decision as it stands at ``time``; None where there was none."""
    if not decisions:
        return None
    newest = decisions[-1]
    body = newest.statement.body
    judged = validity(body["status"], seconds(body["valid_from"]), seconds(body["valid_to"]), time)
    return {
        "status": body["status"],
        "pending": judged == "pending",
        "lapsed": judged == "lapsed",
        "digest": newest.statement.digest,
        "index": newest.index,
        "valid_from": body["valid_from"],
        "valid_to": body["valid_to"],
    }
