"""Who may read what: class of the content, role of the reader, relation to the statement.

=================== ======================================================================
public statement    everybody
sealed statement    its issuer, the owners of its signing keys, officers; of a transfer, both members
award, by digest    whoever can name it: the digest of a salted payload can't be guessed
annex (C1)          members (providers, courts, observers) and officers; its issuer always
nationality (C1)    as an annex: who may see it may also search without it
held of a neutral   that neutral, also by a question under its statement key (``hub.web.holders``), and officers
brief, package      who uploaded it and whom it is for; for others it does not exist
transfer            its sender, its recipient, officers; for others it does not exist
inbox               each its own
upload              providers; who began it
draft               who posted it, the owners of its announced keys, who holds one of its links; for others it does
                    not exist (``hub.drafts.standing``)
new draft           posted by its issuer, by an owner of an announced key, or by an officer
affected awards     owner of the key in question; officers
feedback slots      providers, each for its own cases; so are relayed answers
feedback, counted   the provider its own, in groups; officers every provider's, exactly
slot, by token      whoever holds the token; whether it was answered is told only to who sends an answer
single answers      nobody; a statement that holds some is read by its issuer alone: the provider that relayed them
notices             each its own; officers everybody's
application         its applicant, until it is forgotten; officers read and decline all
enquiries           the provider concerned its own, which alone may comment; officers all, and send them
quality             of a provider's reporting and its reports recomputed: that provider and officers
console             officers, in a session that one of their own http keys opened
=================== ======================================================================
"""

from collections.abc import Collection
from dataclasses import dataclass

__all__ = [
    "Reader", "is_officer", "may_ask_feedback", "may_be_asked", "may_decide_applications", "may_enter_console",
    "may_read_affected", "may_read_annex", "may_read_answers", "may_read_application", "may_read_enquiries",
    "may_read_feedback", "may_read_held", "may_read_quality", "may_read_sealed", "may_read_transfer",
    "may_see_all_notices", "may_upload",
]  # fmt: skip

_MEMBERS = frozenset({"provider", "court", "observer"})
_OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Reader:
    """An actor who signed the request with a current http key."""

    owner: str
    role: str
    kid: str


def is_officer(reader: Reader) -> bool:
    """Whether ``reader`` is an officer, who may post any draft."""
    return reader.role == _OFFICER


def may_enter_console(reader: Reader) -> bool:
    """Whether ``reader`` may open a session of the officers' console, and keep it."""
    return reader.role == _OFFICER


def may_read_sealed(reader: Reader | None, issuer: str, signers: Collection[str]) -> bool:
    """Whether ``reader`` may read a sealed statement of ``issuer`` that the actors ``signers`` signed."""
    return reader is not None and (reader.role == _OFFICER or reader.owner == issuer or reader.owner in signers)


def may_read_answers(reader: Reader, issuer: str) -> bool:
    """Whether ``reader`` may read a statement of ``issuer`` that holds single answers of parties; officers may not."""
    return reader.owner == issuer


def may_read_annex(reader: Reader | None, issuer: str) -> bool:
    """Whether ``reader`` may read the annex of a statement of ``issuer``."""
    return reader is not None and (reader.role in _MEMBERS or reader.role == _OFFICER or reader.owner == issuer)


def may_read_held(reader: Reader, neutral: str) -> bool:
    """Whether ``reader`` may read everything that is held about the neutral of this actor id."""
    return reader.role == _OFFICER or reader.owner == neutral


def may_read_transfer(reader: Reader, sender: str, recipient: str) -> bool:
    """Whether ``reader`` may see a transfer between these two."""
    return reader.role == _OFFICER or reader.owner in (sender, recipient)


def may_upload(reader: Reader) -> bool:
    """Whether ``reader`` may upload briefs and packages."""
    return reader.role == "provider"


def may_ask_feedback(reader: Reader) -> bool:
    """Whether ``reader`` may have slots issued for its cases, and relay answers."""
    return reader.role == "provider"


def may_read_feedback(reader: Reader, provider: str) -> bool:
    """Whether ``reader`` may read counts of the feedback on this provider."""
    return reader.role == _OFFICER or (reader.role == "provider" and reader.owner == provider)


def may_read_application(reader: Reader, name: str) -> bool:
    """Whether ``reader`` may read the application of this id; its applicant signs with the key that it brings."""
    return may_decide_applications(reader) or (reader.role == "applicant" and reader.owner == name)


def may_decide_applications(reader: Reader) -> bool:
    """Whether ``reader`` may read every application, and decline it."""
    return reader.role == _OFFICER


def may_read_affected(reader: Reader, owner: str) -> bool:
    """Whether ``reader`` may ask which awards a key of ``owner`` has put in doubt."""
    return reader.role == _OFFICER or reader.owner == owner


def may_read_quality(reader: Reader, provider: str) -> bool:
    """Whether ``reader`` may read how well ``provider`` reports, and its reports."""
    return reader.role == _OFFICER or reader.owner == provider


def may_read_enquiries(reader: Reader) -> bool:
    """Whether ``reader`` may read enquiries: officers all, a provider those to itself."""
    return reader.role == _OFFICER or may_be_asked(reader)


def may_be_asked(reader: Reader) -> bool:
    """Whether ``reader`` is one whom enquiries are sent to, who may comment on its own."""
    return reader.role == "provider"


def may_see_all_notices(reader: Reader) -> bool:
    """Whether ``reader`` is told what of anybody's will soon end."""
    return reader.role == _OFFICER
