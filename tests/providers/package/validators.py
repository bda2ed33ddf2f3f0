"""Schema validation for worker processes, which find it by name."""

import time

from tests.providers.package.samples import validate

__all__ = ["briefly", "broken", "slow", "validate"]


def slow(name: str, version: int, document: object) -> None:
    """Takes its time, so that a test can end the worker meanwhile."""
    time.sleep(60)
    validate(name, version, document)


def briefly(name: str, version: int, document: object) -> None:
    """Takes a moment, so that a test can cancel the work meanwhile."""
    time.sleep(0.3)
    validate(name, version, document)


def broken(_name: str, _version: int, _document: object) -> None:
    """Fails in a way nobody expects."""
    raise RuntimeError("the validator is broken")
