"""The commands of ``odr-verify`` beside verifying a bundle: ``trust`` and ``equivocation``."""

from collections.abc import Callable
from pathlib import Path

from .equivocationcli import compare
from .trustcli import install

__all__ = ["run"]


def run(arguments: list[str], policy: Path, say: Callable[[str], object]) -> int:
    """Run the command that ``arguments`` begins with; returns the exit code.

    Args:
        arguments: ``trust …`` or ``equivocation …``.
        policy: where the trusted verification policy is kept.
        say: gets the answer; strangers may have worded parts of it, so that it must not reach a terminal as it is.
    """
    if arguments[0] == "trust":
        return install(arguments[1:], policy, say)
    return compare(arguments[1:], policy, say)
