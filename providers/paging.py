"""Lists that a hub gives page by page: each page goes further than the one before, so that no hub holds us for ever."""

from collections.abc import Mapping
from typing import TypeVar

from providers.errors import HubUnavailableError
from signing.encoding import JSON

__all__ = ["following"]

A = TypeVar("A", str, int)


def following(page: Mapping[str, JSON], after: A, read: int, most: int, *, last: A | None = None) -> A | None:
    """After what the next page begins; None where ``page`` is the last one.

    Not checked: that a page leaves nothing out.

    Args:
        page: the answer, with ``next``.
        after: after what it begins; what comes is of the same type.
        read: how much has been read of the list, ``page`` included, in entries or in pages.
        most: more than that no hub has.
        last: the last entry of this page, where the next one begins after exactly that.

    Raises:
        HubUnavailableError: bad_answer.
    """
    told = page.get("next")
    if told is None:
        return None
    if type(told) is not type(after) or told <= after or (last is not None and told != last):
        raise _unusable("The next page does not go on after the end of this one.")
    if read >= most:
        raise _unusable(f"The list does not end after {most:,} of what is in it, and no hub's is as long.")
    found: A = told
    return found


def _unusable(message: str) -> HubUnavailableError:
    return HubUnavailableError("bad_answer", message, "/next", actor="hub")
