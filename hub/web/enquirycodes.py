"""Rows of the problem catalogue about enquiries."""

__all__ = ["ENQUIRY_CODES"]

ENQUIRY_CODES: tuple[tuple[int | None, str, str], ...] = (
    (400, "bad_enquiry", "The enquiry or the comment is empty or too long, or holds U+0000."),
    (409, "enquiry_asked", "An enquiry about this matter of this quarter was sent already."),
    (409, "enquiry_commented", "The provider has commented on the enquiry; a comment stays as it is."),
    (409, "enquiry_over", "The 28 days in which the provider may comment are over."),
)
