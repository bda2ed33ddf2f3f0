"""What is asked of the desk, read from the JSON that anyone may send; a form that differs is refused. Pure.

Reading a body of the largest size takes up to a fifth of a second: not on an event loop.

::

    POST /v1/drafts                  {"draft" | "invitation", "links"?, "expires_at"?, "register"?}
    PUT  /v1/drafts/{id}             {"draft"}
    POST /v1/drafts/{id}/signatures  {"signature": {"protected", "signature"}}
    POST /v1/drafts/{id}/decline     {"kid", "reason"}
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.drafts.errors import DraftRefusedError
from hub.drafts.limits import REASON_CHARACTERS
from hub.drafts.values import NOBODY_YET
from hub.plaintext import is_storable
from providers.errors import InvitationError
from providers.invitations import Invitation
from signing.drafts import Draft
from signing.encoding import JSON, canonical, is_hex_digest, loads
from signing.errors import SigningError
from signing.statement import seconds

__all__ = ["Decline", "NewDraft", "read_completion", "read_decline", "read_new", "read_signature"]

MAX_BODY = 800_000
MAX_SMALL_BODY = 16_384
"""A signature, or a reason of ``REASON_CHARACTERS`` that are all escaped, has less than half of it."""
MAX_BRACKETS = 4096
"""Lists and objects, and such brackets in texts, of what is asked: many times those of the longest invitation."""
MAX_LINKS = 16
_OPTIONAL = frozenset({"links", "expires_at", "register"})


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft, or an invitation, that somebody wants to put on the desk.

    Args:
        draft: the draft, or None.
        invitation: the invitation, or None; exactly one of the two is there.
        links: SHA-256 (hex) of the secret in each link, by kid; ``NOBODY_YET`` for who is invited.
        expires_at: when it is to end (POSIX seconds); None leaves that to the hub.
        register: whether the hub is to register it when everybody has signed.
    """

    draft: Draft | None
    invitation: Invitation | None
    links: Mapping[str, str]
    expires_at: int | None = None
    register: bool = True


@dataclass(frozen=True, slots=True)
class Decline:
    """Who declines, and why."""

    kid: str
    reason: str


def read_new(body: bytes, network: str) -> NewDraft:
    """A draft or an invitation to this network, with its links.

    Raises:
        DraftRefusedError: bad_draft_request, bad_invitation, bad_links, or why the draft can't be read.
    """
    members = _object(body)
    what = set(members) & {"draft", "invitation"}
    if len(what) != 1 or set(members) - what - _OPTIONAL:
        raise _bad("Send a draft or an invitation, with links, expires_at and register if wanted, and nothing else.")
    register = members.get("register", True)
    if not isinstance(register, bool):
        raise _bad("register is true or false.", "/register")
    invitation = _invitation(members["invitation"], network) if "invitation" in members else None
    draft = _draft(members["draft"]) if "draft" in members else None
    links = _links(members.get("links", []), invited=invitation is not None)
    return NewDraft(draft, invitation, links, _time(members.get("expires_at")), register)


def read_completion(body: bytes) -> Draft:
    """The draft that completes an invitation."""
    members = _object(body)
    if set(members) != {"draft"}:
        raise _bad("Send the completed draft and nothing else.")
    return _draft(members["draft"])


def read_signature(body: bytes) -> tuple[str, str]:
    """The two members of one JWS signature object, as text; what they say is checked later."""
    members = _object(body, MAX_SMALL_BODY)
    one = members.get("signature")
    if set(members) != {"signature"} or not isinstance(one, Mapping) or set(one) != {"protected", "signature"}:
        raise _bad("Send one signature with exactly protected and signature.", "/signature")
    if not isinstance(one["protected"], str) or not isinstance(one["signature"], str):
        raise _bad("protected and signature are text.", "/signature")
    return one["protected"], one["signature"]


def read_decline(body: bytes) -> Decline:
    """Who declines and why; a kid of null means who was invited, or whoever a link is for."""
    members = _object(body, MAX_SMALL_BODY)
    if set(members) != {"kid", "reason"} or not isinstance(members["kid"], str | None):
        raise _bad("Send the kid of your key and a reason.", "/kid")
    reason = members["reason"]
    if not isinstance(reason, str) or not 1 <= len(reason.strip()) <= len(reason) <= REASON_CHARACTERS:
        raise _bad(f"The reason is a text of 1 to {REASON_CHARACTERS} characters.", "/reason")
    if not is_storable(reason):
        raise _bad("The reason holds the character U+0000.", "/reason")
    return Decline(NOBODY_YET if members["kid"] is None else members["kid"], reason)


def _object(body: bytes, most: int = MAX_BODY) -> dict[str, JSON]:
    if body.count(b"{") + body.count(b"[") > MAX_BRACKETS:  # only these make a body of such a size slow to read
        raise _bad(f"A request about a draft has at most {MAX_BRACKETS} lists and objects.")
    try:
        members = loads(body, max_bytes=most)
    except SigningError as error:
        raise DraftRefusedError(error.code, error.message, error.where) from None
    if not isinstance(members, dict):
        raise _bad("Send a JSON object.")
    return members


def _draft(value: JSON) -> Draft:
    try:
        return Draft.from_bytes(canonical(value))
    except SigningError as error:
        code = "bad_draft_request" if error.code == "bad_draft" else error.code
        raise DraftRefusedError(code, error.message, f"/draft{error.where}") from None


def _invitation(value: JSON, network: str) -> Invitation:
    try:
        return Invitation.from_json(value, network)
    except InvitationError as error:
        raise DraftRefusedError(error.code, error.message, error.where) from None


def _links(value: JSON, *, invited: bool) -> dict[str, str]:
    """Every announced signer has one link at most; who is invited has exactly one."""
    if not isinstance(value, list) or len(value) > MAX_LINKS:
        raise _bad_links(f"Links are a list of at most {MAX_LINKS}.")
    found: dict[str, str] = {}
    for number, one in enumerate(value):
        where = f"/links/{number}"
        if not isinstance(one, Mapping) or set(one) != {"kid", "secret_sha256"}:
            raise _bad_links("A link has exactly kid and secret_sha256.", where)
        kid = NOBODY_YET if one["kid"] is None else one["kid"]
        if not isinstance(kid, str) or not is_hex_digest(one["secret_sha256"]):
            raise _bad_links("A link names a kid, or null, and the SHA-256 of its secret in hex.", where)
        if kid in found or one["secret_sha256"] in found.values():
            raise _bad_links("Each signer has one link, with a secret of its own.", where)
        found[kid] = one["secret_sha256"]
    if invited != (NOBODY_YET in found):
        raise _bad_links("An invitation has exactly one link whose kid is null; a draft has none.")
    return found


def _time(value: JSON) -> int | None:
    try:
        return None if value is None else seconds(value, "/expires_at")
    except SigningError as error:
        raise DraftRefusedError(error.code, error.message, error.where) from None


def _bad(message: str, where: str = "") -> DraftRefusedError:
    return DraftRefusedError("bad_draft_request", message, where)


def _bad_links(message: str, where: str = "/links") -> DraftRefusedError:
    return DraftRefusedError("bad_links", message, where)
