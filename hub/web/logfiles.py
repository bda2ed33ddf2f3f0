"""The log itself as C2SP tlog-tiles: ``/log/checkpoint``, ``/log/tile/…``. Never beyond the signed size."""

from aiohttp import web

from hub.errors import RequestError
from hub.web.appkeys import LOG
from hub.web.responses import immutable
from signing.errors import FormatError
from signing.tiles import TileId, parse_tile_path

__all__ = ["get_checkpoint", "get_entries", "get_tile"]

CHECKPOINT_SECONDS = 5


async def get_checkpoint(request: web.Request) -> web.Response:
    """The largest checkpoint that the quorum has cosigned."""
    note = request.app[LOG].checkpoint()
    headers = {"Cache-Control": f"public, max-age={CHECKPOINT_SECONDS}"}
    return web.Response(body=note, content_type="text/plain", charset="utf-8", headers=headers)


async def get_tile(request: web.Request) -> web.Response:
    """Hashes of one tile, or of its first part."""
    tile = _tile(f"tile/{request.match_info['level']}/{request.match_info['n']}")
    return immutable(await request.app[LOG].tile(*tile), "application/octet-stream")


async def get_entries(request: web.Request) -> web.Response:
    """Entries of one bundle, or of its first part."""
    tile = _tile(f"tile/entries/{request.match_info['n']}")
    return immutable(await request.app[LOG].entries(tile.n, tile.width), "application/octet-stream")


def _tile(path: str) -> TileId:
    try:
        return parse_tile_path(path)
    except FormatError as error:
        raise RequestError("bad_parameter", error.message, "n") from None
