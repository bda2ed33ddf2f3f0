"""Getting a log's entry bundles from the log itself. What comes is worth what the root computed from it is worth."""

import aiohttp

from providers.witness.errors import WitnessError
from signing.tiles import TileId, tile_path

__all__ = ["MAX_BUNDLE", "fetch_tile"]

MAX_BUNDLE = 256 * (2 + 65_535)


async def fetch_tile(session: aiohttp.ClientSession, url: str, tile: TileId) -> bytes:
    """The octets at ``<url>/tile/…``, of bounded length; no redirect is followed.

    Raises:
        WitnessError: ``mirror_behind``, the log does not answer, or not with this tile.
    """
    where = f"{url}/{tile_path(*tile)}"
    try:
        async with session.get(where, allow_redirects=False) as response:
            if response.status != 200:
                raise _behind(f"The log answers {response.status} where its entries should be", where)
            data = bytearray()
            async for chunk in response.content.iter_any():
                data += chunk
                if len(data) > MAX_BUNDLE:
                    raise _behind("The log's answer is too long", where)
            return bytes(data)
    except (TimeoutError, aiohttp.ClientError) as error:
        raise _behind("The log's entries can't be fetched", where) from error


def _behind(message: str, where: str) -> WitnessError:
    return WitnessError(
        "mirror_behind", f"{message}; nothing is cosigned until they are stored.", where, retryable=True
    )
