"""Exit code 2 of commands that look: they can't tell, which is neither a yes nor a no."""

import click

from providers.errors import ProvidersError
from providers.printable import printable_lines

__all__ = ["CANT_TELL", "CantTellError"]

CANT_TELL = 2


class CantTellError(click.ClickException):
    """The command can't do its work; never to be taken for something that it found."""

    exit_code = CANT_TELL

    def __init__(self, error: ProvidersError) -> None:
        super().__init__(f"{printable_lines(error)}\n  code {error.code}; to act: {error.actor}")
