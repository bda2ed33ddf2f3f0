"""Cross-origin requests: pages opened from disk read what is public and sign; other sites show a member's mark.

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

_WRITTEN = ("/v1/drafts",)
"""Where pages opened from disk also write: a signature, a completed invitation, with the secret of a link."""

_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


@web.middleware
async def cross_origin(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Answer preflights, and allow any origin to read; never with cookies, which the hub does not set."""
    if not request.path.startswith(_OPEN) and not _MARK.fullmatch(request.path):
        return await handler(request)
    if request.method == "OPTIONS":
        methods = "GET, POST, PUT, DELETE" if request.path.startswith(_WRITTEN) else "GET"
        headers = {"Access-Control-Allow-Methods": methods, **_PREFLIGHT}
        response: web.StreamResponse = web.Response(status=204, headers=headers)
    else:
        response = await handler(request)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
