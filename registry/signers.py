"""Who signed: from kids to the current records of registered keys, and the question of authority.

Currency is judged by ``signing.keyring``, authority by ``signing.authority``; both also run in the
verifier. Here their judgements become refusals that point at the signer. Kinds that no court verifies are
judged here alone: they have one signer, their issuer, or the threshold of officers.
"""

from collections.abc import Collection, Sequence

from registry import rings
from registry import state as spaces
from registry.errors import refused, refused_by
from registry.state import StateView, get_all
from registry.statements import At, policy_of
from signing.authority import Dispute, Policy, check_authority
from signing.errors import SigningError
from signing.keyring import KeyRecord, require_current
from signing.statement import Statement

__all__ = ["authorise", "officers_alone", "sole_signer"]


def authorise(  # noqa: PLR0913 - statement, place, state and what the kind adds
    statement: Statement,
    state: StateView,
    at: At,
    introduced: Collection[str] = (),
    *,
    policy: Policy | None = None,
    dispute: Dispute | None = None,
) -> tuple[KeyRecord, ...]:
    """Return the current records of the registered signers, once they may say what the statement says.

    Args:
        statement: a statement whose signatures verify.
        state: rule state before it.
        at: its place in the log.
        introduced: kids the statement itself introduces; these are no registered signers.
        policy: the policy to judge under; the one in force unless given (genesis is its own).
        dispute: for an award-review.

    Raises:
        Refused: ``unknown_key``; not current: ``key_revoked``, ``key_retired``, ``key_not_yet_active``,
            ``key_suspended``; not entitled: ``wrong_purpose``, ``role_mismatch``, ``wrong_issuer``,
            ``signer_missing``, ``signer_extra``, ``threshold_not_met``, ``neutral_missing``.
        NotLoaded: for keys or rings.
    """
    kids = [one.kid for one in statement.signatures if one.kid not in introduced]
    records = _current(statement, state, at, kids)
    try:
        check_authority(statement, records, policy or policy_of(state), at.index, dispute)
    except SigningError as error:
        raise refused_by(error, _pointer(statement, error.where)) from None
    return records


def sole_signer(statement: Statement, state: StateView, at: At, role: str) -> KeyRecord:
    """Return the current record of the one key that signed, a statement key of the issuer in ``role``.

    Args:
        statement: a statement whose signatures verify, of a kind that its issuer alone signs.
        state: rule state before it.
        at: its place in the log.
        role: in which the issuer must be registered.

    Raises:
        Refused: as for ``authorise``, as far as one signer can fail.
        NotLoaded: for keys or rings.
    """
    record, *others = _current(statement, state, at, [one.kid for one in statement.signatures])
    if others:
        raise refused("signer_extra", "/signers")
    if record.owner != statement.issuer:
        raise refused("signer_missing", "/signers")
    if record.purpose != "statement":
        raise refused("wrong_purpose", "/signers/0")
    if not role == record.role == statement.roles[record.kid]:
        raise refused("role_mismatch", "/signers/0")
    return record


def officers_alone(statement: Statement, state: StateView, at: At) -> tuple[KeyRecord, ...]:
    """Return the current records of the officers who signed for the coordinator, at least the threshold of them.

    Args:
        statement: a statement whose signatures verify, of a kind that officers alone sign.
        state: rule state before it.
        at: its place in the log.

    Raises:
        Refused: as for ``authorise``, as far as officers can fail.
        NotLoaded: for keys or rings.
    """
    policy = policy_of(state).body
    if statement.issuer != policy["coordinator"]["id"]:
        raise refused("wrong_issuer", "/issuer")
    records = _current(statement, state, at, [one.kid for one in statement.signatures])
    for record in records:
        where = _pointer(statement, record.kid)
        if record.purpose != "statement":
            raise refused("wrong_purpose", where)
        if statement.roles[record.kid] != record.role:
            raise refused("role_mismatch", where)
        if record.role != "officer":
            raise refused("signer_extra", "/signers")
    if len({record.owner for record in records}) < policy["threshold"]:
        raise refused("threshold_not_met", "/signers")
    return records


def _current(statement: Statement, state: StateView, at: At, kids: Sequence[str]) -> tuple[KeyRecord, ...]:
    """The current records of registered keys."""
    owners = get_all(state, [spaces.kid(kid) for kid in kids])
    for kid, owner in zip(kids, owners, strict=True):
        if owner is None:
            raise refused("unknown_key", _pointer(statement, kid))
    of = rings.rings(state, {owner["owner"] for owner in owners})
    try:
        return tuple(
            require_current(of[owner["owner"]], kid, at.index, at.time) for kid, owner in zip(kids, owners, strict=True)
        )
    except SigningError as error:
        raise refused_by(error, _pointer(statement, error.where)) from None


def _pointer(statement: Statement, where: str) -> str:
    """The JSON pointer to the signer of a kid; anything else stays as it is."""
    for number, signer in enumerate(statement.payload["signers"]):
        if signer["kid"] == where:
            return f"/signers/{number}"
    return where
