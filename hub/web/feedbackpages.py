"""The questionnaire: ``/feedback``. Readable without script; its one script reads the token and hands in answers."""

from typing import Any

from aiohttp import web

from hub.feedback.questions import HIGHEST, LOWEST, OUTCOMES, QUESTIONS, REQUIRED
from hub.feedback.standing import GROUP
from hub.web.appkeys import CLOCK, SETTINGS
from hub.web.rendering import page

__all__ = ["feedback_page"]

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@page("feedback.html")
async def _form(request: web.Request) -> dict[str, Any]:
    return {
        "settings": request.app[SETTINGS].hub,
        "now": request.app[CLOCK](),
        "questions": QUESTIONS,
        "required": REQUIRED,
        "outcomes": OUTCOMES,
        "scale": range(LOWEST, HIGHEST + 1),
        "group": GROUP,
    }


async def feedback_page(request: web.Request) -> web.StreamResponse:
    """The questionnaire, the same for everybody: which case it is about stands in the link's fragment."""
    response = await _form(request)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
