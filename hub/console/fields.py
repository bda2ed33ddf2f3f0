"""What was typed into a form, read field by field; what is wrong is remembered beside the field that it belongs to.

A field is wrong in one of a few ways (``FAULTS``), which the pages say in words. Reading goes on after a fault, so
that everything that is wrong is said at once. Lengths and shapes are those of the schemas; a draft is held against the
schemas all the same.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from signing.compose import timestamp
from signing.encoding import is_hex_digest

__all__ = ["FAULTS", "Fields"]

FAULTS = frozenset({
    "missing", "too_long", "unseen_characters", "not_a_date", "not_after_start", "not_in_future", "not_a_digest",
    "not_offered", "not_a_code", "not_an_economy", "not_a_number", "too_few_signers", "affiliated",
    "nobody_to_serve", "not_a_currency", "not_a_rate", "twice",
})  # fmt: skip
"""Every way in which a field can be wrong."""

_EMPTY = 6
"""Empty rows that a form shows after those that are used."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
_ECONOMY = re.compile(r"[A-Z]{2}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(slots=True)
class Fields:
    """The fields of one form.

    Attributes:
        given: the values of each field as they were sent.
        faults: field -> what is wrong with it.
    """

    given: Mapping[str, Sequence[str]]
    faults: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The field's text as it was sent, for showing it again; empty when it was not."""
        return next(iter(self.given.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may be sent several times."""
        return tuple(self.given.get(name, ()))

    def rows(self, names: Collection[str], least: int, most: int) -> int:
        """How many rows a form shows: those that are used and a few empty ones after them.

        Args:
            names: of the fields of a row; each has the number of its row at its end, from 0.
            least: how many are shown at least.
            most: how many there can be.
        """
        used = [number for number in range(most) if any(self.value(f"{name}-{number}") for name in names)]
        return min(most, max(least, max(used, default=-1) + 1 + _EMPTY))

    def wrong(self, name: str, fault: str) -> None:
        """Remember a fault; the first of a field stays."""
        if fault not in FAULTS:
            raise KeyError(fault)
        self.faults.setdefault(name, fault)

    def text(self, name: str, most: int, *, needed: bool = True) -> str:
        """A line or paragraph of at most ``most`` characters, without the blanks around it."""
        found = re.sub(r"\s+", " ", self.value(name)).strip()
        if not found and needed:
            self.wrong(name, "missing")
        elif len(found) > most:
            self.wrong(name, "too_long")
        elif not found.isprintable():
            self.wrong(name, "unseen_characters")
        return found

    def code(self, name: str, *, needed: bool = True) -> str:
        """A code such as ``sample_scheme_2026``."""
        found = self.text(name, 40, needed=needed)
        if found and not _CODE.fullmatch(found):
            self.wrong(name, "not_a_code")
        return found

    def choice(self, name: str, offered: Collection[str], *, needed: bool = True) -> str:
        """One of the values that the form offers."""
        found = self.value(name)
        if not found and needed:
            self.wrong(name, "missing")
        elif found and found not in offered:
            self.wrong(name, "not_offered")
        return found

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.value(name) == "yes"

    def day(self, name: str, *, needed: bool = True) -> str:
        """A day like 2026-01-31."""
        found = self.value(name).strip()
        if not found and not needed:
            return ""
        if not found:
            self.wrong(name, "missing")
        elif not _is_day(found):
            self.wrong(name, "not_a_date")
        return found

    def start_of(self, name: str, *, needed: bool = True) -> str:
        """The first second of a day, as a time of a statement; empty when the field is empty or wrong."""
        return self._time(name, 0, needed=needed)

    def end_of(self, name: str, *, needed: bool = True) -> str:
        """The first second after a day, as a time of a statement: what ends on a day includes it."""
        return self._time(name, 86_400, needed=needed)

    def digest(self, name: str, *, needed: bool = False) -> str:
        """A SHA-256 in hex."""
        found = self.value(name).strip().lower()
        if not found and needed:
            self.wrong(name, "missing")
        elif found and not is_hex_digest(found):
            self.wrong(name, "not_a_digest")
        return found

    def economy(self, name: str, *, needed: bool = True) -> str:
        """A code of ISO 3166-1, such as SG."""
        return self._capitals(name, _ECONOMY, "not_an_economy", needed=needed)

    def currency(self, name: str, *, needed: bool = True) -> str:
        """A code of ISO 4217, such as SGD."""
        return self._capitals(name, _CURRENCY, "not_a_currency", needed=needed)

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 0 to ``most``; None when the field is empty or wrong."""
        found = self.value(name).strip()
        if not found:
            return None
        if not re.fullmatch(r"\d{1,15}", found, re.ASCII) or int(found) > most:
            self.wrong(name, "not_a_number")
            return None
        return int(found)

    def _capitals(self, name: str, form: re.Pattern[str], fault: str, *, needed: bool) -> str:
        found = self.value(name).strip().upper()
        if not found and needed:
            self.wrong(name, "missing")
        elif found and not form.fullmatch(found):
            self.wrong(name, fault)
        return found

    def _time(self, name: str, later: int, *, needed: bool) -> str:
        found = self.day(name, needed=needed)
        if not found or name in self.faults:
            return ""
        midnight = datetime.combine(date.fromisoformat(found), datetime.min.time(), UTC)
        return timestamp(int(midnight.timestamp()) + later)


def _is_day(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        return 1970 <= date.fromisoformat(text).year <= 2999
    except ValueError:
        return False
