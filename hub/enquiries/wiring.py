"""The desk of enquiries in the application, and the comparisons that they come from."""

from collections.abc import AsyncIterator

from aiohttp import web

from hub.enquiries.desk import EnquiryDesk
from hub.oversight.comparing import Comparing
from hub.storage.enquiries import EnquiryStore
from hub.web import appkeys as keys

__all__ = ["enquiry_desk"]


async def enquiry_desk(app: web.Application) -> AsyncIterator[None]:
    """Enquiries and comparisons; needs the database, the facts and the data's quality."""
    app[keys.ENQUIRIES] = EnquiryDesk(EnquiryStore(app[keys.DATABASE]), app[keys.CLOCK])
    app[keys.COMPARING] = Comparing(app[keys.LEDGER], app[keys.EXCHANGE], app[keys.CLOCK])
    yield
