"""``/v1/notices``: what of the reader's will soon end or waits for it; for officers, what of anybody's does."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from hub.notices import Notice, notices_of, notices_of_enquiries
from hub.storage.endings import Endings, Standing
from hub.storage.enquiries import Enquiry
from hub.web.access import may_see_all_notices
from hub.web.appkeys import CLOCK, DATABASE, ENQUIRIES, LOG
from hub.web.authentication import known_reader
from hub.web.responses import json_response
from signing.keyring import KeyRecord

__all__ = ["get_notices"]


async def get_notices(request: web.Request) -> web.Response:
    """Notices by the time at which something ends, the nearest first."""
    reader, endings = known_reader(request), Endings(request.app[DATABASE])
    if may_see_all_notices(reader):
        everybody, asked = await endings.of_everybody(), await request.app[ENQUIRIES].enquiries()
    else:
        everybody = {reader.owner: await endings.of(reader.owner)}
        asked = await request.app[ENQUIRIES].enquiries(reader.owner)
    now, size = request.app[CLOCK](), request.app[LOG].size
    found = await asyncio.to_thread(_notices, everybody, asked, size, now)
    return json_response({"notices": [one.json() for one in found]}, headers={"Cache-Control": "private, no-cache"})


def _notices(everybody: Mapping[str, Standing], asked: list[Enquiry], size: int, now: int) -> list[Notice]:
    found = notices_of_enquiries(asked, now)
    for subject, one in everybody.items():
        ring = {kid: KeyRecord(**record) for kid, record in one.keys.items()}
        found += notices_of(subject, one.accreditation, ring, size, now)
    return sorted(found, key=lambda one: (one.due, one.subject, one.name or ""))
