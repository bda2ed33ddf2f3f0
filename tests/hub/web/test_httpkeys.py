"""Rings of http keys are read once, and again when a statement may have changed them."""

from typing import Any

from hub.web.appkeys import DIRECTORY, HTTP_KEYS
from tests.hub.running import Hub
from tests.hub.world import Actor

PROVIDER, OTHER = Actor("provider-a", "provider"), Actor("provider-b", "provider")


async def test_a_ring_is_read_once_until_keys_change(hub: Hub, monkeypatch: Any) -> None:
    await hub.registered(hub.speaker.member(PROVIDER))
    directory, rings = hub.client.app[DIRECTORY], hub.client.app[HTTP_KEYS]
    reads: list[str] = []
    real = type(directory).key

    async def key(self: Any, kid: str) -> Any:
        reads.append(kid)
        return await real(self, kid)

    monkeypatch.setattr(type(directory), "key", key)
    kid = PROVIDER.http.kid

    async def asked() -> int:
        reads.clear()
        assert (await rings.ring(kid))[kid].purpose == "http"
        return len(reads)

    assert [await asked() for _ in range(3)] == [1, 0, 0]
    await hub.registered(hub.speaker.accreditation(PROVIDER))
    assert await asked() == 0, "an accreditation changes no key"
    await hub.registered(hub.speaker.member(OTHER))
    assert [await asked() for _ in range(2)] == [1, 0]
    await hub.registered(hub.speaker.revoke(PROVIDER, PROVIDER.http))
    assert await asked() == 1
    assert (await rings.ring(kid))[kid].revoked_at is not None
    assert await rings.ring("nobody") == {}
    monkeypatch.setattr("hub.web.httpkeys._CAPACITY", 1)
    await rings.ring(OTHER.http.kid)
    assert list(rings._known) == [OTHER.http.kid]
