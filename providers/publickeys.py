"""Public keys of records that come again and again."""

from functools import lru_cache

from signing.keyring import KeyRecord
from signing.keys import PublicKey

__all__ = ["public_key"]


@lru_cache(maxsize=4096)
def public_key(record: KeyRecord) -> PublicKey:
    """``record.public``, checked once: checking the point costs as much as a signature.

    Raises:
        SigningError: as ``record.public``, each time anew.
    """
    return record.public
