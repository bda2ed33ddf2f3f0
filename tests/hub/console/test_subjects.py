"""Who a decision is about, and with whom an officer who takes it must have nothing to do."""

from hub.web.appkeys import CONSOLE
from tests.hub.running import Hub
from tests.hub.world import Actor, example

ACME, ZETA, NEUTRAL = Actor("acme-odr", "provider"), Actor("zeta-odr", "provider"), Actor("neutral-a", "neutral")


async def related(hub: Hub, actor: Actor) -> tuple[str, ...]:
    subject = await hub.client.server.app[CONSOLE].subject(actor.id)  # type: ignore[attr-defined]
    assert isinstance(subject.related, tuple)
    return subject.related


async def test_a_neutral_is_related_to_all_who_nominate_it(hub: Hub) -> None:
    """Its newest statement may name one provider only; the others stay."""
    speaker = hub.speaker
    for provider in (ACME, ZETA):
        await hub.registered(speaker.member(provider))
        await hub.registered(speaker.accreditation(provider))
    await hub.registered(speaker.neutral(NEUTRAL, ACME))
    assert (await related(hub, ACME), await related(hub, NEUTRAL)) == ((ACME.id,), (NEUTRAL.id, ACME.id))
    body = example("neutral", "valid-active")["body"] | {"nominated_by": ZETA.id, "key_custody": "self"}
    body = {name: value for name, value in body.items() if name not in ("keys", "providers")}
    signers = [(NEUTRAL.statement, "neutral"), (ZETA.statement, "provider"), *speaker.officer()]
    await hub.registered(speaker.compose("neutral", NEUTRAL.id, body, signers))
    assert await related(hub, NEUTRAL) == (NEUTRAL.id, ACME.id, ZETA.id)
    await hub.registered(speaker.accreditation(NEUTRAL))
    assert await related(hub, NEUTRAL) == (NEUTRAL.id, ACME.id, ZETA.id)
