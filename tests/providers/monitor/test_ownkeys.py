"""The member's keys, opened anew: a key is found wherever it lies on its way into use."""

from dataclasses import replace
from pathlib import Path

import pytest

from providers.errors import GatewayError
from providers.gateway.home import Home
from providers.gateway.keychanges import adopt, new_key
from providers.gateway.keystore import save_keys
from providers.monitor.alerts import State
from providers.monitor.ownership import Owner
from providers.monitor.ownkeys import OwnKeys
from signing.secretkeys import AgreementKey, SigningKey
from tests.providers.monitor.lyinghub import Watched

SECRET = "a sample passphrase"
FIRST = AgreementKey(b"1" * 32)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path, "provider-a", "provider", "http://127.0.0.1:1", tmp_path / "verification-policy.txt")
    found.key_file("monitor").parent.mkdir()
    save_keys({found.key_file("monitor"): FIRST, found.key_file("statement"): SigningKey(b"s" * 32)}, SECRET)
    return found


def kids(owner: OwnKeys) -> set[str]:
    return {key.kid for key in owner().monitors}


def test_a_key_is_here_from_the_moment_that_it_is_made(home: Home) -> None:
    owner = OwnKeys(home, SECRET)
    assert kids(owner) == {FIRST.kid}
    made = new_key(home, "monitor", SECRET)
    assert kids(owner) == {FIRST.kid, made.kid}, "a monitor that runs opens it at its next visit"
    assert made.kid in owner().kids
    adopt(home, "monitor")
    assert kids(owner) == kids(OwnKeys(home, SECRET)) == {FIRST.kid, made.kid}


def test_a_key_that_is_taken_into_use_while_the_files_are_opened_is_met_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new_key(home, "monitor", SECRET)
    opened = OwnKeys._open

    def slow(self: OwnKeys, path: Path) -> None:
        if path == home.new_key_file("monitor"):
            adopt(home, "monitor")
        opened(self, path)

    monkeypatch.setattr(OwnKeys, "_open", slow)
    assert kids(OwnKeys(home, SECRET)) == {FIRST.kid, made.kid}


def test_a_key_that_can_not_be_opened_is_told(home: Home) -> None:
    owner = OwnKeys(home, SECRET)
    owner()
    new_key(home, "monitor", "another passphrase")
    with pytest.raises(GatewayError) as refusal:
        owner()
    assert refusal.value.code == "wrong_passphrase"
    assert "monitor.new.key.json" in str(refusal.value)


async def test_a_monitor_that_can_not_open_a_key_can_not_tell_and_goes_on_once_it_can(watched: Watched) -> None:
    def closed() -> Owner:
        raise GatewayError("wrong_passphrase", "The passphrase does not open the key file.", "monitor.new.key.json")

    before = await watched.visit()
    index = watched.world.register(watched.world.award(watched.actor, watched.world.actor("neutral-a", "neutral")))
    async with watched.opened() as monitor:
        standing = await replace(monitor, owner=closed).visit()
    assert (standing.state, standing.position) == (State.UNKNOWN, before.position)
    assert standing.problem is not None
    assert standing.problem[0] == "wrong_passphrase"
    assert [one.index for one in (await watched.visit()).alerts] == [index]
