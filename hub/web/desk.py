"""``/desk``: where a draft link leads. It says how to open the link in a tool of one's own, and runs nothing.

Keys are used outside any page that the hub serves. So ``sign.html`` is offered as a file to keep, with its hash, and is
sent in a way that no browser runs it as a page of the hub: as an attachment, as octets, under a policy without script.
"""

import hashlib
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.errors import NotFoundError
from hub.web.appkeys import CLOCK, SETTINGS
from hub.web.rendering import page

__all__ = ["SIGN_FILE", "desk_page", "sign_page"]

SIGN_FILE = Path(__file__).parent / "static" / "sign.html"
_CONTENT = SIGN_FILE.read_bytes() if SIGN_FILE.exists() else None
_POLICY = "default-src 'none'; sandbox"


@page("desk.html")
async def desk_page(request: web.Request) -> dict[str, Any]:
    """How to open a link, and the file to open it in."""
    return {
        "settings": request.app[SETTINGS].hub,
        "now": request.app[CLOCK](),
        "file": None if _CONTENT is None else {"size": len(_CONTENT), "sha256": hashlib.sha256(_CONTENT).hexdigest()},
    }


async def sign_page(_: web.Request) -> web.Response:
    """The file ``sign.html``, to be kept and opened from disk."""
    if _CONTENT is None:
        raise NotFoundError("not_found", "This hub has no sign.html; use odr-gateway sign.", "sign.html")
    headers = {
        "Content-Disposition": 'attachment; filename="sign.html"',
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "public, max-age=300",
    }
    return web.Response(body=_CONTENT, content_type="application/octet-stream", headers=headers)
