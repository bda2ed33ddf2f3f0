"""The event loop of programs that serve: uvloop where it exists, and threads that give the interpreter back quickly."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run_server"]

T = TypeVar("T")

SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the interpreter from one that waits for it.

The thread that writes gives it up for every statement of SQL; Python's 5 ms to get it back are a third of what a hub's
batch takes.
"""


def run_server(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end, as ``asyncio.run`` does, and return what it returns."""
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        import uvloop  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)
