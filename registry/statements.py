"""Judgements that every kind shares: network, time window, id, chain, salt (PROTOCOL §§3-4).

Everything that can be said of a statement without looking into its body. Signatures and schema
were verified before; what depends on state is judged here, whoever checked it earlier.
"""

from dataclasses import dataclass
from functools import lru_cache

from registry import rings
from registry import state as spaces
from registry.effects import Effect
from registry.errors import refused
from registry.state import POLICY, StateView
from signing.authority import Policy
from signing.encoding import b64u_decode
from signing.keyring import newest_current
from signing.keys import PublicKey
from signing.statement import Statement, reference_tag

__all__ = [
    "At",
    "Decision",
    "Seal",
    "chained",
    "check_chain",
    "check_envelope",
    "policy_of",
    "registered",
    "salt_tag",
    "seal",
]

OLDEST_SECONDS = 30 * 86_400
AHEAD_SECONDS = 5 * 60


@dataclass(frozen=True, slots=True)
class At:
    """Where a statement would stand: its log index and entry time (POSIX seconds)."""

    index: int
    time: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from an accepted statement.

    Attributes:
        effects: consequences in order, to be stored with the entry.
        monitor: the issuer's monitor key for the owner tag; None for public kinds.
        ref: the entry's reference, None unless the kind amends another statement.
        ends_batch: whether the statement must be the last of its batch.
    """

    effects: tuple[Effect, ...]
    monitor: PublicKey | None = None
    ref: str | None = None
    ends_batch: bool = False


def check_envelope(statement: Statement, state: StateView, at: At) -> None:
    """Check network, time window, id and novelty; not the issuer, the chain or the signers.

    The digest comes before the id: the same statement again is ``already_registered``, which a hub
    answers with the stored receipt; other content under the same id is ``id_conflict``.
    """
    _check_network(statement, state, at)
    if statement.issued_at < at.time - OLDEST_SECONDS:
        raise refused("issued_too_early", "/issued_at")
    if statement.issued_at > at.time + AHEAD_SECONDS:
        raise refused("issued_in_future", "/issued_at")
    if not statement.id.startswith(f"urn:odr:{statement.issuer}:"):
        raise refused("id_of_other_issuer", "/id", issuer=statement.issuer)
    if state.get(spaces.digest(statement.digest)) is not None:
        raise refused("already_registered")
    if state.get(spaces.statement_id(statement.issuer, statement.id)) is not None:
        raise refused("id_conflict", "/id")


def _check_network(statement: Statement, state: StateView, at: At) -> None:
    policy = state.get(POLICY)
    if statement.kind == "genesis":
        if at.index != 0 or policy is not None:
            raise refused("genesis_not_first", "/kind")
        if statement.network is not None:
            raise refused("wrong_network", "/network")
        return
    if policy is None:
        raise refused("no_genesis")
    if statement.network != policy["network"]:
        raise refused("wrong_network", "/network")


def check_chain(statement: Statement, state: StateView, key: str) -> None:
    """Refuse a chained statement whose ``previous`` is not the head of the chain at state ``key``."""
    head = state.get(key)
    if statement.previous != (head["digest"] if head else None):
        raise refused("stale_previous", "/previous")


@dataclass(frozen=True, slots=True)
class Seal:
    """What the entry of a confidential statement needs: the issuer's monitor key, and the salt's reference tag."""

    monitor: PublicKey
    salt_tag: str


def seal(statement: Statement, state: StateView, at: At) -> Seal:
    """Find the monitor key of a confidential statement's issuer, and refuse a salt used before."""
    record = newest_current(rings.ring(state, statement.issuer), "monitor", at.index, at.time)
    if record is None:
        raise refused("no_monitor_key", "/issuer", issuer=statement.issuer)
    tag = salt_tag(statement)
    if state.get(spaces.salt(tag)) is not None:
        raise refused("salt_reused", "/salt")
    return Seal(_monitor(record.x), tag)


@lru_cache(maxsize=1024)
def _monitor(x: str) -> PublicKey:
    return PublicKey("X25519", b64u_decode(x, 32))  # checking the point costs a scalar multiplication


def salt_tag(statement: Statement) -> str:
    """The reference tag of a confidential statement's salt; it also names the salt in the state."""
    return reference_tag(statement.salt or b"")


def policy_of(state: StateView) -> Policy:
    """The policy in force; the envelope was checked, so there is one."""
    value = state.get(POLICY)
    return Policy(value["digest"], value["index"], value["body"])


def registered(statement: Statement, at: At, sealed: Seal | None = None) -> Effect:
    """The effect every accepted statement has; ``sealed`` for confidential kinds."""
    data = {
        "issuer": statement.issuer,
        "id": statement.id,
        "digest": statement.digest,
        "kind": statement.kind,
        "index": at.index,
        "time": at.time,
        "salt_tag": sealed.salt_tag if sealed else None,
    }
    return Effect("statement.registered", 1, data)


def chained(statement: Statement, key: str) -> Effect:
    """The effect that moves the chain at state ``key`` to this statement."""
    return Effect("chain.extended", 1, {"chain": key, "digest": statement.digest})
