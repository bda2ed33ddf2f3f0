"""What the directory shows of registered statements: members, neutrals, accreditations, keys."""

from collections.abc import Iterable
from dataclasses import asdict

from hub.evidence import document_of
from hub.storage.values import StoredStatement
from signing.encoding import JSON
from signing.errors import KeyRefusedError
from signing.keyring import KeyRecord, introduced_keys, require_current, updated_ring
from signing.statement import Statement, parse_statement

__all__ = ["key_state", "keys_json", "parsed", "ring_of"]

_POLICY_ROLES = frozenset({"hub", "coordinator", "officer"})


def parsed(stored: StoredStatement) -> Statement:
    """The statement itself; public ones are never deleted."""
    return parse_statement(document_of(stored))


def keys_json(ring: dict[str, KeyRecord]) -> list[JSON]:
    """Every key of a ring, in log order."""
    return [asdict(record) for record in sorted(ring.values(), key=lambda one: (one.index, one.kid))]


def key_state(ring: dict[str, KeyRecord], kid: str, size: int, time: int) -> str:
    """``current``, or why the key may not act: ``revoked``, ``retired``, ``suspended`` or ``not_yet_active``.

    Args:
        ring: every key of its owner as of ``size``.
        kid: a key among them.
        size: log size.
        time: POSIX seconds.
    """
    try:
        require_current(ring, kid, size, time)
    except KeyRefusedError as error:
        return error.code.removeprefix("key_")
    return "current"


def ring_of(owner: str, told: Iterable[StoredStatement]) -> dict[str, KeyRecord]:
    """The keys of ``owner`` after the statements ``told``, which are in log order."""
    ring: dict[str, KeyRecord] = {}
    for stored in told:
        if stored.kind not in ("genesis", "policy", "member", "neutral", "key"):
            continue
        statement = parsed(stored)
        if _concerns(statement, owner, ring):
            ring = updated_ring(statement, owner, ring, stored.index, stored.time, _own_signer(statement))
    return ring


def _concerns(statement: Statement, owner: str, ring: dict[str, KeyRecord]) -> bool:
    if statement.kind == "key":
        return bool(statement.body["owner"] == owner)
    carried = any(one.owner == owner for one in introduced_keys(statement).values())
    dropped = statement.kind == "policy" and any(record.role in _POLICY_ROLES for record in ring.values())
    return carried or dropped


def _own_signer(statement: Statement) -> str | None:
    """The owner's registered key among the signers of a key statement; None when officers acted."""
    return next((kid for kid, role in statement.roles.items() if role not in ("officer", "introduced")), None)
