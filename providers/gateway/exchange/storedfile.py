"""A file of a received package, served as it is stored."""

import os
from pathlib import Path

from aiohttp import web

__all__ = ["StoredFile"]


class StoredFile(web.FileResponse):
    """As its parent, with ranges and tags, but for one thing: never another file.

    aiohttp sends ``agreement.pdf.gz`` to whoever asks for ``agreement.pdf`` and takes gzip. In a package both are
    documents of whoever sent it, and the manifest names each by its own hash.
    """

    def _get_file_path_stat_encoding(self, accept_encoding: str) -> tuple[Path | None, os.stat_result, str | None]:
        del accept_encoding
        return super()._get_file_path_stat_encoding("")
