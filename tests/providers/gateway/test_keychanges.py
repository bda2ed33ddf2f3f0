"""Taking a new key into use: interrupted anywhere, there is a key in use, and doing it again completes it."""

from pathlib import Path

import pytest

from providers import durable
from providers.errors import GatewayError
from providers.gateway import keychanges, keystore
from providers.gateway.home import Home
from signing.secretkeys import SigningKey
from tests.fakes.world import World
from tests.providers.gateway.samples import home_in


class KilledError(BaseException):
    """The process ends here."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = home_in(tmp_path, World())
    keystore.save_keys({made.key_file("statement"): SigningKey.generate()}, "passphrase")
    return made


def names(home: Home) -> list[str]:
    return sorted(one.name for one in home.key_file("statement").parent.glob("statement*"))


def test_the_key_before_keeps_a_file_of_its_own(home: Home) -> None:
    old, new = home.public_key("statement"), keychanges.new_key(home, "statement", "passphrase")
    before = keychanges.adopt(home, "statement")
    assert home.public_key("statement") == new.public
    assert keystore.open_signing_key(before, "passphrase").public == old
    assert names(home) == sorted([before.name, "statement.key.json"])
    assert before.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("place", "step"), [(durable, "flush"), (durable, "sync_folder"), (Path, "replace")])
def test_a_key_is_in_use_wherever_it_is_interrupted(
    home: Home, monkeypatch: pytest.MonkeyPatch, place: object, step: str
) -> None:
    old, new = home.public_key("statement"), keychanges.new_key(home, "statement", "passphrase")

    def killed(*_given: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(place, step, killed)
        with pytest.raises(KilledError):
            keychanges.adopt(home, "statement")
    assert home.public_key("statement") == old
    keychanges.adopt(home, "statement")
    assert home.public_key("statement") == new.public


def test_another_file_in_the_place_of_the_key_before_is_left_alone(home: Home) -> None:
    keychanges.new_key(home, "statement", "passphrase")
    kid = home.public_key("statement").kid
    other = home.key_file("statement").with_name(f"statement.{kid[:8]}.key.json")
    other.write_bytes(b"something else")
    with pytest.raises(GatewayError) as caught:
        keychanges.adopt(home, "statement")
    assert caught.value.code == "file_exists"
    assert other.read_bytes() == b"something else"
    assert home.public_key("statement").kid == kid
