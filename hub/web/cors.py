"""Cross-origin requests: pages opened from disk read, sign, and ask what is held; other sites show a member's mark.

A page has no more rights for it than anybody who knows the secret of a link; there are no cookies to misuse.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["cross_origin"]

_ALLOWED: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(path), methods)
    for path, methods in (
        (r"/v1/awards.*|/v1/directory/.*|/log/.*", "GET"),
        # Pages opened from disk also write: a signature, a completed invitation, with the secret of a link.
        (r"/v1/drafts.*", "GET, POST, PUT, DELETE"),
        # A neutral's own page asks, under a statement key, what is held: this address alone, and nothing below it.
        (r"/v1/held", "POST"),
        # What other sites show of a member: status, badge, and the script that checks the status.
        (r"/v1/(members|neutrals)/[^/]+/(status|badge\.svg)|/static/trust-mark\.js", "GET"),
    )
)
"""Paths that pages of other origins may use, and how."""

_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


@web.middleware
async def cross_origin(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Answer preflights, and allow any origin to read; never with cookies, which the hub does not set."""
    methods = next((methods for path, methods in _ALLOWED if path.fullmatch(request.path)), None)
    if methods is None:
        return await handler(request)
    if request.method == "OPTIONS":
        headers = {"Access-Control-Allow-Methods": methods, **_PREFLIGHT}
        response: web.StreamResponse = web.Response(status=204, headers=headers)
    else:
        response = await handler(request)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
