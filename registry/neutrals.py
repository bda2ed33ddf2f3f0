"""Neutrals: nomination by accredited providers, updates, and what a neutral may do alone.

Admission and updates are signed by the neutral, the nominating provider and an officer. To pause or to
leave, the neutral's signature is enough, as long as nothing else changes. An update that another provider
nominates adds that provider to those that have nominated the neutral; an update that lists ``providers``
keeps these alone, and can name none that has not signed.
"""

from collections.abc import Mapping

from registry import state as spaces
from registry.effects import Effect
from registry.errors import refused
from registry.judgement import accreditation_status, in_force
from registry.members import check_first_keys, introduce_first
from registry.members import needs as member_needs
from registry.state import StateView
from registry.statements import At, Decision, chained, check_chain, registered
from signing.encoding import JSON, canonical, sha256_hex
from signing.statement import Statement

__all__ = ["decide_neutral", "needs"]


def needs(statement: Statement) -> set[str]:
    """State that a neutral statement reads, as far as it tells."""
    nominator = statement.body["nominated_by"]
    others = {spaces.actor(nominator), spaces.accreditation(nominator), spaces.keyring(nominator)}
    return member_needs(statement) | others


def decide_neutral(statement: Statement, state: StateView, at: At) -> Decision:
    """Admit a neutral, or update it."""
    body, name = statement.body, statement.issuer
    actor = state.get(spaces.actor(name))
    if actor is not None and actor["role"] != "neutral":
        raise refused("actor_id_taken", "/issuer", actor=name)
    chain = spaces.chain("neutral", name)
    check_chain(statement, state, chain)
    check_first_keys(statement, "neutral", first=actor is None)
    keys = introduce_first(statement, state, at)
    if _signed_alone(statement):
        _check_only_status(statement, actor)
    else:
        _check_nominator(body["nominated_by"], state, at)
    providers = _providers(body, actor)
    data = {
        "id": name,
        "role": "neutral",
        "active": True,
        "index": at.index,
        "time": at.time,
        "digest": statement.digest,
        "status": body["status"],
        "terms": _terms(body),
        "annex": statement.payload.get("annex") or (actor or {}).get("annex"),
        "nominated_by": body["nominated_by"],
        "key_custody": body["key_custody"],
        "profile": body["profile"],
    }
    if providers != [body["nominated_by"]]:
        data["providers"] = providers
    event = Effect("actor.admitted" if actor is None else "actor.updated", 1, data)
    return Decision((registered(statement, at), chained(statement, chain), event, *keys))


def _signed_alone(statement: Statement) -> bool:
    """Whether no nominating provider has signed; authority allowed that for pausing and leaving only."""
    return "keys" not in statement.body and set(statement.roles.values()) == {"neutral"}


def _check_only_status(statement: Statement, actor: Mapping[str, JSON]) -> None:
    annex = statement.payload.get("annex")
    if _terms(statement.body) != actor["terms"]:
        raise refused("pause_changes_more", "/body")
    if annex is not None and annex != actor["annex"]:
        raise refused("pause_changes_more", "/annex")


def _terms(body: Mapping[str, JSON]) -> str:
    """Digest of what a neutral may not change alone: everything but status and first keys."""
    return sha256_hex(canonical({name: value for name, value in body.items() if name not in ("status", "keys")}))


def _providers(body: Mapping[str, JSON], actor: Mapping[str, JSON] | None) -> list[str]:
    """The providers that nominate the neutral from now on, each of which signed when it first did."""
    nominator: str = body["nominated_by"]
    before = [] if actor is None else actor.get("providers", [actor["nominated_by"]])
    kept: list[str] = body.get("providers", before)
    if "providers" in body and nominator not in kept:
        raise refused("nominator_not_listed", "/body/providers")
    if unknown := sorted(set(kept) - {nominator, *before}):
        raise refused("provider_not_nominating", "/body/providers", provider=unknown[0])
    return sorted({nominator, *kept})


def _check_nominator(nominator: str, state: StateView, at: At) -> None:
    actor = state.get(spaces.actor(nominator))
    if actor is None or actor["role"] != "provider":
        raise refused("nominator_not_provider", "/body/nominated_by")
    if not in_force(accreditation_status(state.get(spaces.accreditation(nominator)), at.time)):
        raise refused("nominator_not_accredited", "/body/nominated_by")
