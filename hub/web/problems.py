"""RFC 9457 problem responses: every refusal, one form, from one catalogue.

A problem names its stable ``code``, says in one plain sentence what is wrong, who can mend it and
whether sending the same again can succeed, and links to its paragraph in the documentation::

    {"type": "/docs/problems#stale_previous", "title": "…", "status": 409, "detail": "…",
     "code": "stale_previous", "where": "/previous", "actor": "issuer", "retryable": false,
     "correlation_id": "…", "errors": [{"pointer": "/body/seat", "message": "…"}]}

The status comes from the catalogue alone, so that nothing below this package knows HTTP.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from hub.errors import HubError
from hub.web.catalogue import CATALOGUE, Entry
from registry.errors import Refused

__all__ = ["PROBLEM_TYPE", "Problem", "problem_headers", "problem_of", "problem_response"]

PROBLEM_TYPE = "application/problem+json"
_ACCEPT_SIGNATURE = (
    'odr=("@method" "@target-uri");created;expires;nonce;keyid;alg="ed25519";tag="odr-hub-req/1"'  # RFC 9421 §5.1
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal, ready to be sent."""

    entry: Entry
    detail: str
    where: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, correlation_id: str) -> dict[str, Any]:
        """The members of RFC 9457 §3.1 and our own."""
        entry = self.entry
        members: dict[str, Any] = {
            "type": f"/docs/problems#{entry.code}",
            "title": entry.title,
            "status": entry.status,
            "detail": self.detail,
            "code": entry.code,
            "actor": entry.actor,
            "retryable": entry.retryable,
            "correlation_id": correlation_id,
        }
        if self.where:
            members["where"] = self.where
        if self.errors:
            members["errors"] = [{"pointer": pointer, "message": message} for pointer, message in self.errors]
        return members


def problem_of(error: Exception) -> Problem | None:
    """The problem that a refusal becomes; None for every other error, which is the hub's own fault.

    Errors of ``signing`` and ``schemas`` count as refusals only where intake or authentication met them
    and said so; anywhere else they mean that what the hub itself keeps is not as it should be.
    """
    entry = CATALOGUE.get(getattr(error, "code", ""))
    if not isinstance(error, HubError | Refused) or entry is None or entry.status is None:
        return None
    headers = dict(getattr(error, "headers", {}))
    if (seconds := getattr(error, "retry_after", None)) is not None:
        headers["Retry-After"] = str(seconds)
    return Problem(entry, error.message, error.where, getattr(error, "errors", ()), headers)


def problem_headers(problem: Problem) -> dict[str, str]:
    """The headers of a problem, in whatever form it is sent; it is never cached."""
    status = problem.entry.status or 500
    headers = {"Cache-Control": "no-store", "Content-Language": "en", "Vary": "Accept"}
    if status in (429, 503):
        headers["Retry-After"] = "1"
    headers.update(problem.headers)
    if status == 401:
        headers["Accept-Signature"] = _ACCEPT_SIGNATURE
    return headers


def problem_response(problem: Problem, correlation_id: str) -> web.Response:
    """The response for programs: status and body from the problem."""
    body = json.dumps(problem.document(correlation_id), ensure_ascii=False).encode()
    status = problem.entry.status or 500
    return web.Response(body=body, status=status, content_type=PROBLEM_TYPE, headers=problem_headers(problem))
