"""The local interface: JSON for the provider's platform, on loopback, for whoever has the token.

::

    POST /cases                               take a case in: multipart, part ``case`` and the documents
    GET  /cases, /cases/{id}
    POST /cases/{id}/offers                   offer it to another provider
    GET  /transfers, /transfers/{id}          state, who must act, deadline, evidence, problems, progress
    POST /transfers/{id}/accept | decline | withdraw
    GET  /transfers/{id}/package[/case.json | /documents/{name}]
    POST /events                              case events to be reported
    POST /feedback/slots                      slots of the questionnaire for a case, with links for the parties
    GET  /feedback/slots/{case}, /feedback    those that are here; what the hub counts
    POST /feedback/relayed                    an answer that was taken down here
    GET  /feed?after=&wait=                   what happened
    GET  /notices                             which of the member's keys and accreditations will soon end
    GET  /health                              200, or 503 with the reasons
    GET  /openapi.json                        this, described
"""

import hmac
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from providers.gateway.exchange.feedbackroutes import feedback_routes
from providers.gateway.exchange.problems import problems, unauthorized
from providers.gateway.exchange.routes import SERVICE, routes
from providers.gateway.exchange.service import Service
from schemas.openapi import load_openapi

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

__all__ = ["create_app", "load_description"]

_AS_SENT = {"auto_decompress": False}
_OPEN = frozenset({"/health", "/openapi.json"})
_DESCRIPTION = web.AppKey("description", bytes)


def load_description() -> dict[str, Any]:
    """``openapi.yaml``, decoded."""
    return load_openapi(root=Path(__file__).parents[1])


def create_app(service: Service, token: str) -> web.Application:
    """The application; does no I/O but reading its own description."""
    app = web.Application(client_max_size=4 << 20, handler_args=_AS_SENT, middlewares=[problems, _authorization(token)])
    app[SERVICE] = service
    app[_DESCRIPTION] = json.dumps(load_description()).encode()
    app.add_routes([*routes, *feedback_routes, web.get("/openapi.json", _description)])
    return app


def _authorization(token: str) -> "Middleware":
    """Ask for the token; a page in somebody's browser does not have it."""
    wanted = f"Bearer {token}".encode()

    @web.middleware
    async def authorize(request: web.Request, handler: "Handler") -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if request.path not in _OPEN and not hmac.compare_digest(given, wanted):
            raise unauthorized()
        return await handler(request)

    return authorize


async def _description(request: web.Request) -> web.Response:
    return web.Response(body=request.app[_DESCRIPTION], content_type="application/json")
