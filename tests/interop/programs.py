"""Programs of others that check our formats; a test without its program is skipped, on CI it fails."""

import importlib.util
import os
import shutil

import pytest


def require(program: str) -> str:
    """Path of ``program``; skips the test when it is not installed, fails it under ODR_REQUIRE_ALL=1."""
    found = shutil.which(program)
    if found is None and os.environ.get("ODR_REQUIRE_ALL") == "1":
        pytest.fail(f"{program} is not installed")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def require_module(name: str) -> None:
    """Skip the test where an optional library is not installed, fail it under ODR_REQUIRE_ALL=1."""
    if importlib.util.find_spec(name) is None:
        (pytest.fail if os.environ.get("ODR_REQUIRE_ALL") == "1" else pytest.skip)(f"{name} is not installed")
