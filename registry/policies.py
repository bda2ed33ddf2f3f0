"""Genesis and policy: the complete rules of a network, and the keys that only a policy changes (PROTOCOL §5).

A genesis is the first policy, at index 0, signed by every key it carries. A later policy needs the
threshold of the officers of the policy before it, ends its batch and binds from the next index. It is
complete: officers, hub, coordinator or keys that it does not name are dismissed with it.
"""

from collections.abc import Iterator, Mapping

from registry import rings
from registry import state as spaces
from registry.effects import Effect
from registry.errors import refused
from registry.introductions import carried, check_introductions
from registry.logkeys import LogKeys, read_log_keys
from registry.rotation import check_log, ended_logs
from registry.signers import authorise
from registry.state import POLICY, POLICY_CHAIN, StateView, get_all
from registry.statements import At, Decision, chained, check_chain, policy_of, registered
from signing.authority import Policy
from signing.encoding import JSON
from signing.keyring import Introduced, updated_ring
from signing.keys import PublicKey
from signing.statement import Statement

__all__ = ["actors", "decide_genesis", "decide_policy", "needs"]

REQUIRED_PURPOSES = {
    "hub": ("statement", "http", "monitor", "inbox"),
    "coordinator": ("monitor",),
    "officer": ("statement",),
}


def actors(body: Mapping[str, JSON]) -> Iterator[tuple[str, str, Mapping[str, JSON], str]]:
    """(id, role, entry, JSON pointer) of the hub, the coordinator and every officer of a policy body."""
    yield body["hub"]["id"], "hub", body["hub"], "/body/hub"
    yield body["coordinator"]["id"], "coordinator", body["coordinator"], "/body/coordinator"
    for number, officer in enumerate(body["officers"]):
        yield officer["id"], "officer", officer, f"/body/officers/{number}"


def needs(statement: Statement) -> set[str]:
    """State that a genesis or policy reads, as far as it tells."""
    names = [name for name, *_ in actors(statement.body)]
    keys = {POLICY_CHAIN} | {spaces.actor(name) for name in names} | {spaces.keyring(name) for name in names}
    return keys | {spaces.kid(kid) for kid in carried(statement)}


def decide_genesis(statement: Statement, state: StateView, at: At) -> Decision:
    """The first policy: issued by its hub, signed by all keys it introduces, threshold not asked for."""
    if statement.issuer != statement.body["hub"]["id"]:
        raise refused("wrong_issuer", "/issuer")
    if "base" in statement.body:
        raise refused("base_unexpected", "/body/base")
    new, log_keys = _check_body(statement, state)
    check_introductions(statement, state, new, log_keys, possession=False)
    first = Policy(statement.digest, at.index, statement.body)
    authorise(statement, state, at, new, policy=first)
    return _adopted(statement, state, at, statement.digest)


def decide_policy(statement: Statement, state: StateView, at: At) -> Decision:
    """A later policy, judged under the one before it."""
    previous = policy_of(state)
    check_chain(statement, state, POLICY_CHAIN)
    named, log_keys = _check_body(statement, state)
    check_log(statement.body, previous.body, state.get(POLICY).get("ended", ()), at.index)
    _check_witnesses(log_keys, state)
    new = _unregistered(state, named)
    check_introductions(statement, state, new, log_keys, possession=False)
    authorise(statement, state, at, new)
    return _adopted(statement, state, at, state.get(POLICY)["network"])


