"""Rows of the problem catalogue about applications for membership."""

__all__ = ["APPLICATION_CODES", "APPLICATION_QUOTA_CODES"]

APPLICATION_CODES: tuple[tuple[int | None, str, str], ...] = (
    (400, "bad_application", "The document is not an application of version 1."),
    (400, "bad_answer_form", "The answer to the self-test is not of its form."),
    (None, "bad_challenge", "The challenge of the self-test is not of its form."),
    (None, "bad_outcome", "An outcome of the self-test is not of its form."),
    (400, "bad_reason", "A reason is missing, or too long."),
    (404, "unknown_application", "There is no application of this id that you may see."),
    (409, "application_pending", "An application with this statement key is open already."),
    (409, "application_ended", "The application has ended."),
    (409, "admission_signed", "Everybody has signed the admission and the hub registers it; its application stays."),
    (422, "wrong_kind", "An application is a draft of kind member."),
    (422, "not_a_first_statement", "An application is a first statement without annex."),
    (422, "keys_incomplete", "The application does not bring one key of each purpose that is needed."),
    (422, "signed_already", "Somebody has signed the application who is not to sign it yet."),
    (422, "unknown_officer_key", "The application waits for somebody who is no officer now."),
    (422, "application_stale", "The application was made more than a day ago, or is dated ahead."),
    (None, "no_application", "Nobody applies for this id, or under this id of an application."),
    (None, "several_applications", "Several applications ask for the same id; one must be chosen."),
    (None, "not_ready", "The self-test of the application has not passed."),
)

APPLICATION_QUOTA_CODES: tuple[tuple[int | None, str, str], ...] = (
    (429, "application_quota", "More applications come from this address than are taken."),
    (429, "too_many_applications", "As many applications wait for the officers as may wait."),
)
