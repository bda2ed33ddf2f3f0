"""Members: admission with their first keys, and later updates of their profile.

A first statement carries the member's keys and is signed by each Ed25519 key among them and by an
officer. Later ones are signed by a current statement key and an officer, and carry no keys.
"""

from registry import rings
from registry import state as spaces
from registry.effects import Effect
from registry.errors import refused
from registry.introductions import carried, check_introductions
from registry.logkeys import read_log_keys
from registry.profiles import check_profile
from registry.signers import authorise
from registry.state import StateView
from registry.statements import At, Decision, chained, check_chain, policy_of, registered
from signing.keyring import updated_ring
from signing.statement import Statement

__all__ = ["MEMBER_ROLES", "check_first_keys", "decide_member", "introduce_first", "needs"]

MEMBER_ROLES = frozenset({"provider", "court", "observer"})
NEED_MONITOR = frozenset({"provider", "court"})


def needs(statement: Statement) -> set[str]:
    """State that a member or neutral statement reads, as far as it tells."""
    issuer = statement.issuer
    keys = {spaces.chain(statement.kind, issuer), spaces.actor(issuer), spaces.keyring(issuer)}
    return keys | {spaces.kid(kid) for kid in carried(statement)}


def decide_member(statement: Statement, state: StateView, at: At) -> Decision:
    """Admit a provider, court or observer, or update its profile."""
    body, name = statement.body, statement.issuer
    actor = state.get(spaces.actor(name))
    if actor is not None and actor["role"] not in MEMBER_ROLES:
        raise refused("actor_id_taken", "/issuer", actor=name)
    if actor is not None and actor["role"] != body["type"]:
        raise refused("member_type_fixed", "/body/type")
    chain = spaces.chain("member", name)
    check_chain(statement, state, chain)
    check_first_keys(statement, body["type"], first=actor is None)
    check_profile(body["profile"], name)
    keys = introduce_first(statement, state, at)
    data = {
        "id": name,
        "role": body["type"],
        "active": True,
        "index": at.index,
        "time": at.time,
        "digest": statement.digest,
        "profile": body["profile"],
    }
    event = Effect("actor.admitted" if actor is None else "actor.updated", 1, data)
    return Decision((registered(statement, at), chained(statement, chain), event, *keys))


def check_first_keys(statement: Statement, role: str, *, first: bool) -> None:
    """The first statement of an actor carries its keys, with those its role needs; no later one does."""
    issuer = statement.issuer
    if first and "keys" not in statement.body:
        raise refused("keys_missing", "/body", issuer=issuer)
    if not first and "keys" in statement.body:
        raise refused("keys_not_allowed", "/body/keys", issuer=issuer)
    purposes = {one.purpose for one in carried(statement).values()}
    if first and "statement" not in purposes:
        raise refused("statement_key_missing", "/body/keys", issuer=issuer)
    if first and role in NEED_MONITOR and "monitor" not in purposes:
        raise refused("monitor_key_missing", "/body/keys")


def introduce_first(statement: Statement, state: StateView, at: At) -> list[Effect]:
    """Check the carried keys and the signers of a member or neutral statement; return the key effects."""
    new = carried(statement)
    check_introductions(statement, state, new, read_log_keys(policy_of(state).body), possession=True)
    authorise(statement, state, at, new)
    before = rings.ring(state, statement.issuer)
    return rings.changes(before, updated_ring(statement, statement.issuer, before, at.index, at.time, None), "changed")
