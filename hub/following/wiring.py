"""Opens and closes the directory that follows the log, and what searches and publishes it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from aiohttp import web

from hub.following.directory import DirectoryFollower
from hub.newest import require_newest
from hub.snapshots import Snapshots
from hub.storage.keptarrays import KeptArrays
from hub.storage.search import BehindError, Search
from hub.storage.searchmemory import FILE, SearchMemory
from hub.storage.searchterms import FORM
from hub.storage.versions import DirectoryVersions
from hub.web import appkeys as keys
from hub.web.namesakes import Namesakes

__all__ = ["directory_following"]

LOG = logging.getLogger("hub.following")


async def directory_following(data: Path, app: web.Application) -> AsyncIterator[None]:
    """The directory, followed and searched; it is read into memory while the hub serves already."""
    database, publication = app[keys.DATABASE], app[keys.PUBLICATION]
    versions, clock = DirectoryVersions(database), app[keys.CLOCK]
    follower = DirectoryFollower(publication, versions)
    network = (await app[keys.DIRECTORY].policies(1))[0].digest
    memory = SearchMemory(KeptArrays(data / FILE, f"search {FORM} {network}"))
    search = Search(database, follower.reached, clock, memory)
    app[keys.DIRECTORY_FOLLOWER], app[keys.SEARCH] = follower, search
    key = app[keys.SECRETS].statement
    app[keys.SNAPSHOTS] = Snapshots(
        search, versions, app[keys.LOG], key=key, network=network, clock=clock,
        require_newest=partial(require_newest, app[keys.SEQUENCER]),
    )  # fmt: skip
    app[keys.NAMESAKES] = Namesakes(search, app[keys.DIRECTORY])
    await follower.start()
    warming = asyncio.create_task(_warm(search, publication.signed.size), name="directory")
    try:
        yield
    finally:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
        await follower.close()
        search.close()


async def _warm(search: Search, size: int) -> None:
    try:
        await search.ready(size)
    except BehindError as error:
        LOG.info("the directory is read into memory when it is asked for: %s", error)
