"""References: criteria and rates between currencies, published by the threshold of officers.

Every version of a reference is registered once and stays what it was: version 1 first, each later one the next
number, always of the same type. A decision names the version that it was judged by, which may be an older one,
because an assessment takes months and is not overtaken by a new edition of its criteria.
"""

from collections import Counter

from registry import state as spaces
from registry.effects import Effect
from registry.errors import refused
from registry.signers import officers_alone
from registry.state import StateView
from registry.statements import At, Decision, registered
from signing.statement import Statement

__all__ = ["decide_reference", "needs"]


def needs(statement: Statement) -> set[str]:
    """State that a reference reads."""
    return {spaces.reference(statement.body["id"])}


def decide_reference(statement: Statement, state: StateView, at: At) -> Decision:
    """Publish the next version of a reference."""
    body = statement.body
    officers_alone(statement, state, at)
    newest = state.get(spaces.reference(body["id"]))
    if newest is not None and newest["type"] != body["type"]:
        raise refused("reference_type_fixed", "/body/type", type=newest["type"])
    following = 1 if newest is None else newest["version"] + 1
    if body["version"] != following:
        raise refused("reference_version_not_next", "/body/version", wanted=following)
    codes = [one["code"] for one in body.get("criteria", ())]
    if twice := [code for code, count in Counter(codes).items() if count > 1]:
        raise refused("criterion_twice", "/body/criteria", criterion=twice[0])
    named = [body.get("base"), *(one["currency"] for one in body.get("rates", ()))]
    if twice := [currency for currency, count in Counter(named).items() if count > 1]:
        raise refused("rate_twice", "/body/rates", currency=twice[0])
    data = {
        **{name: body[name] for name in ("type", "id", "version")},
        "codes": codes,
        "digest": statement.digest,
        "index": at.index,
        "time": at.time,
    }
    return Decision((registered(statement, at), Effect("reference.published", 1, data)))
