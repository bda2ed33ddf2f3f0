"""Rows of the problem catalogue about encrypted files."""

__all__ = ["AGE_CODES"]

AGE_CODES: tuple[tuple[int | None, str, str], ...] = (
    (None, "not_an_age_file", "This is not a binary age file of version 1."),
    (None, "bad_age_header", "The header of the age file is not of the accepted form."),
    (None, "age_header_forged", "The header of the age file was changed."),
    (None, "no_matching_key", "The age file is not for this key."),
    (None, "age_truncated", "The age file ends too early."),
    (None, "age_extended", "Data follow the end of the age file."),
    (None, "age_chunk_forged", "A part of the age file was changed."),
    (None, "age_empty_chunk", "The last chunk of the age file is empty."),
    (None, "age_finished", "The age file is finished; nothing can be added."),
    (None, "no_recipient", "An age file needs at least one recipient."),
    (None, "too_many_recipients", "An age file has too many recipients."),
    (None, "duplicate_recipient", "One recipient of the age file is named twice."),
    (None, "bad_age_key", "This is not an age key."),
)
