"""Settings of the service: defaults, and errors that name the setting."""

from pathlib import Path

import pytest

from providers.errors import GatewayError
from providers.gateway.exchange.settings import ServeSettings, read_serve
from providers.gateway.home import create_home, load_home


def test_the_local_interface_is_on_loopback_unless_told_otherwise() -> None:
    assert read_serve({}) == ServeSettings()
    assert ServeSettings().host == "127.0.0.1"
    assert ServeSettings().accept_unwitnessed is False


@pytest.mark.parametrize(
    ("table", "code", "where"),
    [
        ({"hosts": "x"}, "unknown_setting", "serve.hosts"),
        ({"port": "8700"}, "bad_setting", "serve.port"),
        ({"port": -1}, "bad_setting", "serve.port"),
        ({"accept_unwitnessed": 1}, "bad_setting", "serve.accept_unwitnessed"),
        ({"chunk_bytes": 0}, "bad_setting", "serve.chunk_bytes"),
        ({"poll_seconds": 0}, "bad_setting", "serve.poll_seconds"),
        ({"retry_first_seconds": 0}, "bad_setting", "serve.retry_first_seconds"),
        ({"retry_cap_seconds": 0}, "bad_setting", "serve.retry_cap_seconds"),
        ({"max_case_bytes": 0}, "bad_setting", "serve.max_case_bytes"),
    ],
)
def test_a_wrong_setting_is_named(table: dict[str, object], code: str, where: str) -> None:
    with pytest.raises(GatewayError) as caught:
        read_serve(table)
    assert (caught.value.code, caught.value.where) == (code, where)


def test_least_values_are_said_and_taken() -> None:
    with pytest.raises(GatewayError, match="chunk_bytes is at least 1024: Octets of an upload"):
        read_serve({"chunk_bytes": 1023})
    assert read_serve({"chunk_bytes": 1024, "keep_days": 0, "port": 0, "min_free_bytes": 0}).chunk_bytes == 1024


def test_a_port_is_none_beyond_the_last() -> None:
    """uvloop would listen at what is left of it: 65,536 more or less is the same port there."""
    with pytest.raises(GatewayError, match="port is at most 65535: Its TCP port"):
        read_serve({"port": 99_999})
    assert read_serve({"port": 65_535}).port == 65_535


def test_the_table_is_read_from_the_gateways_file(tmp_path: Path) -> None:
    create_home(tmp_path, actor="a", member_type="provider", hub="http://127.0.0.1:1", policy=b"x")
    with (tmp_path / "gateway.toml").open("a") as file:
        file.write("\n[serve]\nport = 0\n")
    assert read_serve(load_home(tmp_path).serve).port == 0
