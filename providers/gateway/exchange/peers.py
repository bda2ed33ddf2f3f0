"""Whose keys are whose: the network as verified here, and the members this gateway deals with.

Everything starts from the pinned policy. A member's keys come from the statements that introduced them, each
proved to be in the log, witnessed and rightly signed. The hub's directory only says where to look, and which
keys are revoked: a hub that keeps a revocation silent is noticed by the rules and by verifiers, not here.
"""

import asyncio
from collections.abc import Callable, Mapping

from providers.client import HubClient
from providers.errors import GatewayError, UntrustedAnswerError
from providers.gateway.online import introductions
from providers.network import Network, Standing
from providers.receipts import Registration
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
        self._kids: dict[str, dict[str, list[str]]] = {}
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
        if not standing.witnessed and not self._content_without(await self.network()):
            message = "The quorum of witnesses has not confirmed this yet."
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
            for kid in reversed(self._kids[actor].get(purpose, [])):
                return network.require_key(kid, actor, purpose, self._clock())
        raise GatewayError("no_current_key", f"{actor} has no current {purpose} key.", actor, actor=actor)

    async def statement_keys(self, actor: str) -> tuple[PublicKey, ...]:
        """Every statement key of a member that is current."""
        async with self._lock:
            network = await self._current()
            await self._learn(network, actor, FRESH_SECONDS)
            now, kids = self._clock(), self._kids[actor].get("statement", [])
            return tuple(network.require_key(kid, actor, "statement", now) for kid in kids)

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
        kids = _usable(actor, (await self._hub.member(actor)).get("keys"))
        known = {kid for each in self._kids.values() for group in each.values() for kid in group}
        for one in await introductions(self._hub, network, [kid for group in kids.values() for kid in group]):
            self._history[one.statement.digest] = one
        if {kid for group in kids.values() for kid in group} - known:
            network.introduce(list(self._history.values()))
        self._kids[actor], self._asked[actor] = kids, self._clock()

    def _content_without(self, network: Network) -> bool:
        return self._unwitnessed and network.witnesses.quorum == "none"


def _usable(actor: str, keys: JSON) -> dict[str, list[str]]:
    """Purpose -> kids that the hub says are neither revoked nor retired, oldest first."""
    if not isinstance(keys, list) or not all(isinstance(one, Mapping) for one in keys):
        raise UntrustedAnswerError("bad_answer", "A member's answer lists its keys.", actor, actor="hub")
    found: dict[str, list[str]] = {}
    for one in sorted(keys, key=lambda each: str(each.get("index")).zfill(20)):
        if one.get("purpose") in _PURPOSES and one.get("revoked_at") is None and one.get("retired_at") is None:
            found.setdefault(str(one["purpose"]), []).append(str(one.get("kid")))
    return found
