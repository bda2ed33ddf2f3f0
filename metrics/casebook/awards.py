"""The award of a case: when it was made, notified, published."""

from dataclasses import replace

from metrics.defects import Defect
from metrics.events import Event
from metrics.facts import AwardFact

__all__ = ["AwardBook"]


class AwardBook:
    """The award that is the outcome of one case. Adds to the case's ``defects``."""

    __slots__ = ("_defects", "award", "published_at")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self.award: AwardFact | None = None
        self.published_at: int | None = None

    def issued(self, event: Event) -> None:
        """The award is made; the date for performance is that of its obligation (``casebook.performance``)."""
        self.award = AwardFact(
            event.award_digest, event.at, None, event.outcome, default=bool(event.default), obligation=event.obligation
        )

    def notified(self, event: Event) -> None:
        """The parties are told of it."""
        if (award := self.meant(event)) is None:
            return
        if award.notified_at is not None:
            self._defects.append(Defect("repeated_event", event.sequence))
        else:
            self.award = replace(award, notified_at=event.at)

    def published(self, event: Event) -> None:
        """It is made public."""
        if self.meant(event) is None:
            return
        if self.published_at is not None:
            self._defects.append(Defect("repeated_event", event.sequence))
        else:
            self.published_at = event.at

    def meant(self, event: Event) -> AwardFact | None:
        """The award that the event is about; None, and a defect, if there is none or the event names another."""
        if self.award is None:
            self._defects.append(Defect("award_unknown", event.sequence))
            return None
        digests = {event.award_digest, self.award.digest} - {None}
        if len(digests) > 1:
            self._defects.append(Defect("award_disagrees", event.sequence))
            return None
        return self.award
