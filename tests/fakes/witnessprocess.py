"""Witnesses as real processes, for tests that stop, kill and restart them."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY_SECONDS = 20.0


class WitnessProcess:
    """One ``odr-gateway witness serve``."""

    def __init__(self, directory: Path, port: int = 0) -> None:
        self.directory = directory
        self.port = port
        self.url = ""
        self.ready_line = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = ["-m", "providers.cli", "witness", "serve", "--dir", str(self.directory), "--port", str(self.port)]
        environment = {**os.environ, "PYTHONUNBUFFERED": ""}  # the line must come without it too
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, env=environment
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), READY_SECONDS)
        self.ready_line = line.decode()
        match = re.fullmatch(r"witness \S+ listening on (http://127\.0\.0\.1:(\d+))\n", self.ready_line)
        assert match is not None, self.ready_line
        self.url, self.port = match[1], int(match[2])

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; returns the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), READY_SECONDS)

    async def kill(self) -> None:
        await self.end(signal.SIGKILL)
