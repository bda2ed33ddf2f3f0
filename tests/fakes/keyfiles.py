"""Key files of people whom a test has made up: the key and the passphrase are known, so one file of each will do."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from providers.gateway.keystore import write_new
from signing.keyfile import seal
from signing.secretkeys import AgreementKey, SigningKey

__all__ = ["lay_keys"]

_sealed = cache(seal)
"""Sealing takes a third of a second on purpose; a house of two providers needs eight files."""


def lay_keys(keys: Mapping[Path, SigningKey | AgreementKey], passphrase: str) -> None:
    """Write key files as ``save_keys`` does, the same file for the same key and passphrase as before."""
    for path, key in keys.items():
        write_new(path, _sealed(key, passphrase), secret=True)
