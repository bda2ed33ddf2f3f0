"""Learning whose key is whose from verified statements, and never for longer than is reasonable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.errors import HubRefusedError, UntrustedAnswerError
from providers.gateway import keychanges, online
from providers.gateway.home import Home, create_home
from providers.gateway.keystore import save_keys
from signing.drafts import Draft
from tests.fakes.world import Actor, World
from tests.providers.fakehub import FakeHub, problem


@pytest.fixture
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "signing.keyfile._stretch", lambda passphrase, salt: (passphrase.encode() + salt + bytes(32))[:32]
    )


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub(World()) as running:
        yield running


def home_of(directory: Path, hub: FakeHub, provider: Actor) -> Home:
    home = create_home(directory, actor=provider.id, member_type="provider", hub=hub.url, policy=hub.world.trust_file())
    save_keys({home.key_file("statement"): provider.statement, home.key_file("monitor"): provider.monitor}, "x")
    return home


async def test_signers_come_from_statements_in_the_log(tmp_path: Path, hub: FakeHub, cheap_keys: None) -> None:
    provider = hub.world.add_provider()
    neutral = hub.world.add_neutral(provider)
    _, signers = await online.award_signers(home_of(tmp_path, hub, provider), [neutral.id])
    assert signers == [(neutral.statement.kid, "neutral"), (provider.statement.kid, "provider")]


async def test_a_neutral_nominated_by_another_provider_is_followed_to_that_one(
    tmp_path: Path, hub: FakeHub, cheap_keys: None
) -> None:
    provider, other = hub.world.add_provider(), hub.world.add_provider("provider-b")
    neutral = hub.world.add_neutral(other)
    _, signers = await online.award_signers(home_of(tmp_path, hub, provider), [neutral.id])
    assert signers[0] == (neutral.statement.kid, "neutral")


async def test_a_key_added_later_is_followed_through_its_chain(tmp_path: Path, hub: FakeHub, cheap_keys: None) -> None:
    world = hub.world
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    second = world.add_key(neutral, "second")
    third = world.add_key(neutral, "third", by=second)
    world.change_key(neutral, "retire", neutral.statement, third)
    _, signers = await online.award_signers(home_of(tmp_path, hub, provider), [neutral.id])
    assert signers[0] == (third.kid, "neutral")


async def test_an_unknown_neutral_is_the_hubs_refusal(tmp_path: Path, hub: FakeHub, cheap_keys: None) -> None:
    home = home_of(tmp_path, hub, hub.world.add_provider())
    with pytest.raises(HubRefusedError, match="No such neutral") as caught:
        await online.award_signers(home, ["nobody"])
    assert caught.value.code == "not_found"


async def test_endless_introductions_are_cut_off(
    tmp_path: Path, hub: FakeHub, cheap_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = hub.world.add_provider()
    neutral = hub.world.add_neutral(provider)
    monkeypatch.setattr(online, "MAX_INTRODUCTIONS", 1)
    with pytest.raises(UntrustedAnswerError, match="can't be right") as caught:
        await online.award_signers(home_of(tmp_path, hub, provider), [neutral.id])
    assert caught.value.code == "too_many_introductions"


async def kept_change(directory: Path, hub: FakeHub) -> tuple[Home, Draft, Path]:
    """The signed draft that lets a key of a provider end, kept in a file."""
    provider = hub.world.add_provider()
    home = home_of(directory, hub, provider)
    standing = await keychanges.member_state(home)
    body = {"action": "retire", "kid": provider.monitor.kid}
    unsigned = keychanges.change_draft(home, standing, body, hub.world.now)
    draft = unsigned.signed_by(provider.statement, hub.world.now)
    path = keychanges.kept_change(home, body)
    path.write_bytes(draft.to_bytes())
    return home, draft, path


async def test_a_kept_draft_that_the_hub_refused_and_does_not_have_is_removed(
    tmp_path: Path, hub: FakeHub, cheap_keys: None
) -> None:
    home, draft, path = await kept_change(tmp_path, hub)
    hub.overrides["/v1/statements"] = lambda _: problem(422, "key_ended", "It has ended already.")
    with pytest.raises(HubRefusedError, match="It has ended already"):
        await online.post_kept(home, draft, path, 1)
    assert not path.exists()


@pytest.mark.parametrize("refused", ["/v1/policy", "/v1/statements", "every address"])
async def test_a_kept_draft_that_may_be_in_the_log_stays_whatever_else_is_refused(
    tmp_path: Path, hub: FakeHub, cheap_keys: None, refused: str
) -> None:
    """Its answer was lost, and it can't be stated again: without the draft nobody would come to its receipt."""
    home, draft, path = await kept_change(tmp_path, hub)
    hub.enter(draft.statement())
    receipt = f"/v1/statements/{draft.digest}/receipt"
    addresses = ["/v1/policy", "/v1/statements", receipt] if refused == "every address" else [refused]
    hub.overrides |= dict.fromkeys(addresses, lambda _: problem(421, "wrong_authority", "This is another host."))
    with pytest.raises(HubRefusedError, match="This is another host"):
        await online.post_kept(home, draft, path, 1)
    assert path.exists()
    hub.overrides.clear()
    posted = await online.post_kept(home, draft, path, 1)
    assert posted.registration.statement.digest == draft.digest
    assert posted.standing.index == len(hub.world.entries) - 1
