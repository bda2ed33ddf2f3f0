"""Acting as several members at once, quickly and without commands: what the forgeries need around them.

A real member would use ``odr-gateway`` and a real officer ``odr-hub officer``, as the story before has shown;
here the same statements are made in one process. Nothing is bypassed: everything goes through the hub's one door.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.client import HubClient
from providers.gateway.admissions import MemberKeys, member_draft, neutral_draft
from providers.gateway.posting import Posted, register
from providers.network import Network
from signing.compose import new_id, new_salt, payload
from signing.drafts import Draft
from signing.encoding import JSON, sha256_hex
from signing.keys import PublicKey
from signing.secretkeys import SigningKey
from signing.trust import TrustFile

__all__ = ["Backstage", "Member"]

Signers = Sequence[tuple[SigningKey, str]]


@dataclass(frozen=True, slots=True)
class Member:
    """A provider whose keys are at hand."""

    name: str
    statement: SigningKey
    monitor: PublicKey


class Backstage:
    """Officers and members of the demonstration, with their keys.

    Args:
        hub: the running hub.
        network: verified.
        officers: statement keys of officers, enough for the threshold.
    """

    def __init__(self, hub: HubClient, network: Network, officers: Sequence[SigningKey]) -> None:
        self.hub = hub
        self.network = network
        self.officers = tuple(officers)
        self._ids = [officer["id"] for officer in network.policy.body["officers"]]

    @classmethod
    async def enter(cls, hub: HubClient, trust: TrustFile, officers: Sequence[SigningKey]) -> "Backstage":
        """With the network as it stands now."""
        return cls(hub, Network.verified(trust, await hub.policy_chain()), officers)

    async def admit_provider(self, name: str, profile: Mapping[str, JSON]) -> Member:
        """Admit another provider, signed by one officer."""
        keys, now = MemberKeys.generate(), int(time.time())
        draft = member_draft(
            self.network, name, member_type="provider", profile=profile, keys=keys, officers=self._ids[:1], now=now
        )
        await self.post(draft.signed_by(self.officers[0], now))
        return Member(name, keys.statement, keys.monitor.public)

    async def admit_neutral(self, name: str, entry: Mapping[str, JSON], provider: Member) -> SigningKey:
        """Admit another neutral, nominated by ``provider``; returns their key."""
        key, now = SigningKey.generate(), int(time.time())
        draft = neutral_draft(
            self.network,
            name,
            entry=entry,
            key=key.public,
            provider=(provider.name, provider.statement.kid),
            officers=self._ids[:1],
            now=now,
        )
        for signer in (key, provider.statement, self.officers[0]):
            draft = draft.signed_by(signer, now)
        await self.post(draft)
        return key

    async def decide(self, body: Mapping[str, JSON], previous: str | None = None) -> str:
        """A decision on accreditation by every officer; returns its digest."""
        signers = [(key, "officer") for key in self.officers]
        coordinator = self.network.policy.body["coordinator"]["id"]
        return (
            await self.say("accreditation", coordinator, body, signers, previous=previous)
        ).registration.statement.digest

    async def revoke(self, owner: str, key: SigningKey, role: str) -> Posted:
        """The owner revokes their own key."""
        body = {"action": "revoke", "owner": owner, "kid": key.kid, "reason": "compromised"}
        return await self.say("key", owner, body, [(key, role)])

    async def say(
        self, kind: str, issuer: str, body: Mapping[str, JSON], signers: Signers, previous: str | None = None
    ) -> Posted:
        """Compose, sign and post a public statement."""
        return await self.post(self.draft(kind, issuer, body, signers, previous=previous))

    async def post(self, draft: Draft, monitor: PublicKey | None = None) -> Posted:
        """Post a complete draft; returns with a verified receipt."""
        return await register(self.hub, self.network, draft.statement(), annex=draft.annex, monitor=monitor)

    def award(self, provider: Member, neutral: SigningKey, details: Mapping[str, JSON], pdf: bytes) -> Draft:
        """An award of ``provider``, signed by both."""
        return self.award_signed(provider.name, [(neutral, "neutral"), (provider.statement, "provider")], details, pdf)

    def award_signed(self, issuer: str, signers: Signers, details: Mapping[str, JSON], pdf: bytes) -> Draft:
        """An award in the name of ``issuer``, signed by whoever is given."""
        now = int(time.time())
        named = {"media_type": "application/pdf", "sha256": sha256_hex(pdf), "size": len(pdf)}
        ids = {"award_id": new_id(issuer, now), "case_id": new_id(issuer, now)}
        return self.draft("award", issuer, {**details, **ids, "manifestation": named}, signers, salt=new_salt())

    def draft(  # noqa: PLR0913 - the parts of a statement
        self,
        kind: str,
        issuer: str,
        body: Mapping[str, JSON],
        signers: Signers,
        *,
        previous: str | None = None,
        salt: str | None = None,
    ) -> Draft:
        """A complete draft of any kind."""
        now = int(time.time())
        announced = [(key.kid, role) for key, role in signers]
        octets = payload(kind, issuer, body, announced, network=self.network.id, now=now, previous=previous, salt=salt)
        draft = Draft(octets)
        for key, _ in signers:
            draft = draft.signed_by(key, now)
        return draft
