"""Key statements: add, retire, revoke, confirm (PROTOCOL §6).

The owner acts with exactly one current key of its own; officers act by threshold, issuing as the
coordinator. Keys of officers, hub and coordinator change by policy only.
"""

from collections.abc import Callable, Mapping

from registry import rings
from registry import state as spaces
from registry.errors import refused
from registry.introductions import carried, check_introductions
from registry.logkeys import read_log_keys
from registry.signers import authorise
from registry.state import StateView
from registry.statements import At, Decision, chained, check_chain, policy_of, registered
from signing.encoding import JSON
from signing.keyring import KeyRecord, Ring, suspended_by, updated_ring
from signing.statement import Statement

__all__ = ["decide_key", "needs"]

POLICY_ROLES = frozenset({"hub", "coordinator", "officer"})
_CHANGE = {"add": "introduced", "retire": "retired", "revoke": "revoked", "confirm": "confirmed"}


def needs(statement: Statement) -> set[str]:
    """State that a key statement reads, as far as it tells."""
    owner = statement.body["owner"]
    keys = {spaces.chain("key", owner), spaces.actor(owner), spaces.keyring(owner)}
    return keys | {spaces.kid(kid) for kid in carried(statement)}


def decide_key(statement: Statement, state: StateView, at: At) -> Decision:
    """Change one key of a member or neutral. A revocation is never refused as stale."""
    owner, action = statement.body["owner"], statement.body["action"]
    actor = state.get(spaces.actor(owner))
    if actor is None:
        raise refused("unknown_owner", "/body/owner", owner=owner)
    if actor["role"] in POLICY_ROLES:
        raise refused("policy_keys_only", "/body/owner")
    chain = spaces.chain("key", owner)
    if action != "revoke":
        check_chain(statement, state, chain)
    new = carried(statement)
    check_introductions(statement, state, new, read_log_keys(policy_of(state).body), possession=True)
    signer = _owners_signer(authorise(statement, state, at, new))
    ring = rings.ring(state, owner)
    if action != "add":
        _check_change(statement, ring, at)
    after = updated_ring(statement, owner, ring, at.index, at.time, signer)
    return Decision(
        (registered(statement, at), chained(statement, chain), *rings.changes(ring, after, _CHANGE[action]))
    )


def _owners_signer(signers: tuple[KeyRecord, ...]) -> str | None:
    """The kid of the one key of the owner that signed; None when officers did."""
    return None if signers[0].role == "officer" else signers[0].kid


def _check_change(statement: Statement, ring: Ring, at: At) -> None:
    record = ring.get(statement.body["kid"])
    if record is None:
        raise refused("key_of_other_owner", "/body/kid")
    _CHECKS[statement.body["action"]](statement.body, ring, record, at)


def _check_retire(_body: Mapping[str, JSON], _ring: Ring, record: KeyRecord, _at: At) -> None:
    if record.revoked_at is not None:
        raise refused("already_revoked", "/body/kid")
    if record.retired_at is not None:
        raise refused("already_retired", "/body/kid")


def _check_revoke(body: Mapping[str, JSON], _ring: Ring, record: KeyRecord, at: At) -> None:
    """A second revocation is accepted only if it reaches further back than the first."""
    since = body.get("invalid_from", at.index)
    if since > at.index:
        raise refused("invalid_from_in_future", "/body/invalid_from")
    if record.revoked_at is not None and since >= (record.invalid_from or 0):
        raise refused("already_revoked", "/body/kid")


def _check_confirm(_body: Mapping[str, JSON], ring: Ring, record: KeyRecord, at: At) -> None:
    if record.revoked_at is not None:
        raise refused("already_revoked", "/body/kid")
    if suspended_by(ring, record.kid, at.index) is None:
        raise refused("nothing_to_confirm", "/body/kid")


_CHECKS: dict[str, Callable[[Mapping[str, JSON], Ring, KeyRecord, At], None]] = {
    "retire": _check_retire,
    "revoke": _check_revoke,
    "confirm": _check_confirm,
}
