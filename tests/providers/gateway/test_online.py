"""Learning whose key is whose from verified statements, and never for longer than is reasonable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.errors import HubRefusedError, UntrustedAnswerError
from providers.gateway import online
from providers.gateway.home import Home, create_home
from providers.gateway.keystore import save_keys
from tests.fakes.world import Actor, World
from tests.providers.fakehub import FakeHub


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
