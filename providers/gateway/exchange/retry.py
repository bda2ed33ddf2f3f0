"""When to try again: full jitter, the first time soon, then doubling up to a cap."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Backoff"]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between attempts, in seconds; ``chance`` gives numbers from 0 to 1."""

    first: float
    cap: float
    chance: Callable[[], float]

    def after(self, attempts: int) -> float:
        """How long to wait after so many failed attempts (from 1): anything up to the bound."""
        bound = min(self.cap, self.first * 2.0 ** min(attempts - 1, 30))
        return bound * self.chance()
