"""Progress bars for packing, uploading, downloading and unpacking, from what the gateway says."""

import asyncio
import sys

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from providers.gateway.localclient import LocalGateway, segment
from signing.encoding import JSON

__all__ = ["follow"]

POLL_SECONDS = 0.25
_PHASES = {
    "pack": "packing",
    "upload_brief": "uploading the brief",
    "upload_package": "uploading",
    "download": "downloading",
    "unpack": "unpacking",
}


async def follow(local: LocalGateway, transfer: str, *, quiet: bool = False) -> dict[str, JSON]:
    """Wait until a transfer has ended, and return it; shows how far it is on stderr, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    hidden = quiet or not sys.stderr.isatty()  # whatever the environment says of colours
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden) as bars:
        task, phase = bars.add_task("waiting", total=None), ""
        while True:
            one = await local.get(f"/transfers/{segment(transfer)}")
            if one["finished"]:
                return one
            at = one["progress"]
            if at is None:
                bars.update(task, description=str(one["state"]), total=None)
            else:
                if at["phase"] != phase:
                    phase = str(at["phase"])
                    bars.reset(task)
                bars.update(task, description=_PHASES.get(phase, phase), completed=at["done"], total=at["total"])
            await asyncio.sleep(POLL_SECONDS)
