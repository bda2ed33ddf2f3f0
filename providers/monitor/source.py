"""What a monitor asks the hub: checkpoint, policies, tiles and public statements. Nothing of it is believed here.

Whatever fails for now is asked again a few times, after waits of random length, so that many monitors do not ask at
once; then the hub counts as unreachable.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from providers.client import HubClient
from providers.errors import HubRefusedError, HubUnavailableError
from providers.receipts import Registration
from signing.statement import Statement
from signing.tiles import TileId, tile_path

__all__ = ["LogSource"]

T = TypeVar("T")
TRIES = 4


class LogSource:
    """The hub as a monitor sees it.

    Args:
        hub: asked without a signature; all that is read here is public.
        pause: waits after so many failed attempts (from 1).
    """

    def __init__(self, hub: HubClient, pause: Callable[[int], Awaitable[None]]) -> None:
        self._hub = hub
        self._pause = pause

    async def checkpoint(self) -> bytes:
        """The newest published checkpoint."""
        return await self._patiently(self._hub.checkpoint)

    async def policy_chain(self) -> tuple[Registration, ...]:
        """Genesis and every later policy, as the hub tells them."""
        return await self._patiently(self._hub.policy_chain)

    async def file(self, tile: TileId) -> bytes | None:
        """A hash tile or entry bundle, None if the hub says that it has none."""
        return await self._patiently(lambda: self._hub.log_file(tile_path(*tile)))

    async def statement(self, digest: str, *, patient: bool = True) -> Statement | None:
        """A public statement, None if the hub refuses to show it; asked for once alone unless ``patient``."""

        async def ask() -> Statement | None:
            try:
                return (await self._hub.registration(digest)).statement
            except HubRefusedError as error:
                if error.retryable:
                    raise
                return None

        return await self._patiently(ask, TRIES if patient else 1)

    async def _patiently(self, ask: Callable[[], Awaitable[T]], tries: int = TRIES) -> T:
        attempt = 1
        while True:
            try:
                return await ask()
            except (HubUnavailableError, HubRefusedError) as error:
                passing = error.retryable or isinstance(error, HubUnavailableError)
                if not passing or attempt == tries:
                    raise HubUnavailableError(error.code, error.message, error.where, actor="hub") from error
            await self._pause(attempt)
            attempt += 1
