"""Problem documents (RFC 9457) as a hub sends them: read as words of a stranger."""

import re
from collections.abc import Mapping

from providers.errors import HubRefusedError, HubUnavailableError, ProvidersError
from providers.printable import printable
from signing.encoding import JSON, loads
from signing.errors import FormatError

__all__ = ["MAX_PROBLEM_BYTES", "problem_of"]

MAX_PROBLEM_BYTES = 65_536
_CODE = re.compile(r"[a-z][a-z0-9_]{1,63}")


def problem_of(status: int, body: bytes, url: str) -> ProvidersError:
    """The error that a response of another status than success stands for; its words are fit for a terminal."""
    try:
        problem = loads(body, max_bytes=MAX_PROBLEM_BYTES)
        code, detail = problem["code"], problem["detail"]
        where, actor, retryable = problem.get("where", ""), problem.get("actor", "you"), problem.get("retryable", False)
    except (FormatError, KeyError, TypeError, AttributeError):
        return _unsaid(status, url)
    if not isinstance(code, str) or not _CODE.fullmatch(code) or not isinstance(detail, str):
        return _unsaid(status, url)
    said = "\n  ".join(map(printable, [detail, *_violations(problem.get("errors"))]))
    return HubRefusedError(code, said, printable(where), actor=printable(actor), retryable=retryable is True)


def _unsaid(status: int, url: str) -> HubUnavailableError:
    message = f"The hub answered {status} without saying why."
    return HubUnavailableError("bad_answer", message, url, actor="hub", retryable=True)


def _violations(errors: JSON) -> list[str]:
    """``pointer: message`` of each listed violation, at most twenty."""
    if not isinstance(errors, list):
        return []
    return [f"{one.get('pointer', '')}: {one.get('message', '')}" for one in errors[:20] if isinstance(one, Mapping)]
