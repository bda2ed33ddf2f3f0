"""Awards, for whoever can name one or holds its document: ``/v1/awards``. Nothing can be listed."""

from aiohttp import web

from hub.newest import NewestUnknownError, known_until
from hub.web.appkeys import AWARDS, DIRECTORY, LOG, SEQUENCER
from hub.web.directory import Moment, moment
from hub.web.requests import digest
from hub.web.responses import json_response

__all__ = ["find_awards", "get_award", "get_award_status"]


async def get_award(request: web.Request) -> web.Response:
    """The award, everything needed to verify it, and the status, all under one checkpoint."""
    return json_response(await request.app[AWARDS].of(digest(request.match_info["digest"], "digest")))


async def get_award_status(request: web.Request) -> web.Response:
    """The signed status alone, now or as ``at`` says, with the award's receipt.

    Now is the newest moment that is known whole.

    Raises:
        NewestUnknownError: ``at`` is later than that.
    """
    name, at = digest(request.match_info["digest"], "digest"), await moment(request)
    known = known_until(request.app[SEQUENCER], at.time)
    if known < at.time and "at" in request.query:
        raise NewestUnknownError
    at = Moment(at.size, known)
    return json_response({**at.json(), **await request.app[AWARDS].status_at(name, at.size, at.time)})


async def find_awards(request: web.Request) -> web.Response:
    """Each registration of a document apart: an amendment of one is not an amendment of another."""
    size = request.app[LOG].size
    found = await request.app[DIRECTORY].awards_by_document(digest(request.query.get("document"), "document"), size)
    awards = [{"digest": one.digest, "issuer": one.issuer, "index": one.index} for one in found]
    return json_response({"size": size, "awards": awards})
