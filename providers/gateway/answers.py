"""How commands ask the running gateway and print its answer, for a person or for a machine."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import click

from providers.gateway.localclient import LocalGateway, local_gateway
from signing.encoding import JSON

__all__ = ["ask", "json_option", "print_answer"]

T = TypeVar("T")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document for a machine, and nothing else."
)


def ask(directory: Path, work: Callable[[LocalGateway], Awaitable[T]]) -> T:
    """What ``work`` gets from the gateway that runs in ``directory``. Raises as ``local_gateway`` and ``work``."""

    async def asked() -> T:
        async with local_gateway(directory) as local:
            return await work(local)

    return asyncio.run(asked())


def print_answer(found: Mapping[str, JSON], lines: Sequence[str], *, as_json: bool) -> None:
    """The ``lines`` for a person, or one document in ASCII for a machine, whatever strangers wrote into it."""
    for line in [json.dumps(found)] if as_json else lines:
        click.echo(line)
