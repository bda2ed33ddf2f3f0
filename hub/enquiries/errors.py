"""Errors of enquiries.

EnquiryError
├── BadEnquiryError   the enquiry or the comment is not of its form
└── AskedError        it was asked already, commented already, or the time to comment is over
"""

from hub.errors import HubError

__all__ = ["AskedError", "BadEnquiryError", "EnquiryError"]


class EnquiryError(HubError):
    """An enquiry or a comment is refused."""


class BadEnquiryError(EnquiryError):
    """The text is empty, too long or holds U+0000; ``where`` is its member."""


class AskedError(EnquiryError):
    """This matter was asked about already, was commented on already, or can't be commented on any more."""
