"""Errors of uploads and packages.

PackagesError
├── UploadError       this upload may not begin, or not go on like this
├── OutOfSpaceError   quota or disk; the same may be taken in later, after ``retry_after`` seconds
└── FileMissingError  a statement names a file that was not uploaded here as it says
"""

from hub.errors import HubError

__all__ = ["FileMissingError", "OutOfSpaceError", "PackagesError", "UploadError"]


class PackagesError(HubError):
    """Root of the errors of uploads and packages."""


class UploadError(PackagesError):
    """This upload may not begin, or not go on like this."""


class OutOfSpaceError(PackagesError):
    """There is no room now; the same may be taken in later."""

    def __init__(self, code: str, message: str, where: str = "", *, retry_after: int = 600) -> None:
        super().__init__(code, message, where)
        self.retry_after = retry_after


class FileMissingError(PackagesError):
    """A statement names a file that was not uploaded here as it says."""
