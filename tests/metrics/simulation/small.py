"""A small federation with one provider of each behaviour at least."""

from dataclasses import replace

from metrics.simulation.federation import Federation
from metrics.simulation.setting import Setting

__all__ = ["SMALL", "federation"]

SMALL = Setting(providers=12, slow=1, padding=1, hiding=1, late=1, smallest=30, largest=60)


def federation(seed: int = 1, **told: int) -> Federation:
    return Federation(seed, replace(SMALL, **told))
