"""Which inbox keys a gateway holds: those that are here at its start, and those that are made while it runs."""

from pathlib import Path

import pytest

from providers.gateway.exchange.serving import unlock
from providers.gateway.home import Home
from providers.gateway.keystore import save_keys
from signing.secretkeys import AgreementKey, SigningKey


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path, "harbour", "provider", "http://hub.example", tmp_path / "verification-policy.txt")
    (tmp_path / "keys").mkdir()
    signing = {found.key_file(purpose): SigningKey.generate() for purpose in ("statement", "http")}
    save_keys({**signing, found.key_file("inbox"): AgreementKey.generate()}, "secret")
    return found


def test_a_key_that_is_being_added_opens_what_comes(home: Home) -> None:
    """Its statement may be registered already, though `key add` was cut off before it took the key into use."""
    new = AgreementKey.generate()
    save_keys({home.new_key_file("inbox"): new}, "secret")
    keys = unlock(home, "secret")
    assert [key.kid for key in keys.inboxes][1:] == [new.kid]
    assert keys.newer() == ()


def test_a_key_that_is_made_while_the_gateway_runs_is_found(home: Home) -> None:
    keys = unlock(home, "secret")
    assert keys.newer() == ()
    new = AgreementKey.generate()
    save_keys({home.new_key_file("inbox"): new}, "secret")
    assert [key.kid for key in keys.newer()] == [new.kid]
    home.key_file("inbox").rename(home.key_file("inbox").with_name("inbox.before.key.json"))
    home.new_key_file("inbox").rename(home.key_file("inbox"))
    assert [key.kid for key in keys.newer()] == [new.kid], "taken into use"
