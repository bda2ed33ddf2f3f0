"""What an audit tells: one finding for each thing that is not as it must be."""

from dataclasses import dataclass

from providers.printable import printable

__all__ = ["MOST", "Finding", "Findings"]

MOST = 1000
"""Findings that are kept; how many more there were is told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be; ``where`` names the row."""

    code: str
    message: str
    where: str

    @property
    def line(self) -> str:
        """All of it, fit for a terminal: rows may hold anybody's words, and what is damaged any octets."""
        return printable(f"{self.where}: {self.message} [{self.code}]")


class Findings:
    """Gathers what the parts of an audit find."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._more = 0

    def add(self, code: str, message: str, where: str) -> None:
        """Something is not as it must be."""
        if len(self._kept) < MOST:
            self._kept.append(Finding(code, message, where))
        else:
            self._more += 1

    @property
    def all(self) -> tuple[Finding, ...]:
        """Everything found, in the order of the audit."""
        if not self._more:
            return tuple(self._kept)
        return (*self._kept, Finding("more_findings", f"There are {self._more} findings more.", "database"))

    def __bool__(self) -> bool:
        return bool(self._kept)
