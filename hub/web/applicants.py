"""Who signs with the http key of an application: nobody yet, but its applicant, at its own addresses alone.

The answer to the self-test may come from a gateway whose clock is wrong: that is what the test is to find out. There
alone the time of the signature is not held against the hub's clock; everything else of it is.
"""

from aiohttp import web

from hub.web.access import Reader
from hub.web.appkeys import APPLICATIONS
from hub.web.routing import route_of
from signing.httpsig import Request, VerifiedRequest, unverified_created, unverified_keyid, verify_request

__all__ = ["identified_applicant"]

_OWN = "/v1/applications/{id}"
_SELF_TEST = f"{_OWN}/self-test"


async def identified_applicant(
    request: web.Request, signed: Request, now: int
) -> tuple[VerifiedRequest, Reader] | None:
    """The verified request and its applicant; None where the request is not one of an applicant.

    Raises:
        SigningError: the signature names the application's key and does not hold.
    """
    route = route_of(request)
    if not route.startswith(_OWN):
        return None
    name = request.match_info["id"]
    key = await request.app[APPLICATIONS].http_key(name)
    if key is None or key.kid != unverified_keyid(signed.fields):
        return None
    at = unverified_created(signed.fields) if route == _SELF_TEST else now
    return verify_request(signed, key, at), Reader(name, "applicant", key.kid)
