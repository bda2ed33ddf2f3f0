"""What a draft on the desk is: immutable, as it is stored and as the rules see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from signing.drafts import Draft
from signing.encoding import JSON

__all__ = [
    "COMPLETE",
    "DECLINED",
    "EXPIRED",
    "FINAL",
    "INVITED",
    "NOBODY_YET",
    "OPEN",
    "REFUSED",
    "REGISTERED",
    "STATES",
    "UNFINISHED",
    "WITHDRAWN",
    "DeskDraft",
    "Signer",
]

INVITED, OPEN, COMPLETE = "invited", "open", "complete"
REGISTERED, REFUSED, DECLINED, EXPIRED, WITHDRAWN = "registered", "refused", "declined", "expired", "withdrawn"
UNFINISHED = (INVITED, OPEN, COMPLETE)
FINAL = (REGISTERED, REFUSED, DECLINED, EXPIRED, WITHDRAWN)
STATES = (*UNFINISHED, *FINAL)
NOBODY_YET = ""
"""In place of the kid of somebody who is invited and has no key yet."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose signature a draft announces.

    Args:
        kid: the key; ``NOBODY_YET`` for who is invited.
        role: as the draft announces it.
        owner: whose registered key it is; None for who is invited, and for a key that the statement introduces.
        signed: whether the signature is, or was, there.
        protected: header of the signature, base64url; None when there is none, or when it was deleted.
        signature: the signature itself, base64url.
        secret_hash: SHA-256 (hex) of the secret in this signer's link; None without a link, or when it was deleted.
    """

    kid: str
    role: str
    owner: str | None
    signed: bool = False
    protected: str | None = field(default=None, repr=False)
    signature: str | None = field(default=None, repr=False)
    secret_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DeskDraft:
    """A draft on the desk. Times are POSIX seconds.

    Args:
        id: UUID of version 7.
        poster: actor id of who posted it.
        kind: of the statement.
        issuer: of the statement.
        state: one of ``STATES``.
        digest: SHA-256 (hex) of the payload; of the invitation's canonical form while somebody is invited.
        register: whether the hub registers it when everybody has signed.
        created_at: when it was posted.
        expires_at: when it ends if it has not ended before.
        signers: whose signatures it announces, in its own order while the text is there.
        statement: the statement's id; None for an invitation, and once the text is deleted.
        payload: the statement's octets; None for an invitation, and once they are deleted.
        annex: octets of the annex, if there is one.
        invitation: its members, until it is completed.
        ended_at: when it came to its final state.
        declined_kid: who declined.
        decline_reason: and why.
        result_index: log index, once it is registered.
        problem: why it was refused; of a complete one why the hub did not register it when it last tried.
    """

    id: str
    poster: str
    kind: str
    issuer: str
    state: str
    digest: str
    register: bool
    created_at: int
    expires_at: int
    signers: tuple[Signer, ...]
    statement: str | None = None
    payload: bytes | None = field(default=None, repr=False)
    annex: bytes | None = field(default=None, repr=False)
    invitation: Mapping[str, JSON] | None = field(default=None, repr=False)
    ended_at: int | None = None
    declined_kid: str | None = None
    decline_reason: str | None = None
    result_index: int | None = None
    problem: Mapping[str, JSON] | None = None

    @property
    def handed_over(self) -> bool:
        """Whether everybody has signed and the hub registers it: the log may have it already."""
        return self.state == COMPLETE and self.register

    @property
    def missing(self) -> tuple[Signer, ...]:
        """Who has not signed."""
        return tuple(one for one in self.signers if not one.signed)

    @property
    def draft(self) -> Draft | None:
        """The draft as it goes from signer to signer; None for an invitation, and once the text is deleted."""
        if self.payload is None:
            return None
        there = [one for one in self.signers if one.signature is not None]
        signatures: list[dict[str, JSON]] = [{"protected": one.protected, "signature": one.signature} for one in there]
        return Draft(self.payload, tuple(signatures), self.annex)

    def signer(self, kid: str) -> Signer | None:
        """The announced signer of this kid."""
        return next((one for one in self.signers if one.kid == kid), None)

    def owned_by(self, owner: str) -> tuple[Signer, ...]:
        """The announced signers whose keys are this actor's; who has yet to sign comes first."""
        mine = [one for one in self.signers if one.owner == owner]
        return tuple(sorted(mine, key=lambda one: one.signed))
