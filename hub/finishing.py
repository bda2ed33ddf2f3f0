"""Steps that are never stopped half-way."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["finished"]

T = TypeVar("T")


async def finished(step: Coroutine[Any, Any, T]) -> T:
    """What ``step`` returns; it is never stopped half-way: a cancellation waits for its end, and so do further ones."""
    task = asyncio.create_task(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise
