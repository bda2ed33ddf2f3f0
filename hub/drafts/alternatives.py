"""When an admission that waits on the desk gives way to another draft of the same application.

An applicant signs the same statement once for each officer who may admit (decision 0026). The desk takes one
unfinished draft of a statement; without this rule an officer who puts the first one there and goes away would keep all
others from admitting. A draft on which an officer's signature rests gives way to nothing.
"""

from hub.drafts.values import OPEN, DeskDraft
from providers.application.form import for_officer

__all__ = ["gives_way", "officers_who_signed"]

_KIND = "member"
_OFFICER, _INTRODUCED = "officer", "introduced"
_ANYBODY = ""


def gives_way(waiting: DeskDraft, made: DeskDraft) -> bool:
    """Whether ``waiting`` ends so that ``made``, which an officer posts, can take its place.

    Checked: both are one admission and differ at most in the officers who sign; no officer has signed ``waiting``; the
    new keys, whose owner is thereby asked, have all signed ``made``; its poster is to sign it, or posted ``waiting``.
    Not checked: that the poster is an officer, which is the caller's to know.
    """
    return (
        waiting.state == OPEN
        and waiting.kind == made.kind == _KIND
        and not officers_who_signed(waiting)
        and {one.role for one in (*waiting.signers, *made.signers)} == {_OFFICER, _INTRODUCED}
        and all(one.signed for one in made.signers if one.role == _INTRODUCED)
        and (made.poster == waiting.poster or any(one.role == _OFFICER for one in made.owned_by(made.poster)))
        and _says(waiting) == _says(made)
    )


def officers_who_signed(draft: DeskDraft) -> list[str]:
    """Kids of the officers whose signatures are there."""
    return [one.kid for one in draft.signers if one.role == _OFFICER and one.signed]


def _says(draft: DeskDraft) -> tuple[bytes, bytes | None] | None:
    """What a draft says, whichever officers sign it."""
    text = draft.draft
    return None if text is None else (for_officer(text, _ANYBODY).octets, draft.annex)
