"""A place at a hub's signing desk: by a link, or as a member who signs requests. Each question is a connection."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from providers.client import RequestSigner, connect, http_signer
from providers.draftlinks import DraftLink
from providers.drafts import Drafts
from providers.gateway.asking import now
from signing.secretkeys import SigningKey

__all__ = ["Seat"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seat:
    """Where, and as whom, somebody sits.

    Args:
        hub: the hub's address.
        secret: of a link; None for a member.
        http: the member's http key; None with a link.
    """

    hub: str
    secret: str | None = field(default=None, repr=False)
    http: SigningKey | None = field(default=None, repr=False)

    @classmethod
    def of_link(cls, link: DraftLink) -> "Seat":
        """The seat that a link leads to."""
        return cls(link.hub, secret=link.secret)

    def ask(self, question: Callable[[Drafts], Awaitable[T]]) -> T:
        """Ask the desk one thing."""
        return asyncio.run(self._ask(question))

    async def _ask(self, question: Callable[[Drafts], Awaitable[T]]) -> T:
        async with connect(self.hub, sign=self._signer()) as hub:
            return await question(Drafts(hub, self.secret))

    def _signer(self) -> RequestSigner | None:
        return None if self.http is None else http_signer(self.http, now)
