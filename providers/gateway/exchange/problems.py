"""RFC 9457 problems of the local interface, in the form of the hub's."""

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiohttp import web

from providers.errors import GatewayError, ProvidersError
from providers.gateway.exchange.errors import CaseRefusedError
from schemas.errors import SchemasError, SchemaViolationError, Violation
from signing.errors import SigningError

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["STATUS", "problems", "refusal"]

STATUS = {
    "unauthorized": 401,
    "wrong_host": 403,
    "unknown_case": 404,
    "unknown_transfer": 404,
    "unknown_document": 404,
    "not_found": 404,
    "case_not_held": 409,
    "case_changed": 409,
    "transfer_open": 409,
    "wrong_state": 409,
    "decided_already": 409,
    "dispatched_already": 409,
    "brief_not_read": 409,
    "brief_unreadable": 409,
    "package_not_opened": 409,
    "package_deleted": 410,
    "too_large": 413,
    "wrong_media_type": 415,
    "bad_multipart": 400,
    "bad_parameter": 400,
    "not_json": 400,
    "not_an_object": 400,
    "bad_answer": 502,
    "hub_unreachable": 503,
    "hub_timeout": 504,
    "storage_failed": 503,
    "storage_full": 507,
    "disk_failed": 507,
    "internal_error": 500,
}
"""Code -> status; 422 for every other: understood, and not acceptable."""

_HTTP = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_TITLES = {400: "Malformed", 401: "Not authorised", 403: "Forbidden", 404: "Not found", 409: "Conflict", 410: "Gone"}
_log = logging.getLogger("providers.gateway.exchange")


@web.middleware
async def problems(request: web.Request, handler: "Handler") -> web.StreamResponse:  # noqa: PLR0911 - a table
    """Turn every refusal into its problem; what nobody foresaw is logged whole and answered 500."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return refusal(_HTTP.get(error.status, "bad_request"), error.text or error.reason, status=error.status)
    except SchemaViolationError as error:
        return refusal(error.code, error.message, violations=error.violations)
    except CaseRefusedError as error:
        return refusal(error.code, error.message, violations=error.violations)
    except ProvidersError as error:
        return refusal(error.code, error.message, error.where, error.actor, retryable=error.retryable)
    except (SchemasError, SigningError) as error:
        return refusal(error.code, error.message, error.where)
    except OSError as error:
        _log.exception("the disk failed")
        return refusal("disk_failed", f"The disk does not take it: {error.strerror}.", actor="operator", retryable=True)
    except Exception:  # noqa: BLE001 - whatever it is, the caller gets an answer
        _log.exception("unforeseen error")
        return refusal("internal_error", "The gateway made a mistake; see its log.", actor="operator")


def refusal(  # noqa: PLR0913 - the members of a problem
    code: str,
    detail: str,
    where: str = "",
    actor: str = "you",
    *,
    retryable: bool = False,
    violations: Sequence[Violation] = (),
    status: int | None = None,
) -> web.Response:
    """A problem response."""
    number = status or STATUS.get(code, 422)
    members = {
        "type": f"/openapi.json#{code}",
        "title": _TITLES.get(number, "Refused"),
        "status": number,
        "detail": detail,
        "code": code,
        "actor": actor,
        "retryable": retryable,
    }
    if where:
        members["where"] = where
    if violations:
        members["errors"] = [
            {"pointer": one.pointer.removeprefix("/body"), "message": one.message} for one in violations
        ]
    body = json.dumps(members, ensure_ascii=False).encode(errors="replace")  # it may quote what is no text
    response = web.Response(body=body, status=number, content_type="application/problem+json")
    if number == 413:
        response.force_close()
    return response


def unauthorized() -> GatewayError:
    """The refusal of a request without the token."""
    return GatewayError("unauthorized", "This needs the gateway's token: Authorization: Bearer <token>.")
