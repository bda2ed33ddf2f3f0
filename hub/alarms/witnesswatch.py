"""Listens to what witnesses answer: remembers the last answer of each, and raises the alarms that two of them mean.

A witness that is *ahead*, or that stands for *equivocation*, only says so. Therefore it is asked at once for the head
that it holds. If this log's own key has signed that head and the stored entries contradict it, the alarm carries both
heads as evidence and the log takes nothing in any more: going on would fork it. If not, the alarm says that the
witness shows nothing of the kind, or did not answer; a witness that errs or lies can't stop a log. Until this
process has seen such a head, the witness is asked again whenever it says so again, at most every few seconds: the one
look may have come in a bad moment, and an alarm of an earlier day, with evidence or without, tells nothing of today.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from hub.alarms.register import Alarms
from hub.log.cosigning import Ahead, Cosigned, Equivocation, Outcome, Refused
from hub.log.signedheads import Contradiction
from signing.notes import Checkpoint

__all__ = ["LastAnswer", "Silent", "WitnessWatch"]

LOG = logging.getLogger("hub.alarms")
Examine = Callable[[str], Awaitable[tuple[Contradiction, bytes] | None]]
"""Asks the witness of this name for its head: the contradiction with its evidence, None where there is none.

Raises ``Silent`` where the witness does not answer.
"""
AGAIN_SECONDS = 5.0
"""A witness that was examined in vain is left alone that long."""


class Silent(Exception):  # noqa: N818  # no fault of this program
    """A witness did not answer when it was asked for the head that it holds."""


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What a witness answered last: when (POSIX seconds), about a head of which size, and in words."""

    time: int
    size: int
    outcome: str


async def _nothing(_: str) -> None:
    """Before the log is open there is nothing to compare with."""


@dataclass(slots=True)
class WitnessWatch:
    """What a ``CosignClient`` tells its outcomes; used on one event loop.

    ``examine`` and ``refuse`` are set once the log is open; ``refuse`` makes it read-only.
    """

    alarms: Alarms
    clock: Callable[[], int]
    examine: Examine = _nothing
    refuse: Callable[[Contradiction], None] = LOG.error
    answers: dict[str, LastAnswer] = field(default_factory=dict)
    _running: set["asyncio.Task[None]"] = field(default_factory=set)
    _rests: dict[tuple[str, str], float] = field(default_factory=dict)
    _shown: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, checkpoint: Checkpoint, outcome: Outcome, late: bool) -> None:  # noqa: FBT001  # positional
        """Take in one outcome."""
        self.answers[outcome.witness] = LastAnswer(self.clock(), checkpoint.size, _words(outcome))
        LOG.debug("checkpoint of size %d: %s%s", checkpoint.size, outcome, ", late" if late else "")
        if isinstance(outcome, Ahead | Equivocation):
            code = "witness_ahead" if isinstance(outcome, Ahead) else "witness_equivocation"
            if self._is_open(code, outcome.witness):
                task = asyncio.create_task(self._examine(code, outcome), name="examine a witness")
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    def _is_open(self, code: str, witness: str) -> bool:
        """Whether this process has not seen yet what the witness holds, and it is time to ask."""
        key, now = (code, witness), asyncio.get_running_loop().time()
        if self.alarms.raised(code, witness) is not None and (key in self._shown or now < self._rests.get(key, 0)):
            return False
        self._rests[key] = now + AGAIN_SECONDS
        return True

    async def close(self) -> None:
        """Finish what is being examined."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def known(self) -> Mapping[str, LastAnswer]:
        """The last answer of each witness, by the name of its key."""
        return dict(self.answers)

    async def _examine(self, code: str, outcome: Ahead | Equivocation) -> None:
        found, why = None, "It shows no head signed by this log that would bear it out: it may be the one that errs."
        try:
            found = await self.examine(outcome.witness)
        except Silent:
            why = "It did not answer when it was asked for the head that it holds. It is asked again."
        except Exception:  # whatever it is, the alarm is raised
            LOG.exception("what the witness holds could not be examined")
            why = "What it holds could not be examined; the hub's log output says why. It is asked again."
        says = f"{_words(outcome)[:1].upper()}{_words(outcome)[1:]}."
        if found is None:
            await asyncio.to_thread(self.alarms.sound, code, f"{says} {why}", subject=outcome.witness)
            return
        contradiction, evidence = found
        self.refuse(contradiction)
        self._shown.add((code, outcome.witness))
        detail = f"{says} {contradiction.reason} The hub reads only now."
        await asyncio.to_thread(self.alarms.sound, code, detail, subject=outcome.witness, evidence=evidence)


def _words(outcome: Outcome) -> str:
    match outcome:
        case Cosigned():
            return "cosigned"
        case Ahead():
            return f"it has cosigned {outcome.size} entries, more than were ever offered to it"
        case Equivocation():
            return f"it has cosigned another tree of {outcome.old_size} entries (status {outcome.status})"
        case Refused():
            return f"refused ({outcome.status}): {outcome.reason}"
        case _:
            return f"no answer: {outcome.reason}"
