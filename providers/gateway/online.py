"""What the commands do with a hub: fetch and verify the network, post, ask the directory."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from providers.client import HubClient, connect
from providers.errors import GatewayError, HubRefusedError, HubUnavailableError, UntrustedAnswerError
from providers.gateway.asking import now
from providers.gateway.home import Home
from providers.gateway.made import remember_posted
from providers.gateway.posting import Posted, register
from providers.network import Network
from providers.receipts import AwardProofs, Registration
from signing.drafts import Draft
from signing.encoding import JSON
from signing.errors import SigningError
from signing.statement import Statement, reference_tag
from signing.trust import TrustFile

__all__ = ["award_signers", "fetch_award", "fetch_network", "introductions", "post_draft", "post_kept"]

MAX_INTRODUCTIONS = 64
"""Most keys (or links of one chain) looked at to learn how a signer came into the network."""


async def fetch_network(url: str, trust: TrustFile) -> Network:
    """The network behind ``url``, verified from the pinned policy."""
    async with connect(url) as hub:
        return Network.verified(trust, await hub.policy_chain())


async def post_draft(home: Home, draft: Draft, wait_seconds: int, *, accept_unwitnessed: bool = False) -> Posted:
    """Post a complete draft; returns once its receipt verifies."""
    try:
        statement = draft.statement()
    except SigningError as error:
        raise GatewayError(error.code, str(error), error.where, actor="the missing signers") from error
    monitor = home.public_key("monitor") if statement.salt is not None else None
    async with connect(home.hub) as hub:
        network = Network.verified(home.trust(), await hub.policy_chain())
        ref = await _reference(hub, statement)
        await asyncio.to_thread(remember_posted, home, statement.digest)
        return await register(
            hub,
            network,
            statement,
            annex=draft.annex,
            monitor=monitor,
            ref=ref,
            wait_seconds=wait_seconds,
            accept_unwitnessed=accept_unwitnessed,
        )


async def post_kept(
    home: Home, draft: Draft, path: Path, wait_seconds: int, *, accept_unwitnessed: bool = False
) -> Posted:
    """Post a complete draft that is kept in ``path``, for the case that its answer is lost; as ``post_draft``.

    One that is refused for good is removed: another one will be made. But only where the hub says that it has not
    registered it. An address or a request that is refused tells nothing of a statement that may be in the log already.
    """
    try:
        return await post_draft(home, draft, wait_seconds, accept_unwitnessed=accept_unwitnessed)
    except HubRefusedError as error:
        if not error.retryable and await _is_unknown(home, draft.digest):
            await asyncio.to_thread(path.unlink)
        raise


async def _is_unknown(home: Home, digest: str) -> bool:
    """Whether the hub says that it has registered no statement of this digest."""
    try:
        async with connect(home.hub) as hub:
            await hub.receipt(digest)
    except HubRefusedError as error:
        return error.code == "unknown_statement"
    except HubUnavailableError:
        return False
    return False


async def _reference(hub: HubClient, statement: Statement) -> str | None:
    """The reference tag that the entry of a review carries, from the award that it is about; None for other kinds."""
    if statement.kind != "award-review":
        return None
    salt = (await hub.award(str(statement.body["award"]))).award.statement.salt
    return None if salt is None else reference_tag(salt)


async def fetch_award(home: Home, digest: str) -> AwardProofs:
    """What the hub serves for an award, unverified."""
    async with connect(home.hub) as hub:
        return await hub.award(digest)


async def award_signers(home: Home, neutrals: Sequence[str]) -> tuple[Network, list[tuple[str, str]]]:
    """The verified network, and (kid, role) of the neutrals and of this provider as the log shows them now.

    Raises:
        GatewayError: ``no_current_key``, an actor's only statement keys are revoked or retired.
        UntrustedAnswerError: what the hub says of them does not verify.
    """
    own = home.public_key("statement").kid
    async with connect(home.hub) as hub:
        network = Network.verified(home.trust(), await hub.policy_chain())
        wanted = {name: _newest_kid(name, (await hub.neutral(name)).get("keys")) for name in neutrals}
        network.introduce(await introductions(hub, network, [own, *wanted.values()]))
    moment = now()
    for name, kid in {**wanted, home.actor: own}.items():
        network.require_key(kid, name, "statement", moment)
    return network, [*((kid, "neutral") for kid in wanted.values()), (own, "provider")]


def _newest_kid(name: str, keys: JSON) -> str:
    """The newest statement key that the hub says is neither revoked nor retired."""
    records = [one for one in keys if isinstance(one, Mapping)] if isinstance(keys, list) else []
    usable = [
        (one.get("index", 0), str(one.get("kid")))
        for one in records
        if one.get("purpose") == "statement" and one.get("revoked_at") is None and one.get("retired_at") is None
    ]
    if not usable:
        message = f"{name} has no statement key that is neither revoked nor retired."
        raise GatewayError("no_current_key", message, name, actor=name)
    return max(usable)[1]


async def introductions(hub: HubClient, network: Network, kids: Sequence[str]) -> list[Registration]:
    """The statements that introduced ``kids``, and those that introduced whoever signed these, and so on."""
    found: dict[str, Registration] = {}
    queue = list(kids)
    seen: set[str] = set()
    while queue:
        kid = queue.pop()
        if kid in seen or network.knows(kid):
            continue
        seen.add(kid)
        if len(seen) > MAX_INTRODUCTIONS:
            message = f"More than {MAX_INTRODUCTIONS} keys stand behind these signers; this can't be right."
            raise UntrustedAnswerError("too_many_introductions", message, actor="hub")
        for one in await _with_chain(hub, await hub.key(kid), found):
            found[one.statement.digest] = one
            queue += [signer for signer, role in one.statement.roles.items() if role != "introduced"]
    return list(found.values())


async def _with_chain(hub: HubClient, one: Registration, found: Mapping[str, Registration]) -> list[Registration]:
    """``one`` and, for a key statement, the links of its owner's chain before it that are not ``found`` yet."""
    links = [one]
    while (before := links[-1].statement.previous) and links[-1].statement.kind == "key" and before not in found:
        if len(links) > MAX_INTRODUCTIONS:
            message = f"An owner's chain of keys has more than {MAX_INTRODUCTIONS} links; this can't be right."
            raise UntrustedAnswerError("too_many_introductions", message, actor="hub")
        links.append(await hub.registration(before))
    return links
