"""Awards, for whoever can name one or holds its document: ``/v1/awards``. Nothing can be listed."""

from aiohttp import web

from hub.newest import known_until, require_known
from hub.web.appkeys import AWARDS, DIRECTORY, LOG, SEQUENCER
from hub.web.directory import Moment, is_time, moment
from hub.web.requests import digest
from hub.web.responses import json_response

__all__ = ["find_awards", "get_award", "get_award_status"]


async def get_award(request: web.Request) -> web.Response:
    """The award, everything needed to verify it, and the status, all under one checkpoint.

    Raises:
        NewestUnknownError: another history is signed than the one stored here.
    """
    return json_response(await request.app[AWARDS].of(digest(request.match_info["digest"], "digest")))


async def get_award_status(request: web.Request) -> web.Response:
    """The signed status alone, now or as ``at`` says, with the award's receipt.

    Where entries are missing, now is the time of the newest one.

    Raises:
        NewestUnknownError: ``at`` is a time of which not everything is known here; or ``at`` is left out, and another
            history is signed than the one stored here.
    """
    name, at = digest(request.match_info["digest"], "digest"), await moment(request)
    if "at" not in request.query:
        at = Moment(at.size, known_until(request.app[SEQUENCER], at.time))
    elif is_time(request.query["at"]):
        require_known(request.app[SEQUENCER], at.time)
    return json_response({**at.json(), **await request.app[AWARDS].status_at(name, at.size, at.time)})


async def find_awards(request: web.Request) -> web.Response:
    """Each registration of a document apart: an amendment of one is not an amendment of another."""
    size = request.app[LOG].size
    found = await request.app[DIRECTORY].awards_by_document(digest(request.query.get("document"), "document"), size)
    awards = [{"digest": one.digest, "issuer": one.issuer, "index": one.index} for one in found]
    return json_response({"size": size, "awards": awards})
