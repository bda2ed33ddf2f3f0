"""A hub that serves the tiles of its world's log, and lies where a test wants it to; and a monitor that watches it."""

import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from providers.client import connect
from providers.monitor.ownership import Owner
from providers.monitor.source import LogSource
from providers.monitor.store import MonitorStore, Standing
from providers.monitor.visit import Monitor
from signing.merkle import leaf_hash
from signing.secretkeys import AgreementKey
from signing.tiles import ENTRIES, TILE_WIDTH, entry_bundle, parse_tile_path
from tests.fakes.memorylog import MemoryTree
from tests.fakes.world import Actor, World
from tests.providers.fakehub import FakeHub, problem


class LyingHub(FakeHub):
    """The log of a world with its tiles; ``overrides`` and ``world`` make it lie."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.checkpoint: Callable[[], bytes] | None = None
        """What to show instead of the world's newest checkpoint."""

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/log/{tile:tile/.*}", self._tile)]

    async def _checkpoint(self, _: web.Request) -> web.Response:
        note = self.world.checkpoint() if self.checkpoint is None else self.checkpoint()
        return web.Response(body=note, content_type="text/plain")

    async def _tile(self, request: web.Request) -> web.Response:
        return web.Response(body=tile(self.world, request.match_info["tile"]), content_type="application/octet-stream")

    def tiles_asked(self) -> list[str]:
        return [path for _, path, _ in self.requests if path.startswith("/log/tile/")]

    def hide(self, path: str) -> None:
        self.overrides[path] = lambda _: problem(404, "beyond_log", "The log has no such tile.")

    def show(self, path: str, data: bytes) -> None:
        self.overrides[path] = lambda _: web.Response(body=data, content_type="application/octet-stream")

    def break_off(self, path: str) -> None:
        self.overrides[path] = lambda _: web.Response(status=502, text="bad gateway")


def tile(world: World, path: str) -> bytes:
    """A tile of the world's log by its path."""
    level, n, width = parse_tile_path(path)
    first = n * TILE_WIDTH
    if level == ENTRIES:
        return entry_bundle(world.entries[first : first + width])
    tree = MemoryTree(leaf_hash(entry) for entry in world.entries)
    return b"".join(tree.node(8 * level, index) for index in range(first, first + width))


def fork(world: World) -> World:
    """Another history with the same keys: the last entry is not there."""
    other = copy.deepcopy(world)
    del other.statements[-1], other.entries[-1], other.times[-1]
    return other


@dataclass
class Watched:
    """A member's monitor over a hub; it is opened anew for each visit, as after a restart."""

    world: World
    hub: LyingHub
    actor: Actor
    directory: Path
    made: set[str] = field(default_factory=set)
    stale_after: int = 7_200
    ahead: int = 0
    pauses: list[int] = field(default_factory=list)
    pause: Callable[[int], Awaitable[None]] | None = None
    """Waits instead of the monitor after so many failed attempts."""
    monitors: list[AgreementKey] = field(default_factory=list)
    """Further monitor keys that are here."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Monitor]:
        store = MonitorStore(self.directory / "monitor.sqlite3", self.world.network, self.actor.id)
        kids = frozenset(one.kid for one in (self.actor.statement, self.actor.http))
        async with connect(self.hub.url, timeout_seconds=5) as client:
            yield Monitor(
                directory=self.directory,
                trust=self.world.trust(),
                owner=lambda: Owner(self.actor.id, (self.actor.monitor, *self.monitors), kids),
                store=store,
                source=LogSource(client, self._pause),
                made=lambda: frozenset(self.made),
                clock=lambda: self.world.now + self.ahead,
                stale_after=self.stale_after,
            )
        store.close()

    async def visit(self) -> Standing:
        async with self.opened() as monitor:
            return await monitor.visit()

    async def _pause(self, attempts: int) -> None:
        self.pauses.append(attempts)
        if self.pause is not None:
            await self.pause(attempts)


def codes(standing: Standing) -> list[str]:
    return [one.code for one in standing.alerts]


def made_by(world: World, actor: Actor) -> set[str]:
    """Digests of the actor's own statements."""
    return {one.digest for one in world.statements if one.issuer == actor.id}


def sealed(world: World, actor: Actor, number: int = 0, **more: Any) -> bytes:
    """An award of the actor's."""
    neutral = world.actor("neutral-a", "neutral")
    return world.award(actor, neutral, pdf=b"%%PDF-1.7 %d" % number, **more)
