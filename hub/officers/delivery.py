"""Options of commands that make a draft: whether it goes into a file or onto the hub's signing desk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from hub.errors import OfficerError

__all__ = ["Delivery", "delivery_options"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a new draft goes: into a file, or onto the desk under an http key."""

    out: Path | None
    share: bool
    http_key: Path | None
    passphrase_file: Path | None

    @classmethod
    def of(cls, options: dict[str, Any]) -> "Delivery":
        """Take the options of ``delivery_options`` out of ``options``.

        Raises:
            OfficerError: out_or_share, http_key_needed.
        """
        one = cls(*(options.pop(name) for name in ("out", "share", "http_key", "passphrase_file")))
        if one.share == (one.out is not None):
            raise OfficerError(
                "out_or_share", "Say --out FILE for a draft file, or --share to put it on the desk.", "--out"
            )
        if one.share and one.http_key is None:
            raise OfficerError("http_key_needed", "The desk knows you by your http key; name its file.", "--http-key")
        return one


def delivery_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of a command that makes a draft: --out, --share, --http-key, --passphrase-file."""
    for option in (
        click.option("--passphrase-file", type=_FILE, help="File whose first line is the passphrase of the http key."),
        click.option("--http-key", type=_FILE, help="Your http key file; with --share."),
        click.option("--share", is_flag=True, help="Put the draft on the hub's signing desk instead of into a file."),
        click.option("--out", type=_FILE, help="New draft file to write."),
    ):
        command = option(command)
    return command
