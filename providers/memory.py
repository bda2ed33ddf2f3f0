"""Garbage collection for programs that make many objects and few cycles."""

import gc

__all__ = ["collect_seldom", "keep"]


def collect_seldom() -> None:
    """Look for cycles after 50,000 new objects, not 700: that took a thirteenth of a start, a quarter of serving."""
    gc.set_threshold(50_000, 20, 100)


def keep() -> None:
    """Look no more through what lives already: imported modules stay to the end."""
    gc.collect()
    gc.freeze()
