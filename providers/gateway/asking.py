"""How commands ask the hub in the member's name, and lists in its answers."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from providers.errors import HubUnavailableError
from providers.gateway import keystore
from providers.gateway.home import load_home
from signing.secretkeys import SigningKey

__all__ = ["Work", "ask_hub", "listed", "now"]

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


def listed(answer: Mapping[str, Any], name: str, where: str, members: Collection[str] = ()) -> list[Mapping[str, Any]]:
    """The objects that an answer lists under ``name``; each has at least these members.

    Raises:
        HubUnavailableError: ``bad_answer``, it does not; ``where`` is what was asked.
    """
    found = answer.get(name)
    if not isinstance(found, list) or not all(isinstance(one, Mapping) and set(members) <= set(one) for one in found):
        raise HubUnavailableError("bad_answer", f"The hub's answer lists no {name}.", where, actor="hub")
    return found
