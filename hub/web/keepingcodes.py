"""Rows of the problem catalogue about keeping the log: export, backup, restore, completion."""

__all__ = ["KEEPING_CODES"]

KEEPING_CODES: tuple[tuple[int | None, str, str], ...] = (
    (None, "bad_target", "The target of an export is named wrongly."),
    (None, "s3_missing", "Exporting to S3 needs an extra that is not installed."),
    (None, "target_locked", "Another process exports to the same directory."),
    (None, "target_unwritable", "The directory to export to can't be used."),
    (None, "target_unreachable", "The object store to export to does not do it."),
    (None, "target_foreign", "What lies at the target is no checkpoint of this log."),
    (None, "target_ahead", "The target holds more of this log than is published here."),
    (None, "target_forked", "The target holds another history of this log."),
    (None, "target_moved", "Another export wrote to the target meanwhile."),
    (None, "object_differs", "The target holds another object under the name of an immutable one."),
    (None, "readback_differs", "What lies at the target is not what was written."),
)
