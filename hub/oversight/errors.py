"""Errors of this package.

HubError
├── FiguresBusyError       figures of as many other periods are waited for as may be
└── StorageError
    └── FactsBehindError   facts are being folded anew; figures would rest on some of them only
"""

from hub.errors import HubError
from hub.storage.errors import StorageError

__all__ = ["FactsBehindError", "FiguresBusyError"]


class FiguresBusyError(HubError):
    """Figures of as many other periods are waited for as may be; ask again, or for the last 365 days."""

    retry_after = 10

    def __init__(self) -> None:
        message = (
            "Figures of several other periods are being computed first. Ask again, or without from and to for the last"
            " 365 days, which are kept."
        )
        super().__init__("figures_busy", message)


class FactsBehindError(StorageError):
    """Facts about cases are being folded anew, as after an upgrade; ask again."""

    retry_after = 5

    def __init__(self) -> None:
        super().__init__("facts_behind", "Facts about cases are being folded anew; ask again soon.")
