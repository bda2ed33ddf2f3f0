"""Commands that take a kid: every 64th begins with a hyphen, and is no option for that."""

import re

import click

__all__ = ["TakesKid"]

_KID = re.compile(r"-[A-Za-z0-9_-]{42}")


class TakesKid(click.Command):
    """A command whose last argument is a kid, which may begin with a hyphen.

    A kid in full is recognised by its form (RFC 7638: 43 characters of base64url); no option of ours is that long. Of
    a shortened one that begins with a hyphen the program can't know it: write ``--`` before it.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it, with the kids behind ``--``."""
        if "--" not in args:
            kids = [one for one in args if _KID.fullmatch(one)]
            if kids:
                args = [*(one for one in args if one not in kids), "--", *kids]
        return super().parse_args(ctx, args)
