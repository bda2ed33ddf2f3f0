"""Cross-origin reading of what is public anyway: verification pages opened from disk may fetch it."""

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["cross_origin"]

_OPEN = ("/v1/awards", "/v1/directory/", "/log/")
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


@web.middleware
async def cross_origin(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Answer preflights, and allow any origin to read; never with cookies, which the hub does not set."""
    if not request.path.startswith(_OPEN):
        return await handler(request)
    if request.method == "OPTIONS":
        response: web.StreamResponse = web.Response(status=204, headers=_PREFLIGHT)
    else:
        response = await handler(request)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
