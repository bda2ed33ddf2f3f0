"""What a verified statement takes of the quota and the share of the queue of who signed it.

Anybody may post again what is registered and public, and that is answered. It must not use up what its signer has.
So once half of that is taken, it is looked up whether a statement is registered, before it is counted. Before that
it is not, because nearly all statements are new: the other half stays the signer's own.
"""

from functools import partial

from aiohttp import web

from hub.intake import Verified
from hub.log.sequencer import Registered
from hub.web.appkeys import ADMISSIONS, DIRECTORY, LOG, QUOTAS, SEQUENCER

__all__ = ["counted", "submitted"]


async def counted(app: web.Application, verified: Verified) -> Registered | None:
    """Count a statement against the quota of who signed it; one that turns out to be registered is not counted.

    Returns:
        Where it is registered, if it was looked up and is.

    Raises:
        QuotaError: member_quota.
    """
    quotas = app[QUOTAS]
    if quotas.scarce(verified.owner) and (known := await _registered(app, verified)) is not None:
        return known
    quotas.posts_of(verified.owner)
    return None


async def submitted(app: web.Application, verified: Verified) -> Registered:
    """Have a statement registered, unless it is of an application that has ended; what was registered keeps its index.

    While it waits it counts against the share of who signed it.

    Raises:
        What ``Admissions.register`` and ``Sequencer.submit`` raise.
    """
    return await app[ADMISSIONS].register(verified.statement, partial(_queued, app, verified))


async def _queued(app: web.Application, verified: Verified) -> Registered:
    sequencer = app[SEQUENCER]
    if sequencer.crowded(verified.owner) and (known := await _registered(app, verified)) is not None:
        return known
    return await sequencer.submit(verified.statement, verified.annex, verified.tag, verified.owner)


async def _registered(app: web.Application, verified: Verified) -> Registered | None:
    found = await app[DIRECTORY].statement(verified.statement.digest, app[LOG].size)
    return None if found is None else Registered(found.digest, found.index, already=True)
