"""The table of kinds: one rule each, behind ``needs`` and ``decide``.

A rule sees a statement whose signatures, schema and proofs of possession were verified, the state before
it, and its place; it returns what follows or refuses. The same inputs always give the same answer.

Example::

    decision = decide(statement, state, At(index=41, time=1_790_000_000))
    writes = fold(decision.effects, state)
"""

from collections.abc import Callable
from contextlib import suppress

from registry import accreditations, awards, keys, members, neutrals, policies, reviews
from registry import state as spaces
from registry.errors import Refused, refused
from registry.state import POLICY, StateView
from registry.statements import At, Decision, check_envelope
from signing.statement import Statement

__all__ = ["KINDS", "At", "Decision", "decide", "needs"]

_RULES: dict[str, tuple[Callable[[Statement], set[str]], Callable[[Statement, StateView, At], Decision]]] = {
    "genesis": (policies.needs, policies.decide_genesis),
    "policy": (policies.needs, policies.decide_policy),
    "member": (members.needs, members.decide_member),
    "key": (keys.needs, keys.decide_key),
    "neutral": (neutrals.needs, neutrals.decide_neutral),
    "accreditation": (accreditations.needs, accreditations.decide_accreditation),
    "award": (awards.needs, awards.decide_award),
    "award-review": (reviews.needs, reviews.decide_review),
}
KINDS = frozenset(_RULES)
_MAY_BE_NEW = frozenset({"genesis", "member", "neutral"})


def needs(statement: Statement) -> frozenset[str]:
    """The state keys that deciding will read as far as the statement tells; a hint, never a promise.

    Owners of signing keys are known only from the state: ``decide`` asks for their rings by ``NotLoaded``.
    Judges nothing: for a statement that ``decide`` will refuse, the hint may be short.
    """
    own: set[str] = set()
    with suppress(Refused):
        own = _rule(statement)[0](statement)
    shared = {
        POLICY,
        spaces.digest(statement.digest),
        spaces.statement_id(statement.issuer, statement.id),
        spaces.actor(statement.issuer),
    }
    return frozenset(shared | own | {spaces.kid(one.kid) for one in statement.signatures})


def decide(statement: Statement, state: StateView, at: At) -> Decision:
    """What follows if ``statement`` is registered at ``at``.

    Checks everything that depends on state: envelope, issuer, chain, keys, authority and the judgements
    of the kind. Does not verify signatures, schema or HMACs of possession, which need no order.

    Raises:
        Refused: with a code of ``errors.REFUSALS``; the statement may not be registered here and now.
        NotLoaded: state is missing; load it and call again.
    """
    _, rule = _rule(statement)
    check_envelope(statement, state, at)
    if statement.kind not in _MAY_BE_NEW:
        actor = state.get(spaces.actor(statement.issuer))
        if actor is None or not actor["active"]:
            raise refused("unknown_issuer", "/issuer", issuer=statement.issuer)
    return rule(statement, state, at)


def _rule(
    statement: Statement,
) -> tuple[Callable[[Statement], set[str]], Callable[[Statement, StateView, At], Decision]]:
    if statement.kind not in _RULES:
        raise refused("unknown_kind", "/kind")
    return _RULES[statement.kind]
