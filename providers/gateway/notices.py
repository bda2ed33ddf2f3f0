"""What will soon end or waits for a comment, as the hub tells it."""

from collections.abc import Callable, Mapping

from providers.client import HubClient, connect, http_signer
from providers.gateway.asking import listed
from providers.printable import printable
from signing.encoding import JSON
from signing.secretkeys import SigningKey

__all__ = ["fetch_notices", "notice_lines", "read_notices"]

_MEMBERS = ("due", "within_days", "message")


async def fetch_notices(url: str, key: SigningKey, clock: Callable[[], int]) -> list[Mapping[str, JSON]]:
    """The notices for the owner of an http key; an officer gets everybody's.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says.
    """
    async with connect(url, sign=http_signer(key, clock)) as hub:
        return await read_notices(hub)


async def read_notices(hub: HubClient) -> list[Mapping[str, JSON]]:
    """The notices for whoever signs the requests of ``hub``.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says.
    """
    return listed(await hub.exchange("GET", "/v1/notices"), "notices", "/v1/notices", _MEMBERS)


def notice_lines(found: list[Mapping[str, JSON]]) -> list[str]:
    """One line for each notice."""
    if not found:
        return ["Nothing ends within 90 days."]
    return [printable(f"{one['due']}  {_haste(one['within_days']):<8}  {one['message']}") for one in found]


def _haste(days: JSON) -> str:
    return "ended" if days == 0 else f"{days} days"
