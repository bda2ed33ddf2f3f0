"""The officers' queue of applications, as an officer's program reads it and acts on it.

What the hub shows is believed as far as the officer's pinned policy reaches: a draft is signed only for the trusted
network, and what is signed is shown word for word. The self-test is the hub's word.
"""

import re
from collections.abc import Callable

from hub.errors import OfficerError
from providers.application.client import Applying, Found
from providers.application.selftest import ITEMS
from providers.client import connect, http_signer
from providers.printable import printable
from signing.drafts import Draft
from signing.secretkeys import SigningKey

__all__ = ["Queue", "application_lines", "queue_lines", "ready_draft"]

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Queue:
    """The queue at one hub, asked with an officer's http key; ``clock`` gives POSIX seconds."""

    def __init__(self, url: str, key: SigningKey, clock: Callable[[], int]) -> None:
        self._url = url
        self._sign = http_signer(key, clock)

    async def open(self) -> list[Found]:
        """Every open application, the oldest first."""
        async with connect(self._url, sign=self._sign) as hub:
            return await Applying(hub).queue()

    async def one(self, name: str) -> Found:
        """The application of this id, or the only open one for this actor id.

        Raises:
            OfficerError: no_application, several_applications.
        """
        async with connect(self._url, sign=self._sign) as hub:
            room = Applying(hub)
            if _ID.fullmatch(name):
                return await room.found(name)
            found = await room.queue(name)
            if not found:
                raise OfficerError("no_application", "Nobody applies for this id at the moment.", name)
            if len(found) > 1:
                ids = ", ".join(one.seen.id for one in found)
                message = f"Several applications ask for this id; name one of them: {ids}."
                raise OfficerError("several_applications", message, name)
            return await room.found(found[0].seen.id)

    async def decline(self, name: str, reason: str) -> Found:
        """End an application with a reason that the applicant reads."""
        found = await self.one(name)
        async with connect(self._url, sign=self._sign) as hub:
            return await Applying(hub).decline(found.seen.id, reason)


def ready_draft(found: Found, kid: str) -> Draft:
    """The draft of a tested application that waits for the officer's statement key ``kid``.

    Raises:
        OfficerError: not_ready.
        GatewayError: officer_not_named.
    """
    if found.seen.state != "ready" or found.form is None:
        message = f"The application is not ready for a decision: it is {found.seen.state}."
        raise OfficerError("not_ready", message, found.seen.id)
    return found.form.draft_for(kid)


def queue_lines(found: list[Found]) -> list[str]:
    """One line for each application."""
    if not found:
        return ["No application waits."]
    return [
        printable(f"{one.seen.id}  {one.seen.received_at}  {one.seen.state:<8}  {one.seen.actor}  {one.legal_name}")
        for one in found
    ]


def application_lines(found: Found) -> list[str]:
    """What an officer has to know of an application: state, outcomes of the self-test, what to look at twice."""
    seen = found.seen
    lines = [
        f"Application  {seen.id}",
        f"For          {seen.actor} ({seen.type}), {found.legal_name}",
        f"State        {seen.state}" + ("" if seen.reason is None else f": {seen.reason}"),
        f"Received     {seen.received_at}; expires {seen.expires_at}",
    ]
    told = [f"  {one.state:<10}  {ITEMS.get(one.item, one.item)}" for one in seen.outcomes]
    lines += ["Self-test", *(told or ["  not made yet"])]
    lines += ["Look twice" if found.flags else "No name or id looks like another's."]
    lines += [f"  {one}" for one in found.flags]
    return [printable(line) for line in lines]
