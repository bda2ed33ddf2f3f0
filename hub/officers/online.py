"""What an officer's commands ask of a hub. Its answers are held against the policy that the officer has pinned."""

from hub.errors import OfficerError
from hub.officers.drafting import Network
from providers.client import connect
from providers.gateway.posting import Posted, register
from providers.network import Network as VerifiedNetwork
from signing.drafts import Draft
from signing.trust import TrustFile

__all__ = ["fetch_network", "newest_accreditation", "newest_key_statement", "post_draft"]


async def fetch_network(url: str, trust: TrustFile) -> Network:
    """The network as its newest policy describes it, verified from the pinned policy on.

    Not checked: that the hub left out no newer policy; a draft made from an older one is refused when it is posted.

    Raises:
        UntrustedAnswerError: with the code of the check that failed.
    """
    async with connect(url) as hub:
        verified = VerifiedNetwork.verified(trust, await hub.policy_chain())
    return Network(verified.id, verified.policy.digest, verified.policy.body)


async def newest_accreditation(url: str, subject: str, subject_type: str) -> str | None:
    """Digest of the newest decision about ``subject``, None when there is none.

    As the hub tells it: a draft that names another predecessor than the log has is refused when it is posted.
    """
    async with connect(url) as hub:
        answer = await (hub.member(subject) if subject_type == "provider" else hub.neutral(subject))
    found = answer["member" if subject_type == "provider" else "neutral"]["accreditation"]
    return None if found is None else str(found["digest"])


async def newest_key_statement(url: str, owner: str, owner_type: str) -> str | None:
    """Digest of the newest statement about the keys of ``owner``, None when there is none; as the hub tells it."""
    async with connect(url) as hub:
        answer = await (hub.member(owner) if owner_type == "member" else hub.neutral(owner))
    found = answer["key_statement"]
    return None if found is None else str(found)


async def post_draft(url: str, trust: TrustFile, draft: Draft, wait_seconds: int) -> Posted:
    """Post a complete draft of a public statement; returns once its receipt verifies against the pinned policy.

    The quorum of witnesses must have seen it, unless the policy asks for none.

    Raises:
        OfficerError: ``confidential_draft``.
        HubRefusedError, HubUnavailableError: as the client says.
        UntrustedAnswerError: the network or the receipt does not verify, or ``not_witnessed_yet``.
    """
    statement = draft.statement()
    if statement.salt is not None:  # its log entry can't be computed from the statement and public keys alone
        raise OfficerError("confidential_draft", "Officers post public statements only.", statement.kind)
    async with connect(url) as hub:
        network = VerifiedNetwork.verified(trust, await hub.policy_chain())
        return await register(
            hub, network, statement, annex=draft.annex, wait_seconds=wait_seconds, accept_unwitnessed=True
        )
