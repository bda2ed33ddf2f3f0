"""Running a witness until it is told to stop."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from providers.witness.app import create_app
from providers.witness.config import is_mirror, open_witness
from providers.witness.errors import WitnessError

__all__ = ["serve"]

SHUTDOWN_SECONDS = 5.0


async def serve(directory: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the witness in ``directory`` until SIGTERM or SIGINT; requests under way are answered first.

    Args:
        directory: made by ``init_witness``.
        host: address to listen at.
        port: TCP port; 0 lets the system choose.
        ready: called with one line once the witness answers.

    Raises:
        WitnessError: the directory can't be opened, or the address is not free.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    witness = open_witness(directory)
    runner = web.AppRunner(
        create_app(witness, _now, directory if is_mirror(directory) else None),
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await _listen(runner, host, port)
        ready(f"witness {witness.name} listening on {_address(runner)}")
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, ValueError) as error:  # a host that can't be one
        why = getattr(error, "strerror", None) or "The address can't be used."
        raise WitnessError("cannot_listen", why, f"{host}:{port}") from error


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _now() -> int:
    return int(time.time())