def _check_body(statement: Statement, state: StateView) -> tuple[dict[str, Introduced], LogKeys]:
    """Check what a policy says of itself; return the keys it names and those of its log and witnesses."""
    body = statement.body
    names = [name for name, *_ in actors(body)]
    if len(set(names)) != len(names):
        raise refused("duplicate_actor", "/body/officers")
    if not 1 <= body["threshold"] <= len(body["officers"]):
        raise refused("threshold_impossible", "/body/threshold")
    for name, role, entry, where in actors(body):
        purposes = {key["purpose"] for key in entry["keys"]}
        for purpose in REQUIRED_PURPOSES[role]:
            if purpose not in purposes:
                raise refused("policy_key_missing", f"{where}/keys", actor=name, purpose=purpose)
        if role == "coordinator" and not purposes <= {"monitor", "inbox"}:
            raise refused("coordinator_signs_nothing", f"{where}/keys")
    _check_ids(statement, state)
    return carried(statement), read_log_keys(body)


def _check_ids(statement: Statement, state: StateView) -> None:
    """An id is new, or keeps the role it has in the policy in force; those dismissed do not return."""
    entries = list(actors(statement.body))
    known = get_all(state, [spaces.actor(name) for name, *_ in entries])
    for (name, role, _, where), actor in zip(entries, known, strict=True):
        if actor is not None and (actor["role"] != role or not actor["active"]):
            raise refused("actor_id_taken", f"{where}/id", actor=name)


def _check_witnesses(log_keys: LogKeys, state: StateView) -> None:
    """No witness of the policy uses a key that an actor registered for another purpose."""
    kids = [PublicKey("Ed25519", x).kid for x in log_keys.witnesses]
    for kid, known in zip(kids, get_all(state, [spaces.kid(kid) for kid in kids]), strict=True):
        if known is not None and rings.ring(state, known["owner"])[kid].purpose != "witness":
            raise refused("witness_key_in_use", "/body/witness_policy", owner=known["owner"])


def _unregistered(state: StateView, named: Mapping[str, Introduced]) -> dict[str, Introduced]:
    """The named keys that are not yet this owner's current policy keys.

    A kept key stays its owner's, unrevoked and with its purpose. Any other known key is left among the
    new ones, where ``check_introductions`` refuses it.
    """
    of = rings.rings(state, {one.owner for one in named.values()})
    new = {}
    for kid, one in named.items():
        record = of[one.owner].get(kid)
        if record is None or record.revoked_at is not None:
            new[kid] = one
        elif record.purpose != one.purpose:
            raise refused("purpose_changed", "/body", purpose=one.purpose)
    return new


def _adopted(statement: Statement, state: StateView, at: At, network: str) -> Decision:
    place: dict[str, JSON] = {"digest": statement.digest, "index": at.index, "time": at.time}
    if ended := ended_logs(statement.body, state.get(POLICY)):
        place["ended"] = ended
    effects = [
        registered(statement, at),
        chained(statement, POLICY_CHAIN),
        Effect("policy.adopted", 1, {**place, "network": network, "body": statement.body}),
        *_actor_effects(statement, state, at),
        *_key_effects(statement, state, at),
    ]
    return Decision(tuple(effects), ends_batch=True)


def _previous_actors(state: StateView) -> list[str]:
    policy = state.get(POLICY)
    return [name for name, *_ in actors(policy["body"])] if policy else []


def _actor_effects(statement: Statement, state: StateView, at: At) -> Iterator[Effect]:
    named = set()
    for name, role, entry, _ in actors(statement.body):
        named.add(name)
        if state.get(spaces.actor(name)) is None:
            data = {"id": name, "role": role, "active": True, "index": at.index, "time": at.time}
            yield Effect("actor.admitted", 1, {**data, "digest": statement.digest, "name": entry.get("name", name)})
    for name in _previous_actors(state):
        if name not in named:
            yield Effect("actor.dismissed", 1, {"id": name, "index": at.index, "time": at.time})


def _key_effects(statement: Statement, state: StateView, at: At) -> Iterator[Effect]:
    names = {name for name, *_ in actors(statement.body)} | set(_previous_actors(state))
    for name, before in sorted(rings.rings(state, names).items()):
        after = updated_ring(statement, name, before, at.index, at.time, None)
        yield from rings.changes(before, after, "dropped")
