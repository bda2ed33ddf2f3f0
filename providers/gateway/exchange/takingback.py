"""Taking back an offer of which nobody here knows whether it is in the log.

Its statement is signed, and was sent perhaps: the answer may have been lost, or the program killed before it came. To
post it once more would tell, since the hub answers what it knows with the first receipt; but a hub that never got it
would register it then, and the other provider would read a brief that it was not to see any more. So the hub is asked
for the receipt instead, and an offer that was taken back is never posted again.
"""

from providers.errors import HubRefusedError
from providers.gateway.exchange.context import Context
from providers.gateway.exchange.outbox import ANEW
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import Dossier, Problem
from providers.transfer.refusals import REFUSALS

__all__ = ["take_back"]

_UNKNOWN = "unknown_statement"


async def take_back(context: Context, dossier: Dossier) -> None:
    """Give an offer up that the hub has not registered; one that is in the log is followed, and withdrawn there.

    *Not* known is whether an earlier post is still on its way through the hub. Nothing can stop it, and waiting would
    not either: what comes into the log after this is withdrawn as soon as it is seen, and until then the hub takes no
    other offer of the case.

    Raises:
        HubUnavailableError, HubRefusedError: the hub does not tell; it is asked again later.
    """
    transfer_id = dossier.transfer_id
    offer = (await context.situations.of(transfer_id)).sending("offer")
    if offer is not None and await _is_registered(context, offer.digest):
        await context.situations.change(
            transfer_id, lambda book: book.change_sending(offer.id, state="posted", problem=None)
        )
        return
    await context.situations.change(transfer_id, lambda book: _cancel(book, transfer_id))


async def _is_registered(context: Context, digest: str) -> bool:
    try:
        await context.hub.receipt(digest)
    except HubRefusedError as error:
        if error.code == _UNKNOWN:
            return False
        raise
    return True


def _cancel(book: Book, transfer_id: str) -> None:
    dossier = book.dossier(transfer_id)
    if dossier is None or dossier.state != "preparing":
        return  # the inbox was quicker: it is in the log
    book.settle(transfer_id, "cancelled")
    book.release(dossier.case_id, transfer_id)
    book.amend(transfer_id, ended="cancelled", problem=_refusal(dossier.problem))


def _refusal(problem: Problem | None) -> Problem | None:
    """What the hub had refused the offer with; that it did not answer for a while is over."""
    return problem if problem is not None and problem.code in (*REFUSALS, *ANEW) else None
