"""The token of the local interface: made once, secret, and never empty."""

from pathlib import Path

import pytest

from providers.errors import GatewayError
from providers.gateway.exchange.serving import read_token
from providers.gateway.home import Home
from tests.fakes.world import World
from tests.providers.gateway.samples import home_in


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_in(tmp_path, World())


def test_it_is_made_at_the_first_start_and_stays(home: Home) -> None:
    token = read_token(home)
    assert len(token) == 43
    assert read_token(home) == token
    assert (home.directory / "exchange" / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("content", "mode", "code"), [("", 0o600, "token_empty"), ("secret", 0o640, "token_exposed")])
def test_one_that_is_empty_or_exposed_is_refused(home: Home, content: str, mode: int, code: str) -> None:
    read_token(home)
    path = home.directory / "exchange" / "token"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(GatewayError) as caught:
        read_token(home)
    assert caught.value.code == code
