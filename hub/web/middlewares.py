"""Middlewares, one job each, outermost first: ``correlation``, ``access_log``, ``problems``, ``limits``.

``authentication`` (signed requests and signed responses) has a module of its own. The order is the one
in ``hub.app.create_app``: a problem is numbered, logged and, when the request was signed, signed too.
"""

import asyncio
import itertools
import logging
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from aiohttp import web

from hub.errors import RequestError
from hub.plaintext import has_controls
from hub.storage.errors import UnreachableError
from hub.web.appkeys import CORRELATION, COUNTERS
from hub.web.catalogue import CATALOGUE, INTERNAL
from hub.web.problempages import problem_page, wants_page
from hub.web.problems import Problem, problem_of, problem_response
from hub.web.requestheads import check_head
from hub.web.routing import most_bytes, route_of

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["access_log", "correlation", "limits", "problems"]

ACCESS = logging.getLogger("hub.access")
FAULTS = logging.getLogger("hub.faults")
_PROCESS, _REQUESTS = secrets.token_hex(4), itertools.count()
_HTTP_CODES = {404: "no_such_page", 405: "method_not_allowed", 413: "too_large", 417: "expectation_failed"}


@web.middleware
async def correlation(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Number the request; the number stands in the response, in problems and in the log, and means nothing else."""
    request[CORRELATION] = f"{_PROCESS}{next(_REQUESTS):08x}"
    response = await handler(request)
    response.headers["Correlation-Id"] = request[CORRELATION]
    return response


@web.middleware
async def access_log(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Log and count one line per request.

    Logged is the route's template, never the address itself: whoever can name a sealed statement or an
    award may read it, so its digest is a secret. No header and no body is logged either.
    """
    begun = time.perf_counter()
    response = await handler(request)
    seconds = time.perf_counter() - begun
    route = route_of(request)
    request.app[COUNTERS].answered(request.method, route, response.status, seconds)
    ACCESS.info("%s %s %d %.1fms %s", request.method, route, response.status, seconds * 1000, request[CORRELATION])
    return response


@web.middleware
async def problems(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Turn every refusal into its problem, JSON or a page; what nobody foresaw is logged whole and answered 500."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        problem = _http_problem(request, error)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
        problem = _problem(error, request[CORRELATION])
    request.app[COUNTERS].refused(problem.entry.code)
    number = request[CORRELATION]
    response = problem_page(request, problem, number) if wants_page(request) else problem_response(problem, number)
    if problem.entry.status == 413:
        response.force_close()  # the rest of the body is not read
    return response


@web.middleware
async def limits(request: web.Request, handler: "Handler") -> web.StreamResponse:
    """Refuse what says that it is too large, targets that are no plain path, and heads that ``requestheads`` refuses.

    Bodies are counted while read.

    No part of an address that a route takes out of it has control characters: handlers look such parts up, and
    PostgreSQL makes an error of NUL. What else a part must be is for its handler to say.
    """
    most = most_bytes(request)
    check_head(request)
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=request.content_length or 0)
    if not request.raw_path.startswith("/"):
        raise web.HTTPBadRequest(text="The request target is a path on this hub, not a whole address.")
    for name, part in request.match_info.items():
        if has_controls(part):
            raise RequestError("bad_parameter", "A part of the address has control characters.", name)
    return await handler(request)


def _problem(error: Exception, number: str) -> Problem:
    """What is sent for an error, and logged where its sender is not told all of it."""
    found = problem_of(error)
    if found is None:
        FAULTS.error("unforeseen error, correlation id %s", number, exc_info=error)
        return Problem(INTERNAL, "The hub made a mistake and has logged it under the correlation id.")
    if isinstance(error, UnreachableError):  # what the server said names its address and our role
        FAULTS.error("%s Correlation id %s", error.message, number)
        return replace(found, detail=found.entry.title, where="")
    return found


def _http_problem(request: web.Request, error: web.HTTPException) -> Problem:
    entry = CATALOGUE[_HTTP_CODES.get(error.status, "bad_request")]
    if error.status == 413:
        detail = f"A request body here has at most {most_bytes(request)} bytes."
    elif isinstance(error, web.HTTPMethodNotAllowed):
        detail = f"{request.method} is not answered here; {', '.join(sorted(error.allowed_methods))} is."
    elif error.status == 404:
        detail = entry.title
    else:
        detail = error.text or entry.title
    return Problem(entry, detail)
