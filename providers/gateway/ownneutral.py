"""What a neutral does about itself: an ``http`` key of its own, and everything that the hub holds about it.

A neutral's statement key signs statements only. To read what is not public the neutral adds an ``http`` key, by a
``key`` statement that both keys sign; nobody else is needed (PROTOCOL §6).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from providers.client import connect, http_signer
from providers.errors import HubUnavailableError
from providers.gateway.admissions import checked
from providers.gateway.posting import Posted, register
from providers.keystates import read_ring
from providers.network import Network
from providers.printable import printable
from providers.receipts import Registration
from signing.compose import payload
from signing.drafts import Draft
from signing.encoding import JSON
from signing.secretkeys import SigningKey
from signing.trust import TrustFile

__all__ = ["Held", "fetch_held", "held_lines", "http_key_draft", "is_registered", "post_own"]

_MEMBERS = ("neutral", "statements", "keys", "rules", "versions", "sources")


@dataclass(frozen=True, slots=True)
class Held:
    """What the hub says it holds about a neutral.

    Attributes:
        size: the log size that the answer is about.
        answer: the whole answer, as the hub sent it.
        statements: the statements in it, each proven to be in the log.
        annexes: how many of them have a restricted annex.
    """

    size: int
    answer: Mapping[str, JSON] = field(repr=False)
    statements: tuple[Registration, ...]
    annexes: int

    @property
    def keys(self) -> int:
        """How many keys the neutral ever had."""
        return len(self.answer["keys"])


async def http_key_draft(  # noqa: PLR0913, PLR0917 - whose key it is, and where
    url: str, trust: TrustFile, actor: str, own: str, key: SigningKey, now: int
) -> Draft:
    """The statement that gives the neutral ``actor`` an http key, for its statement key ``own`` (kid) and for ``key``.

    The head of the chain of its keys is the hub's word; a draft with a wrong predecessor is refused.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says; not_found where nobody of this id is registered.
        UntrustedAnswerError: the network does not verify.
    """
    async with connect(url) as hub:
        network = Network.verified(trust, await hub.policy_chain())
        newest = (await hub.neutral(actor)).get("key_statement")
    body: dict[str, JSON] = {"action": "add", "owner": actor, "key": {"purpose": "http", "jwk": key.public.jwk()}}
    signers, previous = [(own, "neutral"), (key.kid, "introduced")], None if newest is None else str(newest)
    return checked(payload("key", actor, body, signers, network=network.id, now=now, previous=previous))


async def post_own(url: str, trust: TrustFile, draft: Draft, wait_seconds: int, *, accept_unwitnessed: bool) -> Posted:
    """Post a complete draft of a public statement; returns once its receipt verifies against the pinned policy."""
    async with connect(url) as hub:
        network = Network.verified(trust, await hub.policy_chain())
        return await register(
            hub, network, draft.statement(), wait_seconds=wait_seconds, accept_unwitnessed=accept_unwitnessed
        )


async def is_registered(url: str, actor: str, key: SigningKey) -> bool:
    """Whether ``key`` is an http key of ``actor`` already, as after a lost answer, and not revoked; the hub's word."""
    async with connect(url) as hub:
        ring = read_ring((await hub.neutral(actor)).get("keys"), actor)
    found = ring.get(key.kid)
    return found is not None and found.purpose == "http" and found.revoked_at is None


async def fetch_held(url: str, trust: TrustFile, actor: str, key: SigningKey, clock: Callable[[], int]) -> Held:
    """Everything about ``actor``, each statement proven to be in the log that the policy trusts.

    Not checked: that the hub left nothing out. Whoever follows the log as a member finds that out.

    Args:
        url: the hub.
        trust: the pinned policy.
        actor: the neutral's id.
        key: the neutral's http key, or an officer's.
        clock: POSIX seconds.

    Raises:
        HubRefusedError: ``not_for_you`` for everybody else's key.
        HubUnavailableError: the answer is not in the agreed form.
        UntrustedAnswerError: a statement or the network does not verify.
    """
    path = f"/v1/neutrals/{quote(actor, safe='')}/held"
    async with connect(url, sign=http_signer(key, clock)) as hub:
        network = Network.verified(trust, await hub.policy_chain())
        answer = await hub.exchange("GET", path)
    told = answer.get("statements")
    if not set(_MEMBERS) <= set(answer) or not isinstance(told, list) or not isinstance(answer.get("size"), int):
        raise HubUnavailableError("bad_answer", "The hub's answer does not say what is held.", path, actor="hub")
    statements = tuple(Registration.from_json(one, f"/statements/{number}") for number, one in enumerate(told))
    for one in statements:
        network.check(one)
    return Held(int(answer["size"]), answer, statements, sum("annex" in one for one in told))


def held_lines(found: Held) -> list[str]:
    """The answer in a few lines; the whole of it is for a file."""
    kinds = [f"{one.receipt.index:>8}  {one.statement.kind:<14} by {one.statement.issuer}" for one in found.statements]
    keys = [f"{one['kid']}  {one['purpose']}" for one in found.answer["keys"]]
    lines = [
        f"At log size {found.size} the hub holds {len(found.statements)} statements, each proven to be in the log:",
        *kinds,
        f"Annexes that only members and officers read: {found.annexes}.",
        "Keys:",
        *(f"  {one}" for one in keys),
        "Made from these statements, and kept beside them: what rules remember, and what searches read.",
        "Awards are not in it: they are kept under their digests, and whoever can name one reads it.",
    ]
    return [printable(line) for line in lines]
