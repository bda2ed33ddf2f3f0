"""What the head of a request says of its body, judged before anything reads it.

aiohttp reads a media type with the parser of mail in the standard library, whose time grows with the square of its
parameters and which fails on nested comments: 8 kB of a header would stop the hub for a second. It undoes compression
on the event loop, at any address and whoever asks. And it answers an ``Expect`` that it does not know before any
middleware, so without code and number.
"""

import re
from collections.abc import Iterable

from aiohttp import hdrs, web

from hub.errors import RequestError

__all__ = ["check_head", "expecting"]

_MOST = 200
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(rf'{_WORD}/{_WORD}(?: *; *{_WORD}=(?:{_WORD}|"[^"\\\x00-\x1f]*"))* *;? *', re.ASCII)
_CONTINUE = "100-continue"


def check_head(request: web.Request) -> None:
    """Refuse a media type that is not written plainly, a compressed body, and what can't be expected.

    Raises:
        RequestError: wrong_media_type.
        web.HTTPExpectationFailed: of another expectation than ``100-continue``.
    """
    told = request.headers.get(hdrs.CONTENT_TYPE)
    if told is not None and (len(told) > _MOST or _MEDIA_TYPE.fullmatch(told) is None):
        message = f"Write Content-Type as type/subtype; name=value, in {_MOST} characters at most, without comments."
        raise RequestError("wrong_media_type", message, "Content-Type")
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise RequestError("wrong_media_type", "Send the body as it is, not compressed.", "Content-Encoding")
    if request.headers.get(hdrs.EXPECT, _CONTINUE).lower() != _CONTINUE:
        raise web.HTTPExpectationFailed(text=f"Nothing but {_CONTINUE} can be expected of this hub.")


def expecting(routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
    """The routes, with answers to ``Expect`` that are problems as all others.

    An address or method that there is not has no route: there aiohttp itself answers what it can't meet, with 417.
    """
    return [web.RouteDef(one.method, one.path, one.handler, {**one.kwargs, "expect_handler": _go_on}) for one in routes]


async def _go_on(request: web.Request) -> None:
    """Let a sender go on that waits for that; what else is expected ``check_head`` refuses."""
    if request.headers.get(hdrs.EXPECT, "").lower() == _CONTINUE:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # none of it is of the answer
