"""``odr-hub`` that kills itself at a step of registering answers: ``python -m tests.fakes.killedhub STEP serve ...``.

Each step is a place in the product's own code, in the order of ``STEPS``; SIGKILL comes from within, so that nothing
after it is done: no handler, no flush, no other thread.
"""

import functools
import inspect
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from hub import cli
from hub.feedback.statements import KIND
from hub.intake import Intake
from hub.jobs.ownstatements import OwnStatements
from hub.log import committing
from hub.log.committing import Committer
from hub.log.publication import Publication
from hub.log.sequencer import Sequencer
from hub.storage import transfers
from hub.storage.transfers import Transfers

__all__ = ["STEPS", "main"]

_Owner = Any
_Step = tuple[_Owner, str, bool]
"""Whose function, its name, and whether the end comes once it is done instead of before it."""

STEPS: dict[str, _Step] = {
    "composed": (Intake, "verify", False),
    "verified": (Sequencer, "submit", False),
    "decided": (Committer, "commit", False),
    "appended": (Committer, "sign_tail", False),
    "signed": (committing, "sign_checkpoint", True),
    "recorded": (Committer, "commit", True),
    "shown": (Publication, "publish_signed", True),
    "registered": (OwnStatements, "register", True),
    "marking": (transfers, "write_answers", True),
    "marked": (Transfers, "follow", True),
}
_ARMING = (OwnStatements, "register")
"""Before the job says something of the kind nothing counts: a hub that starts signs and follows too."""


class _Fuse:
    def __init__(self) -> None:
        self.lit = False

    def burn(self) -> None:
        """The end, if it is time."""
        if self.lit:
            os.kill(os.getpid(), signal.SIGKILL)

    def light(self, kind: str) -> None:
        """From now on it is time."""
        self.lit = self.lit or kind == KIND


def _ends(original: Callable[..., Any], fuse: _Fuse, *, after: bool) -> Callable[..., Any]:
    @functools.wraps(original)
    async def later(*given: Any, **named: Any) -> Any:
        if not after:
            fuse.burn()
        done = await original(*given, **named)
        fuse.burn()
        return done

    @functools.wraps(original)
    def at_once(*given: Any, **named: Any) -> Any:
        if not after:
            fuse.burn()
        done = original(*given, **named)
        fuse.burn()
        return done

    return later if inspect.iscoroutinefunction(original) else at_once


def _lights(original: Callable[..., Any], fuse: _Fuse) -> Callable[..., Any]:
    @functools.wraps(original)
    async def lit(self: Any, kind: str, *given: Any, **named: Any) -> Any:
        fuse.light(kind)
        return await original(self, kind, *given, **named)

    return lit


def main(step: str, arguments: list[str]) -> int:
    """Run the program until it gets to the step."""
    owner, name, after = STEPS[step]
    fuse = _Fuse()
    setattr(owner, name, _ends(getattr(owner, name), fuse, after=after))
    setattr(*_ARMING, _lights(getattr(*_ARMING), fuse))
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
