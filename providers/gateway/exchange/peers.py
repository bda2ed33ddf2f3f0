"""Whose keys are whose: the network as verified here, and the members this gateway deals with.

Everything starts from the pinned policy. A member's keys come from the statements that introduced them, each
proved to be in the log, witnessed and rightly signed. The hub's directory only says where to look, and which
keys are revoked: a hub that keeps a revocation silent is noticed by the rules and by verifiers, not here.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields

from providers.client import HubClient
from providers.errors import GatewayError, UntrustedAnswerError
from providers.gateway.online import introductions
from providers.network import Network, Standing
from providers.receipts import Registration
from providers.transfer.values import Place
from schemas.errors import SchemasError
from schemas.validation import validate
from signing.encoding import JSON
from signing.keys import PublicKey
from signing.trust import TrustFile

__all__ = ["Peers"]

FRESH_SECONDS = 60
"""Whoever is about to encrypt asks the hub again when what it knows of the recipient is older than this."""
_PURPOSES = ("statement", "monitor", "inbox")


class Peers:
    """The verified network of one gateway.

    Args:
        hub: a client that signs.
        trust: the pinned policy.
        clock: POSIX seconds.
        accept_unwitnessed: whether a proof is enough in a network without witnesses.
    """

    def __init__(
        self, hub: HubClient, trust: TrustFile, clock: Callable[[], int], *, accept_unwitnessed: bool = False
    ) -> None:
        self._hub = hub
        self._trust = trust
        self._clock = clock
        self._unwitnessed = accept_unwitnessed
        self._network: Network | None = None
        self._history: dict[str, Registration] = {}
        self._asked: dict[str, int] = {}
        self._keys: dict[str, list[_MemberKey]] = {}
        self._introduced: set[str] = set()
        self._lock = asyncio.Lock()

    async def network(self) -> Network:
        """The network, verified from the pinned policy."""
        async with self._lock:
            return await self._current()

    async def verify(self, one: Registration) -> Standing:
        """Hold a statement of a member against the trusted log and its issuer's keys.

        Checks its schema, signature, proof and that the quorum saw it. Does not check what its kind demands of
        the state; ``follow`` does.

        Raises:
            UntrustedAnswerError: ``not_witnessed_yet`` (to be asked again soon), or the check that failed.
        """
        said = one.statement
        try:
            validate(said.kind, said.version, said.payload)
        except SchemasError as error:
            raise UntrustedAnswerError(error.code, error.message, error.where, actor="hub") from error
        try:
            standing = await self._verified(one, renew=False)
        except UntrustedAnswerError:  # a key or a policy that is new to us, or something wrong
            standing = await self._verified(one, renew=True)
        if not standing.witnessed and not self._content_without(network := await self.network()):
            message = "The quorum of witnesses has not confirmed this yet."
            if network.witnesses.quorum == "none":
                message = "This network's policy asks for no witnesses; see accept_unwitnessed in gateway.toml."
            raise UntrustedAnswerError("not_witnessed_yet", message, said.digest, actor="hub", retryable=True)
        return standing

    async def key(self, actor: str, purpose: str) -> PublicKey:
        """A member's newest current key of a purpose, from a verified statement; asked for afresh if need be.

        Raises:
            GatewayError: ``no_current_key``.
            UntrustedAnswerError: what the hub says of the member does not verify.
        """
        async with self._lock:
            network = await self._current()
            await self._learn(network, actor, FRESH_SECONDS)
            for one in reversed(self._keys[actor]):
                if one.purpose == purpose and one.in_use:
                    return network.require_key(one.kid, actor, purpose, self._clock())
        raise GatewayError("no_current_key", f"{actor} has no current {purpose} key.", actor, actor=actor)

    async def statement_keys(self, actor: str, at: Place) -> tuple[PublicKey, ...]:
        """Every statement key of a member that was current at a place of the log, whatever became of it since.

        Raises:
            UntrustedAnswerError: what the hub says of the member does not verify.
        """
        async with self._lock:
            network = await self._current()
            await self._learn(network, actor, FRESH_SECONDS)
            listed = self._keys[actor]
            kids = [one.kid for one in listed if one.purpose == "statement" and one.was_current(at)]
            await self._introduce(network, kids)
            return tuple(network.require_key(kid, actor, "statement", at.time, at.index) for kid in kids)

    async def _verified(self, one: Registration, *, renew: bool) -> Standing:
        async with self._lock:
            if renew:
                self._network = None
            network, issuer = await self._current(), one.statement.issuer
            if issuer != network.hub:
                await self._learn(network, issuer, 0 if renew else None)
            return network.verify(one)

    async def _current(self) -> Network:
        if self._network is None:
            network = Network.verified(self._trust, await self._hub.policy_chain())
            network.introduce(list(self._history.values()))
            self._network = network
        return self._network

    async def _learn(self, network: Network, actor: str, oldest: int | None) -> None:
        """Introduce a member's keys, unless what is known is fresh enough (None: any is)."""
        asked = self._asked.get(actor)
        if asked is not None and (oldest is None or self._clock() - asked < oldest):
            return
        keys = _listed(actor, (await self._hub.member(actor)).get("keys"))
        await self._introduce(network, [one.kid for one in keys if one.in_use])
        self._keys[actor], self._asked[actor] = keys, self._clock()

    async def _introduce(self, network: Network, kids: Collection[str]) -> None:
        """Have the network know these keys, from the statements that introduced them."""
        for one in await introductions(self._hub, network, list(kids)):
            self._history[one.statement.digest] = one
        if not self._introduced.issuperset(kids):
            network.introduce(list(self._history.values()))
            self._introduced.update(kids)

    def _content_without(self, network: Network) -> bool:
        return self._unwitnessed and network.witnesses.quorum == "none"


@dataclass(frozen=True, slots=True)
class _MemberKey:
    """A key as the hub lists it; ``retired_at`` is when its overlap ends, ``revoked_at`` a log index."""

    kid: str
    purpose: str
    index: int
    retired_at: int | None
    revoked_at: int | None

    @property
    def in_use(self) -> bool:
        """Whether it is neither revoked nor retired."""
        return self.revoked_at is None and self.retired_at is None

    def was_current(self, at: Place) -> bool:
        """Whether it was registered, and neither revoked nor past its overlap, at a place of the log."""
        revoked = self.revoked_at is not None and self.revoked_at < at.index
        retired = self.retired_at is not None and self.retired_at <= at.time
        return self.index < at.index and not revoked and not retired


def _listed(actor: str, keys: JSON) -> list[_MemberKey]:
    """What the hub says of a member's keys of the purposes that matter here, oldest first."""
    names = [one.name for one in fields(_MemberKey)]
    try:
        found = [_MemberKey(*(one[name] for name in names)) for one in keys if one["purpose"] in _PURPOSES]
        return sorted(found, key=lambda one: one.index)
    except (KeyError, TypeError) as error:
        raise UntrustedAnswerError("bad_answer", "A member's answer lists its keys.", actor, actor="hub") from error
