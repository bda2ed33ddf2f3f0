"""Progress bars for packing, uploading, downloading and unpacking, from what the gateway says."""

import asyncio

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


async def follow(local: LocalGateway, transfer: str) -> dict[str, JSON]:
    """Show how far a transfer is until it has ended; returns it."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
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
