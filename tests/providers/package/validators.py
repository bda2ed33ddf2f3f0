"""Schema validation for worker processes, which find it by name."""

import time

from tests.providers.package.samples import validate

__all__ = ["slow", "validate"]


def slow(name: str, version: int, document: object) -> None:
    """Takes its time, so that a test can end the worker meanwhile."""
    time.sleep(60)
    validate(name, version, document)


def broken(_name: str, _version: int, _document: object) -> None:
    """Fails in a way nobody expects."""
    raise RuntimeError("the validator is broken")
