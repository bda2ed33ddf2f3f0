"""Cross-origin requests: pages opened from disk read, sign, and ask what is held; other sites show a member's mark.

A page has no more rights for it than anybody who knows the secret of a link; there are no cookies to misuse.
"""

import re
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["cross_origin"]

_OPEN = ("/v1/awards", "/v1/directory/", "/v1/drafts", "/log/")
_MARK = re.compile(r"/v1/(members|neutrals)/[^/]+/(status|badge\.svg)|/static/trust-mark\.js")
"""What other sites show of a member: status, badge, and the script that checks the status."""

_ASKED = "/v1/held"
"""Where a neutral's own page asks, under a statement key, what is held: that address alone, and nothing below it."""

_WRITTEN = ("/v1/drafts",)
"""Where pages opened from disk also write: a signature, a completed invitation, with the secret of a link."""

_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


@web.middleware
async def cross_origin(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Answer preflights, and allow any origin to read; never with cookies, which the hub does not set."""
    path = request.path
    if path != _ASKED and not path.startswith(_OPEN) and not _MARK.fullmatch(path):
        return await handler(request)
    if request.method == "OPTIONS":
        headers = {"Access-Control-Allow-Methods": _methods(path), **_PREFLIGHT}
        response: web.StreamResponse = web.Response(status=204, headers=headers)
    else:
        response = await handler(request)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _methods(path: str) -> str:
    if path == _ASKED:
        return "POST"
    return "GET, POST, PUT, DELETE" if path.startswith(_WRITTEN) else "GET"
