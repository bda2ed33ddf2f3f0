"""Drafts of a member's later statements about itself."""

from collections.abc import Mapping, Sequence

from providers.client import connect
from providers.errors import UntrustedAnswerError
from providers.gateway.admissions import checked, officer_kids
from providers.gateway.home import Home
from providers.network import Network
from signing.compose import payload
from signing.drafts import Draft
from signing.encoding import JSON

__all__ = ["update_draft"]


async def update_draft(
    home: Home, profile: Mapping[str, JSON], officers: Sequence[str], now: int
) -> tuple[Network, Mapping[str, JSON], Draft]:
    """The verified network, the profile as it is, and the draft of the new one; nobody has signed it.

    The member's newest statement is the hub's word; a draft with a wrong predecessor is refused.

    Args:
        home: the gateway.
        profile: the whole new profile.
        officers: actor ids of those who are to sign, the first of the policy if none is named.
        now: POSIX seconds.

    Raises:
        SchemaViolationError: the profile is not acceptable.
        GatewayError: ``unknown_officer``.
    """
    async with connect(home.hub) as hub:
        network = Network.verified(home.trust(), await hub.policy_chain())
        member = (await hub.member(home.actor)).get("member")
    if not isinstance(member, Mapping) or not isinstance(member.get("profile"), Mapping):
        raise UntrustedAnswerError("bad_answer", "The hub's answer shows no profile.", home.actor, actor="hub")
    signers = [(home.public_key("statement").kid, home.type)]
    signers += [(kid, "officer") for kid in officer_kids(network.policy, officers)]
    body = {"type": home.type, "profile": dict(profile)}
    previous = str(member["digest"])
    octets = payload("member", home.actor, body, signers, network=network.id, now=now, previous=previous)
    return network, member["profile"], checked(octets)
