"""The report of awards that a compromised key, or one that came in through it, has signed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from providers.client import connect, http_signer
from providers.gateway.asking import listed
from signing.encoding import JSON
from signing.secretkeys import SigningKey

__all__ = ["Affected", "affected_lines", "fetch_affected"]


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
        HubRefusedError, HubUnavailableError: as the client says.
    """
    awards: list[Mapping[str, JSON]] = []
    query = "" if since is None else f"from={since}"
    address = f"/v1/keys/{quote(kid, safe='')}/affected"
    async with connect(url, sign=http_signer(key, clock)) as hub:
        after = ""
        while True:
            parameters = "&".join(one for one in (query, after) if one)
            page = await hub.exchange("GET", f"{address}?{parameters}" if parameters else address)
            awards += listed(page, "awards", address)
            if page.get("next") is None:
                return Affected(str(page["kid"]), str(page["owner"]), int(page["from"]), tuple(awards))
            after = f"after={int(page['next'])}"


def affected_lines(found: Affected) -> list[str]:
    """The report as text."""
    head = f"Key {found.kid} of {found.owner}, in doubt from log index {found.since} on:"
    if not found.awards:
        return [head, "  no award is affected."]
    lines = [
        f"  {one['index']:>8}  {one['award_id']}  by {one['issuer']}, {one['status']}; signed with {one['signed_with']}"
        for one in found.awards
    ]
    return [head, *lines, f"{len(found.awards)} awards."]
