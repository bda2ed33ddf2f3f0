"""At most one signature for each member, checkpoint and ten seconds, however many ask; a bounded number is kept."""

import asyncio

import pytest

from hub.errors import NotFoundError
from hub.trustmark import statuses
from hub.trustmark.statuses import KEPT_SECONDS
from hub.web.appkeys import STATUSES
from signing.secretkeys import SigningKey
from tests.hub.running import Hub
from tests.hub.world import Actor

PROVIDER, OTHER = Actor("provider-a", "provider"), Actor("provider-b", "provider")


def service(hub: Hub) -> statuses.MemberStatuses:
    return hub.client.server.app[STATUSES]  # type: ignore[attr-defined,no-any-return]


async def test_a_crowd_gets_one_signature(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    signed = 0
    sign = SigningKey.sign

    def counted(self: SigningKey, message: bytes) -> bytes:
        nonlocal signed
        signed += 1
        return sign(self, message)

    monkeypatch.setattr(SigningKey, "sign", counted)
    found = await asyncio.gather(*(service(hub).current("member", "provider-a") for _ in range(200)))
    assert len({id(one) for one in found}) == 1
    assert signed == 1
    hub.clock.now += KEPT_SECONDS - 1
    assert await service(hub).current("member", "provider-a") is found[0]
    hub.clock.now += 1
    renewed = await service(hub).current("member", "provider-a")
    assert signed == 2
    assert found[0] is not None
    assert renewed is not None
    assert renewed.moment.expires == found[0].moment.expires + KEPT_SECONDS


async def test_a_new_checkpoint_makes_a_new_status(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    before = await service(hub).current("member", "provider-a")
    await hub.registered(hub.speaker.member(OTHER))
    after = await service(hub).current("member", "provider-a")
    assert before is not None
    assert after is not None
    assert (before.moment.size, after.moment.size) == (2, 3)
    assert before.moment.root != after.moment.root


async def test_a_clock_that_was_set_back_gets_a_new_status(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    await service(hub).current("member", "provider-a")
    hub.clock.now -= 3600
    found = await service(hub).current("member", "provider-a")
    assert found is not None
    assert found.moment.time == hub.clock.now


async def test_what_is_kept_is_bounded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statuses, "_CAPACITY", 3)
    await hub.registered(hub.speaker.member(PROVIDER))
    for time in range(6):
        await service(hub).past("member", "provider-a", 2, hub.clock.now - time)
    for name in ("nobody-1", "nobody-2"):
        assert await service(hub).current("member", name) is None
    assert len(service(hub)._kept) == 3
    assert len(service(hub)._making) == 0


async def test_no_status_is_signed_beyond_the_log(hub: Hub) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    with pytest.raises(NotFoundError, match="The log has not signed 3 entries") as refused:
        await service(hub).past("member", "provider-a", 3, hub.clock.now)
    assert refused.value.code == "beyond_log"
