"""Settings that all tests share."""

import gc
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, settings

from signing import keyfile, keys

# A busy machine is no defect: time is measured by the benchmarks, not by examples.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

LONGEST = ("tests/e2e", "tests/bench", "tests/browser", "tests/interop")
"""Files that take minutes; begun last, one of them would keep a single worker busy when all others have ended."""


@pytest.fixture(scope="session", autouse=True)
def sums_are_done_once() -> Iterator[None]:
    """Two that cost most are remembered: of the same octets comes the same result, and what is refused is refused anew.

    Stretching a passphrase takes a third of a second on purpose; every key file has a salt of its own, so that sealing
    one takes as long as it does, while opening it again does not. The few public keys of a test are checked in each
    statement that brings or names them: a tenth of what tests of the exchange took.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signing.keyfile._stretch", cache(keyfile._stretch))
        patch.setattr("signing.keys._check_point", cache(keys._check_point))
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
