"""What to do next in a transfer: one pure decision from what is stored, asked again after every step.

::

    sender      seal the brief, upload it, offer  --  accepted  --  pack, upload, dispatch  --  tidy up
    recipient   read the brief  --  a person decides  --  make a key, answer
                --  dispatched  --  download, attest delivery, unpack, attest retrieval, complete  --  tidy up

Each step leaves a mark in the store before the next; a step that was killed is simply taken again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from providers.gateway.exchange.values import Dossier

__all__ = ["Step", "next_step"]


_ENDING = ("brief", "offer", "package", "dispatch")
"""Without these a transfer comes to nothing: where one is refused for good, it ends or is taken back."""


@dataclass(frozen=True, slots=True)
class Step:
    """``what``: seal, pack, read_brief, make_key, download, open, close.

    With a purpose: compose, send, sync, refuse, take_back.
    """

    what: str
    purpose: str = ""


def next_step(one: Dossier, sent: Mapping[str, str]) -> Step | None:
    """The next step of a transfer, None while it is the turn of somebody else.

    Args:
        one: the transfer.
        sent: purpose -> state of whatever was to be sent for it.
    """
    if one.final:
        return None if one.closed else Step("close")
    return _sender(one, sent) if one.role == "sender" else _recipient(one, sent)


def _sender(one: Dossier, sent: Mapping[str, str]) -> Step | None:
    state = one.state
    if one.offer is None:  # begun in another life of this gateway, whose store is lost
        return None
    taken_back = "withdraw" in (one.decision or {})
    if state == "preparing":
        if taken_back and sent.get("offer") == "waiting":
            return Step("take_back", "offer")
        return (Step("seal") if not one.sealed else None) or _say(sent, "brief", "offer")
    if taken_back and state in ("offered", "accepted"):
        return _say(sent, "withdrawal")
    if state == "accepted":
        return (Step("pack") if one.package is None else None) or _say(sent, "package", "dispatch")
    return None


def _recipient(one: Dossier, sent: Mapping[str, str]) -> Step | None:
    if one.state == "offered":
        return _answer(one, sent)
    if one.state != "dispatched":
        return None
    if one.failure is not None:
        return _say(sent, "non_retrieval")
    if not one.fetched:
        return Step("download")
    return _say(sent, "delivery") or (None if one.opened else Step("open")) or _say(sent, "retrieval", "completion")


def _answer(one: Dossier, sent: Mapping[str, str]) -> Step | None:
    """Read the brief until a person has decided; a decline waits for nothing, an acceptance follows a brief alone."""
    declined = one.decision is not None and one.decision["answer"] == "decline"
    if one.brief is None and one.failure is None and not declined:
        return Step("read_brief")
    if one.decision is None:
        return None
    needs_key = not declined and one.key is None
    return (Step("make_key") if needs_key else None) or _say(sent, "answer")


def _say(sent: Mapping[str, str], *purposes: str) -> Step | None:
    """Say these one after the other: compose, send, and follow the log until it is seen there."""
    for purpose in purposes:
        state = sent.get(purpose)
        if state is None:
            return Step("compose", purpose)
        if state == "waiting":
            return Step("send", purpose)
        if state == "posted":
            return Step("sync", purpose)
        if state == "refused" and purpose in _ENDING:
            return Step("refuse", purpose)  # earlier versions could be killed before they drew the consequence
        if state == "cancelled" and purpose in ("brief", "package"):
            return None  # what would follow needs it
    return None
