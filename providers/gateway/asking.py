"""How commands ask the hub in the member's name."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from providers.gateway import keystore
from providers.gateway.home import load_home
from signing.secretkeys import SigningKey

__all__ = ["Work", "ask_hub", "now"]

T = TypeVar("T")
Work = Callable[[str, SigningKey, Callable[[], int]], Coroutine[Any, Any, T]]
"""What is done with a hub's address, the key that signs requests, and a clock in POSIX seconds."""


def now() -> int:
    """The machine's time in POSIX seconds."""
    return int(time.time())


def ask_hub(directory: Path, passphrase_file: Path | None, work: Work[T]) -> T:
    """What ``work`` gets from the hub of the gateway in ``directory``. Raises as ``work``; errors of the key file."""
    home = load_home(directory)
    own = keystore.open_signing_key(home.key_file("http"), keystore.passphrase(passphrase_file))
    return asyncio.run(work(home.hub, own, now))
