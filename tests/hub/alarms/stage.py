"""A hub in a directory whose alarms are caused, looked at, and left by the commands that they print."""

import asyncio
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from hub import cli, keystore
from hub.alarms.kinds import command_for
from hub.alarms.register import Alarm, Alarms
from hub.web import appkeys as keys
from signing.notes import Checkpoint, parse_checkpoint, parse_note
from signing.signnotes import log_signer, sign_checkpoint
from tests.hub.running import Hub, Running


class Stage:
    """One hub, opened and closed as a scene wants it."""

    def __init__(self, data: Path, start: Callable[..., Running]) -> None:
        self.data = data
        self.mirror = data.parent / "mirror"
        self._start = start
        self.running: Running | None = None
        self.hub: Hub | None = None

    # --- the hub -------------------------------------------------------------------------------

    async def open(self, **changes: Any) -> Hub:
        """Found a network and serve it."""
        self.running = self._start(**changes)
        self.hub = await self.running.__aenter__()
        return self.hub

    async def reopen(self, settings: str = "") -> Hub:
        """Close it and serve the directory anew, as ``odr-hub serve`` does; ``settings`` are added."""
        assert self.running is not None
        assert self.hub is not None
        self.running.more += settings
        self.hub = await self.running.restart(self.hub)
        return self.hub

    async def close(self) -> None:
        if self.running is not None:
            await self.running.client.close()

    @property
    def app(self) -> Any:
        assert self.hub is not None
        return self.hub.client.server.app  # type: ignore[attr-defined]

    async def look(self) -> None:
        """The look around that the hub takes every minute."""
        await self.app[keys.JOBS].run("housekeeping")

    async def is_read_only(self) -> bool:
        assert self.hub is not None
        status, _ = await self.hub.get("/readyz")
        return bool(status == 503)

    # --- its alarms ----------------------------------------------------------------------------

    def on(self, code: str) -> Alarm | None:
        """The alarm as another process reads it."""
        register = Alarms(self.data / "alarms", lambda: 0)
        return next((one for one in register.active if one.code == code), None)

    async def wait_on(self, code: str) -> Alarm:
        for _ in range(2000):
            if (alarm := await asyncio.to_thread(self.on, code)) is not None:
                return alarm
            await asyncio.sleep(0.01)
        raise AssertionError(f"{code} was not raised")

    async def obey(self, alarm: Alarm) -> int:
        """Carry out the command that the alarm prints; returns its exit code."""
        words = shlex.split(command_for(alarm.kind, str(self.data)).replace("URL", str(self.mirror)))
        assert words[0] == "odr-hub"
        if words[1] == "serve":
            await self.reopen()
            return 0
        return await self.run(*words[1:])

    async def run(self, *words: object) -> int:
        """Run ``odr-hub`` beside the event loop; returns its exit code."""
        return await asyncio.to_thread(cli.main, [str(one) for one in words])

    # --- what may go wrong ---------------------------------------------------------------------

    def head(self, grow: int = 0, root: bytes | None = None) -> bytes:
        """A checkpoint that the log's own key signs: of so many entries more, with this root."""
        assert self.hub is not None
        shown = parse_checkpoint(parse_note(self.app[keys.PUBLICATION].signed.note).text)
        signer = log_signer(shown.origin, keystore.load(self.data / "keys").log)
        return sign_checkpoint(Checkpoint(shown.origin, shown.size + grow, root or shown.root), signer)

    def keep_copy(self) -> Path:
        """The database as it is now, with what its journal holds."""
        copy = self.data.parent / "copy.sqlite3"
        with closing(sqlite3.connect(self.data / "hub.sqlite3")) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy

    def put_back(self, copy: Path) -> None:
        """As a restored backup does."""
        for path in self.data.glob("hub.sqlite3*"):
            path.unlink()
        shutil.copy(copy, self.data / "hub.sqlite3")

    def rename_table(self, old: str, new: str) -> None:
        self.execute(f"ALTER TABLE {old} RENAME TO {new}")

    def execute(self, statement: str) -> None:
        with closing(sqlite3.connect(self.data / "hub.sqlite3", timeout=10)) as connection:
            connection.execute(statement)
            connection.commit()
