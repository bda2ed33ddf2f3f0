"""Settings that all tests share."""

import gc
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, settings

from signing import keyfile

# A busy machine is no defect: time is measured by the benchmarks, not by examples.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

LONGEST = ("tests/e2e", "tests/bench", "tests/browser", "tests/interop")
"""Files that take minutes; begun last, one of them would keep a single worker busy when all others have ended."""


@pytest.fixture(scope="session", autouse=True)
def each_passphrase_is_stretched_once() -> Iterator[None]:
    """Stretching costs a third of a second on purpose, and of the same passphrase and salt comes the same key.

    Every key file has a salt of its own, so that sealing one costs what it does; opening it again does not.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signing.keyfile._stretch", cache(keyfile._stretch))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; otherwise the order stays."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end: garbage collection need not look through it each time.

    Nor need it look often: a twentieth of the whole run went into collecting.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
