"""The feedback desk's place in the application: it stands on storage."""

from collections.abc import AsyncIterator

from aiohttp import web

from hub.feedback.desk import FeedbackDesk
from hub.feedback.reading import FeedbackReading
from hub.storage.feedback import FeedbackStore
from hub.web import appkeys as keys

__all__ = ["feedback_desk"]


async def feedback_desk(app: web.Application) -> AsyncIterator[None]:
    """Slots and answers, and what figures read of them; needs the database."""
    store = FeedbackStore(app[keys.DATABASE])
    app[keys.FEEDBACK] = FeedbackDesk(store, app[keys.SETTINGS].hub.url, app[keys.CLOCK])
    app[keys.FEEDBACK_READING] = FeedbackReading(store)
    yield
