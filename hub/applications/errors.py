"""Errors of this package.

HubError
├── ApplicationError        the application, or what is to be done with it, is refused
└── ApplicationQuotaError   too many come; it may go on after ``retry_after`` seconds
"""

from hub.errors import HubError

__all__ = ["ApplicationError", "ApplicationQuotaError"]


class ApplicationError(HubError):
    """The application, or what is to be done with it, is refused."""


class ApplicationQuotaError(HubError):
    """Too many come; ``retry_after`` in seconds."""

    def __init__(self, code: str, message: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(code, message)
