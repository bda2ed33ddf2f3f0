"""How an officer's draft reaches the others: as a file, or on the hub's signing desk.

On the desk nobody needs a link: each officer signs requests with the http key that the policy names. The officer's
program believes nothing of it: it shows what it fetches, and refuses what belongs to another network.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from hub.errors import OfficerError
from hub.officers.pinning import require_network
from providers.drafts import DraftView, ListedDraft
from providers.gateway import desk, keystore
from providers.gateway.seat import Seat
from providers.gateway.sign_commands import sign_on_desk
from signing.drafts import Draft
from signing.trust import TrustFile

__all__ = ["awaiting", "fetched", "http_key_of", "officer_seat", "share", "signed_on_desk", "withdrawn"]


def http_key_of(given: Path | None, keys: Sequence[Path]) -> Path:
    """The http key file: the one given, else the one that ``keygen`` wrote beside the first statement key.

    Raises:
        OfficerError: http_key_needed.
    """
    for path in (given, *(one.with_name(one.name.replace(".statement.", ".http.")) for one in keys)):
        if path is not None and path.is_file() and path not in keys:
            return path
    raise OfficerError("http_key_needed", "The desk knows you by your http key; name its file.", "--http-key")


def officer_seat(url: str, http_key: Path, secret: str) -> Seat:
    """An officer's place at the desk of the hub at ``url``."""
    return Seat(url, http=keystore.open_signing_key(http_key, secret))


def awaiting(seat: Seat, state: str | None = None) -> tuple[ListedDraft, ...]:
    """Drafts in this state that the officer posted or is to sign; without a state those that wait."""
    return seat.ask(lambda drafts: drafts.waiting() if state is None else drafts.list(state))


def share(seat: Seat, draft: Draft) -> str:
    """Put a draft on the desk; returns its id there."""
    return seat.ask(lambda drafts: drafts.post(draft, {}))


def withdrawn(seat: Seat, name: str) -> DraftView:
    """Take back the draft of this id, which the officer put on the desk; the hub refuses what is another's."""
    return seat.ask(lambda drafts: drafts.withdraw(name))


def fetched(seat: Seat, name: str, trust: TrustFile) -> Draft:
    """The draft of this id, if it can be signed and belongs to the trusted network.

    Raises:
        OfficerError: draft_not_open, wrong_network.
    """
    view = seat.ask(lambda drafts: drafts.get(name))
    if view.state != "open" or view.draft is None:
        raise OfficerError("draft_not_open", f"Nothing is to be signed here: the draft is {view.state}.", name)
    draft = desk.checked_draft(view.draft)
    require_network(draft, trust)
    return draft


def signed_on_desk(seat: Seat, draft: Draft, name: str, keys: Sequence[Path], secret: str) -> DraftView:
    """Sign with each key, and hand the signatures in; what was shown is what is signed."""
    views = []
    for path in keys:
        key = keystore.open_signing_key(path, secret)
        views.append(sign_on_desk(seat, draft, name, key))
        draft = desk.sign_draft(draft, key, int(time.time()))
    return views[-1]
