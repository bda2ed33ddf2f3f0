"""What kind of case it is, as its events state: attributes, fee and claim, languages, respondent, slots."""

from dataclasses import fields
from operator import attrgetter
from typing import Any

from metrics.defects import Defect
from metrics.events import Event, Slot
from metrics.facts import Attributes, Money

__all__ = ["TermsBook"]

_ATTRIBUTES = tuple(one.name for one in fields(Attributes))
_TERMS = (*_ATTRIBUTES, "fee", "claim", "respondent", "declared_languages", "slots")
_STATED = attrgetter(*_TERMS)
_NOTHING = (None,) * len(_TERMS)


class TermsBook:
    """What is stated of one case; of each the value stated last. Adds to the case's ``defects``.

    Attributes:
        fee_final: whether the fee stated last was stated as final.
        slots: the first ones registered; later ones could be made for those who will answer kindly.
    """

    __slots__ = ("_attributes", "_defects", "claim", "fee", "fee_final", "languages", "respondent", "slots")

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._attributes: dict[str, Any] = {}
        self.fee: Money | None = None
        self.fee_final = False
        self.claim: Money | None = None
        self.languages: tuple[str, ...] = ()
        self.respondent: str | None = None
        self.slots: tuple[Slot, ...] = ()

    def take(self, event: Event) -> None:
        """Note what the event states, whatever its type."""
        if _STATED(event) == _NOTHING:
            return  # most events
        for name in _ATTRIBUTES:
            value = getattr(event, name)
            if value is not None:
                self._attributes[name] = value
        if event.fee is not None:
            self.fee, self.fee_final = event.fee, bool(event.fee_final)
        self.claim = self.claim if event.claim is None else event.claim
        self.respondent = self.respondent if event.respondent is None else event.respondent
        if event.declared_languages is not None:
            self.languages = event.declared_languages
        if event.slots is not None:
            self._register(event, event.slots)

    def attributes(self) -> Attributes:
        """The attributes, once the story is complete."""
        return Attributes(**self._attributes)

    def _register(self, event: Event, slots: tuple[Slot, ...]) -> None:
        tokens = {one.token for one in slots}
        if self.slots or event.type != "commenced" or len(tokens) < len(slots):
            self._defects.append(Defect("slot_refused", event.sequence))
        else:
            self.slots = slots
