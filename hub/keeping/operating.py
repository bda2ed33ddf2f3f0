"""What the commands of this package do with a data directory: settings, keys and database opened, work called."""

from pathlib import Path

from hub import keystore
from hub.keeping.export import Exported, export, object_count
from hub.keeping.objectstore import open_target
from hub.maintenance import opened, progress
from hub.settings import load_settings
from signing.signnotes import log_signer

__all__ = ["export_to"]


async def export_to(data: Path, target: str, *, quiet: bool = False) -> Exported:
    """Export the log in ``data`` to ``target``, with progress on a terminal unless ``quiet``; errors as ``export``."""
    settings = load_settings(data)
    keys = keystore.load(data / settings.keys.directory)
    async with opened(data, settings) as (database, head):
        log_key = log_signer(head.origin, keys.log).verifier
        with open_target(target) as store, progress("exporting", object_count(head.size), quiet=quiet) as advance:
            return await export(database, head, log_key, store, advance)
