"""Whether and when the respondent of a case answers, and when submissions are closed."""

from collections.abc import Iterable

from metrics.defects import Defect
from metrics.events import Event
from metrics.facts import Deadline

__all__ = ["ResponseBook", "response_due"]


class ResponseBook:
    """Answer or silence of one case's respondent. Adds to the case's ``defects``.

    Attributes:
        responded_at: when the first answer came; parties may answer more than once.
        silent_at: when it was said that there is none; an answer that comes later counts all the same.
        submissions_closed: when submissions were first closed. Closing them again must not shorten the time to the
            award.
    """

    __slots__ = ("_defects", "responded_at", "silent_at", "submissions_closed")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self.responded_at: int | None = None
        self.silent_at: int | None = None
        self.submissions_closed: int | None = None

    def responded(self, event: Event) -> None:
        """The respondent answers."""
        if self.responded_at is None:
            self.responded_at = event.at

    def silent(self, event: Event) -> None:
        """There is no answer; a contradiction where there was one."""
        if self.responded_at is not None:
            self._defects.append(Defect("answered_already", event.sequence))
        elif self.silent_at is not None:
            self._defects.append(Defect("repeated_event", event.sequence))
        else:
            self.silent_at = event.at

    def closed(self, event: Event) -> None:
        """Nothing more can be submitted."""
        if self.submissions_closed is None:
            self.submissions_closed = event.at
        else:
            self._defects.append(Defect("repeated_event", event.sequence))


def response_due(deadlines: Iterable[Deadline]) -> int | None:
    """When the answer falls due: by the first deadline for it that did not lapse; where all did, by the first."""
    told = [one for one in deadlines if one.kind == "response"]
    return next((one.judged_due for one in told if one.result != "lapsed"), told[0].judged_due if told else None)
