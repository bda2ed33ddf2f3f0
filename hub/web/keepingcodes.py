"""Rows of the problem catalogue about keeping the log: export, backup, restore, completion."""

__all__ = ["KEEPING_CODES"]

KEEPING_CODES: tuple[tuple[int | None, str, str], ...] = (
    (None, "bad_export_target", "The target of an export is named wrongly."),
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
    (None, "backup_exists", "There is a file of this name; backups and keys never overwrite one."),
    (None, "backup_unwritable", "The backup, or what belongs to it, can't be written."),
    (None, "copy_unsupported", "The database is of a kind that this command does not copy."),
    (None, "copy_failed", "The database can't be copied."),
    (None, "bad_identity", "The file holds not exactly one age identity."),
    (None, "bad_manifest", "The manifest of the backup is not of its form."),
    (None, "backup_unreadable", "The backup is not of the form of one, or was never finished."),
    (None, "backup_differs", "A file in the backup is not as its manifest says."),
    (None, "head_differs", "The database in the backup is not of the log that its manifest names."),
    (None, "not_empty", "A backup is restored into an empty directory only."),
    (None, "restore_unwritable", "The backup can't be unpacked there."),
    (None, "setting_outside", "A setting in the backup leads out of the new directory."),
    (None, "bad_deletions", "The list of deletions is not of its form."),
    (None, "deletions_of_other", "The list of deletions belongs to another network."),
)
