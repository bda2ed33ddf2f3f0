"""Who may do what with a draft: its poster, its announced signers, and who holds a link. For others it is not there."""

import hmac
from dataclasses import dataclass

from hub.drafts import machine
from hub.drafts.errors import DraftAccessError
from hub.drafts.values import NOBODY_YET, DeskDraft

__all__ = ["Standing", "by_link", "by_owner"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a draft.

    Args:
        posted: whether they posted it.
        kids: the announced keys that are theirs; of a link exactly one.
        linked: whether they come by a link.
    """

    posted: bool
    kids: tuple[str, ...]
    linked: bool = False

    def require_signer(self, kid: str) -> None:
        """Refuse what only the owner of an announced key may do.

        Raises:
            DraftAccessError: draft_not_yours.
        """
        if kid not in self.kids:
            raise DraftAccessError("draft_not_yours", "This is for the signer to do whose key it is.", kid)

    def announced(self, kid: str) -> str:
        """The announced key of theirs that is meant; no key means who was invited, or whoever the link is for.

        Whoever comes by a link may not know yet that the hub has taken their key, nor the hub know the key.

        Raises:
            DraftAccessError: draft_not_yours.
        """
        if kid == NOBODY_YET and self.linked:
            return self.kids[0]
        self.require_signer(kid)
        return kid

    def require_poster(self) -> None:
        """Refuse what only the poster may do.

        Raises:
            DraftAccessError: draft_not_yours.
        """
        if not self.posted:
            raise DraftAccessError("draft_not_yours", "Only who posted a draft takes it back.")


def by_link(draft: DeskDraft, secret_hash: str, now: int) -> Standing | None:
    """How the holder of a link stands; None where no link of this draft has this secret, or links open it no more.

    Every link is compared, each in constant time.
    """
    fits = [
        one.kid for one in draft.signers if hmac.compare_digest((one.secret_hash or "").encode(), secret_hash.encode())
    ]
    return Standing(False, tuple(fits), True) if fits and machine.link_opens(draft, now) else None  # noqa: FBT003


def by_owner(draft: DeskDraft, owner: str) -> Standing | None:
    """How an actor who signed the request stands; None for who neither posted the draft nor is to sign it."""
    kids = tuple(one.kid for one in draft.owned_by(owner))
    posted = draft.poster == owner
    return Standing(posted, kids) if posted or kids else None
