"""The commands of ``odr-verify`` beside verifying a bundle: ``trust`` and ``equivocation``."""

import sys
from pathlib import Path

from .equivocationcli import compare
from .trustcli import install

__all__ = ["run"]


def run(arguments: list[str], policy: Path) -> int:
    """Run the command that ``arguments`` begins with; returns the exit code.

    Args:
        arguments: ``trust …`` or ``equivocation …``.
        policy: where the trusted verification policy is kept.
    """
    if arguments[0] == "trust":
        return install(arguments[1:], policy)
    return compare(arguments[1:], policy, sys.stdout)
