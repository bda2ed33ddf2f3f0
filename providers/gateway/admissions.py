"""Drafts that introduce somebody to the network: a member with its first keys, a neutral with theirs.

An X25519 key proves its possession to the hub's inbox key, which is taken from the verified policy and
never from an unverified answer. Which officer is to sign is fixed in the draft, because a statement
names all its signers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from providers.errors import GatewayError
from providers.network import Network
from schemas.validation import validate
from signing.authority import Policy
from signing.compose import payload
from signing.drafts import Draft
from signing.encoding import JSON, loads_canonical
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey, SigningKey, possession

__all__ = ["MemberKeys", "checked", "hub_key", "member_draft", "neutral_draft", "officer_kids", "officer_names"]


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """The four keys that a member starts with."""

    statement: SigningKey
    http: SigningKey
    monitor: AgreementKey
    inbox: AgreementKey

    @classmethod
    def generate(cls) -> "MemberKeys":
        """Four new keys."""
        return cls(SigningKey.generate(), SigningKey.generate(), AgreementKey.generate(), AgreementKey.generate())

    def by_purpose(self) -> dict[str, SigningKey | AgreementKey]:
        """Purpose -> key."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def member_draft(  # noqa: PLR0913 - what a member's first statement is made of
    network: Network,
    actor: str,
    *,
    member_type: str,
    profile: Mapping[str, JSON],
    keys: MemberKeys,
    officers: Sequence[str],
    now: int,
) -> Draft:
    """A member's first statement, signed by the keys it introduces; officers still have to sign.

    Args:
        network: verified; supplies the network's name, the hub's inbox key and the officers' keys.
        actor: id that the member asks for; never reused.
        member_type: provider, court or observer.
        profile: public profile as the schema of ``member`` says.
        keys: the member's new keys.
        officers: actor ids of the officers who are to sign, at least one.
        now: POSIX seconds.

    Raises:
        SchemaViolationError: the profile or the id is not acceptable.
        GatewayError: ``unknown_officer``.
    """
    inbox = hub_key(network.policy, "inbox")
    introduced = [
        _public_key(purpose, key, inbox, network.id, actor) for purpose, key in sorted(keys.by_purpose().items())
    ]
    signers = [(keys.statement.kid, "introduced"), (keys.http.kid, "introduced")]
    signers += [(kid, "officer") for kid in officer_kids(network.policy, officers)]
    body = {"type": member_type, "profile": dict(profile), "keys": introduced}
    draft = checked(payload("member", actor, body, signers, network=network.id, now=now))
    return draft.signed_by(keys.statement, now).signed_by(keys.http, now)


def neutral_draft(  # noqa: PLR0913 - what a neutral's first statement is made of
    network: Network,
    actor: str,
    *,
    entry: Mapping[str, JSON],
    key: PublicKey,
    provider: tuple[str, str],
    officers: Sequence[str],
    now: int,
) -> Draft:
    """A neutral's first statement; the neutral, the nominating provider and the officers still have to sign.

    Args:
        network: verified.
        actor: id that the neutral asks for.
        entry: ``key_custody`` and ``profile`` of the neutral, as the schema of ``neutral`` says.
        key: the neutral's public statement key, from their own hands.
        provider: actor id and statement kid of the nominating provider.
        officers: actor ids of the officers who are to sign, at least one.
        now: POSIX seconds.
    """
    owner, kid = provider
    signers = [(key.kid, "introduced"), (kid, "provider")]
    signers += [(one, "officer") for one in officer_kids(network.policy, officers)]
    keys = [{"purpose": "statement", "jwk": key.jwk()}]
    body = {"status": "active", **entry, "nominated_by": owner, "keys": keys}
    return checked(payload("neutral", actor, body, signers, network=network.id, now=now))


def officer_kids(policy: Policy, officers: Sequence[str]) -> list[str]:
    """Statement kids of the named officers; of the first one when none is named."""
    known = {name: kid for kid, name in officer_names(policy).items()}
    for name in officers:
        if name not in known:
            message = f"{name} is no officer of this network; officers are {', '.join(known)}."
            raise GatewayError("unknown_officer", message, "--officer")
    return [known[name] for name in officers or list(known)[:1]]


def officer_names(policy: Policy) -> dict[str, str]:
    """Statement kid of every officer -> actor id."""
    return {_statement_kid(officer["keys"]): str(officer["id"]) for officer in policy.body["officers"]}


def hub_key(policy: Policy, purpose: str) -> PublicKey:
    """The hub's key of a purpose, as the policy states it."""
    for entry in policy.body["hub"]["keys"]:
        if entry["purpose"] == purpose:
            return PublicKey.from_jwk(entry["jwk"])
    raise GatewayError("no_hub_key", f"The policy names no {purpose} key of the hub.", actor="coordinator")


def checked(octets: bytes, annex: bytes | None = None) -> Draft:
    """A draft of a payload that its schema accepts."""
    value = loads_canonical(octets)
    validate(value["kind"], value["version"], value)
    return Draft(octets, annex=annex)


def _statement_kid(keys: Sequence[Mapping[str, JSON]]) -> str:
    return next(PublicKey.from_jwk(one["jwk"]).kid for one in keys if one["purpose"] == "statement")


def _public_key(
    purpose: str, key: SigningKey | AgreementKey, hub_inbox: PublicKey, network: str, owner: str
) -> dict[str, JSON]:
    entry: dict[str, JSON] = {"purpose": purpose, "jwk": key.public.jwk()}
    if isinstance(key, AgreementKey):
        entry["possession"] = possession(key, hub_inbox, network, owner)
    return entry
