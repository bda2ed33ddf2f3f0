"""Posting a complete statement, and waiting for a receipt that verifies.

Success means that the trusted log holds the statement and that the quorum of witnesses saw it, both
checked here. Anything less is an error that says what is still open; posting again is always safe. Where
nobody is asked to witness, that is said before anything is posted, so that the same command can be run again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from providers.client import HubClient
from providers.errors import GatewayError, UntrustedAnswerError
from providers.network import Network, Standing
from providers.receipts import Registration
from signing.keys import PublicKey
from signing.statement import Statement

__all__ = ["Posted", "register"]

FIRST_WAIT_SECONDS = 2
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Posted:
    """A registration whose receipt verifies, and where it stands."""

    registration: Registration
    standing: Standing


async def register(  # noqa: PLR0913 - what to post, under which trust, for how long
    hub: HubClient,
    network: Network,
    statement: Statement,
    *,
    annex: bytes | None = None,
    monitor: PublicKey | None = None,
    ref: str | None = None,
    wait_seconds: float = 30.0,
    accept_unwitnessed: bool = False,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Posted:
    """Post ``statement`` and return once its receipt verifies as witnessed.

    Args:
        hub: where to post.
        network: what is trusted.
        statement: complete, as ``parse_statement`` returned it.
        annex: octets of its annex, if it has one.
        monitor: public monitor key of the issuer; needed for confidential statements.
        ref: reference tag of what it amends; needed for a review of an award.
        wait_seconds: how long to wait for the quorum, about.
        accept_unwitnessed: be content with a proof that no quorum cosigned, as in a network without witnesses.
        sleep: waits for seconds; a test passes its own.

    Raises:
        HubRefusedError, HubUnavailableError: as the client says.
        UntrustedAnswerError: the receipt does not verify, or ``not_witnessed_yet``.
        GatewayError: ``no_witnesses``, the policy asks for none and ``accept_unwitnessed`` is not given; nothing was
            posted.
    """
    nobody_asked = network.witnesses.quorum == "none"
    if nobody_asked and not accept_unwitnessed:
        raise _without_witnesses(statement)
    one = await hub.post_statement(statement, annex, wait_seconds=FIRST_WAIT_SECONDS)
    remaining = max(0, round(wait_seconds / POLL_SECONDS))
    while True:
        posted = Posted(one, network.check(one, monitor, ref))
        if posted.standing.witnessed or nobody_asked:  # no waiting would change it
            return posted
        if remaining == 0:
            raise _unwitnessed(posted)
        remaining -= 1
        await sleep(POLL_SECONDS)
        one = replace(one, receipt=await hub.receipt(statement.digest))


def _unwitnessed(posted: Posted) -> UntrustedAnswerError:
    count = len(posted.standing.witnesses)
    message = (
        f"The hub entered the statement at index {posted.standing.index}, but the quorum of witnesses has not "
        f"confirmed it yet ({count} did). Don't rely on it; run the same command again later."
    )
    digest = posted.registration.statement.digest
    return UntrustedAnswerError("not_witnessed_yet", message, digest, actor="hub", retryable=True)


def _without_witnesses(statement: Statement) -> GatewayError:
    message = (
        "Nothing was sent: the policy of this network asks for no witnesses, so only the hub's own log vouches for "
        "what it enters, and nobody would notice if it showed others another log. If that is enough for you, run the "
        "same command again with --accept-unwitnessed; waiting changes nothing."
    )
    return GatewayError("no_witnesses", message, statement.digest)
