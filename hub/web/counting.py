"""What a verified statement takes of the quota and the share of the queue of who signed it.

Anybody may post again what is registered and public, and that is answered. It must not use up what its signer has.
So once half of that is taken, it is looked up whether a statement is registered, before it is counted; and whether
a key of its signer that signed is revoked, retired or suspended, because then it is counted by that key: whoever has
stolen a key can't shut its owner out once it is revoked. Before that nothing is looked up, because nearly all
statements are new and by keys in use: the other half stays the signer's own.
"""

from functools import partial

from aiohttp import web

from hub.intake import Verified
from hub.log.sequencer import Registered
from hub.web.appkeys import ADMISSIONS, CLOCK, DIRECTORY, LOG, QUOTAS, SEQUENCER
from signing.errors import KeyRefusedError
from signing.keyring import KeyRecord, require_current

__all__ = ["counted", "submitted"]


async def counted(app: web.Application, verified: Verified) -> Registered | None:
    """Count a statement against the quota of who signed it; one that turns out to be registered is not counted.

    Returns:
        Where it is registered, if it was looked up and is.

    Raises:
        QuotaError: member_quota.
    """
    quotas, name = app[QUOTAS], verified.owner
    if quotas.scarce(name):
        if (known := await _registered(app, verified)) is not None:
            return known
        name = await _counted_as(app, verified)
    quotas.posts_of(name)
    return None


async def submitted(app: web.Application, verified: Verified) -> Registered:
    """Have a statement registered, unless it is of an application that has ended; what was registered keeps its index.

    While it waits it counts against the share of who signed it.

    Raises:
        What ``Admissions.register`` and ``Sequencer.submit`` raise.
    """
    return await app[ADMISSIONS].register(verified.statement, partial(_queued, app, verified))


async def _queued(app: web.Application, verified: Verified) -> Registered:
    sequencer, name = app[SEQUENCER], verified.owner
    if sequencer.crowded(name):
        if (known := await _registered(app, verified)) is not None:
            return known
        name = await _counted_as(app, verified)
    return await sequencer.submit(verified.statement, verified.annex, verified.tag, name)


async def _registered(app: web.Application, verified: Verified) -> Registered | None:
    found = await app[DIRECTORY].statement(verified.statement.digest, app[LOG].size)
    return None if found is None else Registered(found.digest, found.index, already=True)


async def _counted_as(app: web.Application, verified: Verified) -> str:
    """Whose room a statement takes: its owner's; where a key of the owner signed that is not current, that key's own.

    Whether the statement is refused for that is for the rules to say, in log order.
    """
    records, size, now = await app[DIRECTORY].keyring(verified.owner), app[LOG].size, app[CLOCK]()
    ring = {kid: KeyRecord(**record) for kid, record in records.items()}
    for kid in ring.keys() & verified.statement.roles.keys():
        try:
            require_current(ring, kid, size, now)
        except KeyRefusedError:
            return f"key {kid}"
    return verified.owner
