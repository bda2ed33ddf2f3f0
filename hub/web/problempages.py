"""Problems as pages: a person who opened a link that leads nowhere gets words; programs go on getting RFC 9457.

A page is for whoever names ``text/html`` in ``Accept`` and prefers nothing else to it, as every browser does when an
address is opened. A signed request always gets JSON. Status, code and headers are those of the JSON problem.
"""

import re

import aiohttp_jinja2
from aiohttp import web

from hub.web.appkeys import LANGUAGE
from hub.web.languages import CONSOLE, TAGS, choose
from hub.web.problems import Problem, problem_headers
from hub.web.rendering import spoken
from hub.web.wording import LISTS

__all__ = ["problem_page", "wants_page"]

_LONGEST = 2000
"""More of ``Accept`` than this is not read."""

_RANGE = re.compile(r"\s*([a-z*]+/[a-z0-9*.+-]+)\s*((?:;[^,]*)?)", re.IGNORECASE)
_WEIGHT = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|$)", re.IGNORECASE)
_JSON = ("application/problem+json", "application/json")


def wants_page(request: web.Request) -> bool:
    """Whether the sender is a person in a browser: it names ``text/html`` and wants JSON no more than that."""
    if "Signature-Input" in request.headers:
        return False
    weights: dict[str, float] = {}
    for part in request.headers.get("Accept", "")[:_LONGEST].split(","):
        if (match := _RANGE.fullmatch(part)) is not None:
            weight = _WEIGHT.search(match[2])
            weights[match[1].lower()] = 1.0 if weight is None else float(weight[1])
    page = weights.get("text/html", 0.0)
    return page > 0 and page >= max(weights.get(one, 0.0) for one in _JSON)


def problem_page(request: web.Request, problem: Problem, correlation_id: str) -> web.Response:
    """The page of a problem in the reader's language: what it says, who can mend it, what to name when asking."""
    among = CONSOLE if request.path.startswith("/console") else TAGS
    choice = choose(request.query.get("lang"), request.headers.get("Accept-Language", ""), among)
    request[LANGUAGE] = choice
    entry, headers = problem.entry, problem_headers(problem)
    shown = {
        "entry": entry,
        "translated": entry.code in LISTS["problems"] or choice.language.tag == "en",
        "detail": "" if problem.detail == entry.title else problem.detail,
        "where": problem.where,
        "correlation_id": correlation_id,
        "seconds": headers.get("Retry-After"),
    }
    response = aiohttp_jinja2.render_template("problem.html", request, spoken(request, choice) | shown)
    response.set_status(entry.status or 500)
    response.headers.update(headers | {"Vary": "Accept, Accept-Language"})
    del response.headers["Content-Language"]  # the page says its own
    return response
