"""What the route of a request says about it."""

from aiohttp import web

from hub.web.appkeys import SETTINGS
from providers.application.form import MAX_APPLICATION

__all__ = ["is_streamed", "most_bytes", "route_of"]


def route_of(request: web.Request) -> str:
    """Template of the route that answers, such as ``/v1/statements/{digest}``; *none* for unknown addresses."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


def is_streamed(request: web.Request) -> bool:
    """Whether the handler reads the body as it comes, and holds it against the digest that is signed."""
    return request.method == "PATCH" and route_of(request) == "/v1/uploads/{id}"


def most_bytes(request: web.Request) -> int:
    """How large the body of a request may be."""
    if route_of(request).startswith("/v1/applications"):
        return MAX_APPLICATION
    settings = request.app[SETTINGS]
    return settings.uploads.chunk_bytes if is_streamed(request) else settings.limits.post_bytes
