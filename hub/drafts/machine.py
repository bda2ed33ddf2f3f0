"""What may happen to a draft, and what it becomes by that. Pure: a draft and an event give the next draft.

::

    invited --completed--> open --signed by all--> complete --> registered | refused
    invited, open --declined--> declined
    invited, open, complete --expired--> expired
    invited, open --withdrawn--> withdrawn       also a complete one that the hub is not to register

A complete draft that the rules refuse for now stays complete, with the last such problem (``waiting``). Every state
after the arrows at the right is final. The texts go when a draft ends; those of a registered one, and the
secrets of links, a day later (``cleared``). A statement that was with the log when its draft expired is registered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hub.drafts.errors import DraftStateError
from hub.drafts.limits import RESULT_SECONDS
from hub.drafts.values import (
    COMPLETE,
    DECLINED,
    EXPIRED,
    INVITED,
    NOBODY_YET,
    OPEN,
    REFUSED,
    REGISTERED,
    UNFINISHED,
    WITHDRAWN,
    DeskDraft,
    Signer,
)
from signing.encoding import JSON
from signing.statement import Statement

__all__ = [
    "at",
    "cleared",
    "completed",
    "declined",
    "expired",
    "link_opens",
    "refused",
    "registered",
    "signed",
    "to_be_registered",
    "waiting",
    "withdrawn",
]


def at(draft: DeskDraft, now: int) -> DeskDraft:
    """The draft as it is at ``now``: one whose time is over has expired, whether the hub has noted it yet or not.

    A complete one that the hub is to register does not expire by the clock alone: the hub looks first whether it is
    registered.
    """
    waits = draft.state in UNFINISHED and not draft.handed_over
    return expired(draft, draft.expires_at) if waits and draft.expires_at <= now else draft


def link_opens(draft: DeskDraft, now: int) -> bool:
    """Whether links still open the draft: until it expires, and for a day after another end."""
    if draft.state in UNFINISHED:
        return draft.state == COMPLETE or now < draft.expires_at
    return draft.state != EXPIRED and draft.ended_at is not None and now < draft.ended_at + RESULT_SECONDS


def completed(draft: DeskDraft, statement: Statement, annex: bytes | None, signers: Sequence[Signer]) -> DeskDraft:
    """Who was invited has made a key and signed: the draft now has a text.

    Completing it in the same words again changes nothing.

    Raises:
        DraftStateError: nobody is invited any more.
    """
    if draft.state in (OPEN, COMPLETE) and draft.digest == statement.digest:
        return draft
    _require(draft, INVITED)
    links = {one.kid: one.secret_hash for one in draft.signers}
    invited = links.pop(NOBODY_YET)
    linked = tuple(replace(one, secret_hash=links.get(one.kid, invited)) for one in signers)
    text = replace(draft, payload=statement.octets, statement=statement.id, digest=statement.digest, annex=annex)
    return _complete_if_all(replace(text, state=OPEN, invitation=None, signers=linked))


def signed(draft: DeskDraft, kid: str, protected: str, signature: str) -> DeskDraft:
    """The draft with a signature that was verified; the very same one again changes nothing.

    Raises:
        DraftStateError: ``already_signed``, ``wrong_draft_state``.
    """
    one = draft.signer(kid)
    if one is not None and (one.protected, one.signature) == (protected, signature):
        return draft
    _require(draft, OPEN)
    if one is None or one.signed:
        raise DraftStateError("already_signed", "This key has signed the draft already, at another time.", kid)
    new = replace(one, signed=True, protected=protected, signature=signature)
    return _complete_if_all(replace(draft, signers=tuple(new if other is one else other for other in draft.signers)))


def to_be_registered(draft: DeskDraft) -> DeskDraft:
    """Its poster wishes after all that the hub registers it; one that has ended stays as it is.

    There is no way back: the log may have it already.
    """
    return replace(draft, register=True) if draft.state in UNFINISHED else draft


def declined(draft: DeskDraft, kid: str, reason: str, now: int) -> DeskDraft:
    """An announced signer does not sign: the draft ends."""
    _require(draft, INVITED, OPEN)
    return replace(_ended(draft, DECLINED, now), declined_kid=kid, decline_reason=reason)


def withdrawn(draft: DeskDraft, now: int) -> DeskDraft:
    """Its poster takes it back; not once the hub may have handed it to the log."""
    _require(draft, INVITED, OPEN, *(() if draft.register else (COMPLETE,)))
    return _ended(draft, WITHDRAWN, now)


def expired(draft: DeskDraft, now: int) -> DeskDraft:
    """Its time is over."""
    _require(draft, *UNFINISHED)
    return _ended(draft, EXPIRED, now)


def registered(draft: DeskDraft, index: int, now: int) -> DeskDraft:
    """The log has it; its text stays for a day, so that signers see what became of it."""
    _require(draft, COMPLETE, EXPIRED)
    return replace(draft, state=REGISTERED, ended_at=now, result_index=index, problem=None)


def waiting(draft: DeskDraft, problem: Mapping[str, JSON]) -> DeskDraft:
    """The hub refused to register it now, and tries again; the problem goes when the draft ends."""
    _require(draft, COMPLETE)
    return replace(draft, problem=problem)


def refused(draft: DeskDraft, problem: Mapping[str, JSON], now: int) -> DeskDraft:
    """The hub refused to register it, and would do so again."""
    _require(draft, COMPLETE)
    return replace(_ended(draft, REFUSED, now), problem=problem)


def cleared(draft: DeskDraft) -> DeskDraft:
    """The draft without texts, signatures and secrets of links."""
    return _without_texts(replace(draft, signers=tuple(replace(one, secret_hash=None) for one in draft.signers)))


def _require(draft: DeskDraft, *states: str) -> None:
    if draft.state not in states:
        message = f"The draft is {draft.state}; this can't be done to it any more."
        raise DraftStateError("wrong_draft_state", message, draft.id)


def _complete_if_all(draft: DeskDraft) -> DeskDraft:
    return draft if draft.missing else replace(draft, state=COMPLETE)


def _ended(draft: DeskDraft, state: str, now: int) -> DeskDraft:
    return _without_texts(replace(draft, state=state, ended_at=now, problem=None))


def _without_texts(draft: DeskDraft) -> DeskDraft:
    signers = tuple(replace(one, protected=None, signature=None) for one in draft.signers)
    return replace(draft, payload=None, statement=None, annex=None, invitation=None, signers=signers)
