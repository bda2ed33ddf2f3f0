"""Errors of this package.

HubError
└── StorageError
    └── FactsBehindError   facts are being folded anew; figures would rest on some of them only
"""

from hub.storage.errors import StorageError

__all__ = ["FactsBehindError"]


class FactsBehindError(StorageError):
    """Facts about cases are being folded anew, as after an upgrade; ask again."""

    retry_after = 5

    def __init__(self) -> None:
        super().__init__("facts_behind", "Facts about cases are being folded anew; ask again soon.")
