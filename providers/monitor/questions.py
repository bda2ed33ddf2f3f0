"""Public statements that must be looked at: what the member's own entries say, and whose keys a statement is about.

The log shows of a public statement its kind, its issuer and two hashes; the statement itself is the hub's to show. It
is asked for after the entry is kept, and again at every visit until it is shown: a hub that does not answer for one
statement keeps nothing else from being told.
"""

from dataclasses import dataclass, replace
from hashlib import sha256

from providers.monitor.ownership import Concern, Owner, in_our_name
from signing.encoding import JSON
from signing.errors import SigningError
from signing.keys import PublicKey
from signing.statement import Statement

__all__ = ["KEYED", "Lacking", "Question", "answered", "is_of", "lacking", "touches_keys", "unanswered"]

KEYED = frozenset({"key", "member"})
"""Kinds whose statements may give the member a monitor key."""

_ACTIONS = ("add", "retire", "revoke", "confirm")


@dataclass(frozen=True, slots=True)
class Question:
    """A public entry whose statement is to be looked at.

    ``own``: it stands in the member's name; ``found``: POSIX seconds since when it is known here.
    """

    index: int
    kind: str
    digest: str
    sigs: str
    time: int
    own: bool
    found: int = 0


@dataclass(frozen=True, slots=True)
class Lacking:
    """A monitor key of the member's with which the log was not read; ``message`` is told unless it is here."""

    kid: str
    message: str
    here: bool


def is_of(said: Statement, question: Question) -> bool:
    """Whether this is the very document that the entry stands for, signatures included. None of them is verified."""
    return said.digest == question.digest and sha256(said.document).hexdigest() == question.sigs


def answered(question: Question, said: Statement, owner: Owner, *, known: bool) -> Concern | None:
    """What the entry is to ``owner`` now that its statement is shown; None: nothing.

    Args:
        question: the entry.
        said: its statement, as ``is_of`` found.
        owner: the member.
        known: whether the member made it.
    """
    if question.own:
        found = in_our_name(question.index, question.kind, question.digest, question.time, owner)
        return found if known else replace(found, message=f"{found.message} {_signers(said, owner)}")
    if not touches_keys(said.body, owner):
        return None
    action = said.body.get("action")
    what = action if action in _ACTIONS else "what it does is none of the protocol's actions"
    message = f"Entry {question.index}, by {said.issuer}, concerns the keys of {owner.actor}: {what}."
    return Concern(question.index, "key_by_others", question.kind, question.digest, question.time, message)


def unanswered(question: Question, owner: Owner, *, known: bool, refused: bool) -> Concern:
    """What the entry is to ``owner`` while its statement is not shown: ``refused``, or no usable answer so far."""
    if question.own and not known:
        found = in_our_name(question.index, question.kind, question.digest, question.time, owner)
        later = "The hub has not shown its statement so far; it is asked again at each visit."
        return replace(found, message=f"{found.message} {'The hub does not show its statement.' if refused else later}")
    message = f"Entry {question.index} is a public statement about keys, and the hub does not show it."
    return Concern(question.index, "statement_withheld", question.kind, question.digest, question.time, message)


def lacking(question: Question, said: Statement, owner: Owner, *, late: bool) -> tuple[Lacking, ...]:
    """The monitor keys that the statement gives ``owner`` and with which the log was not read.

    Args:
        question: the entry.
        said: its statement, as ``is_of`` found.
        owner: the member.
        late: the log was read at an earlier visit, and nobody knows with which keys; all count then.
    """
    body, here = said.body, {key.kid for key in owner.monitors}
    entries: JSON = None
    if said.kind == "member" and said.issuer == owner.actor:
        entries = body.get("keys")
    elif said.kind == "key" and body.get("action") == "add" and body.get("owner") == owner.actor:
        entries = [body.get("key")]
    kids = {_monitor_kid(one) for one in (entries if isinstance(entries, list) else ())} - {None}
    told = f"Entry {question.index} gives {owner.actor} the monitor key {{}}, whose key file is not here."
    return tuple(Lacking(str(kid), told.format(kid), here=kid in here) for kid in kids if late or kid not in here)


def touches_keys(body: dict[str, JSON], owner: Owner) -> bool:
    """Whether the body of a ``key`` statement, of any form, names the owner or one of its keys."""
    kid = body.get("kid")
    return body.get("owner") == owner.actor or (isinstance(kid, str) and kid in owner.kids)


def _monitor_kid(entry: JSON) -> str | None:
    if not isinstance(entry, dict) or entry.get("purpose") != "monitor":
        return None
    try:
        return PublicKey.from_jwk(entry.get("jwk")).kid
    except SigningError:
        return None  # no key: nothing can stand under it


def _signers(said: Statement, owner: Owner) -> str:
    told = [f"{kid} ({'a key of this gateway' if kid in owner.kids else role})" for kid, role in said.roles.items()]
    return f"It is signed with {', '.join(told)}."
