"""Providers' offices at a running hub: a small federation has reported a quarter, and its commands are typed for real.

The commands sign with the machine's time, so the hub's clock has been moved up to it, and the federation's cases are
those of the newest quarter that can be compared today.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.enquiries.desk import FLAG, Matter
from hub.storage.enquiries import Enquiry
from hub.web.appkeys import ENQUIRIES
from metrics.comparison.quarters import mature_quarters
from metrics.events import DAY_SECONDS
from metrics.figures import Period
from metrics.simulation.federation import Federation
from metrics.simulation.setting import Setting
from providers.cli import main
from providers.gateway.home import create_home
from providers.gateway.keystore import save_keys
from signing.compose import timestamp
from tests.fakes.exchangehouse import free_port
from tests.fakes.federationscene import register
from tests.hub.running import Hub, Served
from tests.hub.world import Actor

__all__ = ["OFFICER", "Desk", "Offices", "offices"]

OFFICER = Actor("officer-1", "officer")
_OFFICERS = [OFFICER, Actor("officer-2", "officer")]
_PASSPHRASE = "of the office"
_UNHURRIED = 10_000
"""Days between reports: all is reported at once."""


@dataclass
class Desk:
    """Where somebody of a provider types commands; ``output`` gives and forgets what was printed."""

    actor: Actor
    directory: Path
    hub: Hub
    output: Callable[[], str] = str

    async def types(self, *words: object, code: int = 0) -> str:
        """A command that ends with ``code``; what it printed."""
        self.hub.clock.now = int(time.time())
        secret = ("--dir", self.directory, "--passphrase-file", self.directory / "passphrase")
        found = await asyncio.to_thread(main, [str(one) for one in (*words, *secret)])
        printed = self.output()
        assert found == code, printed
        return printed


@dataclass
class Offices:
    """The hub, the quarter that was reported, and a desk of each provider by its name."""

    hub: Hub
    place: Path
    quarter: Period
    desks: dict[str, Desk]

    @property
    def days(self) -> tuple[str, str, str, str]:
        """Options that name the quarter."""
        return "--from", timestamp(self.quarter.start)[:10], "--to", timestamp(self.quarter.end - 1)[:10]

    async def ask(self, provider: str, text: str) -> Enquiry:
        """An officer's enquiry about the provider's cases of the quarter."""
        app: Any = self.hub.client.app
        matter = Matter(provider, FLAG, "resolved_in_time", self.quarter)
        return await app[ENQUIRIES].ask(OFFICER.id, matter, text, {})  # type: ignore[no-any-return]

    async def desk(self, actor: Actor, url: str = "") -> Desk:
        """A gateway of ``actor``, which believes the hub at ``url``."""
        directory = self.place / f"{actor.id}{'-elsewhere' if url else ''}"
        policy = (self.hub.data / "verification-policy.txt").read_bytes()
        home = create_home(directory, actor=actor.id, member_type="provider", hub=url or self.hub.url, policy=policy)
        keys = {home.key_file(purpose): getattr(actor, purpose) for purpose in ("statement", "http", "monitor")}
        await asyncio.to_thread(save_keys, keys, _PASSPHRASE)
        (directory / "passphrase").write_text(f"{_PASSPHRASE}\n")
        return Desk(actor, directory, self.hub)


@asynccontextmanager
async def offices(place: Path, late: str = "") -> AsyncIterator[Offices]:
    """Four providers of some 35 cases; the one named ``late`` was asked about them when the quarter began."""
    now = int(time.time())
    (quarter,) = mature_quarters(now, 1)
    year = datetime.fromtimestamp(quarter.start, UTC).year
    setting = Setting(year=year, providers=4, slow=1, padding=0, hiding=0, late=0, smallest=34, largest=38)
    first = setting.quarters.index(quarter)
    begins = quarter.start - DAY_SECONDS
    async with Served(place / "hub", _OFFICERS, port=free_port(), now=begins) as hub:
        one = Offices(hub, place, quarter, {})
        if late:
            await one.ask(late, "Asked long ago.")
        for actor in await register(hub, Federation(1, setting), now, _UNHURRIED, plain=True, first=first):
            one.desks[actor.id] = await one.desk(actor)
        yield one
