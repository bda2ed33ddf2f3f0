"""Rows of the problem catalogue about uploads, packages and inboxes."""

__all__ = ["UPLOAD_CODES"]

UPLOAD_CODES: tuple[tuple[int | None, str, str], ...] = (
    (412, "wrong_tus_version", "The request does not speak the version of tus that is spoken here."),
    (400, "bad_upload_header", "A header of the upload is missing or no number."),
    (400, "bad_metadata", "Upload-Metadata does not have exactly the four pairs."),
    (403, "not_a_provider", "Only providers upload briefs and packages."),
    (404, "unknown_upload", "There is no such upload of yours, or it has expired."),
    (409, "package_stored", "This file is stored already for this recipient and transfer."),
    (409, "wrong_offset", "The octets do not continue what has arrived."),
    (413, "beyond_length", "More octets came than the file was announced to have."),
    (416, "range_not_satisfiable", "The file does not have these octets."),
    (422, "chunk_mismatch", "The body does not have the SHA-256 that Content-Digest names."),
    (422, "hash_mismatch", "The whole file does not have the SHA-256 that was announced; begin again."),
    (410, "package_deleted", "The file was stored here and deleted as planned."),
    (422, "base_unknown", "The base of a rotation is no checkpoint that this log has signed."),
    (422, "brief_missing", "The brief that an offer names was not uploaded for this recipient and transfer."),
    (
        422,
        "package_missing",
        "The package that a dispatch names was not uploaded for this recipient and transfer.",
    ),
)
