"""A provider reviews a disputed award at a real hub."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.errors import GatewayError, HubRefusedError
from providers.gateway.home import Home, create_home
from providers.gateway.keystore import save_keys
from providers.gateway.online import post_draft
from providers.gateway.reviews import review_draft
from schemas.errors import SchemaViolationError
from signing.keyfile import parse_keyfile
from tests.hub.running import Hub, Running
from tests.hub.world import Actor, signing_key

ACME, BRIO = Actor("acme-odr", "provider"), Actor("brio-odr", "provider")
NEUTRAL = Actor("neutral-a", "neutral")
NEW = signing_key("neutral-a/new")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    officers = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
    async with Running(tmp_path / "data", officers) as running:
        yield running


@pytest.fixture
def home(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr("signing.keyfile._stretch", lambda secret, salt: (secret.encode() + salt).ljust(32)[:32])
    monkeypatch.setattr("time.time", hub.clock)
    policy = (hub.data / "verification-policy.txt").read_bytes()
    url = str(hub.client.make_url("/")).rstrip("/")
    made = create_home(tmp_path / "gateway", actor=ACME.id, member_type="provider", hub=url, policy=policy)
    save_keys({made.key_file(one): getattr(ACME, one) for one in ("statement", "monitor")}, "secret")
    return made


async def disputed(hub: Hub, by: Actor) -> str:
    """Register an award whose signer's key, of ``by``, is then revoked back to before it; its digest."""
    speaker = hub.speaker
    for document in (speaker.member(ACME), speaker.accreditation(ACME), speaker.member(BRIO)):
        await hub.registered(document)
    await hub.registered(speaker.neutral(NEUTRAL, ACME))
    award = await hub.registered(speaker.award(ACME, NEUTRAL))
    body = {"action": "add", "owner": by.id, "key": {"purpose": "statement", "jwk": NEW.public.jwk()}}
    await hub.registered(speaker.compose("key", by.id, body, [(by.statement, by.role), (NEW, "introduced")]))
    await hub.registered(speaker.revoke(by, by.statement, invalid_from=5))
    confirm = {"action": "confirm", "owner": by.id, "kid": NEW.kid}
    await hub.registered(speaker.compose("key", "coordinator", confirm, speaker.officer(2)))
    return str(award["digest"])


async def test_everybody_who_signed_confirms(hub: Hub, home: Home) -> None:
    digest = await disputed(hub, NEUTRAL)
    draft, names = await review_draft(home, digest, "confirm", "signed_by_owner", hub.clock())
    assert draft.missing() == {NEW.kid: "neutral", ACME.statement.kid: "provider"}
    assert names == {NEW.kid: "neutral-a"}
    signed = draft.signed_by(NEW, hub.clock()).signed_by(ACME.statement, hub.clock())
    posted = await post_draft(home, signed, 1, accept_unwitnessed=True)
    assert posted.standing.index > 0
    again, _ = await review_draft(home, digest, "confirm", "signed_by_owner", hub.clock())
    both = again.signed_by(NEW, hub.clock()).signed_by(ACME.statement, hub.clock())
    with pytest.raises(HubRefusedError) as caught:
        await post_draft(home, both, 1, accept_unwitnessed=True)
    assert caught.value.code == "not_disputed"


async def test_the_owner_of_the_key_rejects(hub: Hub, home: Home) -> None:
    digest = await disputed(hub, ACME)
    path = home.key_file("statement")
    path.unlink()
    save_keys({path: NEW}, "secret")
    assert parse_keyfile(path.read_bytes()).public.kid == NEW.kid
    draft, names = await review_draft(home, digest, "reject", "key_compromised", hub.clock())
    assert (draft.missing(), names) == ({NEW.kid: "provider"}, {})
    posted = await post_draft(home, draft.signed_by(NEW, hub.clock()), 1, accept_unwitnessed=True)
    assert posted.registration.statement.kind == "award-review"


async def test_what_is_not_for_this_provider_is_refused(hub: Hub, home: Home) -> None:
    digest = await disputed(hub, NEUTRAL)
    draft, _ = await review_draft(home, digest, "reject", "key_compromised", hub.clock())
    with pytest.raises(HubRefusedError) as refused:
        await post_draft(home, draft.signed_by(ACME.statement, hub.clock()), 1, accept_unwitnessed=True)
    assert refused.value.code == "signer_missing", "the revoked key was the neutral's"
    with pytest.raises(SchemaViolationError):
        await review_draft(home, digest, "reject", "key_safe", hub.clock())
    other = Home(home.directory, BRIO.id, "provider", home.hub, home.policy)
    with pytest.raises(GatewayError) as caught:
        await review_draft(other, digest, "reject", "key_compromised", hub.clock())
    assert (caught.value.code, caught.value.where) == ("not_your_award", digest)
