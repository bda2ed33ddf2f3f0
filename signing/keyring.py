"""When a key counts: introduction, overlap, revocation and what hangs on it (PROTOCOL §6).

A *ring* holds every key one owner ever had, by kid. A key is judged at a log index: what happened at or after it does
not exist yet. The registry, which decides, and the verifier, which checks afterwards, use these same functions.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from .encoding import JSON, b64u_decode, b64u_encode
from .errors import FormatError, KeyRefusedError
from .keys import PublicKey, curve_for
from .statement import Statement

KEY_OVERLAP_SECONDS, OFFICER_KEY_WAIT_SECONDS = 30 * 86_400, 72 * 3_600


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key of one owner. Indexes are log indexes, times are entry times in POSIX seconds."""

    kid: str
    owner: str
    role: str
    purpose: str
    x: str
    index: int
    introduced_by: str | None = None
    by_officers: bool = False
    active_from: int = 0
    retired_at: int | None = None
    revoked_at: int | None = None
    invalid_from: int | None = None
    confirmed_at: int | None = None

    @property
    def public(self) -> PublicKey:
        """The key itself."""
        return PublicKey(curve_for(self.purpose), b64u_decode(self.x, 32))

    def taints(self, place: int, index: int, settled: int) -> bool:
        """Whether, seen at log ``index``, a revocation after ``settled`` reaches back to what it did at ``place``."""
        revoked = self.revoked_at is not None and settled < self.revoked_at < index
        return revoked and place >= (self.invalid_from or 0)


Ring = dict[str, KeyRecord]


@dataclass(frozen=True, slots=True)
class Introduced:
    """A key that a payload introduces, with its future owner and role."""

    owner: str
    role: str
    purpose: str
    key: PublicKey
    possession: str | None


def introduced_keys(statement: Statement) -> dict[str, Introduced]:
    """The keys that a genesis, policy, member, neutral or key statement carries, by kid (not yet judged new)."""
    found: dict[str, Introduced] = {}
    try:
        for owner, role, entry, where in _carried(statement):
            key, purpose = PublicKey.from_jwk(entry.get("jwk"), f"{where}/jwk"), entry.get("purpose", "")
            if curve_for(purpose) != key.curve:
                raise KeyRefusedError("wrong_purpose", f"A {key.curve} key can't serve as {purpose} key.", where)
            if key.kid in found:
                raise KeyRefusedError("duplicate_key", "One key is introduced twice.", where)
            found[key.kid] = Introduced(owner, role, purpose, key, entry.get("possession"))
    except (KeyError, TypeError, AttributeError):
        message = f"The {statement.kind} statement does not have the members of its kind."
        raise FormatError("bad_body", message, "/body") from None
    return found


def _carried(statement: Statement) -> Iterator[tuple[str, str, dict[str, JSON], str]]:
    body, kind = statement.body, statement.kind
    if kind in ("genesis", "policy"):
        groups = [(body["hub"], "hub", "/body/hub"), (body["coordinator"], "coordinator", "/body/coordinator")]
        groups += [(officer, "officer", f"/body/officers/{n}") for n, officer in enumerate(body["officers"])]
        for actor, role, where in groups:
            yield from ((actor["id"], role, e, f"{where}/keys/{n}") for n, e in enumerate(actor["keys"]))
    elif kind in ("member", "neutral"):
        role = body["type"] if kind == "member" else "neutral"
        yield from ((statement.issuer, role, e, f"/body/keys/{n}") for n, e in enumerate(body.get("keys", ())))
    elif kind == "key" and body["action"] == "add":
        yield body["owner"], "", body["key"], "/body/key"


