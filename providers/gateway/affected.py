"""The report of awards that a compromised key, or one that came in through it, has signed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote

from providers.client import connect, http_signer
from providers.errors import HubUnavailableError
from providers.gateway.asking import listed
from providers.paging import following
from providers.printable import printable
from signing.encoding import JSON
from signing.secretkeys import SigningKey

__all__ = ["Affected", "affected_lines", "fetch_affected"]

_TOLD = ("index", "award_id", "issuer", "status", "signed_with")
_MOST_PAGES = 10_000
"""Most pages that are read. A page may be empty: a hub looks at so many awards for one and no more."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A key, the log index from which it is in doubt, and the awards."""

    kid: str
    owner: str
    since: int
    awards: tuple[Mapping[str, JSON], ...]


async def fetch_affected(url: str, key: SigningKey, kid: str, since: int | None, clock: Callable[[], int]) -> Affected:
    """Every affected award, as the hub tells it.

    Args:
        url: the hub.
        key: http key of the key's owner, or of an officer.
        kid: the key in question.
        since: log index from which it is in doubt; where its revocation says if None.
        clock: POSIX seconds.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says; bad_answer also for pages that would never end.
    """
    awards: list[Mapping[str, JSON]] = []
    query = "" if since is None else f"from={since}"
    address = f"/v1/keys/{quote(kid, safe='')}/affected"
    async with connect(url, sign=http_signer(key, clock)) as hub:
        after = -1
        for number in count(1):
            start = "" if after < 0 else f"after={after}"
            parameters = "&".join(one for one in (query, start) if one)
            page = await hub.exchange("GET", f"{address}?{parameters}" if parameters else address)
            awards += listed(page, "awards", address, _TOLD)
            if (begins := following(page, after, number, _MOST_PAGES)) is None:
                break
            after = begins
    return _affected(page, awards, address)


def affected_lines(found: Affected) -> list[str]:
    """The report as text, fit for a terminal."""
    lines = [
        f"  {one['index']!s:>8}  {one['award_id']}  by {one['issuer']}, {one['status']}; "
        f"signed with {one['signed_with']}"
        for one in found.awards
    ]
    head = f"Key {found.kid} of {found.owner}, in doubt from log index {found.since} on:"
    tail = f"{len(found.awards)} awards." if lines else "  no award is affected."
    return [printable(line) for line in (head, *lines, tail)]


def _affected(page: Mapping[str, JSON], awards: list[Mapping[str, JSON]], where: str) -> Affected:
    kid, owner, since = (page.get(name) for name in ("kid", "owner", "from"))
    if not isinstance(kid, str) or not isinstance(owner, str) or type(since) is not int:
        raise HubUnavailableError("bad_answer", "The hub's answer names no key in doubt.", where, actor="hub")
    return Affected(kid, owner, since, tuple(awards))
