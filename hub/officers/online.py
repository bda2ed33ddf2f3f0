"""What an officer's commands ask of a hub."""

from hub.officers.drafting import Network
from providers.client import connect
from providers.receipts import Receipt
from signing.drafts import Draft

__all__ = ["fetch_network", "newest_accreditation", "post_draft"]


async def fetch_network(url: str) -> Network:
    """The network as the hub's newest policy describes it; drafts made from it are read before they are signed."""
    async with connect(url) as hub:
        chain = await hub.policy_chain()
    newest = chain[-1].statement
    return Network(chain[0].statement.digest, newest.digest, newest.body)


async def newest_accreditation(url: str, subject: str, subject_type: str) -> str | None:
    """Digest of the newest decision about ``subject``, None when there is none."""
    async with connect(url) as hub:
        answer = await (hub.member(subject) if subject_type == "provider" else hub.neutral(subject))
    found = answer["member" if subject_type == "provider" else "neutral"]["accreditation"]
    return None if found is None else str(found["digest"])


async def post_draft(url: str, draft: Draft, wait_seconds: int) -> Receipt:
    """Post a complete draft; the receipt says how far it is vouched for."""
    statement = draft.statement()
    async with connect(url) as hub:
        return (await hub.post_statement(statement, draft.annex, wait_seconds=wait_seconds)).receipt
