"""The gate before whatever is taken in: shut while something outside the hub is not as it must be.

A state has a stable code and a sentence that says what was found and who must act. It is alarmed once when it begins
and once when it ends; meanwhile statements and uploads are refused with it, reading goes on, and nobody needs to
restart anything: whoever watches opens the gate again.

What is deleted or ended because of its age waits too while the clock can't be relied on: for as long as one of
``CLOCK_STATES`` lasts, or a mere doubt that keeps nobody out.
"""

import logging

from hub.errors import HubError

__all__ = ["CLOCK_STATES", "Gate", "ShutError", "begin_alarm", "end_alarm"]

LOG = logging.getLogger("hub")
CLOCK_STATES = ("clock_behind", "clock_set")
"""The states that are about the clock; the gate is shut in each."""


def begin_alarm(code: str, sentence: str) -> None:
    """Tell the operator that a state has begun; the one place from which these alarms are raised."""
    LOG.error("%s [%s]", sentence, code)


def end_alarm(code: str) -> None:
    """Tell the operator that it is over."""
    LOG.warning("This is over; statements and uploads are taken again. [%s]", code)


class ShutError(HubError):
    """Nothing is taken in now; the same may be taken after ``retry_after`` seconds."""

    def __init__(self, code: str, message: str, retry_after: int = 60) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class Gate:
    """Which states there are now; used on one event loop."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}
        self._doubt: str | None = None

    @property
    def states(self) -> dict[str, str]:
        """The sentence of each state by its code."""
        return dict(self._states)

    @property
    def clock_doubt(self) -> str | None:
        """Why nothing may be deleted or ended because of its age now; None if the clock can be relied on."""
        return next((self._states[code] for code in CLOCK_STATES if code in self._states), self._doubt)

    def doubt_clock(self, sentence: str | None) -> None:
        """Take whether the clock is in doubt although nothing proves it wrong: the sentence, or None. Shuts nothing."""
        if sentence is not None and self._doubt is None:
            LOG.warning("%s", sentence)
        self._doubt = sentence

    def watch(self, code: str, sentence: str | None) -> None:
        """Take what a watch found: the state's sentence, or None where all is well."""
        if sentence is not None:
            if code not in self._states:
                begin_alarm(code, sentence)
            self._states[code] = sentence
        elif self._states.pop(code, None) is not None:
            end_alarm(code)

    def require_open(self) -> None:
        """Refuse to go on while any state lasts.

        Raises:
            ShutError: with the code and sentence of the state that began first.
        """
        for code, sentence in self._states.items():
            raise ShutError(code, sentence)
