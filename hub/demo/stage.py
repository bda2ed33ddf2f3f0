"""Where the demonstration plays: a temporary directory, the commands typed in it, and the processes that run.

Commands are shown as a user would type them and run as real processes with this interpreter. Every wait is
bounded, and leaving the stage ends every process, whatever happened on it.
"""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Self
from urllib.error import URLError
from urllib.request import urlopen

__all__ = ["DemoError", "Result", "Stage", "free_port", "port_is_free", "snapshot"]

COMMAND_SECONDS = 60
START_SECONDS = 20
STOP_SECONDS = 10
_MODULES = {"odr-hub": "hub.cli", "odr-gateway": "providers.cli", "odr-verify": "signing.cli"}
_ROOT = Path(__file__).resolve().parents[2]


class DemoError(Exception):
    """The demonstration can't go on; the message says why, with the output of what failed."""


class Result:
    """A finished command: exit code and output."""

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output


class Stage:
    """``with Stage(out) as stage:`` makes the directory and ends every process in the end.

    Args:
        out: where the story is told, such as ``sys.stdout``.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._stack = contextlib.ExitStack()
        self._started = time.monotonic()
        self._running: list[subprocess.Popen[str]] = []
        self.path = Path()

    def __enter__(self) -> Self:
        self.path = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="odr-demo-")))
        self._stack.callback(self._stop_all)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def seconds(self) -> float:
        """Seconds since the stage was set."""
        return time.monotonic() - self._started

    def heading(self, text: str) -> None:
        """Begin a chapter."""
        self._write(f"\n{text}\n{'-' * len(text)}\n")

    def say(self, text: str) -> None:
        """Tell a paragraph."""
        self._write(textwrap.fill(" ".join(text.split()), 100, break_on_hyphens=False) + "\n")

    def show(self, text: str) -> None:
        """Show output of a program, indented; paths below the stage are shown relative to it."""
        text = text.replace(f"{self.path}{os.sep}", "")
        self._write(textwrap.indent(text.rstrip(), "    ", lambda _: True) + "\n")

    def run(self, *command: str | Path, expect: int = 0, show: bool = True, quiet: bool = False) -> Result:
        """Run a command, show it and its output, and require its exit code.

        Args:
            command: program and arguments; a path below the stage is shown relative to it.
            expect: exit code that the story needs.
            show: whether to show the output.
            quiet: show neither command nor output.
        """
        if not quiet:
            self._write(f"  $ {self._shown(command)}\n")
        result = self._finish(command)
        if result.code != expect:
            told = f"{self._shown(command)} ended with {result.code} instead of {expect}:"
            raise DemoError(f"{told}\n{textwrap.indent(result.output, '    ')}")
        if show and not quiet:
            self.show(result.output)
        return result

    def judge(self, *command: str | Path) -> Result:
        """Run and show a command whose exit code is an answer; which part of its output is shown, the caller says."""
        self._write(f"  $ {self._shown(command)}\n")
        return self._finish(command)

    def run_together(self, commands: Sequence[Sequence[str | Path]], *, show: bool = True) -> list[Result]:
        """Run independent commands at the same time, then show each; all must succeed."""
        with ThreadPoolExecutor(max_workers=len(commands)) as pool:
            results = list(pool.map(self._finish, commands))
        for command, result in zip(commands, results, strict=True):
            self._write(f"  $ {self._shown(command)}\n")
            if show or result.code:
                self.show(result.output)
            if result.code:
                raise DemoError(f"{self._shown(command)} ended with {result.code}.")
        return results

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        """Start one of our programs that goes on running; its output goes to a log file on the stage."""
        self._write(f"  $ {self._shown(command)} &\n")
        return self.start_process(_real(command))

    def start_process(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start any program, without showing it."""
        log = self._stack.enter_context((self.path / f"process-{len(self._running)}.log").open("w+", encoding="utf-8"))
        process = subprocess.Popen(  # noqa: S603 - our own programs with our own arguments
            command, cwd=self.path, env=_environment(), stdout=log, stderr=subprocess.STDOUT, text=True
        )
        self._running.append(process)
        return process

    def output_of(self, process: subprocess.Popen[str]) -> str:
        """What a started process has written so far."""
        return (self.path / f"process-{self._running.index(process)}.log").read_text(encoding="utf-8")

    def wait_for_line(self, process: subprocess.Popen[str], text: str) -> str:
        """The first line of a started process that contains ``text``."""
        for _ in self._until(START_SECONDS):
            lines = [line for line in self.output_of(process).splitlines() if text in line]
            if lines:
                return lines[0]
            if process.poll() is not None:
                break
        raise DemoError(f"A process did not start:\n{textwrap.indent(self.output_of(process), '    ')}")

    def wait_for_url(self, process: subprocess.Popen[str], url: str) -> None:
        """Return once ``url`` answers 200."""
        for _ in self._until(START_SECONDS):
            with contextlib.suppress(URLError, OSError), urlopen(url, timeout=2) as answer:  # noqa: S310 - loopback
                if answer.status == 200:
                    return
            if process.poll() is not None:
                break
        raise DemoError(f"Nothing answers at {url}:\n{textwrap.indent(self.output_of(process), '    ')}")

    def stop(self, process: subprocess.Popen[str]) -> None:
        """End a started process: politely, and after a while by force."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)

    def _stop_all(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            self.stop(process)

    def _finish(self, command: Sequence[str | Path]) -> Result:
        try:
            done = subprocess.run(  # noqa: S603 - our own programs with our own arguments
                _real(command),
                cwd=self.path,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DemoError(f"{self._shown(command)} did not end within {COMMAND_SECONDS} s.") from None
        return Result(done.returncode, done.stdout + done.stderr)

    def _shown(self, command: Sequence[str | Path]) -> str:
        words = [str(word) for word in command]
        return " ".join(shlex.quote(word.replace(f"{self.path}{os.sep}", "")) for word in words)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    @staticmethod
    def _until(seconds: float) -> Iterator[None]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield
            time.sleep(0.05)


def snapshot(data: Path, copy: Path, database: str = "hub.sqlite3") -> Path:
    """A consistent copy of a running hub's data directory, as a backup makes it."""
    copy.mkdir()
    shutil.copy(data / "hub.toml", copy / "hub.toml")
    shutil.copytree(data / "keys", copy / "keys")
    with (
        contextlib.closing(sqlite3.connect(data / database)) as source,
        contextlib.closing(sqlite3.connect(copy / database)) as target,
    ):
        source.backup(target)
    return copy


def free_port() -> int:
    """A TCP port on loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _real(command: Sequence[str | Path]) -> list[str]:
    program, *arguments = command
    return [sys.executable, "-m", _MODULES[str(program)], *map(str, arguments)]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