def updated_ring(  # noqa: PLR0913, PLR0917 - a ring, a statement and its place
    statement: Statement, owner: str, ring: Ring, index: int, time: int, signer: str | None
) -> Ring:
    """The owner's ring after ``statement`` at ``index`` and entry ``time``.

    Args:
        statement: an accepted genesis, policy, member, neutral or key statement.
        owner: whose ring it is.
        ring: the ring before.
        index: log index of the statement.
        time: its entry time.
        signer: kid of the owner's registered key that signed, None when officers acted.
    """
    body, new = statement.body, dict(ring)
    if statement.kind == "key" and (not ring or body.get("kid", next(iter(ring))) not in ring):
        raise KeyRefusedError("unknown_key", "The owner has no such key.", "/body")
    carried = {kid: one for kid, one in introduced_keys(statement).items() if one.owner == owner}
    by_officers = statement.kind == "key" and signer is None
    for kid, one in carried.items():
        if kid not in new:
            role = one.role or next(iter(ring.values())).role
            wait = time + OFFICER_KEY_WAIT_SECONDS if by_officers else 0
            by = signer if statement.kind == "key" else None
            new[kid] = KeyRecord(kid, owner, role, one.purpose, b64u_encode(one.key.x), index, by, by_officers, wait)
    if statement.kind == "policy":  # complete: what it no longer names ends with it
        ended = {kid: one for kid, one in ring.items() if kid not in carried and one.revoked_at is None}
        new |= {kid: replace(one, revoked_at=index, invalid_from=index + 1) for kid, one in ended.items()}
    elif statement.kind == "key" and body["action"] == "retire":
        new[body["kid"]] = replace(ring[body["kid"]], retired_at=time + KEY_OVERLAP_SECONDS)
    elif statement.kind == "key" and body["action"] == "revoke":
        new[body["kid"]] = replace(ring[body["kid"]], revoked_at=index, invalid_from=body.get("invalid_from", index))
    elif statement.kind == "key" and body["action"] == "confirm":
        new[body["kid"]] = replace(ring[body["kid"]], confirmed_at=index)
    return new


def suspended_by(ring: Ring, kid: str, index: int, settled: int = -1) -> str | None:
    """The revoked key through which ``kid`` came in, directly or through others, from its ``invalid_from`` on.

    A confirmation of ``kid``, or of a key between the two, answers revocations before it; so does whatever
    the caller says was ``settled`` at an index. Later revocations suspend again.
    """
    record = ring[kid]
    while record.introduced_by is not None:
        if record.confirmed_at is not None and record.confirmed_at < index:
            settled = max(settled, record.confirmed_at)
        parent = ring[record.introduced_by]
        if parent.taints(record.index, index, settled):
            return parent.kid
        record = parent
    return None


def require_current(ring: Ring, kid: str, index: int, time: int) -> KeyRecord:
    """Return the record if the key may act at log ``index`` with entry ``time``; raise ``KeyRefusedError`` if not."""
    record = ring.get(kid)
    if record is None or record.index >= index:
        raise KeyRefusedError("unknown_key", "The key was not registered at that point.", kid)
    if record.revoked_at is not None and record.revoked_at < index:
        raise KeyRefusedError("key_revoked", f"The key was revoked at log index {record.revoked_at}.", kid)
    if record.retired_at is not None and time >= record.retired_at:
        raise KeyRefusedError("key_retired", "The key was retired and its overlap has ended.", kid)
    if time < record.active_from:
        raise KeyRefusedError("key_not_yet_active", "The officers' key waits 72 hours before it may sign.", kid)
    if (cause := suspended_by(ring, kid, index)) is not None:
        raise KeyRefusedError("key_suspended", f"The key is suspended: it came in through revoked key {cause}.", kid)
    return record


def newest_current(ring: Ring, purpose: str, index: int, time: int) -> KeyRecord | None:
    """The owner's newest current key of a purpose at ``index``, or None."""
    for record in sorted(ring.values(), key=lambda one: (one.index, one.kid), reverse=True):
        if record.purpose == purpose:
            with suppress(KeyRefusedError):
                return require_current(ring, record.kid, index, time)
    return None


def dispute(ring: Ring, kid: str, award_index: int, size: int, reviewed_at: int = -1) -> str | None:
    """The revoked key that puts an award signed by ``kid`` at ``award_index`` in doubt, seen at log ``size``.

    A review at ``reviewed_at`` covers the revocations before it.
    """
    return kid if ring[kid].taints(award_index, size, reviewed_at) else suspended_by(ring, kid, size, reviewed_at)
